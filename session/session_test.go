//go:build unix

package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// run runs a cell and returns what became of it and what it showed.
func run(t *testing.T, s *Session, code string) (cell.Result, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out := newScreen()
	out.answer = "yes"
	r := s.Eval(ctx, cell.Request{Code: code, Count: 7}, out)
	return r, out.String()
}

func TestOutputArrivesInOrder(t *testing.T) {
	s := begin(t, 0)
	r, text := run(t, s, "print a\nprint b\nwarn c\nshow fig\nupdate fig\nclear\npage p\nask q\nprint d\ncount")
	want := "a\nb\nstderrc\ndisplay fig[0 1 255] width=3\nupdate fig new\nclear true\npage p\n\"yes to q true\" <nil>\nd\n"
	if text != want || r.Err != nil || r.Value.String() != "1" {
		t.Errorf("got %q, %v, %v\nwant %q", text, r.Value, r.Err, want)
	}
	if r, _ := run(t, s, "nonsense"); r.Err == nil || r.Err.Kind != cell.SyntaxError || len(r.Err.More) != 1 {
		t.Errorf("an error arrives as %+v", r.Err)
	}
	if r, _ := run(t, s, "crash"); r.Err == nil || r.Err.Kind != cell.InternalFail {
		t.Errorf("a panic of the evaluator arrives as %v", r.Err)
	}
	out := newScreen() // answers EOF
	s.Eval(t.Context(), cell.Request{Code: "ask q"}, out)
	if out.String() != "\"\" EOF\n" {
		t.Errorf("the end of input arrives as %q", out)
	}
}

func TestQuestionsAboutCode(t *testing.T) {
	s := begin(t, 0)
	if c := s.Complete("abc", 3); c.Start != 1 || c.End != 3 || len(c.Items) != 1 || c.Items[0].Text != "abc!" {
		t.Errorf("Complete: %+v", c)
	}
	if b, ok := s.Inspect("abc", 2, 1); !ok || b.String() != "abc2 1" {
		t.Errorf("Inspect: %v %v", b, ok)
	}
	if _, ok := s.Inspect("", 0, 0); ok {
		t.Error("Inspect finds nothing")
	}
	if c := s.IsComplete("x"); c != (cell.Completeness{Status: cell.Incomplete, Indent: "x"}) {
		t.Errorf("IsComplete: %+v", c)
	}
	if u, ok := s.Usage(); ok && (u.Memory < 1<<20 || u.PID == os.Getpid()) {
		t.Errorf("Usage: %+v", u)
	}
}

// What compiled code writes past the evaluator belongs to the cell, and comes
// before its result.
func TestTextPastTheEvaluator(t *testing.T) {
	s := begin(t, 0)
	_, text := run(t, s, "raw hello")
	for _, want := range []string{"hello\n", "stderrhello\n", "hello below\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %q", want, text)
		}
	}
	out := newScreen()
	s.Eval(t.Context(), cell.Request{Code: "aside psst"}, out)
	out.until(t, "stderrpsst\n")
	s.Eval(t.Context(), cell.Request{Code: "late"}, out)
	out.until(t, "late\n")
}

func TestInterruptStopsOneCell(t *testing.T) {
	s := begin(t, 0)
	outs := [2]*screen{newScreen(), newScreen()}
	var cancels [2]context.CancelFunc
	results := [2]chan cell.Result{make(chan cell.Result, 1), make(chan cell.Result, 1)}
	for i := range outs {
		ctx, cancel := context.WithCancel(t.Context())
		cancels[i] = cancel
		go func() { results[i] <- s.Eval(ctx, cell.Request{Code: "block"}, outs[i]) }()
		outs[i].until(t, "blocked")
	}
	if r, _ := run(t, s, "count"); r.Value.String() != "3" {
		t.Errorf("beside two running cells a third gives %v, %v", r.Value, r.Err)
	}
	for i := range outs {
		cancels[i]()
		if r := <-results[i]; r.Err == nil || r.Err.Kind != cell.Interrupted {
			t.Errorf("an interrupted cell ends with %v", r.Err)
		}
		if i == 0 && len(results[1]) > 0 {
			t.Error("the other cell was interrupted too")
		}
	}
}

