package gorgonia_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/gorgonia"
)

// A function that gorgonia does not have, with its derivative, in its graph.
func ExampleLift() {
	g := G.NewGraph()
	x := G.NodeFromAny(g, tensor.New(tensor.WithBacking([]float64{1, 2})), G.WithName("x"))
	cube := func(in ...*dl.Tensor) *dl.Tensor { return in[0].Mul(in[0]).Mul(in[0]) }
	y := G.Must(gorgonia.Lift("cube", cube, x))
	cost := G.Must(G.Sum(y))
	d, err := G.Grad(cost, x)
	if err != nil {
		panic(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		panic(err)
	}
	fmt.Println(y.Value().Data(), d[0].Value().Data())
	// Output: [1 8] [3 12]
}

// Derivatives of lifted functions can be differentiated again, where gorgonia's
// own are wrong: x³ has second derivative 6x. Functions of one operand, of
// several, and of numbers.
func TestLiftTwice(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      func(x ...*dl.Tensor) *dl.Tensor
		second func(x, y float64) float64 // of the sum of f, by x twice
		mixed  func(x, y float64) float64 // by x and y
	}{
		{"x³", func(v ...*dl.Tensor) *dl.Tensor { return v[0].Mul(v[0]).Mul(v[0]) },
			func(x, _ float64) float64 { return 6 * x }, nil},
		{"sin x²", func(v ...*dl.Tensor) *dl.Tensor { return v[0].Square().Sin() },
			func(x, _ float64) float64 { return 2*math.Cos(x*x) - 4*x*x*math.Sin(x*x) }, nil},
		{"x³·y²", func(v ...*dl.Tensor) *dl.Tensor { return v[0].Pow(3).Mul(v[1].Square()) },
			func(x, y float64) float64 { return 6 * x * y * y }, func(x, y float64) float64 { return 6 * x * x * y }},
		{"sum of exp(x·y)", func(v ...*dl.Tensor) *dl.Tensor { return v[0].Mul(v[1]).Exp().Sum() },
			func(x, y float64) float64 { return y * y * math.Exp(x*y) }, func(x, y float64) float64 { return (1 + x*y) * math.Exp(x*y) }},
	} {
		g := G.NewGraph()
		xs, ys := []float64{0.5, 1, 2}, []float64{1.5, -0.5, 0.25}
		leaf := func(name string, data []float64) *G.Node {
			return G.NewVector(g, tensor.Float64, G.WithShape(3), G.WithName(name), G.WithValue(tensor.New(tensor.WithBacking(slices.Clone(data)))))
		}
		x, y := leaf("x", xs), leaf("y", ys)
		in := G.Nodes{x}
		if c.mixed != nil {
			in = append(in, y)
		}
		total := G.Must(gorgonia.Lift(c.name, c.f, in...))
		if !total.IsScalar() {
			total = G.Must(G.Sum(total))
		}
		first, err := G.Grad(total, in...)
		if err != nil {
			t.Fatal(err)
		}
		second, err := G.Grad(G.Must(G.Sum(first[0])), in...)
		if err != nil {
			t.Fatal(err)
		}
		var read [2]G.Value
		for i, n := range second {
			G.Read(n, &read[i])
		}
		m := G.NewTapeMachine(g)
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
		for i, want := range []func(x, y float64) float64{c.second, c.mixed} {
			if want == nil {
				continue
			}
			for k, got := range read[i].Data().([]float64) {
				if w := want(xs[k], ys[k]); math.Abs(got-w) > 1e-9*max(1, math.Abs(w)) {
					t.Errorf("%s at %v, %v: second derivative %d is %v, want %v", c.name, xs[k], ys[k], i, got, w)
				}
			}
		}
		m.Close()
	}
}

// A number and matrices are operands of one function, and get derivatives of
// their own shapes.
func TestLiftShapes(t *testing.T) {
	g := G.NewGraph()
	s := G.NewScalar(g, tensor.Float64, G.WithName("s"), G.WithValue(3.0))
	x := G.NewMatrix(g, tensor.Float64, G.WithShape(2, 2), G.WithName("x"), G.WithValue(tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 2, 3, 4}))))
	y := G.Must(gorgonia.Lift("scaled", func(v ...*dl.Tensor) *dl.Tensor { return v[0].Mul(v[1].Square()) }, s, x))
	if _, err := G.Grad(G.Must(G.Sum(y)), s, x); err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g, G.BindDualValues(s, x))
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	ds, err := s.Grad()
	if err != nil || ds.Data() != 30.0 {
		t.Errorf("the derivative by the number is %v (%v), want 30", ds, err)
	}
	dx, err := x.Grad()
	if err != nil || !slices.Equal(dx.Data().([]float64), []float64{6, 12, 18, 24}) {
		t.Errorf("the derivative by the matrix is %v (%v)", dx, err)
	}
}

