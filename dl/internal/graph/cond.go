package graph

import (
	"maps"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// CondAttrs: the two programs of a condition. Both have all operands but the
// condition itself as inputs.
type CondAttrs struct{ Then, Else *Body }

// Cond returns the nodes then where the condition holds, else otherwise. What
// they are computed from is computed only in the branch that is chosen.
func Cond(condition *Node, then, otherwise []*Node) (results []*Node, err error) {
	defer rescue(&err)
	both, keys, err := keyed(nil, slices.Concat(then, otherwise), true)
	if err != nil {
		return nil, err
	}
	then, otherwise = both[:len(then)], both[len(then):]
	drawn := make([]*Node, len(keys))
	for i := range keys {
		drawn[i] = drawKeys(0, condition)
	}
	n, err := applyCond(condition, keys, drawn, then, otherwise)
	if err != nil {
		return nil, err
	}
	return n.results(), nil
}

// applyCond applies Cond to branches that are computed from parameters, which
// stand for the given operands, and from their surroundings.
func applyCond(condition *Node, parameters, operands, then, otherwise []*Node) (*Node, error) {
	if condition.DType != backend.Bool || len(condition.Shape) != 0 {
		return nil, fail(backend.Cond, []Type{condition.Type}, "the condition is %s of shape %s, want one bool", condition.DType, ShapeString(condition.Shape)).
			help("compare first, as in x.Sum().Greater(0)")
	}
	results, err := branchTypes(typesOf(then), typesOf(otherwise))
	if err != nil {
		return nil, err
	}
	around := inner(parameters, slices.Concat(then, otherwise))
	inputs := slices.Concat(parameters, around)
	at := CondAttrs{&Body{inputs, then}, &Body{inputs, otherwise}}
	return applyAll(backend.Cond, at, results, slices.Concat([]*Node{condition}, operands, around))
}

// inner returns what the branches are computed from: placeholders, variables
// and other concrete nodes with a history. All symbolic operations belong to
// the branches, so that they are computed only where their branch is chosen.
func inner(parameters, outputs []*Node) []*Node {
	seen := map[*Node]bool{}
	for _, p := range parameters {
		seen[p] = true
	}
	nodes := order(outputs, func(n *Node) *Node { return n.Base() }, maps.Clone(seen))
	var found []*Node
	add := func(n *Node) {
		if !seen[n] && (!n.symbolic && n.Op.Name != constantOp || n.symbolic && len(n.In) == 0) {
			seen[n] = true
			found = append(found, n)
		}
	}
	for _, n := range nodes {
		if n.symbolic && !slices.Contains(parameters, n) {
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

func branchTypes(then, otherwise []Type) ([]Type, error) {
	if len(then) != len(otherwise) {
		return nil, fail(backend.Cond, nil, "one branch gives %d results, the other %d", len(then), len(otherwise))
	}
	results := make([]Type, len(then))
	for i, a := range then {
		b := otherwise[i]
		m, ok := merged(a, b)
		if !ok {
			return nil, fail(backend.Cond, []Type{a, b}, "result %d is %s %s in one branch and %s %s in the other",
				i+1, a.DType, ShapeString(a.Shape), b.DType, ShapeString(b.Shape)).help("both branches need the same shapes and dtypes")
		}
		results[i] = m
	}
	return results, nil
}

func lowerCond(b *builder, n *Node, ids []int) ([]int, error) {
	at := n.Attrs.(CondAttrs)
	in := make([]Type, 0, len(ids))
	for _, id := range ids[1:] {
		in = append(in, b.typeOf(id))
	}
	yes, then, err := at.Then.compile(in)
	if err != nil {
		return nil, err
	}
	no, otherwise, err := at.Else.compile(in)
	if err != nil {
		return nil, err
	}
	results, err := branchTypes(then, otherwise)
	if err != nil {
		return nil, err
	}
	return b.appendAll(backend.Cond, backend.CondAttrs{Then: yes, Else: no}, results, ids), nil
}

// condGrad differentiates the branch that was chosen.
func condGrad(n *Node, gs []*Node) ([]*Node, error) {
	at := n.Attrs.(CondAttrs)
	var parameters, operands []*Node
	seeds := make([]*Node, len(gs))
	for i, g := range gs {
		if g != nil {
			seeds[i] = Placeholder("", g.Type)
			parameters, operands = append(parameters, seeds[i]), append(operands, g)
		}
	}
	inputs := at.Then.Inputs
	then, err := at.Then.vjp(seeds, inputs)
	if err != nil {
		return nil, err
	}
	otherwise, err := at.Else.vjp(seeds, inputs)
	if err != nil {
		return nil, err
	}
	var yes, no []*Node
	var of []int
	for i, x := range inputs {
		a, b := then[i], otherwise[i]
		if a == nil && b == nil {
			continue
		}
		if a == nil {
			a = zerosLike(x)
		}
		if b == nil {
			b = zerosLike(x)
		}
		yes, no, of = append(yes, a), append(no, b), append(of, i)
	}
	grads := make([]*Node, len(n.In))
	if len(of) == 0 {
		return grads, nil
	}
	m, err := applyCond(n.In[0], slices.Concat(parameters, inputs), slices.Concat(operands, n.In[1:]), yes, no)
	if err != nil {
		return nil, err
	}
	for k, i := range of {
		grads[1+i] = m.Result(k)
	}
	return grads, nil
}

func init() {
	add(Op{Name: backend.Cond, Arity: -2, Doc: "one of two programs", lowerAll: lowerCond, gradAll: condGrad})
}
