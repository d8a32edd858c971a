package graph

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
	_ "github.com/fluxion-go/fluxion/dl/backend/reference"
)

func init() {
	if err := Use("reference"); err != nil {
		panic(err)
	}
}

// forSamples runs f on every row of every operation.
func forSamples(t *testing.T, f func(t *testing.T, op *Op, s sample, rng *rand.Rand)) {
	for _, op := range Ops() {
		rows := samples[op.Name]
		if len(rows) == 0 {
			t.Errorf("operation %s has no samples", op.Name)
		}
		for i, s := range rows {
			name := fmt.Sprintf("%s/%d", op.Name, i)
			h := fnv.New64()
			h.Write([]byte(name))
			t.Run(name, func(t *testing.T) { f(t, op, s, rand.New(rand.NewPCG(h.Sum64(), 0))) })
		}
	}
}

// weighted returns Σ wᵢ·yᵢ with random weights, so that no two elements of y
// can be mistaken for each other. The sum of a sum is a mean, or two faults of
// its rule could make good for each other.
func weighted(t testing.TB, op *Op, y *Node, rng *rand.Rand) func(y *Node) *Node {
	w, sum := r(0.5, 1.5, y.Shape...).node(rng, Constant), backend.Sum
	if op.Name == sum {
		sum = Mean
	}
	return func(y *Node) *Node { return apply(t, sum, allAxes(y), apply(t, backend.Mul, nil, y, w)) }
}

func allAxes(y *Node) backend.ReduceAttrs {
	at := backend.ReduceAttrs{}
	for a := range y.Shape {
		at.Axes = append(at.Axes, a)
	}
	return at
}

