package history

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

// texts writes the entries as "session.line source".
func texts(es []cell.HistoryEntry) string {
	var out []string
	for _, e := range es {
		out = append(out, fmt.Sprintf("%d.%d %s", e.Session, e.Line, e.Source))
	}
	return strings.Join(out, ", ")
}

func TestTwoFrontEndsShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "history.jsonl")
	notebook, repl := Open(path), Open(path)
	if a, b := notebook.Session(), repl.Session(); a == b || a+b != 3 {
		t.Fatalf("two sessions at the same time have the numbers %d and %d", a, b)
	}
	notebook.Add(1, "x := 1", "")
	repl.Add(1, "y := 2", "")
	notebook.Add(2, "x", strings.Repeat("1", outputLimit+10))
	want := fmt.Sprintf("%d.1 x := 1, %d.1 y := 2, %d.2 x", notebook.Session(), repl.Session(), notebook.Session())
	for _, s := range []*Store{notebook, repl, Open(path)} {
		es := s.Entries()
		if got := texts(es); got != want {
			t.Errorf("session %d remembers %s, want %s", s.Session(), got, want)
		}
		if n := len(es[2].Output); n != outputLimit {
			t.Errorf("%d bytes of the output are kept, want %d", n, outputLimit)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v: want only its owner to read it", info.Mode())
	}
}

func TestBadLinesAreSkipped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	text := "{half a line\n\n{}\n{\"session\":4,\"line\":2,\"source\":\"a\\nb\"}\n{\"session\":9,\"li"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Open(path)
	if got := texts(s.Entries()); got != "4.2 a\nb" || s.Session() != 5 {
		t.Errorf("session %d remembers %q", s.Session(), got)
	}
}

// A file that grew long is cut while others have it open, and nothing that
// they add is lost.
func TestLongFileIsCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	var b strings.Builder
	for i := range 2*limit + 5 {
		fmt.Fprintf(&b, "{\"session\":1,\"line\":%d,\"source\":\"s%d\"}\n", i, i)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	old := &Store{path: path, begun: make(chan struct{}), session: 2}
	old.refresh()
	close(old.begun)
	cut := Open(path)
	old.Add(1, "after the cut", "")
	for name, s := range map[string]*Store{"old": old, "new": cut} {
		es := s.Entries()
		if len(es) > limit || len(es) < limit-2 || es[len(es)-1].Source != "after the cut" {
			t.Errorf("%s: %d entries, the last is %q", name, len(es), es[len(es)-1].Source)
		}
	}
}

func TestManyWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	var wg sync.WaitGroup
	sessions := make([]int, 8)
	for i := range sessions {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s := Open(path)
			sessions[i] = s.Session()
			for k := range 20 {
				s.Add(k, strings.Repeat("long line ", 500), "")
			}
		}()
	}
	wg.Wait()
	if n := len(Open(path).Entries()); n != 160 {
		t.Errorf("%d entries, want 160", n)
	}
	seen := map[int]bool{}
	for _, n := range sessions {
		seen[n] = true
	}
	if len(seen) != len(sessions) {
		t.Errorf("sessions have the numbers %v", sessions)
	}
}

func TestWithoutAFile(t *testing.T) {
	for _, path := range []string{"", filepath.Join(os.DevNull, "history.jsonl")} {
		s := Open(path)
		s.Add(1, "x", "1")
		if got := texts(s.Entries()); got != "1.1 x" {
			t.Errorf("%q: remembers %q", path, got)
		}
	}
}

func TestFile(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", "/state")
	if got, want := File(), filepath.Join("/state", "fluxion", "history.jsonl"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	var h cell.History = Open(filepath.Join(dir, "history.jsonl"))
	h.Add(1, "6 * 7", "42")
	for _, e := range h.Entries() {
		fmt.Println(e.Session, e.Line, e.Source, e.Output)
	}
	// Output: 1 1 6 * 7 42
}
