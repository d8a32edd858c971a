package graph

import "github.com/fluxion-go/fluxion/dl/backend"

// customOp is its first operand, with a derivative by the others that somebody
// else wrote.
const customOp backend.Op = "custom"

// customAttrs holds that derivative: it returns one for each operand x, nil for
// zero, for y the result and g the derivative by it.
type customAttrs struct {
	back func(xs []*Node, y, g *Node) ([]*Node, error)
}

// Custom returns y, whose derivatives by xs, which it was computed from, are what
// back says.
func Custom(y *Node, xs []*Node, back func(xs []*Node, y, g *Node) ([]*Node, error)) (*Node, error) {
	return Apply(customOp, customAttrs{back}, append([]*Node{y}, xs...)...)
}

func init() {
	add(Op{
		Name: customOp, Arity: -2, Doc: "x, with a derivative given by its user", Infer: sameType, alias: true,
		lower: func(_ *builder, _ Call, ids []int) int { return ids[0] },
		Grad: func(n, g *Node, i int) *Node {
			if i == 0 {
				return nil
			}
			at := n.Attrs.(customAttrs)
			ds, err := at.back(n.In[1:], n, g)
			if err != nil {
				panic(ruleFailure{err})
			}
			return ds[i-1]
		},
	})
}
