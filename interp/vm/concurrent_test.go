package vm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
)

// lines collects what a cell writes.
type lines struct {
	discard
	mu   sync.Mutex
	text string
}

func (l *lines) Stream(_, text string) {
	l.mu.Lock()
	l.text += text
	l.mu.Unlock()
}

// Cells that run at the same time have each their own interrupt, output, panics and
// exit, and meet in the variables that they share.
func TestConcurrent(t *testing.T) {
	s := newSession(t)
	if !s.machine.Concurrent() {
		t.Fatal("the vm runs one cell at a time")
	}
	mustRun(t, s, `import ("sync/atomic"; "fmt")
		var n atomic.Int64
		var both chan int
		func work(k int) int { s := 0; for i := range k { s += i }; return s }
		type T struct{ a int }
		func (t T) String() string { return fmt.Sprint("T", t.a) }
		func cell() { both = make(chan int) }`)
	type running struct {
		text   string
		want   string // the value, or the error
		cancel bool
	}
	cells := []running{
		{text: `func cell() any { for i := range 1000 { both <- i }; return "sent" }`, want: "sent"},
		{text: `func cell() any { sum := 0; for range 1000 { sum += <-both }; return sum }`, want: "499500"},
		{text: `func cell() any { panic("mine") }`, want: "panic: mine"},
		{text: `import "os"; func cell() any { os.Exit(4); return nil }`, want: "exit"},
		{text: `func cell() any { n.Add(1); for {} }`, want: "context canceled", cancel: true},
		{text: `import "fmt"; func cell() any { var v T; v.a = 5; return fmt.Sprint(v, work(100)) }`, want: "T5 4950"},
		{text: `import "slices"; func cell() any { x := []int{3, 1, 2}; slices.Sort(x); n.Add(1); return x }`, want: "[1 2 3]"},
		{text: `import "cmp"; type U struct{ T }; func cell() any { go func() { n.Add(1) }(); return cmp.Compare(len(U{}.String()), 3) }`, want: "-1"},
		{text: `import "sort"; func cell() any { n.Add(1); x := []int{1, 2}; sort.Slice(x, func(i, j int) bool { for {} }); return nil }`, want: "context canceled", cancel: true},
	}
	checked := make([]*exec.Cell, len(cells))
	for i, c := range cells {
		var err error
		if checked[i], err = s.check(c.text); err != nil {
			t.Fatal(err)
		}
		checked[i].Replaces = nil
	}
	var wait sync.WaitGroup
	for i, c := range cells {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		wait.Add(1)
		go func() {
			defer wait.Done()
			cell.Enter(ctx, &lines{}, nil, func() {
				v, err := s.machine.Run(ctx, checked[i])
				got := fmt.Sprint(v)
				if err != nil {
					got = err.Error()
				}
				if got != c.want {
					t.Errorf("%s: %s, want %s", c.text, got, c.want)
				}
				var p *exec.Panic
				if errors.As(err, &p) && len(p.Trace) == 0 {
					t.Errorf("%s: a panic without trace", c.text)
				}
			})
		}()
		if c.cancel {
			wait.Add(1)
			go func() {
				defer wait.Done()
				v, _ := s.machine.Value(variable(t, s, "n"))
				for v.Addr().Interface().(interface{ Load() int64 }).Load() < 3 {
					select {
					case <-t.Context().Done():
						return
					default:
					}
				}
				cancel()
			}()
		}
	}
	wait.Wait()
}
