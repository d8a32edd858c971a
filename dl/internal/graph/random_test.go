package graph

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A world makes the same random graph in several ways, from the same seed.
type world struct {
	t     *testing.T
	rng   *rand.Rand
	nodes []*Node
}

var bounded = []backend.Op{backend.Neg, backend.Abs, backend.Square, backend.Sin, backend.Cos, backend.Tanh,
	backend.Sigmoid, backend.ReLU, backend.Softplus, backend.Erf, StopGradientOp}

// grow adds n random operations to the leaves. All results stay in a range
// where derivatives are of ordinary size.
func (w *world) grow(n int) {
	pick := func() *Node { return w.nodes[w.rng.IntN(len(w.nodes))] }
	for range n {
		a, b := pick(), pick()
		var y *Node
		switch w.rng.IntN(12) {
		case 0, 1, 2:
			y = apply(w.t, bounded[w.rng.IntN(len(bounded))], nil, a)
		case 3, 4:
			op := []backend.Op{backend.Add, backend.Sub, backend.Mul, backend.Maximum, backend.Minimum}[w.rng.IntN(5)]
			if c, err := Apply(op, nil, a, b); err == nil {
				y = c
			}
		case 5: // what the simplifier knows about
			c := Scalar(backend.Float64, []float64{0, 1, -1, 2, 0.5}[w.rng.IntN(5)])
			op := []backend.Op{backend.Add, backend.Sub, backend.Mul}[w.rng.IntN(3)]
			if w.rng.IntN(2) == 0 {
				y = apply(w.t, op, nil, c, a)
			} else {
				y = apply(w.t, op, nil, a, c)
			}
		case 6:
			if rank := len(a.Shape); rank > 1 {
				y = apply(w.t, backend.Transpose, backend.TransposeAttrs{Perm: w.rng.Perm(rank)}, a)
			}
		case 7:
			if rank := len(a.Shape); rank > 0 {
				op := []backend.Op{backend.Sum, Mean, backend.Max}[w.rng.IntN(3)]
				y = apply(w.t, op, backend.ReduceAttrs{Axes: []int{w.rng.IntN(rank)}, Keep: w.rng.IntN(2) == 0}, a)
			}
		case 8:
			if s := a.Shape; len(s) < 4 && a.Size() < 100 {
				y = apply(w.t, backend.BroadcastTo, ShapeAttrs{append([]int{2}, s...)}, a)
			}
		case 9:
			if len(a.Shape) > 1 && len(b.Shape) > 1 {
				if c, err := Apply(backend.MatMul, backend.MatMulAttrs{TransA: w.rng.IntN(2) == 0, TransB: w.rng.IntN(2) == 0}, a, b); err == nil {
					y = apply(w.t, backend.Tanh, nil, c)
				}
			}
		case 10:
			if rank := len(a.Shape); rank > 0 {
				y = apply(w.t, backend.Softmax, backend.AxisAttrs{Axis: rank - 1}, a)
			}
		case 11:
			y = apply(w.t, backend.Reshape, ShapeAttrs{[]int{a.Size()}}, a)
			if w.rng.IntN(2) == 0 {
				y = apply(w.t, backend.Slice, RangeAttrs{[]Range{{Step: -1, FromStart: true, ToEnd: true}}}, y)
			}
		}
		if y != nil {
			w.nodes = append(w.nodes, apply(w.t, backend.Tanh, nil, y))
		}
	}
}

// outputs returns the last node and the derivatives of its sum by the leaves
// that it depends on.
func (w *world) outputs(leaves int) []*Node {
	y := w.nodes[len(w.nodes)-1]
	reached := Order(y)
	var xs []*Node
	for _, x := range w.nodes[:leaves] {
		if slices.Contains(reached, x) {
			xs = append(xs, x)
		}
	}
	return append([]*Node{y}, grad(w.t, apply(w.t, backend.Sum, allAxes(y), y), xs...)...)
}

// TestCompiledEqualsEager builds random graphs twice, of variables at once and
// of placeholders, and compiles the second with and without simplification.
func TestCompiledEqualsEager(t *testing.T) {
	defer func() { plain = false }()
	shapes := [][]int{{2, 3}, {3, 2}, {3}, {}, {2, 1, 2}}
	for seed := range uint64(400) {
		data := rand.New(rand.NewPCG(seed, 1))
		eager := world{t: t, rng: rand.New(rand.NewPCG(seed, 2))}
		lazy := world{t: t, rng: rand.New(rand.NewPCG(seed, 2))}
		var buffers []backend.Buffer
		for _, s := range shapes {
			v := x(s...).node(data, func(t Type, b backend.Buffer) *Node { return Variable("", t, b) })
			eager.nodes = append(eager.nodes, v)
			lazy.nodes = append(lazy.nodes, Placeholder("x", v.Type))
			buffers = append(buffers, v.Elements())
		}
		eager.grow(25)
		lazy.grow(25)
		want := eager.outputs(len(shapes))
		f := Function{Inputs: lazy.nodes[:len(shapes)], Outputs: lazy.outputs(len(shapes))}
		for _, on := range []struct {
			backend string
			plain   bool
		}{{"reference", true}, {"reference", false}, {"cpu", false}} {
			plain = on.plain
			b, err := backend.Lookup(on.backend)
			if err != nil {
				t.Fatal(err)
			}
			c, err := f.Compile(shapes, b)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			out := make([]backend.Buffer, len(want))
			for i, n := range want {
				out[i] = backend.NewBuffer(n.DType, n.Size())
			}
			if err := c.Run(buffers, nil, out, nil); err != nil {
				t.Fatal(err)
			}
			for i, n := range want {
				for k := range n.Size() {
					a, b := element(n.DType, out[i], k), element(n.DType, n.Elements(), k)
					if !near(a, b, 1e-9) || math.IsNaN(a) {
						t.Fatalf("seed %d, %+v: output %d, element %d is %g compiled, %g at once", seed, on, i, k, a, b)
					}
				}
			}
		}
	}
}
