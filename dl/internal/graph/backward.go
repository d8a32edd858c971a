package graph

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// Grad returns the derivatives of y, which has one element, by xs. They are
// nodes of the graph like all others: concrete where y is concrete, and
// differentiable again. All versions of a variable count as one.
func Grad(y *Node, xs []*Node) (grads []*Node, err error) { return gradients(y, xs, noPath) }

// GradOrZero is Grad with zeros for xs that y was not computed from.
func GradOrZero(y *Node, xs []*Node) (grads []*Node, err error) {
	return gradients(y, xs, func(y, x *Node, i int) error { return nil })
}

func gradients(y *Node, xs []*Node, unrelated func(y, x *Node, i int) error) (grads []*Node, err error) {
	defer rescue(&err)
	if !y.DType.IsFloat() {
		return nil, gradError(y, "y has dtype %s, want float32 or float64", y.DType)
	}
	for _, d := range y.Shape {
		if d != 1 {
			return nil, gradError(y, "y has shape %s, want one number", ShapeString(y.Shape)).help("sum it up first, with Sum or Mean")
		}
	}
	grads, reached, err := backward([]*Node{y}, []*Node{likeShape(backend.BroadcastTo, Scalar(y.DType, 1), y)}, xs, nil)
	if err != nil {
		return nil, err
	}
	for i, x := range xs {
		if !reached[i] {
			if err := unrelated(y, x, i); err != nil {
				return nil, err
			}
		}
		if grads[i] == nil { // it depends on x only through steps
			grads[i] = likeShape(backend.BroadcastTo, Scalar(x.DType, 0), x)
		}
	}
	return grads, nil
}

func gradError(y *Node, format string, args ...any) *Error {
	e := &Error{Op: "grad", Axis: -1, Msg: fmt.Sprintf(format, args...)}
	if !y.Several() {
		e.Shapes, e.DTypes = [][]int{y.Shape}, []backend.DType{y.DType}
	}
	return e
}

// ErrNoDerivative is behind the error of differentiating through an operation
// that has no derivative.
var ErrNoDerivative = errors.New("no derivative")

func noDerivative(n *Node) *Error {
	e := gradError(n, "%s has no derivative", n.Op.Name)
	e.Cause = ErrNoDerivative
	return e.help("cut the path through it with StopGradient, or give it one with dl.CustomGrad")
}

// backward returns the derivatives by xs of the sum over all ys of y·seed, nil
// for zero, and which of xs the ys were computed from. Seeds may be nil for
// zero. What leaves were computed from is not looked at.
func backward(ys, seeds, xs []*Node, leaves map[*Node]bool) (grads []*Node, found []bool, err error) {
	keep := map[*Node]bool{}
	for n := range leaves {
		keep[n] = true
	}
	wanted := map[*Node]bool{}
	for _, x := range xs {
		keep[x.Base()], wanted[x.Base()] = true, true
	}
	forms := newStabilizer(keep)
	form := func(n *Node) *Node { return forms.form(n.Base()) }
	nodes := history(ys, forms, leaves)
	// Only what depends on some x needs a derivative.
	needed, reached := make(map[*Node]bool, len(nodes)), make(map[*Node]bool, len(nodes))
	for _, n := range nodes {
		key := n.Base()
		reached[key] = true
		needed[key] = wanted[key]
		if leaves[n] {
			continue
		}
		for _, x := range n.In {
			needed[key] = needed[key] || needed[form(x)]
		}
	}
	d := derivatives{one: map[*Node]*Node{}, all: map[*Node][]*Node{}}
	for i, y := range ys {
		d.add(form(y), seeds[i])
	}
	for k := len(nodes) - 1; k >= 0; k-- {
		n := nodes[k]
		if !needed[n.Base()] || leaves[n] {
			continue
		}
		if err := d.spread(n, func(x *Node) (*Node, bool) {
			key := form(x)
			return key, needed[key] && (x.DType.IsFloat() || x.Several())
		}); err != nil {
			return nil, nil, err
		}
	}
	for _, x := range xs {
		grads = append(grads, d.one[x.Base()])
		found = append(found, reached[x.Base()])
	}
	return grads, found, nil
}

// derivatives holds those that were found so far: by nodes, and by the results
// of nodes that have several.
type derivatives struct {
	one map[*Node]*Node
	all map[*Node][]*Node
}

func (d derivatives) add(n, g *Node) { d.one[n] = sumOf(d.one[n], g) }

// sumOf returns a + b, where nil is zero.
func sumOf(a, b *Node) *Node {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return addNodes(a, b)
}

// spread passes the derivative by n on to those of its operands that want it.
func (d derivatives) spread(n *Node, wants func(x *Node) (*Node, bool)) error {
	if n.Several() {
		gs := d.all[n.Base()]
		if gs == nil {
			return nil
		}
		if n.Op.gradAll == nil {
			return noDerivative(n)
		}
		grads, err := n.Op.gradAll(n, gs)
		if err != nil {
			return err
		}
		for i, x := range n.In {
			if key, ok := wants(x); ok {
				d.add(key, grads[i])
			}
		}
		return nil
	}
	g := d.one[n.Base()]
	if g == nil {
		return nil
	}
	if n.Op.Name == resultOp {
		if key, ok := wants(n.In[0]); ok {
			if d.all[key] == nil {
				d.all[key] = make([]*Node, len(key.several.types))
			}
			i := n.Attrs.(resultAttrs).Index
			d.all[key][i] = sumOf(d.all[key][i], g)
		}
		return nil
	}
	for i, x := range n.In {
		key, ok := wants(x)
		if !ok {
			continue
		}
		if n.Op.Grad == nil {
			return noDerivative(n)
		}
		d.add(key, n.Op.Grad(n, g, i))
	}
	return nil
}

func noPath(y, x *Node, i int) error {
	name := fmt.Sprintf("x number %d", i+1)
	if x.Name != "" {
		name = fmt.Sprintf("%q", x.Name)
	}
	e := gradError(y, "y was not computed from %s", name)
	if !x.Tracked() && !x.symbolic {
		return e.help("what y is differentiated by must be a dl.Variable or a dl.Placeholder, or be computed from one")
	}
	return e.help("is it the variable that was meant? what is read with Item, Float64s or At and put in again as a number has no history")
}

// History returns the nodes that y was computed from, each behind its
// operands, as they were written.
func History(y *Node) []*Node {
	if y.symbolic {
		return Order(y)
	}
	return order([]*Node{y}, func(n *Node) *Node { return n }, nil)
}

// Partial returns the derivative of the sum of n's elements by operand i with
// all other operands held fixed; nil where it is zero.
func Partial(n *Node, i int) (d *Node, err error) {
	defer rescue(&err)
	if !n.DType.IsFloat() || !n.In[i].DType.IsFloat() || n.Several() || n.In[i].Several() {
		return nil, nil
	}
	if n.Op.Grad == nil {
		return nil, noDerivative(n)
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

// history returns the nodes that ys were computed from, each behind its
// operands. Different versions of a variable come as different nodes, so that
// each rule sees the elements that were used.
func history(ys []*Node, forms *stabilizer, leaves map[*Node]bool) []*Node {
	if slices.ContainsFunc(ys, (*Node).Symbolic) {
		return order(ys, func(n *Node) *Node { return forms.form(n.Base()) }, leaves)
	}
	return order(ys, func(n *Node) *Node { return n }, leaves)
}
