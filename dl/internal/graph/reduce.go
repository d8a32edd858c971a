package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// Reductions that exist only in graphs, because the number of elements may be
// unknown.
const (
	Mean  backend.Op = "mean"  // ReduceAttrs
	Count backend.Op = "count" // ReduceAttrs: how many elements of x go into one of its reduction, in the dtype of x, without axes
)

func reduceType(c Call) (Type, *Error) {
	at := c.Attrs.(backend.ReduceAttrs)
	t := Type{DType: c.In[0].DType, Shape: make([]int, 0, len(c.In[0].Shape))}
	for a, d := range c.In[0].Shape {
		switch {
		case !slices.Contains(at.Axes, a):
			t.Shape = append(t.Shape, d)
		case at.Keep:
			t.Shape = append(t.Shape, 1)
		}
	}
	return t, nil
}

func reduceNumbers(c Call) (Type, *Error) {
	if _, err := numericType(c); err != nil {
		return Type{}, err
	}
	return reduceType(c)
}

func reduceFloats(c Call) (Type, *Error) {
	if err := c.wantFloat(); err != nil {
		return Type{}, err
	}
	return reduceType(c)
}

// reduceSome is for reductions that nothing can be said of without elements.
func reduceSome(c Call) (Type, *Error) {
	for _, a := range c.Attrs.(backend.ReduceAttrs).Axes {
		if c.In[0].Shape[a] == 0 {
			return Type{}, c.fail("shape %s has no elements along axis %d", ShapeString(c.In[0].Shape), a).at(a)
		}
	}
	return reduceType(c)
}

func reduceBools(c Call) (Type, *Error) {
	if d := c.In[0].DType; d != backend.Bool {
		return Type{}, c.fail("dtype %s, want bool", d).kind(ErrDType).help("compare first, as in x.Greater(0)")
	}
	return reduceType(c)
}

func argType(c Call) (Type, *Error) {
	a := c.Attrs.(backend.AxisAttrs).Axis
	if c.In[0].Shape[a] == 0 {
		return Type{}, c.fail("shape %s has no elements along axis %d", ShapeString(c.In[0].Shape), a).at(a)
	}
	return Type{backend.Int64, slices.Delete(slices.Clone(c.In[0].Shape), a, a+1)}, nil
}

// extremeGrad shares the gradient evenly among the elements that are the
// maximum (or minimum).
func extremeGrad(n, g *Node, _ int) *Node {
	at, x := n.Attrs.(backend.ReduceAttrs), n.In[0]
	m := mask(backend.Equal, x, keepAxes(n, x, at), x)
	return mul(div(keepAxes(g, x, at), sumOver(m, true, at.Axes...)), m)
}

func init() {
	add(
		Op{Name: backend.Sum, Arity: 1, Doc: "sum over axes", Infer: reduceNumbers,
			lower: func(b *builder, c Call, ids []int) int {
				return b.reshape(b.sum(ids[0], c.Attrs.(backend.ReduceAttrs).Axes), c.Out.Shape)
			},
			Grad: func(n, g *Node, _ int) *Node { return spread(g, n.In[0], n.Attrs.(backend.ReduceAttrs)) }},
		Op{Name: Mean, Arity: 1, Doc: "mean over axes", Infer: reduceFloats,
			lower: func(b *builder, c Call, ids []int) int {
				s := b.reshape(b.sum(ids[0], c.Attrs.(backend.ReduceAttrs).Axes), c.Out.Shape)
				return b.emit(backend.Div, nil, c.Out, s, b.number(c.Out.DType, countOf(c)))
			},
			Grad: func(n, g *Node, _ int) *Node {
				at, x := n.Attrs.(backend.ReduceAttrs), n.In[0]
				return spread(div(g, must(Count, at, x)), x, at)
			}},
		Op{Name: Count, Arity: 1, Doc: "number of elements over axes", Grad: zero,
			Infer: func(c Call) (Type, *Error) { return Type{DType: c.In[0].DType}, nil },
			lower: func(b *builder, c Call, _ []int) int { return b.number(c.Out.DType, countOf(c)) }},
		Op{Name: backend.Prod, Arity: 1, Doc: "product over axes", Infer: reduceNumbers, Grad: prodGrad},
		Op{Name: backend.Max, Arity: 1, Doc: "maximum over axes", Infer: reduceSome, Grad: extremeGrad},
		Op{Name: backend.Min, Arity: 1, Doc: "minimum over axes", Infer: reduceSome, Grad: extremeGrad},
		Op{Name: backend.Any, Arity: 1, Doc: "whether any is true over axes", Infer: reduceBools, Grad: zero},
		Op{Name: backend.All, Arity: 1, Doc: "whether all are true over axes", Infer: reduceBools, Grad: zero},
		Op{Name: backend.ArgMax, Arity: 1, Doc: "index of the first maximum along an axis", Infer: argType, Grad: zero},
		Op{Name: backend.ArgMin, Arity: 1, Doc: "index of the first minimum along an axis", Infer: argType, Grad: zero},
	)
}

func countOf(c Call) float64 {
	n := 1
	for _, a := range c.Attrs.(backend.ReduceAttrs).Axes {
		n *= c.In[0].Shape[a]
	}
	return float64(n)
}