func TestDeaths(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"maps", "concurrent map writes"},
		{"afterfunc", "panic: too late"},
		{"unlock", "sync: unlock of unlocked mutex\nin sync.(*Mutex).Unlock"},
		{"deep", "stack overflow"},
		{"exit 3", "the process ended: exit status 3"},
		{"kill", "the process ended: signal: killed"},
	} {
		t.Run(c.code, func(t *testing.T) {
			s := begin(t, 0)
			run(t, s, "count")
			r, text := run(t, s, "print before\n"+c.code)
			if r.Err == nil || r.Err.Kind != cell.FatalError || !strings.HasPrefix(r.Err.Message, c.want) || !strings.Contains(r.Err.Hint, "values are gone") {
				t.Errorf("the cell ends with %+v: want %q", r.Err, c.want)
			}
			if !strings.Contains(text, "before\n") {
				t.Errorf("what it said before is lost; there is %q", text)
			}
			r, text = run(t, s, "count")
			if r.Value.String() != "1" || !strings.Contains(text, "are gone") {
				t.Errorf("the next cell gives %v, %v and says %q: want a fresh session and a word about it", r.Value, r.Err, text)
			}
			if r, text = run(t, s, "count"); r.Value.String() != "2" || text != "" {
				t.Errorf("the cell after it gives %v and says %q", r.Value, text)
			}
		})
	}
}

// The death of the child is that of all its cells, and says whose it was.
func TestDeathBesideACell(t *testing.T) {
	s := begin(t, 0)
	out := newScreen()
	beside := make(chan cell.Result, 1)
	go func() { beside <- s.Eval(context.Background(), cell.Request{Code: "block", Count: 6}, out) }()
	out.until(t, "blocked")
	run(t, s, "unlock")
	if r := <-beside; r.Err == nil || !strings.Contains(r.Err.Message, "in a goroutine of cell 7") {
		t.Errorf("the other cell ends with %v", r.Err)
	}
}

// Nobody is there to be told, so the next cell is.
func TestDeathBetweenCells(t *testing.T) {
	s := begin(t, 0)
	first := s.child
	run(t, s, "maps-later")
	<-first.done
	if r, text := run(t, s, "count"); r.Value.String() != "1" || !strings.Contains(text, "concurrent map writes") {
		t.Errorf("the next cell gives %v and says %q", r.Value, text)
	}
}

func TestStillborn(t *testing.T) {
	starts := 0
	s, err := Start(Config{Command: func() *exec.Cmd {
		starts++
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "FLUXION_TEST_CHILD=stillborn")
		return cmd
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 2 {
		if r, _ := run(t, s, "count"); r.Err == nil || !strings.Contains(r.Err.Message, "exit status 7") {
			t.Errorf("the cell ends with %v", r.Err)
		}
	}
	if starts > 3 {
		t.Errorf("it was started %d times for two cells", starts)
	}
	if _, err := Start(Config{Command: func() *exec.Cmd { return exec.Command("/no/such/program") }}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program that is not there: %v", err)
	}
}

// A cell whose output nobody takes waits; other requests do not, and an
// interrupt ends it.
func TestSlowScreen(t *testing.T) {
	s := begin(t, 0)
	out := newScreen()
	out.slow = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan cell.Result, 1)
	go func() { result <- s.Eval(ctx, cell.Request{Code: "print x\nflood 64\nblock"}, out) }()
	if c := s.Complete("abc", 3); len(c.Items) != 1 {
		t.Error("no completion beside a cell that waits for its screen")
	}
	if r, _ := run(t, s, "flood 64\ncount"); r.Err != nil {
		t.Errorf("another cell ends with %v", r.Err)
	}
	if u, ok := s.Usage(); ok && u.Memory > 300<<20 {
		t.Errorf("a child whose output waits takes %s", size(u.Memory))
	}
	cancel()
	close(out.slow)
	if r := <-result; r.Err == nil || r.Err.Kind != cell.Interrupted {
		t.Errorf("the cell ends with %v", r.Err)
	}
}

func TestOutputsAreForgotten(t *testing.T) {
	s := begin(t, 0)
	for range 100 {
		run(t, s, "print x")
	}
	c := s.child
	for deadline := time.Now().Add(10 * time.Second); ; {
		run(t, s, "collect")
		c.mu.Lock()
		n := len(c.calls)
		c.mu.Unlock()
		if n < 20 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of 100 ended cells are still expected to say something", n)
		}
	}
}

func TestComms(t *testing.T) {
	s := begin(t, 0)
	out := newScreen()
	m := cell.CommMessage{Kind: cell.CommData, ID: "c", Data: []byte(`{"a":1}`), Buffers: [][]byte{{0, 1, 255}}}
	if s.Comm(t.Context(), m, out) {
		t.Error("a comm that no cell knows is taken")
	}
	s.Eval(t.Context(), cell.Request{Code: "comm c"}, out)
	if !s.Comm(t.Context(), m, newScreen()) {
		t.Error("a comm that a cell has opened is not taken")
	}
	out.until(t, "comm c\n")
	if len(out.comms) != 1 || string(out.comms[0].Data) != `{"back":true}` || !bytes.Equal(out.comms[0].Buffers[0], m.Buffers[0]) {
		t.Errorf("a message comes back as %+v", out.comms)
	}
}

