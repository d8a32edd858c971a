package graph

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
	_ "github.com/fluxion-go/fluxion/dl/cpu"
	"github.com/fluxion-go/fluxion/dl/gorgonia/engine"
)

// TestBackends compiles every sample and its derivatives for every backend
// that is linked into the test, in each dtype of floats, and compares them
// with the reference. Gorgonia may refuse some, but must run at least one sample
// of each operation that it lists.
func TestBackends(t *testing.T) {
	reference, err := backend.Lookup("reference")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range backend.Names() {
		b, err := backend.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for d, tolerance := range map[backend.DType]float64{backend.Float32: 1e-5, backend.Float64: 1e-12} {
			t.Run(name+"/"+d.String(), func(t *testing.T) {
				ran := map[backend.Op]bool{}
				defer func() {
					for _, op := range engine.Operations() {
						if name == "gorgonia" && !ran[op] && !t.Failed() {
							t.Errorf("no sample of %s ran", op)
						}
					}
				}()
				forSamples(t, func(t *testing.T, op *Op, s sample, rng *rand.Rand) {
					f, buffers, shapes := compilable(t, op, s, rng, d)
					var refused *backend.Unsupported
					if c, err := f.Compile(shapes, b); err == nil {
						c.Executable.Close()
					} else if name == "gorgonia" && errors.As(err, &refused) {
						f.Outputs = f.Outputs[:1] // perhaps it can do without the derivatives
						if c, err = f.Compile(shapes, b); err != nil {
							return
						}
						c.Executable.Close()
					}
					ran[op.Name] = true
					want, got := results(t, f, buffers, shapes, reference), results(t, f, buffers, shapes, b)
					for i, w := range want {
						for k := range w.Size() {
							x, y := element(w.DType, got[i].Value, k), element(w.DType, w.Value, k)
							if !near(x, y, tolerance) && (x == x || y == y) {
								t.Fatalf("output %d: element %d is %g, want %g", i, k, x, y)
							}
						}
					}
				})
			})
		}
	}
}

// compilable returns a function of placeholders for a sample, with its
// derivatives, and inputs for it in dtype d.
func compilable(t *testing.T, op *Op, s sample, rng *rand.Rand, d backend.DType) (f Function, buffers []backend.Buffer, shapes [][]int) {
	var in, xs []*Node
	for _, o := range s.in {
		v := o.node(rng, Constant)
		if v.DType == backend.Float64 {
			v = apply(t, backend.Cast, CastAttrs{d}, v)
		}
		if o.fixed != nil {
			in = append(in, v)
			continue
		}
		p := Placeholder("x", v.Type)
		in, f.Inputs = append(in, p), append(f.Inputs, p)
		buffers, shapes = append(buffers, v.Value), append(shapes, v.Shape)
		if v.DType == d {
			xs = append(xs, p)
		}
	}
	y := apply(t, op.Name, s.attrs, in...)
	f.Outputs = []*Node{y}
	if y.DType.IsFloat() && len(xs) > 0 {
		f.Outputs = append(f.Outputs, grad(t, apply(t, backend.Sum, allAxes(y), apply(t, backend.Square, nil, y)), xs...)...)
	}
	return f, buffers, shapes
}

func results(t *testing.T, f Function, in []backend.Buffer, shapes [][]int, on backend.Backend) []*Node {
	t.Helper()
	c, err := f.Compile(shapes, on)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Executable.Close()
	var out []*Node
	var buffers []backend.Buffer
	for _, o := range c.Outputs {
		n := Constant(o, backend.NewBuffer(o.DType, o.Size()))
		out, buffers = append(out, n), append(buffers, n.Value)
	}
	SetRandom(1, 0)
	if err := c.Run(in, nil, buffers, nil); err != nil {
		t.Fatal(err)
	}
	return out
}
