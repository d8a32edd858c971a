package terminal

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/creack/pty"
)

func TestFit(t *testing.T) {
	for _, tt := range []struct {
		line  string
		width int
		want  string
	}{
		{"short", 10, "short"},
		{"exactly10!", 10, "exactly10!"},
		{"more than ten", 10, "more than…"},
		{"a\tb\x1b[31mc\r", 10, "a b[31mc"},
		{"汉字汉字汉字", 7, "汉字汉…"},
		{"汉字汉字", 8, "汉字汉字"},
		{"", 3, ""},
	} {
		if got := Fit(tt.line, tt.width); got != tt.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", tt.line, tt.width, got, tt.want)
		}
	}
}

func TestPipeHasNoStatus(t *testing.T) {
	var b bytes.Buffer
	w := New(&b)
	w.Status("working")
	fmt.Fprint(w, w.Paint(Red, "a"))
	w.Status("still")
	w.FreshLine()
	w.FreshLine()
	w.Status("")
	if got, want := b.String(), "a\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTerminalStatus(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	defer master.Close()
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 10, Cols: 12}); err != nil {
		t.Fatal(err)
	}
	w := New(slave)
	if !w.IsTerminal() {
		t.Fatal("a pseudo-terminal is not seen as a terminal")
	}
	w.Status("working hard on it")
	w.WriteString("line\n")
	w.WriteString("half") // the status line waits until this one has ended
	w.Status("next")
	w.WriteString(" line\n")
	w.Status("")
	const gone = "\r\x1b[K"
	want := "working ha…" + gone + "line\r\nworking ha…" + gone + "half line\r\nnext" + gone
	if got := read(t, master, len(want)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	slave.Close()
}

// read reads n bytes.
func read(t *testing.T, f *os.File, n int) string {
	t.Helper()
	f.SetReadDeadline(time.Now().Add(10 * time.Second))
	var got []byte
	buf := make([]byte, 1024)
	for len(got) < n {
		k, err := f.Read(buf)
		if err != nil {
			t.Fatalf("%v after %q", err, got)
		}
		got = append(got, buf[:k]...)
	}
	return string(got)
}
