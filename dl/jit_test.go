package dl

import (
	"errors"
	"strings"
	"testing"
)

// TestJit trains by a compiled Go function and by the same function as it is.
func TestJit(t *testing.T) {
	run := func(compile bool) []float64 {
		Seed(2)
		w, b := Variable(Randn(3), "w"), Variable(0.0, "b")
		x, y := Randn(8, 3), Randn(8)
		step := func(x, y *Tensor) *Tensor {
			loss := x.MatMul(w).Add(b).Sub(y).Square().Mean()
			g := Grads(loss, w, b)
			w.Assign(w.Sub(g.Of(w).Mul(0.1)))
			b.Assign(b.Sub(g.Of(b).Mul(0.1)))
			return loss.Add(w.Sum()) // w after the step
		}
		compiled := Jit(step)
		var out []float64
		for range 10 {
			if compile {
				out = append(out, compiled.Call(x, y)[0].Item())
			} else {
				out = append(out, step(x, y).Item())
			}
		}
		if compile {
			want := "compiled for: argument 1 float32 (8, 3), argument 2 float32 (8)\nreads at each call: w float32 (3), b float32 ()\nassigns at each call: w float32 (3), b float32 ()"
			if got := compiled.Report().String(); got != want {
				t.Errorf("report\n%s\nwant\n%s", got, want)
			}
		}
		return append(out, w.Float64s()...)
	}
	closeTo(t, "jit", New(run(true)), run(false), 1e-6)
}

// TestJitSurprises: what a traced function does not do again at each call.
func TestJitSurprises(t *testing.T) {
	calls, scale := 0, 2.0
	table, v := New([]float64{1, 2, 3}), Variable(5.0, "v")
	f := Jit(func(x *Tensor) *Tensor {
		calls++
		if v.Item() > 3 { // the value at the time of tracing decides
			x = x.Add(v)
		}
		return x.Mul(scale).Mul(table)
	})
	if got := f.Call([]float64{1, 1, 1})[0].At(1); got != 24 {
		t.Errorf("%g, want 24", got)
	}
	scale = 100
	v.Assign(1.0)
	if got := f.Call([]float64{1, 1, 1})[0].At(1); got != 8 || calls != 1 {
		t.Errorf("%g after %d calls of f, want 8 after 1: Go numbers are constants, variables are read", got, calls)
	}
	r := f.Report()
	if len(r.Constants) != 1 || r.Constants[0].At(2) != 3 || len(r.Read) != 1 || r.Read[0] != v {
		t.Errorf("report:\n%v", r)
	}
	if f.Call([][]float64{{1, 1, 1}}); calls != 2 {
		t.Errorf("%d calls of f for two shapes", calls)
	}
	if f.Call(NewAs(Float64, []float64{1, 1, 1})); calls != 3 {
		t.Errorf("%d calls of f for another dtype", calls)
	}
	for n := range 3 * MaxPlans {
		f.Call(Ones(n, 3))
	}
	if len(f.versions) > MaxPlans {
		t.Errorf("%d versions are kept", len(f.versions))
	}
	x := Placeholder("x", Float32, 3)
	if got := Eval(f.Call(x)[0], Feed{x: []float64{1, 1, 1}}).At(0); got != 100 {
		t.Errorf("as part of a graph: %g, want 100", got)
	}

	for what, bad := range map[string]func(x *Tensor) *Tensor{
		"item":     func(x *Tensor) *Tensor { return New(x.Sum().Item()) },
		"at":       func(x *Tensor) *Tensor { return New(x.Mul(2).At(0)) },
		"float32s": func(x *Tensor) *Tensor { return New(x.Float32s()) },
		"jit":      func(x *Tensor) *Tensor { return Jit(func(y *Tensor) *Tensor { return y }).Call(1.0)[0] },
	} {
		err := Try(func() { Jit(bad).Call(Ones(3)) })
		var e *Error
		if !errors.Is(err, ErrTraced) || !errors.As(err, &e) || e.Op != what || e.Help == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	// After an error nothing is left of the trace.
	Try(func() {
		Jit(func(x *Tensor) *Tensor { v.Assign(x.Sum()); return New(x.Item()) }).Call(Ones(3))
	})
	if v.Assign(7); !v.IsVariable() || v.Item() != 7 {
		t.Errorf("the variable is %v", v)
	}
	if err := Try(func() { Jit(func(x *Tensor) *Tensor { v.Assign(x); return x }).Call(Ones(3)) }); err == nil || !strings.Contains(err.Error(), "(3)") {
		t.Errorf("a vector for a scalar variable: %v", err)
	}
}

// TestJitAssignsInOrder: two variables change places, and a later assignment
// sees an earlier one.
func TestJitAssignsInOrder(t *testing.T) {
	a, b := Variable(1.0, "a"), Variable(2.0, "b")
	f := Jit(func() *Tensor {
		old := a.Add(0)
		a.Assign(b)
		b.Assign(old)
		a.Assign(a.Mul(10))
		return a
	})
	for _, want := range [][2]float64{{20, 1}, {10, 20}} {
		if out := f.Call()[0].Item(); a.Item() != want[0] || b.Item() != want[1] || out != want[0] {
			t.Errorf("a %v, b %v, result %g; want %v", a, b, out, want)
		}
	}
}

func TestJitAllocatesNothing(t *testing.T) {
	w := Variable(Ones(8), "w")
	f := Jit(func(x *Tensor) *Tensor {
		loss := x.MatMul(w).Square().Mean()
		w.Assign(w.Sub(Grad(loss, w).Mul(0.1)))
		return loss
	})
	outs, args := make([]*Tensor, 1), []any{Randn(4, 8)}
	f.CallInto(outs, args...)
	if n := testing.AllocsPerRun(20, func() { f.CallInto(outs, args...) }); n != 0 {
		t.Errorf("%g allocations a call", n)
	}
}

// TestLoopsAllocateNothing: a compiled loop and its gradient.
func TestLoopsAllocateNothing(t *testing.T) {
	x, w := Placeholder("x", Float32, -1, 4), Variable(Ones(4), "w")
	h := Scan(func(x, h *Tensor) *Tensor { return x.Mul(w).Add(h).Tanh() },
		ScanOptions{Sequences: []Sequence{{X: x}}, States: []State{{Initial: Zeros(4)}}})[0]
	y := Cond(h.Sum().Greater(0), func() *Tensor { return h.Square().Sum() }, func() *Tensor { return h.Sum() })[0]
	f := Function([]*Tensor{x}, []*Tensor{y}, Set(w, w.Sub(Grad(y, w).Mul(0.1))))
	outs, args := make([]*Tensor, 1), []any{Randn(6, 4)}
	f.CallInto(outs, args...)
	if n := testing.AllocsPerRun(20, func() { f.CallInto(outs, args...) }); n != 0 {
		t.Errorf("%g allocations a call", n)
	}
}
