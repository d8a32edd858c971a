package dl

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

func closeTo(t *testing.T, what string, got *Tensor, want []float64, tolerance float64) {
	t.Helper()
	g := got.Float64s()
	if len(g) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i, w := range want {
		if !(math.Abs(g[i]-w) <= tolerance*max(1, math.Abs(w))) {
			t.Fatalf("%s: element %d is %g, want %g", what, i, g[i], w)
		}
	}
}

// TestScan shows small loops: concrete, and compiled with sequences of unknown
// length.
func TestScan(t *testing.T) {
	w := Variable(2.0, "w")
	for _, c := range []struct {
		name string
		run  func(x *Tensor) []*Tensor
		want [][]float64
	}{
		{"sum", func(x *Tensor) []*Tensor {
			return Scan(func(x, s *Tensor) *Tensor { return s.Add(x) },
				ScanOptions{Sequences: []Sequence{{X: x}}, States: []State{{Initial: 10}}})
		}, [][]float64{{11, 13, 16, 20}}},
		{"no state", func(x *Tensor) []*Tensor {
			return Scan(func(x *Tensor) *Tensor { return x.Mul(w) }, ScanOptions{Sequences: []Sequence{{X: x}}})
		}, [][]float64{{2, 4, 6, 8}}},
		{"backwards, two results", func(x *Tensor) []*Tensor {
			return Scan(func(x, s *Tensor) (a, b *Tensor) { return s.Mul(2).Add(x), x.Neg() },
				ScanOptions{Sequences: []Sequence{{X: x}}, States: []State{{Initial: 0}}, Backwards: true})
		}, [][]float64{{4, 11, 24, 49}, {-4, -3, -2, -1}}},
		{"taps of a sequence", func(x *Tensor) []*Tensor {
			return Scan(func(before, x, after *Tensor) *Tensor { return before.Add(x.Mul(10)).Add(after.Mul(100)) },
				ScanOptions{Sequences: []Sequence{{X: x, Taps: []int{-1, 0, 1}}}})
		}, [][]float64{{321, 432}}},
		{"Fibonacci", func(x *Tensor) []*Tensor {
			return Scan(func(a, b *Tensor) *Tensor { return a.Add(b) },
				ScanOptions{States: []State{{Initial: x.Slice(To(2)), Taps: []int{-2, -1}}}, Steps: 5})
		}, [][]float64{{3, 5, 8, 13, 21}}},
		{"only three ago", func(x *Tensor) []*Tensor {
			return Scan(func(a *Tensor) *Tensor { return a.Mul(10) },
				ScanOptions{States: []State{{Initial: x.Slice(To(3)), Taps: []int{-3}}}, Steps: 4})
		}, [][]float64{{10, 20, 30, 100}}},
		{"fewer steps, others", func(x *Tensor) []*Tensor {
			return Scan(func(x, s, k *Tensor) *Tensor { return s.Mul(k).Add(x) },
				ScanOptions{Sequences: []Sequence{{X: x}}, States: []State{{Initial: 1}}, Others: []*Tensor{w}, Steps: 2})
		}, [][]float64{{3, 8}}},
		{"a scan in a scan", func(x *Tensor) []*Tensor {
			return Scan(func(a *Tensor) *Tensor {
				return Scan(func(b, s *Tensor) *Tensor { return s.Add(b.Mul(a)) },
					ScanOptions{Sequences: []Sequence{{X: x}}, States: []State{{Initial: 0}}})[0].Index(-1)
			}, ScanOptions{Sequences: []Sequence{{X: x}}})
		}, [][]float64{{10, 20, 30, 40}}},
	} {
		values := NewAs(Float32, []int{1, 2, 3, 4})
		x := Placeholder("x", Float32, -1)
		f := Function([]*Tensor{x}, c.run(x))
		for how, got := range map[string][]*Tensor{"concrete": c.run(values), "compiled": f.Call(values)} {
			if len(got) != len(c.want) {
				t.Fatalf("%s: %d results", c.name, len(got))
			}
			for i, want := range c.want {
				closeTo(t, c.name+", "+how, got[i], want, 0)
			}
		}
	}
}

