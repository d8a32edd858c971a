package dl

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestHigherDerivatives: sin(x²) has the derivatives 2x·cos x², 2cos x² − 4x²·sin
// x² and −12x·sin x² − 8x³·cos x².
func TestHigherDerivatives(t *testing.T) {
	const v = 0.7
	s, c := math.Sin(v*v), math.Cos(v*v)
	want := []float64{s, 2 * v * c, 2*c - 4*v*v*s, -12*v*s - 8*v*v*v*c}
	x, p := Variable(NewAs(Float64, v), "x"), Placeholder("x", Float64)
	y, q := x.Square().Sin(), p.Square().Sin()
	for i, w := range want {
		closeTo(t, "concrete", y, []float64{w}, 1e-12)
		closeTo(t, "symbolic", Eval(q, Feed{p: v}), []float64{w}, 1e-12)
		if i < len(want)-1 {
			y, q = Grad(y, x), Grad(q, p)
		}
	}
}

func TestJacobian(t *testing.T) {
	f := func(x *Tensor) *Tensor {
		return Stack(0, x.Index(0).Mul(x.Index(1)), x.Square().Sum(), x.Index(2).Sin())
	}
	want := []float64{2, 1, 0, 2, 4, 6, 0, 0, math.Cos(3)}
	x := Variable(NewAs(Float64, []float64{1, 2, 3}), "x")
	p, u := Placeholder("x", Float64, 3), Placeholder("x", Float64, -1)
	for how, j := range map[string]*Tensor{
		"concrete": Jacobian(f(x), x), "symbolic": Eval(Jacobian(f(p), p), Feed{p: x}), "unknown length of x": Eval(Jacobian(f(u), u), Feed{u: x}),
	} {
		if !slices.Equal(j.Shape(), []int{3, 3}) {
			t.Fatalf("%s: shape %v", how, j.Shape())
		}
		closeTo(t, how, j, want, 1e-12)
	}
	// The Jacobian of the gradient of x₀³x₁ is its Hessian.
	y := x.Index(0).Pow(3).Mul(x.Index(1))
	closeTo(t, "Hessian", Jacobian(Grad(y, x), x), []float64{12, 3, 0, 3, 0, 0, 0, 0, 0}, 1e-12)
	closeTo(t, "HVP", HVP(y, x, []float64{1, 10, 5}), []float64{42, 3, 0}, 1e-12)
	closeTo(t, "HVP of a linear function", HVP(x.Sum(), x, []float64{1, 1, 1}), []float64{0, 0, 0}, 0)
	if err := Try(func() { Jacobian(u, u) }); err == nil || !strings.Contains(err.Error(), "(?)") {
		t.Errorf("the Jacobian of an unknown number of elements: %v", err)
	}
}

func TestCustomGrad(t *testing.T) {
	// A cube whose gradient says 100 times too much.
	cube := CustomGrad(
		func(x *Tensor) *Tensor { return x.Pow(3) },
		func(x, y, g *Tensor) *Tensor { return g.Mul(x.Square()).Mul(300) })
	x, p := Variable(NewAs(Float64, 2), "x"), Placeholder("x", Float64)
	for how, d := range map[string][]*Tensor{
		"concrete": {cube(x), Grad(cube(x), x), Grad(Grad(cube(x), x), x)},
		"symbolic": Function([]*Tensor{p}, []*Tensor{cube(p), Grad(cube(p), p), Grad(Grad(cube(p), p), p)}).Call(2.0),
	} {
		for i, want := range []float64{8, 1200, 1200} {
			closeTo(t, how, d[i], []float64{want}, 1e-12)
		}
	}
	two := CustomGrad(
		func(a, b *Tensor) *Tensor { return a.Mul(b) },
		func(a, b, y, g *Tensor) (da, db *Tensor) { return g.Mul(b), g.Mul(a) })
	at := []*Tensor{New([]float64{1, 2}), New([]float64{3, 4})}
	if err := GradCheck(func(a, b *Tensor) *Tensor { return two(a, b) }, at); err != nil {
		t.Error(err)
	}
	var wrong *GradCheckError
	if err := GradCheck(func(x *Tensor) *Tensor { return cube(x) }, []*Tensor{New([]float64{1, 2})}); !errors.As(err, &wrong) || wrong.Element != 1 || wrong.Gradient < 99*wrong.Difference {
		t.Errorf("the wrong gradient of the cube: %v", err)
	}
	bad := CustomGrad(func(x *Tensor) *Tensor { return x.Sum() }, func(x, y, g *Tensor) *Tensor { return g })
	if err := Try(func() { Grad(bad(at[0].Mul(Variable(1.0, "v"))), at[0]) }); err == nil {
		t.Error("no error for a constant")
	}
	v := Variable([]float64{1, 2}, "v")
	if err := Try(func() { Grad(bad(v), v) }); err == nil || !strings.Contains(err.Error(), "float32 (2), but its derivative float32 ()") {
		t.Errorf("a derivative of the wrong shape: %v", err)
	}
}

