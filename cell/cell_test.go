package cell

import (
	"context"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

type nowhere struct {
	plainOutput
	_ byte // so that two have two addresses
}

func (nowhere) Stream(string, string) {}

func TestCurrentFollowsGoroutines(t *testing.T) {
	if Current() != outside {
		t.Fatal("a cell is current before any runs")
	}
	outs := [2]*nowhere{{}, {}}
	var wg sync.WaitGroup
	for i := range outs {
		wg.Go(func() {
			Enter(context.Background(), outs[i], nil, func() {
				got := make(chan Output)
				for range 50 {
					go func() { got <- Current().Output() }()
				}
				for range 50 {
					if <-got != Output(outs[i]) {
						t.Error("a goroutine found another cell than the one that started it")
					}
				}
			})
		})
	}
	wg.Wait()
	if Current() != outside {
		t.Error("a cell is still current after all have ended")
	}
}

func TestAtEnd(t *testing.T) {
	var done []string
	at := func(key any, word string) { Current().AtEnd(key, func() { done = append(done, word) }) }
	at("a", "outside")
	Enter(context.Background(), nowhere{}, nil, func() {
		at("a", "replaced")
		at("b", "b")
		Redirect(nowhere{}, nil, func() { at("a", "a") })
		at("c", "c")
		Current().End()
		Current().End()
	})
	if got := strings.Join(done, " "); got != "a b c" {
		t.Errorf("done at the end: %s; want a b c", got)
	}
	if outside.End(); len(done) != 3 {
		t.Error("what is no cell has an end")
	}
}

func TestCarry(t *testing.T) {
	mine, other := &nowhere{}, &nowhere{}
	var carried func()
	var got Output
	Enter(context.Background(), mine, nil, func() {
		carried = Carry(func() { got = Current().Output() })
	})
	Enter(context.Background(), other, nil, func() {
		carried()
		if got != Output(mine) {
			t.Error("a carried function found another cell than its own")
		}
		if Current().Output() != Output(other) {
			t.Error("a carried function left its cell behind")
		}
	})
}

func TestCurrentOutlivesItsCell(t *testing.T) {
	release, got := make(chan bool), make(chan Output)
	mine, later := &nowhere{}, &nowhere{}
	Enter(context.Background(), mine, nil, func() {
		go func() { <-release; runtime.GC(); got <- Current().Output() }()
	})
	Enter(context.Background(), later, nil, func() {
		close(release)
		if <-got != Output(mine) {
			t.Error("a goroutine that outlived its cell found a later one")
		}
	})
}

func TestCellsAreForgotten(t *testing.T) {
	for range 100 {
		Enter(context.Background(), &nowhere{}, nil, func() {})
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		runtime.GC()
		n := 0
		running.Range(func(any, any) bool { n++; return true })
		if n < 20 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of 100 ended cells are still remembered", n)
		}
	}
}

func TestErrorReport(t *testing.T) {
	e := &Error{Kind: CompileError, Message: "undefined: foo", Pos: Pos{3, 2, 3}, Source: "\ty = foo", Hint: "did you mean fob?"}
	want := "compile error: undefined: foo\n  cell 3, line 2, column 3\n    \ty = foo\n    \t ^\nhint: did you mean fob?\n"
	if got := e.Report(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	plain := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(strings.Join(e.Traceback(), "\n")+"\n", "")
	if plain != want {
		t.Errorf("the traceback without its colours is\n%s\nwant\n%s", plain, want)
	}
}

func TestRecursionIsToldOnce(t *testing.T) {
	f := Frame{Func: "f", Pos: Pos{1, 2, 3}, Source: "f()"}
	e := &Error{Kind: RuntimePanic, Message: "stack overflow", Frames: []Frame{f, f, f, {Func: "cell", Pos: Pos{1, 5, 1}}}}
	want := "panic: stack overflow\n  f at cell 1, line 2, column 3: f() (and 2 times more)\n  cell at cell 1, line 5, column 1\n"
	if got := e.Report(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