// TestKernels compares what takes the place of gorgonia's operations with these,
// values and derivatives: the paper's network, and each operation alone.
func TestKernels(t *testing.T) {
	const classes = 3
	type leaves struct{ x, w, b, y, images, filters *G.Node }
	for name, c := range map[string]struct {
		ours, theirs func(l leaves) *G.Node
		by           func(l leaves) G.Nodes
	}{
		"MatMul": {func(l leaves) *G.Node { return G.Must(gorgonia.MatMul(l.x, l.w)) },
			func(l leaves) *G.Node { return G.Must(G.Mul(l.x, l.w)) }, func(l leaves) G.Nodes { return G.Nodes{l.x, l.w} }},
		"ReLU": {func(l leaves) *G.Node { return G.Must(gorgonia.ReLU(l.x)) },
			func(l leaves) *G.Node { return G.Must(G.Rectify(l.x)) }, func(l leaves) G.Nodes { return G.Nodes{l.x} }},
		"Linear": {func(l leaves) *G.Node { return G.Must(gorgonia.Linear(l.x, l.w, l.b)) },
			func(l leaves) *G.Node { return dense(l.x, l.w, l.b) }, func(l leaves) G.Nodes { return G.Nodes{l.x, l.w, l.b} }},
		"LinearReLU": {func(l leaves) *G.Node { return G.Must(gorgonia.LinearReLU(l.x, l.w, l.b)) },
			func(l leaves) *G.Node { return G.Must(G.Rectify(dense(l.x, l.w, l.b))) }, func(l leaves) G.Nodes { return G.Nodes{l.x, l.w, l.b} }},
		"SoftmaxCrossEntropy": {func(l leaves) *G.Node { return G.Must(gorgonia.SoftmaxCrossEntropy(dense(l.x, l.w, l.b), l.y)) },
			func(l leaves) *G.Node { return crossEntropy(dense(l.x, l.w, l.b), l.y) }, func(l leaves) G.Nodes { return G.Nodes{l.x, l.w, l.b} }},
		"Conv2D": {func(l leaves) *G.Node {
			return G.Must(gorgonia.Conv2D(l.images, l.filters, dl.ConvOptions{Same: true}))
		},
			func(l leaves) *G.Node {
				return G.Must(G.Conv2d(l.images, l.filters, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1}))
			}, func(l leaves) G.Nodes { return G.Nodes{l.images, l.filters} }},
		"MaxPool2D": {func(l leaves) *G.Node { return G.Must(gorgonia.MaxPool2D(l.images, 2)) },
			func(l leaves) *G.Node {
				return G.Must(G.MaxPool2D(l.images, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
			}, func(l leaves) G.Nodes { return G.Nodes{l.images} }},
	} {
		var results [2][]float32
		for i, f := range []func(l leaves) *G.Node{c.theirs, c.ours} {
			g := G.NewGraph()
			leaf := func(name string, shape ...int) *G.Node {
				data := make([]float32, tensor.Shape(shape).TotalSize())
				for k := range data {
					data[k] = float32(math.Sin(float64(k*7+len(name)*3))) / 2
				}
				return G.NewTensor(g, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(name),
					G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))))
			}
			l := leaves{leaf("x", 4, 5), leaf("weights", 5, classes), leaf("bias", classes), leaf("targets", 4, classes),
				leaf("images", 2, 3, 6, 4), leaf("filters", 4, 3, 3, 3)}
			out := f(l)
			cost := out
			if !out.IsScalar() {
				cost = G.Must(G.Mean(G.Must(G.Square(out))))
			}
			by := c.by(l)
			if _, err := G.Grad(cost, by...); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			m := G.NewTapeMachine(g, G.BindDualValues(by...))
			if err := m.RunAll(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			results[i] = append(results[i], cost.Value().Data().(float32))
			for _, n := range by {
				d, err := n.Grad()
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				results[i] = append(results[i], d.Data().([]float32)...)
			}
			m.Close()
		}
		if len(results[0]) != len(results[1]) || len(results[0]) < 2 {
			t.Fatalf("%s: %d numbers by gorgonia, %d by ours", name, len(results[0]), len(results[1]))
		}
		for k, want := range results[0] {
			if got := results[1][k]; math.Abs(float64(got-want)) > 1e-5*max(1, math.Abs(float64(want))) {
				t.Errorf("%s: number %d is %v, by gorgonia %v", name, k, got, want)
				break
			}
		}
	}
}
