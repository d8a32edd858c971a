package graph

import (
	"github.com/fluxion-go/fluxion/dl/backend"
)

func matMulType(c Call) (Type, *Error) {
	at := c.Attrs.(backend.MatMulAttrs)
	if err := c.sameDType(c.In...); err != nil {
		return Type{}, err
	}
	if _, err := numericType(c); err != nil {
		return Type{}, err
	}
	a, b := c.In[0].Shape, c.In[1].Shape
	ra, rb := len(a), len(b)
	if ra < 2 || rb < 2 {
		return Type{}, c.fail("shapes %s and %s, want at least two axes each", ShapeString(a), ShapeString(b))
	}
	rowA, innerA, innerB, colB := ra-2, ra-1, rb-2, rb-1
	if at.TransA {
		rowA, innerA = innerA, rowA
	}
	if at.TransB {
		innerB, colB = colB, innerB
	}
	if k, l := a[innerA], b[innerB]; k != l && k >= 0 && l >= 0 {
		e := c.fail("inner sizes differ: %s·%s: axis %d of the left is %d, axis %d of the right is %d",
			ShapeString(a), ShapeString(b), innerA, k, innerB, l).at(innerA)
		if ra == 2 && rb == 2 && k == b[colB] {
			return Type{}, e.help("the right operand would fit transposed: use .T()")
		}
		return Type{}, e
	}
	batch, err := c.broadcast(Type{Shape: a[:ra-2]}, Type{Shape: b[:rb-2]})
	if err != nil {
		return Type{}, c.fail("leading axes of %s and %s do not broadcast", ShapeString(a), ShapeString(b)).at(err.Axis)
	}
	return Type{c.In[0].DType, append(batch, a[rowA], b[colB])}, nil
}

// matMulGrad: for C = A·B, dA = dC·Bᵀ and dB = Aᵀ·dC; where an operand is
// read transposed, so is its gradient.
func matMulGrad(n, g *Node, i int) *Node {
	at, a, b := n.Attrs.(backend.MatMulAttrs), n.In[0], n.In[1]
	product := func(x, y *Node, tx, ty bool) *Node {
		return must(backend.MatMul, backend.MatMulAttrs{TransA: tx, TransB: ty}, x, y)
	}
	var d *Node
	switch {
	case i == 0 && !at.TransA:
		d = product(g, b, false, !at.TransB)
	case i == 0:
		d = product(b, g, at.TransB, true)
	case !at.TransB:
		d = product(a, g, !at.TransA, false)
	default:
		d = product(g, a, true, at.TransA)
	}
	return unbroadcast(d, n.In[i])
}

func init() {
	add(Op{Name: backend.MatMul, Arity: 2, Doc: "matrix product", Infer: matMulType, Grad: matMulGrad})
}
