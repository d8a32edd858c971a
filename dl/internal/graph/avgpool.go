package graph

import (
	"github.com/fluxion-go/fluxion/dl/backend"
)

// AvgPoolAttrs describes a window whose mean is taken: the zeros of the padding
// count where CountPad is set.
type AvgPoolAttrs struct {
	PoolAttrs
	CountPad bool
}

// AvgPoolGradAttrs: (dy, like?) → dx, of the shape Shape or, where that is nil,
// of like.
type AvgPoolGradAttrs struct {
	AvgPoolAttrs
	Shape []int
}

func (a AvgPoolAttrs) resolveMean(h, w int) backend.AvgPoolAttrs {
	return backend.AvgPoolAttrs{PoolAttrs: a.resolve(h, w), CountPad: a.CountPad}
}

func avgPoolType(c Call) (Type, *Error) {
	return poolType(Call{Op: c.Op, Attrs: c.Attrs.(AvgPoolAttrs).PoolAttrs, In: c.In})
}

func init() {
	add(
		Op{Name: backend.AvgPool2D, Arity: 1, Doc: "mean of each window", Infer: avgPoolType,
			lower: func(b *builder, c Call, ids []int) int {
				x := c.In[0].Shape
				return b.emit(backend.AvgPool2D, c.Attrs.(AvgPoolAttrs).resolveMean(x[2], x[3]), c.Out, ids...)
			},
			Grad: func(n, g *Node, _ int) *Node {
				at, x := AvgPoolGradAttrs{AvgPoolAttrs: n.Attrs.(AvgPoolAttrs)}, n.In[0]
				if !x.Known() {
					return must(backend.AvgPool2DGrad, at, g, x)
				}
				at.Shape = x.Shape
				return must(backend.AvgPool2DGrad, at, g)
			}},
		Op{Name: backend.AvgPool2DGrad, Arity: -2, Doc: "gradient of avgpool2d",
			Infer: func(c Call) (Type, *Error) {
				if s := c.Attrs.(AvgPoolGradAttrs).Shape; s != nil {
					return Type{c.In[0].DType, s}, nil
				}
				return Type{c.In[0].DType, c.In[1].Shape}, nil
			},
			lower: func(b *builder, c Call, ids []int) int {
				x := c.Out.Shape
				return b.emit(backend.AvgPool2DGrad, c.Attrs.(AvgPoolGradAttrs).resolveMean(x[2], x[3]), c.Out, ids[0])
			},
			Grad: func(n, g *Node, i int) *Node {
				if i > 0 {
					return nil
				}
				return must(backend.AvgPool2D, n.Attrs.(AvgPoolGradAttrs).AvgPoolAttrs, g)
			}},
	)
}
