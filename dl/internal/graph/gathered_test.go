package graph

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// wordsGraph is a table (3, 2) gathered at indices of a shape, its first two
// axes swapped, and multiplied with a matrix (2, 4), to which a row is added. The
// outputs are that and the derivatives of its weighted sum.
func wordsGraph(t *testing.T, indices []int, transB bool) Function {
	table := Placeholder("table", Type{backend.Float64, []int{3, 2}})
	w := Placeholder("w", Type{backend.Float64, []int{2, 4}})
	row := Placeholder("row", Type{backend.Float64, []int{4}})
	at := Placeholder("at", Type{backend.Int64, indices})
	matrix := w
	if transB {
		matrix = transposed(w)
	}
	x := must(backend.Gather, backend.AxisAttrs{}, table, at)
	perm := []int{0, 1}
	if len(indices) == 2 {
		perm = []int{1, 0, 2}
	}
	x = must(backend.Transpose, backend.TransposeAttrs{Perm: perm}, x)
	y := addNodes(must(backend.MatMul, backend.MatMulAttrs{TransB: transB}, x, matrix), row)
	s := must(backend.Sum, allAxes(y), unaryNode(backend.Tanh, y))
	return Function{Inputs: []*Node{table, w, row, at}, Outputs: append([]*Node{y}, grad(t, s, table, w, row)...)}
}

// TestGatheredProducts: no product has a row for each index, and the values are
// those of a program that was not simplified. Row 1 of the table is infinite where
// no index names it, which must not show; with an infinite weight, its derivative
// stays 0.
func TestGatheredProducts(t *testing.T) {
	defer func() { plain = false }()
	for _, indices := range [][]int{{7}, {6}, {2, 5}, {5}} {
		for _, transB := range []bool{false, true} {
			for _, named := range []int{1, 2, 3} {
				f := wordsGraph(t, indices, transB)
				shapes := [][]int{{3, 2}, {2, 4}, {4}, indices}
				count := backend.Size(indices)
				rng := rand.New(rand.NewPCG(uint64(count), 1))
				in := make([]backend.Buffer, len(shapes))
				for i, s := range shapes[:3] {
					in[i] = backend.NewBuffer(backend.Float64, backend.Size(s))
					for k := range backend.View[float64](in[i]) {
						backend.View[float64](in[i])[k] = rng.NormFloat64()
					}
				}
				in[3] = backend.NewBuffer(backend.Int64, count)
				for k := range count {
					backend.View[int64](in[3])[k] = []int64{0, -1, 1}[rng.IntN(named)]
				}
				switch named {
				case 1:
					backend.View[float64](in[1])[0] = math.Inf(1)
				case 2:
					backend.View[float64](in[0])[2] = math.Inf(1)
				}
				p, err := f.Program(shapes)
				if err != nil {
					t.Fatal(err)
				}
				long := slices.ContainsFunc(p.Instrs, func(i backend.Instr) bool {
					s := p.Values[i.In[0]].Shape
					return i.Op == backend.MatMul && backend.Size(s[:len(s)-1]) == count
				})
				if want := count < 6; long != want {
					t.Errorf("indices %v: products of all rows: %t, want %t\n%s", indices, long, want, listing(p))
				}
				var want []backend.Buffer
				for _, how := range []struct {
					backend string
					plain   bool
				}{{"reference", true}, {"reference", false}, {"cpu", false}} {
					plain = how.plain
					got := run(t, f, shapes, in, how.backend)
					if how.plain {
						want = got
					}
					for i := range got {
						for k, v := range backend.View[float64](got[i]) {
							if w := backend.View[float64](want[i])[k]; v != w && (math.IsInf(w, 0) || !near(v, w, 1e-12)) && !(math.IsNaN(v) && math.IsNaN(w)) {
								t.Fatalf("indices %v, %+v: output %d, element %d is %g, want %g", indices, how, i, k, v, w)
							}
						}
					}
				}
			}
		}
	}
}

// run compiles f for a backend and returns its outputs of float64.
func run(t *testing.T, f Function, shapes [][]int, in []backend.Buffer, on string) []backend.Buffer {
	t.Helper()
	b, err := backend.Lookup(on)
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Compile(shapes, b)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]backend.Buffer, len(c.Outputs))
	for i, o := range c.Outputs {
		out[i] = backend.NewBuffer(o.DType, o.Size())
	}
	if err := c.Run(in, nil, out, nil); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestGatheredListing shows the program of words that go through an embedding and
// a dense layer, forwards and back.
func TestGatheredListing(t *testing.T) {
	f := wordsGraph(t, []int{2, 5}, false)
	p, err := f.Program([][]int{{3, 2}, {2, 4}, {4}, {2, 5}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `v4 = transpose v3
v5 = matmul v0 v1
v6 = add v5 v2
v7 = gather v6 v4
v10 = tanh v7
v11 = square v10
v12 = sub 1 v11
v13 = mul v8 v12
v14 = scatter_add v4 v13
v15 = matmul v14 v1 transB
v17 = broadcast_to 1
v18 = reshape v4
v19 = scatter_add v18 v17
v21 = greater v19 0
v23 = where v21 v15 0
v24 = where v21 v0 0
v25 = matmul v24 v14 transA
v26 = sum v13
v27 = reshape v26
`
	if got := listing(p); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
