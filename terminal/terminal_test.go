package terminal

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/fluxion-go/fluxion/cell"
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
		{"a\tb\x1b[31mc\r", 10, "a bc"},
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
	w.Status("two\n\x1b[31mlines, both too long\x1b[m")
	w.Status("")
	const gone = "\r\x1b[J"
	want := "working ha…" + gone + "line\r\nworking ha…" + gone + "half line\r\nnext" + gone +
		"two\r\n\x1b[31mlines, both\x1b[m\x1b[m\r\x1b[A\x1b[J"
	fmt.Fprint(slave, "@@")
	if got := strings.TrimSuffix(read(t, master, 1000), "@@"); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	slave.Close()
}

// read reads n bytes.
func read(t *testing.T, f *os.File, n int) string {
	t.Helper()
	got := make(chan string, 1)
	go func() {
		buf := make([]byte, n)
		k := 0
		for k < n && !bytes.HasSuffix(buf[:k], []byte("@@")) {
			m, err := f.Read(buf[k:])
			if k += m; err != nil {
				break
			}
		}
		got <- string(buf[:k])
	}()
	select {
	case s := <-got:
		return s
	case <-time.After(10 * time.Second): // a pseudo-terminal knows no deadline
		t.Fatalf("no %d bytes came", n)
		return ""
	}
}

func TestFindGraphics(t *testing.T) {
	for _, tt := range []struct {
		env  string
		want Graphics
	}{
		{"TERM=xterm-256color", NoGraphics},
		{"TERM=xterm-kitty", Kitty},
		{"TERM=xterm-256color TERM_PROGRAM=WezTerm", Kitty},
		{"TERM=foot", Sixel},
		{"TERM=tmux-256color KITTY_WINDOW_ID=1", NoGraphics},
		{"TERM=xterm-256color FLUXION_GRAPHICS=sixel", Sixel},
		{"TERM=xterm-kitty FLUXION_GRAPHICS=none", NoGraphics},
	} {
		getenv := func(name string) string {
			for _, entry := range strings.Fields(tt.env) {
				if key, value, _ := strings.Cut(entry, "="); key == name {
					return value
				}
			}
			return ""
		}
		if got := FindGraphics(getenv); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.env, got, tt.want)
		}
	}
}

func TestPicture(t *testing.T) {
	t.Setenv("TERM", "xterm")
	var file bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 4, 2))
	img.SetGray(1, 1, color.Gray{200})
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	picture := cell.Bundle{Data: map[string][]byte{cell.PNG: file.Bytes()}}
	for _, tt := range []struct {
		graphics Graphics
		prefix   string // kitty: transmit and put, PNG, 14 columns; sixel: raster of 126 by 63
		size     int
	}{
		{Kitty, "\x1b_G", 20},
		{Sixel, "\x1bP0;1q\"1;1;126;63", 200},
		{NoGraphics, "", 0},
	} {
		t.Setenv("FLUXION_GRAPHICS", string(tt.graphics))
		master, slave, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		pty.Setsize(slave, &pty.Winsize{Rows: 24, Cols: 80})
		w := New(slave)
		if got, want := w.Picture(picture), tt.graphics != NoGraphics; got != want {
			t.Errorf("%s: Picture reports %t, want %t", tt.graphics, got, want)
		}
		if got := read(t, master, tt.size); !strings.HasPrefix(got, tt.prefix) {
			t.Errorf("%s: got %q, want it to begin with %q", tt.graphics, got, tt.prefix)
		}
		if w.Picture(cell.Text("no picture")) {
			t.Errorf("%s: text was shown as a picture", tt.graphics)
		}
		slave.Close()
		master.Close()
	}
	if New(&file).Picture(picture) {
		t.Error("a file was shown a picture")
	}
}
