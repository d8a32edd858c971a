package dl_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/tests/operations"
)

func tensor(t *testing.T, a operations.Array) *dl.Tensor {
	t.Helper()
	x, err := a.Tensor()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func referenceCases(t *testing.T) []operations.Case {
	t.Helper()
	cases, err := operations.Cases()
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestPromote compares the promotion of dtypes with PyTorch's, which is ours,
// and with NumPy's, which differs for integers beside float32.
func TestPromote(t *testing.T) {
	pairs, err := operations.Promotions()
	if err != nil || len(pairs) != 36 {
		t.Fatalf("%d pairs of dtypes, want 36: %v", len(pairs), err)
	}
	one := func(dtype string) *dl.Tensor {
		return tensor(t, operations.Array{DType: dtype, Shape: []int{1}, Data: "1"})
	}
	for _, p := range pairs {
		a, b := one(p[0]), one(p[1])
		got := dl.Promote(a.DType(), b.DType())
		if got.String() != p[3] {
			t.Errorf("%s and %s meet in %s, want %s", p[0], p[1], got, p[3])
		}
		if met := dl.Where(dl.NewAs(dl.Bool, []bool{true}), a, b).DType(); met != got {
			t.Errorf("dl.Where of %s and %s gives %s, want %s", p[0], p[1], met, got)
		}
		differs := got == dl.Float32 && (strings.HasPrefix(p[0], "int") || strings.HasPrefix(p[1], "int"))
		if differs != (got.String() != p[2]) {
			t.Errorf("%s and %s meet in %s, in NumPy in %s", p[0], p[1], got, p[2])
		}
	}
}

// forCases runs f on every case.
func forCases(t *testing.T, f func(t *testing.T, c operations.Case, call operations.Row, in []*dl.Tensor)) {
	for i, c := range referenceCases(t) {
		call := operations.RowOf(c.Call)
		if call == nil {
			t.Errorf("the table has no row for %s", c.Call)
			continue
		}
		t.Run(fmt.Sprintf("%d/%s", i, c.Call), func(t *testing.T) {
			var in []*dl.Tensor
			for _, p := range c.In {
				in = append(in, tensor(t, p))
			}
			f(t, c, call, in)
		})
	}
}

// symbolicFor returns placeholders like in for which call can be built, of
// unknown shape where that is possible, else with as much known as is needed;
// nil for what needs elements. Masks and the like stay as they are.
func symbolicFor(t *testing.T, call operations.Row, in []*dl.Tensor) []*dl.Tensor {
	make := func(known int) []*dl.Tensor {
		out := []*dl.Tensor{}
		for k, x := range in {
			shape := slices.Clone(x.Shape())
			for a := range shape {
				if a < len(shape)-known {
					shape[a] = -1
				}
			}
			out = append(out, dl.Placeholder(fmt.Sprint("x", k), x.DType(), shape...))
		}
		return out
	}
	for known := range 6 {
		xs := make(known)
		if dl.Try(func() { call(xs) }) == nil {
			return xs
		}
	}
	return nil
}

// onlyConcrete are the calls whose result depends on elements in its shape.
var onlyConcrete = []string{"NonZero", "Unique/values", "Unique/counts", "Unique/inverse", "Slice/mask", "Slice/row_mask"}

// TestReference compares values and derivatives with those of NumPy, SciPy and
// PyTorch, computed at once and by a compiled function, on every backend.
func TestReference(t *testing.T) {
	defer dl.Use("cpu")
	for _, name := range backend.Names() {
		dl.Use(name)
		t.Run(name, func(t *testing.T) {
			forCases(t, func(t *testing.T, c operations.Case, call operations.Row, in []*dl.Tensor) {
				want := tensor(t, c.Want)
				same(t, "result", call(in), want)
				var eager []*dl.Tensor
				var args []any
				for _, v := range in {
					args = append(args, v)
					eager = append(eager, dl.Variable(v, "x"))
				}
				symbolic := symbolicFor(t, call, in)
				if (symbolic == nil) != slices.Contains(onlyConcrete, c.Call) {
					t.Fatalf("symbolic: %v", dl.Try(func() { call(symbolicLike(in)) }))
				}
				for _, in := range [][]*dl.Tensor{eager, symbolic} {
					if in == nil {
						continue
					}
					y := call(in)
					outputs, want := []*dl.Tensor{y}, []*dl.Tensor{want}
					if c.Grads != nil {
						weights := dl.Arange(1, want[0].Size()+1).Cast(dl.Float64).Reshape(want[0].Shape()...)
						cost, k := y.Mul(weights).Sum(), 0
						for _, x := range in {
							if x.DType() == dl.Float64 {
								outputs = append(outputs, dl.Grad(cost, x))
								want = append(want, tensor(t, c.Grads[k]))
								k++
							}
						}
					}
					if y.IsSymbolic() {
						outputs = dl.Function(symbolic, outputs).Call(args...)
					}
					for k, o := range outputs {
						same(t, fmt.Sprintf("output %d", k), o, want[k])
					}
				}
			})
		})
	}
}

func symbolicLike(in []*dl.Tensor) []*dl.Tensor {
	var out []*dl.Tensor
	for k, x := range in {
		out = append(out, dl.Placeholder(fmt.Sprint("x", k), x.DType(), x.Shape()...))
	}
	return out
}

// TestFloat32 runs the smooth cases in float32 on every backend.
func TestFloat32(t *testing.T) {
	defer dl.Use("cpu")
	for _, name := range backend.Names() {
		dl.Use(name)
		t.Run(name, func(t *testing.T) {
			forCases(t, func(t *testing.T, c operations.Case, call operations.Row, in []*dl.Tensor) {
				if !c.Smooth {
					return
				}
				for i, x := range in {
					if x.DType() == dl.Float64 {
						in[i] = x.Cast(dl.Float32)
					}
				}
				got, want := call(in), tensor(t, c.Want)
				if want.Size() == 0 {
					return
				}
				if got.DType() != dl.Float32 {
					t.Fatalf("dtype %s, want float32", got.DType())
				}
				scale := max(1, want.NormOf(math.Inf(1)).Item())
				if worst := got.Sub(want).Abs().Max().Item(); !(worst <= 2e-5*scale) {
					t.Errorf("off by %g of %g", worst, scale)
				}
			})
		})
	}
}

// TestDerivatives compares the first and second derivatives of every smooth case
// with central differences along random directions, in float64.
func TestDerivatives(t *testing.T) {
	forCases(t, func(t *testing.T, c operations.Case, call operations.Row, in []*dl.Tensor) {
		if !c.Smooth {
			return
		}
		checkDerivatives(t, call, in)
	})
}

func checkDerivatives(t *testing.T, call operations.Row, in []*dl.Tensor) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(len(in))))
	like := func(x *dl.Tensor) *dl.Tensor {
		v := make([]float64, x.Size())
		for i := range v {
			v[i] = rng.Float64() + 0.5
			if rng.IntN(2) == 0 {
				v[i] = -v[i]
			}
		}
		return dl.NewAs(dl.Float64, v).Reshape(x.Shape()...)
	}
	var floats []int
	for i, x := range in {
		if x.DType() == dl.Float64 {
			floats = append(floats, i)
		}
	}
	weights := like(call(in))
	first := func(in []*dl.Tensor) (cost *dl.Tensor, vars []*dl.Tensor) {
		vs := slices.Clone(in)
		for _, i := range floats {
			vs[i] = dl.Variable(in[i], "x")
			vars = append(vars, vs[i])
		}
		return call(vs).Mul(weights).Sum(), vars
	}
	// along compares the derivatives of f by its variables with differences along
	// a direction.
	along := func(what string, f func(in []*dl.Tensor) (*dl.Tensor, []*dl.Tensor)) {
		t.Helper()
		const h = 1e-5
		y, vars := f(in)
		slope := 0.0
		up, down := slices.Clone(in), slices.Clone(in)
		for k, i := range floats {
			d := like(in[i])
			up[i], down[i] = in[i].Add(d.Mul(h)), in[i].Sub(d.Mul(h))
			var g *dl.Tensor
			switch err := dl.Try(func() { g = dl.Grad(y, vars[k]) }); {
			case err == nil:
				slope += g.Mul(d).Sum().Item()
			case !strings.Contains(err.Error(), "not computed from"):
				t.Fatal(err)
			}
		}
		a, _ := f(up)
		b, _ := f(down)
		want := (a.Item() - b.Item()) / (2 * h)
		if !(math.Abs(slope-want) <= 2e-5*max(1, math.Abs(want), math.Abs(a.Item()))) {
			t.Errorf("%s is %g, by differences %g", what, slope, want)
		}
	}
	along("derivative", first)
	rng = rand.New(rand.NewPCG(2, 0))
	var directions []*dl.Tensor
	for _, i := range floats {
		directions = append(directions, like(in[i]))
	}
	along("second derivative", func(in []*dl.Tensor) (*dl.Tensor, []*dl.Tensor) {
		y, vars := first(in)
		sum := dl.Scalar(0.0).Cast(dl.Float64)
		for k, v := range vars {
			if err := dl.Try(func() { sum = sum.Add(dl.Grad(y, v).Mul(directions[k]).Sum()) }); err != nil && !strings.Contains(err.Error(), "not computed from") {
				t.Fatal(err)
			}
		}
		return sum, vars
	})
}

// same compares two tensors: integers exactly, float64 to 1e-12 and float32 to
// 1e-6, relative where above 1.
func same(t *testing.T, what string, got, want *dl.Tensor) {
	t.Helper()
	if got.DType() != want.DType() || !slices.Equal(got.Shape(), want.Shape()) {
		t.Fatalf("%s has shape %v and dtype %v, want %v and %v", what, got.Shape(), got.DType(), want.Shape(), want.DType())
	}
	tolerance := map[dl.DType]float64{dl.Float64: 1e-12, dl.Float32: 1e-6}[want.DType()]
	a, b := got.Float64s(), want.Float64s()
	for i := range b {
		if a[i] == b[i] || math.IsNaN(a[i]) && math.IsNaN(b[i]) {
			continue
		}
		if !(math.Abs(a[i]-b[i]) <= tolerance*max(1, math.Abs(b[i]))) {
			t.Fatalf("%s: element %d is %g, want %g", what, i, a[i], b[i])
		}
	}
}
