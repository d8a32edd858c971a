package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// WhileAttrs: a loop whose end its states decide. The first operands are the
// States, the others what the programs find in their surroundings; both have
// all operands as inputs.
type WhileAttrs struct {
	Cond, Body *Body
	States     int
}

// While replaces states by what after is computed to be from before, placeholders
// for them, for as long as condition, computed from them too, holds. With a
// limit that is not 0 there are at most so many steps, and the loop has
// derivatives.
func While(states, before, after []*Node, condition *Node, limit int) (last []*Node, err error) {
	defer rescue(&err)
	if condition.DType != backend.Bool || len(condition.Shape) != 0 {
		return nil, fail(backend.While, []Type{condition.Type}, "the condition is %s of shape %s, want one bool", condition.DType, ShapeString(condition.Shape)).
			help("compare first, as in x.Sum().Greater(0)")
	}
	if _, keys, err := keyed(before, append(slices.Clone(after), condition), false); err != nil || len(keys) > 0 {
		return nil, fail(backend.While, nil, "a step draws random numbers, for which a while loop has none anew").
			help("draw them before the loop, or use Scan")
	}
	if limit > 0 {
		return boundedWhile(states, before, after, condition, limit)
	}
	results, err := stateTypes(typesOf(states), typesOf(after))
	if err != nil {
		return nil, err
	}
	around := surroundings(before, append(slices.Clone(after), condition)...)
	inputs := slices.Concat(before, around)
	at := WhileAttrs{&Body{inputs, []*Node{condition}}, &Body{inputs, after}, len(states)}
	n, err := applyAll(backend.While, at, results, slices.Concat(states, around))
	if err != nil {
		return nil, err
	}
	return n.results(), nil
}

func stateTypes(before, after []Type) ([]Type, error) {
	results := make([]Type, len(before))
	for i, t := range before {
		m, ok := merged(t, after[i])
		if !ok {
			return nil, fail(backend.While, []Type{t, after[i]}, "state %d is %s %s, but a step makes %s %s of it",
				i+1, t.DType, ShapeString(t.Shape), after[i].DType, ShapeString(after[i].Shape)).help("a state keeps its shape and dtype")
		}
		results[i] = m
	}
	return results, nil
}

// boundedWhile is a Scan of limit steps, which do nothing once the condition
// does not hold. Whether the loop still runs is one of the states.
func boundedWhile(states, before, after []*Node, condition *Node, limit int) ([]*Node, error) {
	if _, err := stateTypes(typesOf(states), typesOf(after)); err != nil {
		return nil, err
	}
	on := Placeholder("", Type{DType: backend.Bool})
	test, err := applyCond(on, before, before, []*Node{condition}, []*Node{Scalar(backend.Bool, 0)})
	if err != nil {
		return nil, err
	}
	still := test.Result(0)
	step, err := applyCond(still, before, before, after, before)
	if err != nil {
		return nil, err
	}
	last, _, err := Scan(Loop{
		Carries: append([]*Node{Scalar(backend.Bool, 1)}, states...),
		Before:  append([]*Node{on}, before...),
		After:   append([]*Node{still}, step.results()...),
		Steps:   limit,
	})
	if err != nil {
		return nil, err
	}
	return last[1:], nil
}

func lowerWhile(b *builder, n *Node, ids []int) ([]int, error) {
	at := n.Attrs.(WhileAttrs)
	in := make([]Type, len(ids))
	for i, id := range ids {
		in[i] = b.typeOf(id)
	}
	test, _, err := at.Cond.compile(in)
	if err != nil {
		return nil, err
	}
	body, after, err := at.Body.compile(in)
	if err != nil {
		return nil, err
	}
	results, err := stateTypes(in[:at.States], after)
	if err != nil {
		return nil, err
	}
	return b.appendAll(backend.While, backend.WhileAttrs{Cond: test, Body: body, States: at.States}, results, ids), nil
}

func whileGrad(n *Node, _ []*Node) ([]*Node, error) {
	e := noDerivative(n)
	e.Msg = "a while loop without a bound has no derivative, as nothing says how many states to keep"
	return nil, e.help("say how many steps there can be at most: dl.WhileOptions{MaxSteps: …}")
}

func init() {
	add(Op{Name: backend.While, Arity: -2, Doc: "a loop for as long as a condition holds", lowerAll: lowerWhile, gradAll: whileGrad})
}
