package interp_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// begin starts a cell and waits until it has printed something. The returned
// functions interrupt it and wait for its result.
func begin(t *testing.T, e cell.Evaluator, count int, code string) (out *startSignal, stop func(), wait func() cell.Result) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out = &startSignal{started: make(chan bool)}
	done := make(chan cell.Result, 1)
	go func() { done <- e.Eval(ctx, cell.Request{Code: code, Count: count}, out) }()
	select {
	case <-out.started:
	case res := <-done:
		t.Fatalf("%q has ended: %+v", code, res)
	case <-time.After(time.Minute):
		t.Fatalf("%q does not begin", code)
	}
	return out, cancel, func() cell.Result { return <-done }
}

// The vm runs several cells at once, each with its own output and interrupt.
func TestTwoCells(t *testing.T) {
	e := newEvaluator(t, "vm")
	a, stopA, waitA := begin(t, e, 1, "import \"time\"\nshared := 5\nfmt.Println(\"a\")\nfor {\n\ttime.Sleep(time.Millisecond)\n}")
	if got := evaluate(t, e, 2, "fmt.Println(shared)\nshared + 1"); got != "stdout: 5\n= 6\n" {
		t.Errorf("beside a running cell: %s", got)
	}
	b, stopB, waitB := begin(t, e, 3, "fmt.Println(\"b\")\ngo func() {\n\tfor i := 0; ; i++ {\n\t\ttime.Sleep(time.Millisecond)\n\t}\n}()\nselect {}")
	if got := evaluate(t, e, 4, "func f() int { return 7 }\nf()"); got != "= 7\n" {
		t.Errorf("beside two running cells: %s", got)
	}
	if got := evaluate(t, e, 5, "go func() { panic(\"mine\") }()\nselect {}"); !strings.Contains(got, "panic: mine") {
		t.Errorf("a goroutine's panic beside other cells: %s", got)
	}
	e.Complete("fmt.Print", 9)
	e.Inspect("shared", 6, 0)

	stopA()
	if res := waitA(); res.Err == nil || res.Err.Kind != cell.Interrupted {
		t.Errorf("the first cell: %+v, want an interrupt", res)
	}
	if got := evaluate(t, e, 6, "f() + shared"); got != "= 12\n" {
		t.Errorf("after the first cell was stopped: %s", got)
	}
	stopB()
	if res := waitB(); res.Err == nil || res.Err.Kind != cell.Interrupted {
		t.Errorf("the second cell: %+v, want an interrupt", res)
	}
	if a.String() != "stdout: a\n" || b.String() != "stdout: b\n" {
		t.Errorf("the cells have shown %q and %q", a, b)
	}
}

// Cells of two front ends declare, redefine and run at the same time.
func TestManyCells(t *testing.T) {
	e := newEvaluator(t, "vm")
	evaluate(t, e, 1, "type T struct{ N int }\nfunc (t T) Get() int { return t.N }\nfunc twice(n int) int { return 2 * n }\nfunc gen[A any](a A) A { return a }")
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := range 20 {
				name := fmt.Sprintf("v%d_%d", w, i)
				code := fmt.Sprintf("%s := T{%d}\nfmt.Println(twice(%s.Get()))\ngen(%s.N)", name, i, name, name)
				want := fmt.Sprintf("stdout: %d\n= %d\n", 2*i, i)
				if i%5 == w {
					code = fmt.Sprintf("func twice(n int) int { return n + n }\nfunc own%d() int { return twice(%d) }\nown%d()", w, i, w)
					want = fmt.Sprintf("= %d\n", 2*i)
				}
				if got := evaluate(t, e, 10+i, code); got != want {
					t.Errorf("%s\nshows\n%s\nwant\n%s", code, got, want)
				}
				e.Complete("twi", 3)
			}
		})
	}
	wg.Wait()
}