func apply(t testing.TB, op backend.Op, attrs any, in ...*Node) *Node {
	t.Helper()
	n, err := Apply(op, attrs, in...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func grad(t testing.TB, y *Node, xs ...*Node) []*Node {
	t.Helper()
	gs, err := Grad(y, xs)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range gs {
		if !fits(g.Type, xs[i].Type) {
			t.Fatalf("the derivative by a %v has type %v", xs[i].Type, g.Type)
		}
	}
	return gs
}

// fits reports whether the types are equal as far as they are known.
func fits(a, b Type) bool {
	return a.DType == b.DType && slices.EqualFunc(a.Shape, b.Shape, func(d, e int) bool { return d == e || d < 0 || e < 0 })
}

// slopes differentiates f by every element of v by central differences.
func slopes(v *Node, f func() float64) []float64 {
	const h = 1e-5
	elements := backend.View[float64](v.Elements())
	out := make([]float64, len(elements))
	for i := range elements {
		old := elements[i]
		elements[i] = old + h
		up := f()
		elements[i] = old - h
		out[i] = (up - f()) / (2 * h)
		elements[i] = old
	}
	return out
}

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}

func compare(t testing.TB, what string, got *Node, want []float64) {
	t.Helper()
	for i, w := range want {
		if g := element(got.DType, got.Elements(), i); !near(g, w, 1e-5) {
			t.Errorf("%s: element %d is %g, by differences %g", what, i, g, w)
			return
		}
	}
}

// TestDerivatives compares the first and second derivatives of every
// operation by every operand with finite differences.
func TestDerivatives(t *testing.T) {
	forSamples(t, func(t *testing.T, op *Op, s sample, rng *rand.Rand) { checkDerivatives(t, op, s, rng) })
}

// checkDerivatives does so for one sample.
func checkDerivatives(t testing.TB, op *Op, s sample, rng *rand.Rand) {
	var in, variables []*Node
	for _, o := range s.in {
		n := o.node(rng, func(t Type, b backend.Buffer) *Node { return Variable("", t, b) })
		in = append(in, n)
		if n.State != nil {
			variables = append(variables, n)
		}
	}
	SetRandom(1, 0)
	y := apply(t, op.Name, s.attrs, in...)
	if !y.DType.IsFloat() || len(variables) == 0 {
		return // what has no derivative
	}
	total := weighted(t, op, y, rng)
	// once evaluates the sample from fresh versions of the variables,
	// whose elements slopes has changed behind their back.
	once := func() *Node {
		for _, v := range variables {
			v.State.version = nil
		}
		SetRandom(1, 0)
		return total(apply(t, op.Name, s.attrs, in...))
	}
	first := grad(t, once(), variables...)
	var weights []func(*Node) *Node
	for k, v := range variables {
		if s.stops {
			compare(t, "derivative", first[k], make([]float64, v.Size()))
			continue
		}
		compare(t, fmt.Sprintf("derivative by operand %d", k+1), first[k], slopes(v, func() float64 {
			return element(backend.Float64, once().Value, 0)
		}))
		weights = append(weights, weighted(t, op, first[k], rng))
	}
	if s.stops {
		return
	}
	for k := range variables {
		again := func() *Node { return weights[k](grad(t, once(), variables...)[k]) }
		for l, v := range variables {
			want := slopes(v, func() float64 { return element(backend.Float64, again().Value, 0) })
			what := fmt.Sprintf("second derivative by operands %d and %d", k+1, l+1)
			second, err := Grad(again(), []*Node{v})
			if err != nil { // no path: the first derivative does not depend on v
				for _, w := range want {
					if !near(w, 0, 1e-5) {
						t.Errorf("%s: %v, but by differences %g", what, err, w)
					}
				}
				continue
			}
			compare(t, what, second[0], want)
		}
	}
}

// TestUnknownShapes compiles every sample and its derivatives for
// placeholders of unknown shape and compares them with those computed at once.
func TestUnknownShapes(t *testing.T) {
	forSamples(t, func(t *testing.T, op *Op, s sample, rng *rand.Rand) {
		var variables, eager, symbolic, inputs []*Node
		var buffers []backend.Buffer
		var shapes [][]int
		for i, o := range s.in {
			v := o.node(rng, func(t Type, b backend.Buffer) *Node { return Variable("", t, b) })
			eager = append(eager, v)
			if _, ok := v.number(); ok {
				symbolic = append(symbolic, v)
				continue
			}
			unknown := make([]int, len(v.Shape))
			for a := range unknown {
				unknown[a] = -1
				if matrices[op.Name] && a >= len(unknown)-2 {
					unknown[a] = v.Shape[a]
				}
			}
			p := Placeholder(fmt.Sprint("x", i), Type{v.DType, unknown})
			symbolic, inputs = append(symbolic, p), append(inputs, p)
			buffers, shapes = append(buffers, v.Elements()), append(shapes, v.Shape)
			if v.State != nil {
				variables = append(variables, v)
			}
		}
		SetRandom(1, 0)
		y, f := apply(t, op.Name, s.attrs, eager...), Function{Inputs: inputs}
		f.Outputs = []*Node{apply(t, op.Name, s.attrs, symbolic...)}
		want := []*Node{y}
		if y.DType.IsFloat() && len(variables) > 0 {
			var xs []*Node
			for _, p := range inputs {
				if p.DType == backend.Float64 {
					xs = append(xs, p)
				}
			}
			total := func(y *Node) *Node { return apply(t, backend.Sum, allAxes(y), apply(t, backend.Square, nil, y)) }
			want = append(want, grad(t, total(y), variables...)...)
			f.Outputs = append(f.Outputs, grad(t, total(f.Outputs[0]), xs...)...)
		}
		c, err := f.Compile(shapes, InUse())
		if err != nil {
			t.Fatal(err)
		}
		var out []backend.Buffer
		for i, o := range c.Outputs {
			if !o.equal(want[i].Type) {
				t.Fatalf("output %d has type %v, want %v", i, o, want[i].Type)
			}
			out = append(out, backend.NewBuffer(o.DType, o.Size()))
		}
		SetRandom(1, 0)
		if err := c.Run(buffers, nil, out, nil); err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			for k := range w.Size() {
				if a, b := element(w.DType, out[i], k), element(w.DType, w.Elements(), k); !near(a, b, 1e-12) {
					t.Fatalf("output %d: element %d is %g compiled, %g at once", i, k, a, b)
				}
			}
		}
	})
}

// TestDocs: every operation has a line for its documentation.
func TestDocs(t *testing.T) {
	for _, op := range Ops() {
		if op.Doc == "" {
			t.Errorf("operation %s has no documentation", op.Name)
		}
	}
}