// rnnBy is a number made of the states of an Elman network, which Scan computes if
// there are options for it, and else a Go loop.
func rnnBy(scan *ScanOptions, steps int, truncate int) func(xs, h, wx, wh *Tensor) *Tensor {
	step := func(x, h, wx, wh *Tensor) *Tensor { return x.MatMul(wx).Add(h.MatMul(wh)).Tanh() }
	return func(xs, h, wx, wh *Tensor) *Tensor {
		if scan != nil {
			o := *scan
			o.Sequences, o.States, o.Truncate = []Sequence{{X: xs}}, []State{{Initial: h}}, truncate
			hs := Scan(func(x, h *Tensor) *Tensor { return step(x, h, wx, wh) }, o)[0]
			return hs.Index(-1).Square().Sum().Add(hs.Sin().Sum())
		}
		all := h.Sum().Mul(0) // a path to h, where the others are cut
		for i := range steps {
			if truncate > 0 && i == steps-truncate {
				h, all = h.StopGradient(), all.StopGradient().Add(all.Mul(0))
			}
			h = step(xs.Index(i), h, wx, wh)
			all = all.Add(h.Sin().Sum())
		}
		return h.Square().Sum().Add(all)
	}
}

// TestScanGradient compares first and second derivatives with those of a loop
// that is written out.
func TestScanGradient(t *testing.T) {
	const steps = 5
	Seed(3)
	values := []*Tensor{Randn(steps, 2, 3).Cast(Float64), Randn(2, 4).Cast(Float64), Randn(3, 4).Cast(Float64), Randn(4, 4).Cast(Float64)}
	for _, truncate := range []int{0, 1, 2, steps, steps + 1} {
		// derivatives of f and of a number made of its gradient, at xs
		all := func(f func(xs, h, wx, wh *Tensor) *Tensor, xs []*Tensor) []*Tensor {
			y := f(xs[0], xs[1], xs[2], xs[3])
			out := []*Tensor{y}
			g := Grads(y, xs...)
			var sum *Tensor
			for _, x := range xs {
				out = append(out, g.Of(x))
				if s := g.Of(x).Square().Sum(); sum == nil {
					sum = s
				} else {
					sum = sum.Add(s)
				}
			}
			if truncate == 0 {
				for _, x := range xs {
					out = append(out, Grad(sum, x))
				}
			}
			return out
		}
		variables := make([]*Tensor, len(values))
		known, unknown := make([]*Tensor, len(values)), make([]*Tensor, len(values))
		args := make([]any, len(values))
		for i, v := range values {
			variables[i] = Variable(v, "")
			known[i] = Placeholder("x", Float64, v.Shape()...)
			shape := v.Shape()
			if i < 2 {
				shape[len(shape)-2] = -1 // batch
			}
			if i == 0 {
				shape[0] = -1
			}
			unknown[i] = Placeholder("x", Float64, shape...)
			args[i] = v
		}
		cut := truncate
		if cut >= steps { // the gradient goes back to the start
			cut = 0
		}
		want := all(rnnBy(nil, steps, cut), variables)
		for how, got := range map[string][]*Tensor{
			"concrete":   all(rnnBy(&ScanOptions{}, steps, truncate), variables),
			"known":      Function(known, all(rnnBy(&ScanOptions{}, steps, truncate), known)).Call(args...),
			"unknown":    Function(unknown, all(rnnBy(&ScanOptions{}, steps, truncate), unknown)).Call(args...),
			"recomputed": Function(unknown, all(rnnBy(&ScanOptions{Recompute: true}, steps, truncate), unknown)).Call(args...),
		} {
			for i, w := range want {
				closeTo(t, how, got[i], w.Float64s(), 1e-10)
			}
		}
	}
}

