package vm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// Goroutines of a cancelled cell end with it; those of other cells go on.
func TestCancelOwnGoroutines(t *testing.T) {
	s := newSession(t)
	mustRun(t, s, `var a, b chan int; func serve(c chan int) { for { c <- 1 } }
		func cell() { a = make(chan int); go serve(a) }`)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := s.run(ctx, `func cell() { b = make(chan int); go serve(b); <-b; a <- 2 }`) // nobody receives from a
		done <- err
	}()
	cancel()
	if err := <-done; err != context.Canceled {
		t.Fatal(err)
	}
	if got := fmt.Sprint(mustRun(t, s, `func cell() any { return <-a }`)); got != "1" {
		t.Errorf("the goroutine of an earlier cell sent %s", got)
	}
}

func TestCancelledBefore(t *testing.T) {
	s := newSession(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.run(ctx, `func cell() { panic("ran") }`); err != context.Canceled {
		t.Errorf("Run returned %v", err)
	}
}

func TestPanic(t *testing.T) {
	s := newSession(t)
	for _, c := range []struct{ name, text, want, trace string }{
		{"value", "func cell() {\n\tpanic(42)\n}", "42", "cell:2:2"},
		{"index", "func f(x []int, i int) int {\n\tn := 0\n\tfor range 3 {\n\t\tn +=\n\t\t\tx[i]\n\t}\n\treturn n\n}\nfunc cell() {\n\tf(nil, 2)\n}",
			"runtime error: index out of range [2] with length 0", "f:5:4 cell:10:2"},
		{"nil pointer", "type T struct{ next *T }\nfunc (t *T) third() *T {\n\treturn t.next.\n\t\tnext.next\n}\nfunc cell() {\n\t(&T{}).third()\n}",
			"runtime error: invalid memory address or nil pointer dereference", "(*T).third:4:8 cell:7:2"},
		{"division", "func cell() {\n\tx, y := 1, 0\n\tx++\n\tx = x /\n\t\ty\n}", "runtime error: integer divide by zero", "cell:4:6"},
		{"map", "func cell() {\n\tvar m map[string]int\n\tx := 1\n\tm[\"a\"] = x\n}", "assignment to entry in nil map", "cell:4:2"},
		{"assertion", "func cell() {\n\tvar v any = 1\n\t_ = v.(string)\n}", "interface conversion: interface {} is int, not string", "cell:3:6"},
		{"nil func", "func cell() {\n\tvar f func(int)\n\tf(1)\n}", "runtime error: invalid memory address or nil pointer dereference", "cell:3:2"},
		{"nil interface", "func cell() {\n\tvar e error\n\te.Error()\n}", "runtime error: invalid memory address or nil pointer dereference", "cell:3:2"},
		{"closure", "func cell() {\n\tf := func() {\n\t\tpanic(\"in\")\n\t}\n\tf()\n}", "in", "cell.func1:3:3 cell:5:2"},
		{"deferred", "func cell() {\n\tdefer func() {\n\t\tpanic(\"later\")\n\t}()\n\tpanic(\"first\")\n}", "later", "cell:5:2"},
		{"compiled code", "import \"strings\"\nfunc cell() {\n\tn := -1\n\tstrings.Repeat(\"x\", n)\n}", "strings: negative Repeat count", "cell:4:2"},
		{"callback", "import \"sort\"\nfunc cell() {\n\tx := []int{2, 1}\n\tsort.Slice(x, func(i, j int) bool {\n\t\treturn x[i+5] < 0\n\t})\n}",
			"runtime error: index out of range [6] with length 2", "cell.func1:5:10 cell:4:2"},
		{"overflow", "func f(n int) int {\n\treturn f(n+1) + 1\n}\nfunc cell() {\n\tf(0)\n}", "runtime error: stack overflow", ""},
		{"generic", "func first[T any](x []T) T {\n\treturn x[0]\n}\nfunc cell() {\n\tfirst([]string{})\n}", "runtime error: index out of range [0] with length 0", "first[string]:2:9 cell:5:2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.run(t.Context(), c.text)
			var p *exec.Panic
			if !errors.As(err, &p) {
				t.Fatalf("Run returned %v, want a panic", err)
			}
			if p.Text != c.want {
				t.Errorf("text %q, want %q", p.Text, c.want)
			}
			var trace []string
			for _, call := range p.Trace {
				pos := s.fset.Position(call.Pos)
				trace = append(trace, fmt.Sprintf("%s:%d:%d", call.Func, pos.Line, pos.Column))
			}
			if got := strings.Join(trace, " "); got != c.trace && c.trace != "" {
				t.Errorf("trace %s, want %s", got, c.trace)
			}
		})
	}
}

