package vm

import (
	"fmt"
	"runtime"
	"testing"
)

// collect lets the collector find what is dead, and cleanups what that has kept.
func collect() {
	for range 4 {
		runtime.GC()
	}
}

// What is declared again and again does not keep what was declared before.
func TestForget(t *testing.T) {
	for _, c := range []struct{ name, cell string }{
		{"function", `func f() int { return %d }; func cell() any { return f() }`},
		{"method", `type T struct{ n int }; func (t T) Get() int { return t.n + %d }; func use() int { return T{1}.Get() }; func cell() any { return use() }`},
		{"method through an interface", `type T struct{ n int }; func (t *T) Get() int { return t.n + %d }; type G interface{ Get() int }; var g G; func cell() any { g = &T{1}; return g.Get() }`},
		{"generic", `func Map[T any](x []T, f func(T) T) []T { var r []T; for _, v := range x { r = append(r, f(v)) }; return r }; func cell() any { return Map([]int{%d}, func(i int) int { return i })[0] }`},
		{"types within types", `type T struct{ next *T; all []T; by map[string]T; f func(T) T }; func cell() any { var t T; t.all = append(t.all, t); return len(t.all) + %d }`},
		{"literal", `var h func() int; func cell() any { h = func() int { return %d }; return h() }`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSession(t)
			m := s.machine
			alive := func(cells int) (functions, variables int) {
				for i := range cells {
					mustRun(t, s, fmt.Sprintf(c.cell, i))
				}
				clear(s.first)
				collect()
				m.functionMu.Lock()
				defer m.functionMu.Unlock()
				return len(m.functions), len(m.vars)
			}
			functions, variables := alive(100)
			f, v := alive(400)
			const most = 130 // packages that the latest run-time types keep
			if f > functions+4*most {
				t.Errorf("%d functions are alive, %d after 100 cells", f, functions)
			}
			if v > variables+2*most {
				t.Errorf("%d variables are alive, %d after 100 cells", v, variables)
			}
		})
	}
}

// What can still be mentioned is there when it is wanted, however late.
func TestRecall(t *testing.T) {
	s := newSession(t)
	for i, c := range []struct{ text, want string }{
		{`func g(i int) int { return i + 1 }; func cell() {}`, "<nil>"},
		{`func Apply[T any](x T, n func(T) int) int { return g(n(x)) }; func cell() {}`, "<nil>"},
		{`type T struct{ n int }; func (t T) String() string { return fmt() }; func fmt() string { return "first" }; var old any; var text interface{ String() string }; func cell() { old = T{1}; text = T{2} }`, "<nil>"},
		{`type T struct{ x, y float64 }; func cell() any { return T{1, 2} }`, "{1 2}"},
		{`func cell() any { return Apply("abc", func(s string) int { return len(s) }) }`, "4"},
		{`func g(i int) int { return 10 * i }; func cell() any { return Apply("ab", func(s string) int { return len(s) }) }`, "20"},
		{`func cell() any { return text.String() }`, "first"},
		{`func cell() any { return old.(interface{ String() string }).String() }`, "first"},
		{`type U struct{ T }; func cell() any { return U{} }`, "{{0 0}}"},
		{`func (t T) String() string { return "second" }; type T struct{ x, y float64 }; type U struct{ T }; func cell() any { return []any{U{}, old, text} }`, "[second first first]"},
	} {
		v, err := s.run(t.Context(), c.text)
		if err != nil {
			t.Fatalf("cell %d: %v", i, err)
		}
		if got := fmt.Sprint(v); got != c.want && !(c.want == "<nil>" && got == "<invalid reflect.Value>") {
			t.Errorf("cell %d returns %s, want %s: %s", i, got, c.want, c.text)
		}
		collect()
	}
}

// Identical types are one type, in whatever words and cells they are written.
func TestIdenticalTypes(t *testing.T) {
	s := newSession(t)
	mustRun(t, s, `type T struct{ n int }; var f any; func cell() {}`)
	mustRun(t, s, `type A interface{ M(T) }; func cell() {}`)
	mustRun(t, s, `func cell() { f = func(interface{ A }) {} }`)
	if got := fmt.Sprint(mustRun(t, s, `func cell() any { _, ok := f.(func(interface{ M(T) })); return ok }`)); got != "true" {
		t.Error("an interface with an embedded one is another than that with its methods")
	}
}
