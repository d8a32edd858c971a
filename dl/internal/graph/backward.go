package graph

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// Grad returns the derivatives of y, which has one element, by xs. They are
// nodes of the graph like all others: concrete where y is concrete, and
// differentiable again. All versions of a variable count as one.
func Grad(y *Node, xs []*Node) (grads []*Node, err error) {
	defer rescue(&err)
	if !y.DType.IsFloat() {
		return nil, gradError(y, "y has dtype %s, want float32 or float64", y.DType)
	}
	for _, d := range y.Shape {
		if d != 1 {
			return nil, gradError(y, "y has shape %s, want one number", ShapeString(y.Shape)).help("sum it up first, with Sum or Mean")
		}
	}
	wanted := map[*Node]bool{}
	for _, x := range xs {
		wanted[x.Base()] = true
	}
	return backward(y, xs, wanted)
}

func gradError(y *Node, format string, args ...any) *Error {
	return &Error{Op: "grad", Shapes: [][]int{y.Shape}, DTypes: []backend.DType{y.DType}, Axis: -1, Msg: fmt.Sprintf(format, args...)}
}

func backward(y *Node, xs []*Node, wanted map[*Node]bool) ([]*Node, error) {
	forms := newStabilizer(wanted)
	form := func(n *Node) *Node { return forms.form(n.Base()) }
	nodes := history(y, forms)
	// Only what depends on some x needs a derivative.
	needed, reached := map[*Node]bool{}, map[*Node]bool{}
	for _, n := range nodes {
		key := n.Base()
		reached[key] = true
		needed[key] = wanted[key]
		for _, x := range n.In {
			needed[key] = needed[key] || needed[form(x)]
		}
	}
	for i, x := range xs {
		if !reached[x.Base()] {
			return nil, noPath(y, x, i)
		}
	}
	derivative := map[*Node]*Node{form(y): likeShape(backend.BroadcastTo, Scalar(y.DType, 1), y)}
	for k := len(nodes) - 1; k >= 0; k-- {
		n := nodes[k]
		g := derivative[n.Base()]
		if g == nil || !needed[n.Base()] {
			continue
		}
		for i, x := range n.In {
			key := form(x)
			if !needed[key] || !x.DType.IsFloat() {
				continue
			}
			if n.Op.Grad == nil {
				return nil, gradError(y, "%s has no derivative", n.Op.Name)
			}
			switch d, sum := n.Op.Grad(n, g, i), derivative[key]; {
			case d == nil:
			case sum == nil:
				derivative[key] = d
			default:
				derivative[key] = addNodes(sum, d)
			}
		}
	}
	grads := make([]*Node, len(xs))
	for i, x := range xs {
		grads[i] = derivative[x.Base()]
		if grads[i] == nil { // it depends on x only through steps
			grads[i] = likeShape(backend.BroadcastTo, Scalar(x.DType, 0), x)
		}
	}
	return grads, nil
}

func noPath(y, x *Node, i int) *Error {
	name := fmt.Sprintf("x number %d", i+1)
	if x.Name != "" {
		name = fmt.Sprintf("%q", x.Name)
	}
	e := gradError(y, "y was not computed from %s", name)
	if !x.Tracked() && !x.symbolic {
		return e.help("what y is differentiated by must be a dl.Variable or a dl.Placeholder, or be computed from one")
	}
	return e
}

// History returns the nodes that y was computed from, each behind its
// operands, as they were written.
func History(y *Node) []*Node {
	if y.symbolic {
		return Order(y)
	}
	return orderOf([]*Node{y}, func(n *Node) *Node { return n })
}

// Partial returns the derivative of the sum of n's elements by operand i with
// all other operands held fixed; nil where it is zero.
func Partial(n *Node, i int) (d *Node, err error) {
	defer rescue(&err)
	if !n.DType.IsFloat() || !n.In[i].DType.IsFloat() {
		return nil, nil
	}
	if n.Op.Grad == nil {
		return nil, gradError(n, "%s has no derivative", n.Op.Name)
	}
	return n.Op.Grad(n, likeShape(backend.BroadcastTo, Scalar(n.DType, 1), n), i), nil
}

// rescue turns the failure of an operation in a gradient rule into an error.
func rescue(err *error) {
	switch r := recover().(type) {
	case nil:
	case ruleFailure:
		*err = r.error
	default:
		panic(r)
	}
}

// history returns the nodes that y was computed from, each behind its
// operands. Different versions of a variable come as different nodes, so that
// each rule sees the elements that were used.
func history(y *Node, forms *stabilizer) []*Node {
	if y.symbolic {
		return order([]*Node{y}, forms.form)
	}
	return History(y)
}
