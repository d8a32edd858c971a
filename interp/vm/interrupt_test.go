package vm

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A cancelled cell ends, whatever it is at, its deferred calls run, it leaves no
// goroutine behind, and the session goes on.
func TestInterrupt(t *testing.T) {
	s := newSession(t)
	mustRun(t, s, `import "sync"
		var started chan bool
		var n int
		var mu sync.Mutex
		var rw sync.RWMutex
		var cond = sync.NewCond(&mu)
		func cell() { started = make(chan bool, 100); n = 1; cond = sync.NewCond(&mu) }`)
	v, ok := s.machine.Value(variable(t, s, "started"))
	if !ok {
		t.Fatal("no variable started")
	}
	started := v.Interface().(chan bool)
	for _, c := range []struct{ name, text string }{
		{"loop", `func cell() { started <- true; for {} }`},
		{"counting loop", `func cell() { started <- true; for i := 0; ; i++ { n += i } }`},
		{"goto", `func cell() { started <- true
			again: goto again }`},
		{"calls", `func f() { n++ }; func cell() { started <- true; for { f() } }`},
		{"calls of a closure", `func cell() { f := func() { n++ }; started <- true; for { f() } }`},
		{"calls of a method", `type T struct{}; func (T) M() {}; func cell() { var i interface{ M() } = T{}; started <- true; for { i.M() } }`},
		{"calls of compiled code", `import "strings"; func cell() { started <- true; for { strings.ToUpper("x") } }`},
		{"recursion", `func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }; func cell() { started <- true; fib(80) }`},
		{"receive", `func cell() { started <- true; <-make(chan int) }`},
		{"receive of a struct", `func cell() { started <- true; <-make(chan struct{ a, b string }) }`},
		{"send", `func cell() { started <- true; make(chan string) <- "x" }`},
		{"send of a struct", `func cell() { started <- true; make(chan struct{ a, b string }) <- struct{ a, b string }{} }`},
		{"nil channel", `func cell() { started <- true; var c chan int; c <- 1 }`},
		{"select", `func cell() { started <- true; c := make(chan int); select { case <-c: case c <- 1: } }`},
		{"empty select", `func cell() { started <- true; select {} }`},
		{"polling select", `func cell() { started <- true; c := make(chan int); for { select { case <-c: default: } } }`},
		{"range over a channel", `func cell() { started <- true; for range make(chan int) {} }`},
		{"range over a function", `func cell() { started <- true; for range func(yield func() bool) { for yield() {} } {} }`},
		{"range over a pulled function", `import "iter"; func cell() { started <- true
			next, stop := iter.Pull(func(yield func(int) bool) { for yield(1) {} }); defer stop(); for { next() } }`},
		{"sleep", `import "time"; func cell() { started <- true; time.Sleep(time.Hour) }`},
		{"time.After", `import "time"; func cell() { started <- true; <-time.After(time.Hour) }`},
		{"deferred loop", `func cell() { started <- true; defer func() { for {} }() }`},
		{"deferred loop on the way out", `func cell() { defer func() { for {} }(); started <- true; for {} }`},
		{"panicking deferred calls", `func cell() { for { defer func() { panic(1) }(); if n++; n > 1000 { break } }; started <- true; for {} }`},
		{"recovering loop", `func cell() { started <- true; for { func() { defer func() { recover() }(); for {} }() } }`},
		{"callback of compiled code", `import "sort"; func cell() { x := []int{3, 1, 2}; started <- true; sort.Slice(x, func(i, j int) bool { for {} }) }`},
		{"method called by compiled code", `import "fmt"; type L int; func (L) String() string { for {} }; func cell() { started <- true; _ = fmt.Sprint(L(1)) }`},
		{"mutex", `func cell() { mu.Lock(); defer mu.Unlock(); started <- true; mu.Lock() }`},
		{"mutex of a struct", `import "sync"; func cell() { var x struct{ sync.Mutex }; x.Lock(); started <- true; x.Lock() }`},
		{"read-write mutex", `func cell() { rw.RLock(); defer func() { rw.RUnlock() }(); started <- true; rw.Lock() }`},
		{"wait group", `import "sync"; func cell() { var wg sync.WaitGroup; wg.Add(1); started <- true; wg.Wait() }`},
		{"wait group of goroutines", `import "sync"; func cell() { var wg sync.WaitGroup; for range 10 { wg.Add(1); go func() { defer wg.Done(); for {} }() }; started <- true; wg.Wait() }`},
		{"condition", `func cell() { mu.Lock(); defer mu.Unlock(); started <- true; for { cond.Wait() } }`},
		{"context", `import "context"; func cell() { ctx, cancel := context.WithCancel(context.Background()); defer cancel(); started <- true; <-ctx.Done() }`},
		{"goroutines", `func cell() { for range 10 { go func() { for {} }() }; for range 10 { go func() { select {} }() }; started <- true; select {} }`},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				<-started
				cancel()
			}()
			if _, err := s.run(ctx, c.text); err != context.Canceled {
				t.Errorf("Run returned %v, want %v", err, context.Canceled)
			}
			deadline := time.Now().Add(10 * time.Second)
			for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
				time.Sleep(time.Millisecond)
			}
			if n := runtime.NumGoroutine() - before; n > 0 {
				stacks := make([]byte, 1<<16)
				t.Errorf("%d goroutines are left:\n%s", n, stacks[:runtime.Stack(stacks, true)])
			}
		})
	}
	// What the cells have locked with a deferred unlock is free.
	if got := fmt.Sprint(mustRun(t, s, `func cell() any { return n > 0 && mu.TryLock() && rw.TryLock() }`)); got != "true" {
		t.Errorf("after the interrupts the state is gone: %s", got)
	}
}

// The deferred calls of an interrupted call see no panic, and have no long time.
func TestInterruptDefers(t *testing.T) {
	s := newSession(t)
	mustRun(t, s, `var log []string; var started chan bool; func cell() { log, started = nil, make(chan bool) }`)
	v, _ := s.machine.Value(variable(t, s, "started"))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-v.Interface().(chan bool)
		cancel()
	}()
	if _, err := s.run(ctx, `import "fmt"
		func f() { defer func() { log = append(log, fmt.Sprint("f ", recover())) }(); started <- true; for {} }
		func cell() { defer func() { log = append(log, "cell") }(); f(); log = append(log, "not reached") }`); err != context.Canceled {
		t.Fatal(err)
	}
	got := fmt.Sprint(mustRun(t, s, `func cell() any { return log }`))
	if want := "[f <nil> cell]"; !strings.Contains(got, want) {
		t.Errorf("deferred calls: %s, want %s", got, want)
	}
}
