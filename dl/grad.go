package dl

import (
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// Grad returns the derivative of y, which has one element, by x. It is
// concrete where y is concrete and symbolic where y is symbolic, and can be
// differentiated again. x is a variable, a placeholder, or a tensor that y was
// computed from.
//
// It is an error if y was not computed from x. If it was, but only through
// steps such as comparisons or [Tensor.StopGradient], the derivative is zero.
func Grad(y, x *Tensor) *Tensor { return Grads(y, x).Of(x) }

// Grads returns the derivatives of y by several tensors at once, which is much
// cheaper than one after the other.
func Grads(y *Tensor, xs ...*Tensor) *Gradients {
	nodes := make([]*graph.Node, len(xs))
	for i, x := range xs {
		nodes[i] = x.check("grad").n
	}
	ds, err := graph.Grad(y.check("grad").n, nodes)
	raise("grad", err)
	g := &Gradients{make(map[*graph.Node]*Tensor, len(xs))}
	for i, d := range ds {
		g.of[nodes[i]] = wrap(d)
	}
	return g
}

// Gradients are the derivatives of one number by several tensors.
type Gradients struct{ of map[*graph.Node]*Tensor }

// Of returns the derivative by x, which must be one of those that [Grads] was
// called with.
func (g *Gradients) Of(x *Tensor) *Tensor {
	d := g.of[x.check("grad").n]
	if d == nil {
		panic(misuse("grad", []*Tensor{x}, "%s is not among the tensors that Grads was called with", x.describe()).kind(ErrName))
	}
	return d
}