// A panic in a goroutine is reported, and nothing else happens.
func TestStray(t *testing.T) {
	s := newSession(t)
	for _, c := range []struct{ name, text string }{
		{"go", `func cell() { go func() { panic("stray") }() }`},
		{"method", `type T struct{}; func (T) M() { panic("stray") }; func cell() { go T{}.M() }`},
		{"time.AfterFunc", `import "time"; func cell() { time.AfterFunc(0, func() { panic("stray") }) }`},
		{"context.AfterFunc", `import "context"; func cell() { ctx, cancel := context.WithCancel(context.Background()); context.AfterFunc(ctx, func() { panic("stray") }); cancel() }`},
		{"WaitGroup.Go", `import "sync"; func cell() { var wg sync.WaitGroup; wg.Go(func() { panic("stray") }); wg.Wait() }`},
		{"finalizer", `import "runtime"; type big struct{ a [100]int }; func cell() { for range 3 { runtime.SetFinalizer(new(big), func(*big) { panic("stray") }) }; x = new(big); runtime.GC(); runtime.GC() }; var x *big`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := s.run(t.Context(), c.text); err != nil {
				t.Fatal(err)
			}
			select {
			case p := <-s.strays:
				if p.Text != "stray" || len(p.Trace) == 0 {
					t.Errorf("reported %v with %d calls", p, len(p.Trace))
				}
			case <-time.After(10 * time.Second):
				t.Error("not reported")
			}
		})
	}
}

// What a cancelled cell has left to call back is called in vain, and harms nothing.
func TestCallbackAfterCancel(t *testing.T) {
	s := newSession(t)
	mustRun(t, s, `import "time"; var called chan bool; var timer *time.Timer; func cell() { called = make(chan bool, 1) }`)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		v, _ := s.machine.Value(variable(t, s, "called"))
		<-v.Interface().(chan bool)
		cancel()
	}()
	if _, err := s.run(ctx, `import "time"; func cell() {
		timer = time.AfterFunc(time.Hour, func() { called <- true; panic("called") })
		called <- true
		select {} }`); err != context.Canceled {
		t.Fatal(err)
	}
	if got := fmt.Sprint(mustRun(t, s, `import "time"; func cell() any { timer.Reset(0); time.Sleep(10 * time.Millisecond); return len(called) }`)); got != "0" {
		t.Error("a callback of a cancelled cell has run")
	}
	select {
	case p := <-s.strays:
		t.Errorf("reported: %v", p)
	default:
	}
}

// Interpreted code that panics where compiled code has called it by reflection, on a
// goroutine of its own, returns zeros.
func TestStrayByReflection(t *testing.T) {
	s := newSession(t)
	mustRun(t, s, `type W struct{ a, b int }; func (W) Write(p []byte) (int, error) { panic("stray") }
		var w any; func cell() { w = W{1, 2} }`)
	v, _ := s.machine.Value(variable(t, s, "w"))
	type result struct {
		n   int
		err error
	}
	done := make(chan result)
	go func() {
		n, err := v.Interface().(io.Writer).Write([]byte("x"))
		done <- result{n, err}
	}()
	if r := <-done; r != (result{}) {
		t.Errorf("Write returned %v", r)
	}
	if p := <-s.strays; p.Text != "stray" {
		t.Errorf("reported %v", p)
	}
}

func TestExit(t *testing.T) {
	s := newSession(t)
	for _, c := range []struct {
		name, text string
		code       int
	}{
		{"os.Exit", `import "os"; func cell() { defer func() { recover() }(); os.Exit(3) }`, 3},
		{"value", `import "os"; func cell() { f := os.Exit; f(4) }`, 4},
		{"log.Fatal", `import ("log"; "io"); func cell() { log.SetOutput(io.Discard); log.Fatal("x") }`, 1},
		{"logger", `import ("log"; "io"); func cell() { log.New(io.Discard, "", 0).Fatalf("x%d", 1) }`, 1},
		{"goroutine", `import "os"; func cell() { go os.Exit(5); select {} }`, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.run(t.Context(), c.text)
			var e *exec.Exit
			if !errors.As(err, &e) || e.Code != c.code {
				t.Errorf("Run returned %#v, want exit %d", err, c.code)
			}
		})
	}
}