func TestCondAndWhile(t *testing.T) {
	x := Placeholder("x", Float64)
	w := Variable(NewAs(Float64, 3), "w")
	branches := func(x *Tensor) *Tensor {
		return Cond(x.Greater(0), func() *Tensor { return x.Square().Mul(w) }, func() *Tensor { return x.Mul(w.Square()) })[0]
	}
	y := branches(x)
	g := Grads(y, x, w)
	f := Function([]*Tensor{x}, []*Tensor{y, g.Of(x), g.Of(w), Grad(g.Of(x), x), Grad(g.Of(w), x)})
	for _, c := range []struct {
		x    float64
		want []float64
	}{{2, []float64{12, 12, 4, 6, 4}}, {-2, []float64{-18, 9, -12, 0, 6}}} {
		out := f.Call(c.x)
		for i, want := range c.want {
			closeTo(t, "cond", out[i], []float64{want}, 1e-12)
		}
		v := Variable(NewAs(Float64, c.x), "v")
		closeTo(t, "concrete cond", Grad(branches(v), v), c.want[1:2], 1e-12)
	}

	// Newton's method for the square root of a, and its derivative 1/(2√a).
	root := func(a *Tensor, o ...WhileOptions) *Tensor {
		return While(
			func(r *Tensor) *Tensor { return r.Square().Sub(a).Abs().Greater(1e-12) },
			func(r *Tensor) *Tensor { return r.Add(a.Div(r)).Mul(0.5) },
			[]any{NewAs(Float64, 1)}, o...)[0]
	}
	a := Placeholder("a", Float64)
	bounded := root(a, WhileOptions{MaxSteps: 20})
	h := Function([]*Tensor{a}, []*Tensor{root(a), bounded, Grad(bounded, a)})
	for _, v := range []float64{2, 9} {
		out := h.Call(v)
		for i, want := range []float64{math.Sqrt(v), math.Sqrt(v), 0.5 / math.Sqrt(v)} {
			closeTo(t, "while", out[i], []float64{want}, 1e-9)
		}
		closeTo(t, "concrete while", root(NewAs(Float64, v)), []float64{math.Sqrt(v)}, 1e-9)
	}
	if err := Try(func() { Grad(root(a), a) }); !errors.Is(err, ErrNoDerivative) {
		t.Errorf("the derivative of a while loop without a bound: %v", err)
	}
	if out := While(func(i *Tensor) *Tensor { return i.Less(1000) }, func(i *Tensor) *Tensor { return i.Add(1) }, []any{0}, WhileOptions{MaxSteps: 7}); out[0].Item() != 7 {
		t.Errorf("7 steps gave %v", out[0])
	}
}

// TestInterruptedLoop: a loop without an end is stopped with its cell, computed at
// once or compiled, and leaves variables as they were.
func TestInterruptedLoop(t *testing.T) {
	v := Variable(1.0, "v")
	endless := func(x any) *Tensor {
		return While(func(x *Tensor) *Tensor { return x.Greater(0) }, func(x *Tensor) *Tensor { return x.Mul(1) }, []any{x})[0]
	}
	x := Placeholder("x", Float32)
	f := Function([]*Tensor{x}, nil, Set(v, endless(x)))
	for how, run := range map[string]func(){"concrete": func() { v.Assign(endless(1.0)) }, "compiled": func() { f.Call(2.0) }} {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(5*time.Millisecond, cancel)
		cell.Enter(ctx, cell.Current().Output(), nil, func() {
			if err := Try(run); !errors.Is(err, ErrInterrupted) {
				t.Errorf("%s: %v", how, err)
			}
		})
		if v.Item() != 1 {
			t.Errorf("%s: the variable is %v", how, v)
		}
	}
}

// TestScanGradientMemory: for its gradient a loop keeps of its steps what has the
// size of a state, and nothing else however much they compute: the states, those
// before them, and the derivatives by both at most. Truncated, it needs no more, and
// what is to be computed again is not kept.
func TestScanGradientMemory(t *testing.T) {
	const rows, units, wide = 16, 32, 512
	up, down := Variable(Randn(units, wide).Mul(0.05), "up"), Variable(Randn(wide, units).Mul(0.05), "down")
	for _, c := range []struct {
		truncate  int
		recompute bool
		most      int // times a state
	}{{0, false, 4}, {3, false, 4}, {0, true, 3}} {
		memory := func(steps int) int {
			xs := Placeholder("xs", Float32, steps, rows, units)
			hs := Scan(func(x, h *Tensor) *Tensor { return h.Add(x).MatMul(up).Tanh().Exp().Sin().MatMul(down).Tanh() },
				ScanOptions{Sequences: []Sequence{{X: xs}}, States: []State{{Initial: Zeros(rows, units)}}, Truncate: c.truncate, Recompute: c.recompute})[0]
			g := Grads(hs.Index(-1).Square().Sum(), up, down)
			f := Function([]*Tensor{xs}, []*Tensor{g.Of(up), g.Of(down)})
			return Trace(f, Zeros(steps, rows, units)).Memory
		}
		short, long := memory(20), memory(120)
		const state = rows * units * 4
		if perStep := (long - short) / 100; perStep > c.most*state {
			t.Errorf("%+v: a step takes %d bytes of memory, where a state has %d and what a step computes %d", c, perStep, state, rows*wide*4*4)
		} else {
			t.Logf("%+v: %d bytes a step, a state has %d", c, perStep, state)
		}
	}
}