func TestGradCheck(t *testing.T) {
	Seed(1)
	logits, labels := Randn(3, 4), New([]int{0, 3, 1})
	for name, c := range map[string]struct {
		f  any
		at []*Tensor
	}{
		"cross entropy": {SoftmaxCrossEntropy, []*Tensor{logits, labels}},
		"constant":      {func(x *Tensor) *Tensor { return Scalar(1.0) }, []*Tensor{logits}},
		"matmul":        {func(a, b *Tensor) *Tensor { return a.MatMul(b) }, []*Tensor{Randn(2, 3), Randn(3, 2)}},
	} {
		if err := GradCheck(c.f, c.at); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNotFunctions: what is no function from tensors to tensors is an error
// that says so.
func TestNotFunctions(t *testing.T) {
	x := New([]float64{1, 2})
	for _, c := range []struct {
		f    any
		want string
	}{
		{nil, "the step is a <nil>, want a function from tensors to tensors"},
		{3, "the step is a int, want"},
		{func(x int) *Tensor { return nil }, "the step is a func(int) *dl.Tensor, want"},
		{func(x *Tensor) float64 { return 0 }, "the step is a func(*dl.Tensor) float64, want"},
		{func(a, b, c *Tensor) *Tensor { return a }, "3 parameters for 1 arguments: 1 of sequences, 0 of states, 0 others"},
		{func(x *Tensor) *Tensor { return nil }, "result 1 of the function is a nil"},
		{func(x *Tensor) *Tensor { return New(x.Item()) }, "traced by dl.Scan"},
	} {
		err := Try(func() { Scan(c.f, ScanOptions{Sequences: []Sequence{{X: x}}}) })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T: %v, want %q", c.f, err, c.want)
		}
	}
	one := func(x *Tensor) *Tensor { return x }
	for want, o := range map[string]ScanOptions{
		"Steps is not set":                         {},
		"has no axis to step along":                {Sequences: []Sequence{{X: Scalar(1.0)}}},
		"the sequence has only rows for 2":         {Sequences: []Sequence{{X: x}}, Steps: 3},
		"the step has 1 results for 2 states":      {States: []State{{Initial: 1.0}, {}}, Steps: 3},
		"begins with shape (2), but its taps go 3": {States: []State{{Initial: x, Taps: []int{-3}}}, Steps: 3},
		"tap 0, which is no earlier step":          {States: []State{{Initial: x, Taps: []int{0}}}, Steps: 3},
	} {
		if err := Try(func() { Scan(one, o) }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestReplace: batches of a data set in place of the data, as with Theano's
// givens.
func TestReplace(t *testing.T) {
	x, y := Placeholder("x", Float32, -1), Placeholder("y", Float32, -1)
	w := Variable(2.0, "w")
	cost := x.Mul(w).Sub(y).Square().Sum()
	xs, ys := Variable([]float64{1, 2, 3, 4}, "xs"), Variable([]float64{0, 0, 1, 1}, "ys")
	i := Placeholder("i", Int64)
	at := Arange(2).Add(i.Mul(2))
	f := Function([]*Tensor{i}, Replace([]*Tensor{cost, Grad(cost, w), w}, Feed{x: xs.Gather(at, 0), y: ys.Gather(at, 0)}))
	for k, want := range [][]float64{{4 + 16, 2*2*1 + 2*4*2, 2}, {25 + 49, 2*5*3 + 2*7*4, 2}} {
		for j, out := range f.Call(k) {
			closeTo(t, "batch", out, want[j:j+1], 0)
		}
	}
	if err := Try(func() { Replace([]*Tensor{cost}, Feed{x: 1.0}) }); err == nil {
		t.Error("a number took the place of a vector")
	}
	// in a loop
	s := Scan(func(a, s *Tensor) *Tensor { return s.Add(a.Mul(w)) }, ScanOptions{Sequences: []Sequence{{X: x}}, States: []State{{Initial: 0}}})[0]
	closeTo(t, "scan", Replace([]*Tensor{s}, Feed{x: xs})[0], []float64{2, 6, 12, 20}, 0)
}
