package dl

import (
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// MatMul returns the matrix product t·x by numpy's rules: of the last two
// axes of each, with the axes before them broadcast. A vector (one axis) counts
// as a row on the left and as a column on the right, and its axis is dropped
// from the result, so that the product of two vectors is a number.
func (t *Tensor) MatMul(x any) *Tensor {
	ts := together("matmul", t, x)
	a, b := ts[0].number(), ts[1].number()
	if a.Rank() == 0 || b.Rank() == 0 {
		panic(misuse("matmul", []*Tensor{a, b}, "shapes %s and %s, want at least one axis each",
			graph.ShapeString(a.n.Shape), graph.ShapeString(b.n.Shape)).help("use Mul to multiply by a number"))
	}
	checkInner(a, b)
	row, column := a.Rank() == 1, b.Rank() == 1
	if row {
		a = a.ExpandDims(0)
	}
	if column {
		b = b.ExpandDims(1)
	}
	var c *Tensor
	if lead := a.n.Shape[:a.Rank()-1]; b.Rank() == 2 && len(lead) > 1 && unknowns(lead) < 2 {
		// One large product is faster than many small ones.
		k, n := a.n.Shape[a.Rank()-1], b.n.Shape[1]
		if k < 0 {
			k = b.n.Shape[0]
		}
		if k >= 0 && n >= 0 {
			flat := apply(backend.MatMul, backend.MatMulAttrs{}, a.Reshape(-1, k), b)
			c = flat.Reshape(append(append([]int{}, lead...), n)...)
		}
	}
	if c == nil {
		c = apply(backend.MatMul, backend.MatMulAttrs{}, a, b)
	}
	if row {
		c = c.Squeeze(-2)
	}
	if column {
		c = c.Squeeze(-1)
	}
	return c
}

func unknowns(dims []int) int {
	n := 0
	for _, d := range dims {
		if d < 0 {
			n++
		}
	}
	return n
}

// checkInner names the shapes as the user wrote them, before vectors become
// matrices.
func checkInner(a, b *Tensor) {
	i, j := a.Rank()-1, max(0, b.Rank()-2)
	k, l := a.n.Shape[i], b.n.Shape[j]
	if k == l || k < 0 || l < 0 {
		return
	}
	e := misuse("matmul", []*Tensor{a, b}, "inner sizes differ: %s·%s: axis %d of the left is %d, axis %d of the right is %d",
		graph.ShapeString(a.n.Shape), graph.ShapeString(b.n.Shape), i, k, j, l).at(i)
	switch {
	case b.Rank() == 2 && b.n.Shape[1] == k:
		e.help("the right operand would fit transposed: .T()")
	case a.Rank() == 2 && a.n.Shape[0] == l:
		e.help("the left operand would fit transposed: .T()")
	}
	panic(e)
}

// T returns t with its axes in reverse order: the transpose of a matrix.
func (t *Tensor) T() *Tensor { return t.Transpose() }

// Transpose returns t with its axes in the given order: axis i of the result
// is axis order[i] of t. Without an order the axes are reversed.
func (t *Tensor) Transpose(order ...int) *Tensor {
	t.check("transpose")
	perm := make([]int, t.Rank())
	for i := range perm {
		perm[i] = t.Rank() - 1 - i
	}
	if len(order) > 0 {
		if len(order) != t.Rank() {
			panic(misuse("transpose", []*Tensor{t}, "%d axes in the order, but shape %s has %d", len(order), graph.ShapeString(t.n.Shape), t.Rank()))
		}
		axes("transpose", t, order) // each once
		for i, a := range order {
			perm[i] = axis("transpose", t, a, t.Rank())
		}
	}
	return apply(backend.Transpose, backend.TransposeAttrs{Perm: perm}, t)
}