func TestUnsupported(t *testing.T) {
	s := newSession(t)
	symbols := maps.Clone(s.machine.config.Symbols)
	symbols["strings"] = maps.Clone(symbols["strings"])
	delete(symbols["strings"], "Repeat")
	s.machine.config.Symbols = symbols
	mustRun(t, s, `var ran bool; func cell() {}`)
	const text = `import "strings"; func cell() { ran = true; _ = strings.Repeat("a", 2) }`
	_, err := s.run(t.Context(), text)
	var u *exec.Unsupported
	if !errors.As(err, &u) || !u.Pos.IsValid() {
		t.Errorf("%s: Run returned %v, want an unsupported construct with its place", text, err)
	}
	if got := fmt.Sprint(mustRun(t, s, `func cell() any { return ran }`)); got != "false" {
		t.Error("a cell with something unsupported has run")
	}
}

// TestRedefine runs cells one after another: what each returns.
func TestRedefine(t *testing.T) {
	s := newSession(t)
	for i, c := range []struct{ text, want string }{
		{`var x int; var p *int; func cell() any { x = 3; p = &x; return x }`, "3"},
		{`var x int; func cell() any { x++; return *p }`, "4"}, // the same storage
		{`var x string; func cell() any { x = "s"; return *p }`, "4"},
		{`func f(n int) int { return n + 1 }; func g(n int) int { return f(n) * 10 }; var h func(int) int; func cell() any { h = f; return g(1) }`, "20"},
		{`func f(n int) int { return n + 100 }; func cell() any { return []int{g(1), h(1)} }`, "[1010 101]"},
		{`func f(n int) int { panic("p") }; func cell() any { defer func() { recover() }(); return g(1) }`, "<invalid reflect.Value>"},
		{`func f(n int) int { defer func() { recover() }(); panic("p") }; func cell() any { return g(1) }`, "0"},
		{`type T struct{ n int }; func (t T) String() string { return "one" }; var v T; var i any; func cell() any { v = T{1}; i = v; return v }`, "one"},
		{`type T struct{ n int }; func (t T) String() string { return "two" }; func cell() any { return i }`, "two"},
		{`func cell() any { t, ok := i.(T); return []any{t.n, ok, v.n} }`, "[1 true 1]"},
		{`type T struct{ c float64 }; func cell() any { return []any{i, T{2}} }`, "[two {2}]"},
		{`func cell() any { go func() {}(); return v }`, "two"},
		{`func Map[T, U any](x []T, f func(T) U) []U { var r []U; for _, v := range x { r = append(r, f(v)) }; return r }; func cell() any { return nil }`, "<invalid reflect.Value>"},
		{`import "fmt"; func cell() any { return Map([]int{1, 2}, func(i int) string { return fmt.Sprint("n", i) }) }`, "[n1 n2]"},
	} {
		v, err := s.run(t.Context(), c.text)
		if err != nil {
			t.Fatalf("cell %d: %v", i, err)
		}
		if got := fmt.Sprint(v); got != c.want {
			t.Errorf("cell %d returns %s, want %s: %s", i, got, c.want, c.text)
		}
	}
}

// A function that was redefined many times is still called at once.
func TestRedefineOften(t *testing.T) {
	s := newSession(t)
	mustRun(t, s, `func f() int { return -1 }; func g() int { return f() }; func cell() {}`)
	for i := range 50 {
		if got := fmt.Sprint(mustRun(t, s, fmt.Sprintf(`func f() int { return %d }; func cell() any { return g() }`, i))); got != fmt.Sprint(i) {
			t.Fatalf("after redefinition %d g returns %s", i, got)
		}
	}
	f := s.machine.functionOf(s.first["f"])
	if latest := f.lineage.latest.Load(); latest.code.Load().transparent {
		t.Error("the first f does not call the last one at once")
	}
}

func TestValue(t *testing.T) {
	s := newSession(t)
	mustRun(t, s, `var x []int; func cell() { x = []int{1, 2} }`)
	v, ok := s.machine.Value(variable(t, s, "x"))
	if !ok || !v.CanAddr() || fmt.Sprint(v) != "[1 2]" {
		t.Fatalf("Value(x) = %v, %v", v, ok)
	}
	v.Index(0).SetInt(7)
	if got := fmt.Sprint(mustRun(t, s, `func cell() any { return x[0] }`)); got != "7" {
		t.Errorf("after setting x[0] through Value it is %s", got)
	}
}

// A variable that is set again lets go of what it held.
func TestMemory(t *testing.T) {
	s := newSession(t)
	for range 60 {
		mustRun(t, s, `var x []byte; func cell() { x = make([]byte, 8<<20); y := x; y[0] = 1 }`)
	}
	var m runtime.MemStats
	for range 3 { // the second clears the pools of frames
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	if live := m.HeapAlloc >> 20; live > 200 {
		t.Errorf("after 60 cells that set a variable of 8 MiB, %d MiB are live", live)
	}
}
