package vm

import (
	"fmt"
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
	"weak"
)

// A function is redefined while goroutines call it: they get what the old code
// returns, then what the new does, and nothing else.
func TestRedefineWhileRunning(t *testing.T) {
	s := newSession(t)
	mustRun(t, s, `import "sync/atomic"
		var stop atomic.Bool
		var wrong, calls atomic.Int64
		func f(a, b int) (int, int) { return a + b, 0 }
		func g() {
			for !stop.Load() {
				if sum, version := f(1, 2); sum != 3 || version < 0 { wrong.Add(1) }
				calls.Add(1)
			}
		}
		func cell() { for range 2 { go g() } }`)
	for i := range 30 {
		body := `return a + b, %d`
		if i%2 == 0 {
			body = `defer func() { version = %d; recover() }(); sum = a + b; panic("p")`
		}
		mustRun(t, s, fmt.Sprintf("import \"runtime\"; func f(a, b int) (sum, version int) { "+body+" }\nfunc cell() { for n := calls.Load(); calls.Load() == n; { runtime.Gosched() } }", i))
	}
	mustRun(t, s, `func cell() { stop.Store(true) }`)
	if got := fmt.Sprint(mustRun(t, s, `func cell() any { return wrong.Load() }`)); got != "0" {
		t.Errorf("%s calls of a function that was being redefined returned something else", got)
	}
	if got := mustRun(t, s, `func cell() any { return calls.Load() }`); got.Int() == 0 {
		t.Error("the function was not called")
	}
}

// What a call held is free when it has returned, though its frame is kept.
func TestFramesLetGo(t *testing.T) {
	s := newSession(t)
	for _, text := range []string{
		`p := new([1 << 16]byte); q := p; watch(q); p[0] = 1; keep(q[0])`,
		`p := new([1 << 16]byte); watch(p); defer func() { p[0] = 2 }()`,
		`p := new([1 << 16]byte); watch(p); func() { defer func() { recover() }(); p[1] = 1; panic(p) }()`,
		`p := new([1 << 16]byte); watch(p); f := func() byte { return p[0] }; keep(f())`,
		`p := new([1 << 16]byte); watch(p); c := make(chan *[1 << 16]byte, 1); c <- p; q := <-c; q[0] = 1`,
		`p := new([1 << 16]byte); watch(p); var i any = p; _, ok := i.(interface{ M() }); keep(ok)`,
	} {
		var seen atomic.Pointer[weak.Pointer[[1 << 16]byte]]
		mustRun(t, s, `var watch func(p *[1 << 16]byte); func keep(x any) {}; func cell() {}`)
		v, _ := s.machine.Value(variable(t, s, "watch"))
		v.Set(reflect.ValueOf(func(p *[1 << 16]byte) { w := weak.Make(p); seen.Store(&w) }))
		mustRun(t, s, "func work() { "+text+" }\nfunc cell() { done := make(chan bool); go func() { work(); work(); done <- true; select {} }(); <-done }")
		deadline := time.Now().Add(10 * time.Second)
		for seen.Load().Value() != nil && time.Now().Before(deadline) {
			runtime.GC()
		}
		if seen.Load().Value() != nil {
			t.Errorf("something keeps p alive after %s", text)
		}
	}
}