func TestMemoryLimit(t *testing.T) {
	if _, ok := usage(os.Getpid()); !ok {
		t.Skip("the memory of a process is not known on this system")
	}
	const limit = 300 << 20
	s := begin(t, limit)
	r, _ := run(t, s, "eat 2000")
	if r.Err == nil || r.Err.Kind != cell.MemoryLimit || !strings.Contains(r.Err.Message, "the limit is 300 MiB") {
		t.Errorf("a cell that takes too much ends with %+v", r.Err)
	}
	if r, text := run(t, s, "spit\ncollect\ncount"); r.Value.String() != "2" || text != "" {
		t.Errorf("the cell after it gives %v, %v and says %q: want the old session", r.Value, r.Err, text)
	}
	r, _ = run(t, s, "gorge 4000")
	if r.Err == nil || r.Err.Kind != cell.FatalError || !strings.Contains(r.Err.Message, "the limit is 300 MiB") {
		t.Errorf("a cell that does not stop ends with %+v", r.Err)
	}
	if r, _ := run(t, s, "count"); r.Value.String() != "1" {
		t.Errorf("the cell after it gives %v, %v: want a fresh session", r.Value, r.Err)
	}
}

// A parent that is gone, however it went, takes its child with it.
func TestChildEndsWithItsParent(t *testing.T) {
	s := begin(t, 0)
	run(t, s, "count")
	c := s.child
	c.in.Close()
	select {
	case <-c.done:
	case <-time.After(10 * time.Second):
		t.Error("the child lives on when its input ends")
	}
	s = begin(t, 0)
	out := newScreen()
	go s.Eval(context.Background(), cell.Request{Code: "deaf"}, out)
	out.until(t, "blocked")
	pid := s.child.cmd.Process.Pid
	s.Close()
	if err := syscall.Kill(pid, 0); err == nil {
		t.Error("a child with a cell that does not end outlives Close")
	}
	if r, _ := run(t, s, "count"); r.Err == nil {
		t.Error("a closed session runs cells")
	}
}

func TestGarbageFromTheChild(t *testing.T) {
	s := begin(t, 0)
	c := s.child
	run(t, s, "count")
	c.handle(&message{Ready: &ready{Version: 99}})
	<-c.done
	if _, text := run(t, s, "count"); !strings.Contains(text, "version 99 of the wire") {
		t.Errorf("the next cell says %q", text)
	}
}

func TestParseMemory(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
	}{
		{"1024", 1024}, {"1k", 1 << 10}, {"800MiB", 800 << 20}, {"800 mb", 800 << 20}, {"1.5G", 3 << 29}, {"2TiB", 2 << 40}, {"none", 0},
		{"", -1}, {"x", -1}, {"-1", -1}, {"0", -1}, {"1e30", -1}, {"GiB", -1}, {"nan", -1},
	} {
		got, err := ParseMemory(c.text)
		if err != nil {
			got = -1
		}
		if got != c.want {
			t.Errorf("%q is read as %d, %v: want %d", c.text, got, err, c.want)
		}
	}
	if m := machineMemory(); m != 0 && (m < 64<<20 || DefaultMemory() >= m) {
		t.Errorf("the machine has %d bytes, and the limit is %d", m, DefaultMemory())
	}
}

// Traces as Go 1.26 writes them.
func TestExplain(t *testing.T) {
	label := fmt.Sprintf(`{"fluxion": "cell", %q: "12"}`, callLabel)
	for name, c := range map[string]struct {
		words string
		want  death
	}{
		"fatal": {"fatal error: concurrent map writes\n\ngoroutine 23 [running labels:" + label + "]:\ninternal/runtime/maps.fatal({0x16?, 0x0?})\n\truntime/panic.go:1181 +0x18\nexample.com/lab.fill(0x1)\n\tlab.go:3 +0x1\n\ngoroutine 1 [chan receive]:\nother.f()\n\tf.go:1 +0x2\n",
			death{what: "concurrent map writes", call: 12, in: "example.com/lab.fill"}},
		"panic":      {"panic: boom [recovered]\n\tpanic: worse\n\ngoroutine 7 [running]:\nsort.(*x).y(...)\n\ts.go:1\n", death{what: "panic: boom", in: "sort.(*x).y"}},
		"no trace":   {"fatal error: newosproc\n", death{what: "newosproc"}},
		"noise":      {"some library says\nfatal error: fault\n[signal SIGSEGV]\n\ngoroutine 7 gp=0x1 m=2 [running]:\nruntime.throw()\n\tp.go:1\n", death{what: "fault"}},
		"not a word": {"", death{what: "the process ended: the process is gone"}},
	} {
		if got := explain([]byte(c.words), nil, ""); got != c.want {
			t.Errorf("%s: got %+v\nwant %+v", name, got, c.want)
		}
	}
	if got := explain([]byte("fatal error: x\n"), nil, "told to"); got.what != "told to" {
		t.Errorf("a process that was ended is explained by %q", got.what)
	}
}
