package graph

import (
	"github.com/fluxion-go/fluxion/dl/backend"
)

// What gradient rules are written with. They panic with an error; Grad
// recovers it.

// Scalar returns a constant without axes.
func Scalar(d backend.DType, v float64) *Node {
	b := backend.NewBuffer(d, 1)
	switch d {
	case backend.Float32:
		backend.View[float32](b)[0] = float32(v)
	case backend.Float64:
		backend.View[float64](b)[0] = v
	case backend.Int32:
		backend.View[int32](b)[0] = int32(v)
	case backend.Int64:
		backend.View[int64](b)[0] = int64(v)
	default:
		backend.View[uint8](b)[0] = uint8(v)
	}
	n := Constant(Type{DType: d}, b)
	n.Attrs = numberAttrs{}
	return n
}

// numberAttrs marks constants that come from numbers, not tensors.
type numberAttrs struct{}

// IsCaptured reports whether n is a constant that came from a tensor.
func IsCaptured(n *Node) bool {
	return n.Op.Name == constantOp && n.Attrs == nil
}

// number returns the value of a constant without axes.
func (n *Node) number() (float64, bool) {
	if n.Op.Name != constantOp || len(n.Shape) != 0 {
		return 0, false
	}
	return element(n.DType, n.Value, 0), true
}

// element reads one number.
func element(d backend.DType, b backend.Buffer, i int) float64 {
	switch d {
	case backend.Float32:
		return float64(backend.View[float32](b)[i])
	case backend.Float64:
		return backend.View[float64](b)[i]
	case backend.Int32:
		return float64(backend.View[int32](b)[i])
	case backend.Int64:
		return float64(backend.View[int64](b)[i])
	default:
		return float64(backend.View[uint8](b)[i])
	}
}

func isNumber(n *Node, v float64) bool {
	x, ok := n.number()
	return ok && x == v
}

// mul leaves out factors of 1, which every gradient begins with.
func mul(a, b *Node) *Node {
	if isNumber(a, 1) {
		return b
	}
	if isNumber(b, 1) {
		return a
	}
	return must(backend.Mul, nil, a, b)
}

func addNodes(a, b *Node) *Node              { return must(backend.Add, nil, a, b) }
func sub(a, b *Node) *Node                   { return must(backend.Sub, nil, a, b) }
func div(a, b *Node) *Node                   { return must(backend.Div, nil, a, b) }
func neg(a *Node) *Node                      { return must(backend.Neg, nil, a) }
func unaryNode(op backend.Op, a *Node) *Node { return must(op, nil, a) }
func times(a *Node, v float64) *Node         { return mul(a, Scalar(a.DType, v)) }
func plus(a *Node, v float64) *Node          { return addNodes(a, Scalar(a.DType, v)) }

// mask converts a comparison to 0 and 1 in the dtype of like.
func mask(op backend.Op, a, b, like *Node) *Node {
	return must(backend.Cast, CastAttrs{like.DType}, must(op, nil, a, b))
}

// like applies one of the operations with ShapeAttrs so that the result has
// the shape of t.
func likeShape(op backend.Op, x, t *Node) *Node {
	if t.Known() {
		if (Type{x.DType, t.Shape}).equal(x.Type) {
			return x
		}
		return must(op, ShapeAttrs{t.Shape}, x)
	}
	return must(op, ShapeAttrs{}, x, t)
}

// unbroadcast sums g over the axes along which x was broadcast.
func unbroadcast(g, x *Node) *Node { return likeShape(SumTo, g, x) }

// spread undoes what a reduction of x over the given axes did to the shape,
// and repeats g along them.
func spread(g, x *Node, at backend.ReduceAttrs) *Node {
	return likeShape(backend.BroadcastTo, keepAxes(g, x, at), x)
}

// keepAxes gives the reduced axes back to g, with length 1.
func keepAxes(g, x *Node, at backend.ReduceAttrs) *Node {
	if at.Keep || len(g.Shape) == len(x.Shape) {
		return g
	}
	target, from := make([]int, len(x.Shape)), 0
	reduced := make([]bool, len(x.Shape))
	for _, a := range at.Axes {
		reduced[a] = true
	}
	for a := range target {
		if reduced[a] {
			target[a] = 1
		} else {
			target[a] = Dim(from)
			if d := g.Shape[from]; d >= 0 {
				target[a] = d
			}
			from++
		}
	}
	return must(backend.Reshape, ShapeAttrs{target}, g)
}

func sumOver(x *Node, keep bool, axes ...int) *Node {
	return must(backend.Sum, backend.ReduceAttrs{Axes: axes, Keep: keep}, x)
}
