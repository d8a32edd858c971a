package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A Body is a function that a control-flow operation applies, such as a step of
// a loop: Outputs are computed from Inputs, which count as leaves whatever they
// were computed from, and from constants. The first inputs are placeholders,
// the others what the body found in its surroundings.
type Body struct{ Inputs, Outputs []*Node }

// surroundings returns the nodes outside that the outputs of a body with the
// given parameters are computed from: all that do not depend on a parameter but
// are read by something that does, or are outputs themselves. So whatever a
// loop does not change is computed once, before it.
func surroundings(parameters []*Node, outputs ...*Node) []*Node {
	inside := map[*Node]bool{}
	for _, p := range parameters {
		inside[p] = true
	}
	base := func(n *Node) *Node { return n.Base() }
	nodes := order(outputs, base, inside)
	for _, n := range nodes {
		inside[n] = inside[n] || slices.ContainsFunc(n.In, func(x *Node) bool { return inside[x.Base()] })
	}
	var found []*Node
	seen := map[*Node]bool{}
	add := func(n *Node) {
		if !inside[n] && !seen[n] && n.Op.Name != constantOp {
			seen[n] = true
			found = append(found, n)
		}
	}
	for _, n := range nodes {
		if inside[n] && !slices.Contains(parameters, n) {
			for _, x := range n.In {
				add(x.Base())
			}
		}
	}
	for _, n := range outputs {
		add(n.Base())
	}
	return found
}

// reads reports for each parameter whether the outputs are computed from it.
func reads(parameters []*Node, outputs []*Node) []bool {
	leaves := map[*Node]bool{}
	for _, p := range parameters {
		leaves[p] = true
	}
	used := make([]bool, len(parameters))
	for _, n := range order(outputs, func(n *Node) *Node { return n.Base() }, leaves) {
		if i := slices.Index(parameters, n); i >= 0 {
			used[i] = true
		}
	}
	return used
}

// compile returns the program of a body for inputs of known types.
func (f *Body) compile(in []Type) (*backend.Program, []Type, error) {
	shapes := make([][]int, len(in))
	for i, t := range in {
		shapes[i] = t.Shape
	}
	p, c, err := (&Function{Inputs: f.Inputs, Outputs: f.Outputs}).program(shapes)
	if err != nil {
		return nil, nil, err
	}
	return p, c.Outputs, nil
}

// vjp returns the sum of the derivatives of the outputs by each of the inputs
// xs, each output weighted with its seed: nil where that is zero.
func (f *Body) vjp(seeds, xs []*Node) ([]*Node, error) {
	leaves := map[*Node]bool{}
	for _, n := range f.Inputs {
		leaves[n] = true
	}
	ds, _, err := backward(f.Outputs, seeds, xs, leaves)
	return ds, err
}

// typesOf returns the types of nodes.
func typesOf(ns []*Node) []Type {
	ts := make([]Type, len(ns))
	for i, n := range ns {
		ts[i] = n.Type
	}
	return ts
}

// zerosLike returns zeros with the type of x.
func zerosLike(x *Node) *Node { return likeShape(backend.BroadcastTo, Scalar(x.DType, 0), x) }

// merged returns what is known of a type that was inferred twice, and whether
// both agree.
func merged(a, b Type) (Type, bool) {
	if a.DType != b.DType || len(a.Shape) != len(b.Shape) {
		return a, false
	}
	s := slices.Clone(a.Shape)
	for i, d := range b.Shape {
		switch {
		case s[i] < 0:
			s[i] = d
		case d >= 0 && d != s[i]:
			return a, false
		}
	}
	return Type{a.DType, s}, true
}
