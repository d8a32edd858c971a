package dl

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// Cond returns what one of two Go functions without parameters returns: then
// where the condition, a bool tensor without axes, holds, else otherwise. Both
// return as many tensors, of the same shapes and dtypes.
//
// If the condition is concrete only the chosen function is called. If it is
// symbolic both are called once, to learn what they compute; each time when the
// condition is known only the chosen branch is computed. The result can be
// differentiated, which goes through the chosen branch, and not through the
// condition.
func Cond(condition *Tensor, then, otherwise any) []*Tensor {
	c := condition.check("cond")
	yes, no := tensorFuncOf("cond", "then", then), tensorFuncOf("cond", "otherwise", otherwise)
	if !c.IsSymbolic() {
		if c.n.DType != Bool || c.Size() != 1 {
			panic(misuse("cond", []*Tensor{c}, "the condition is %s of shape %s, want one bool", c.n.DType, graph.ShapeString(c.n.Shape)).
				help("compare first, as in x.Sum().Greater(0)"))
		}
		if c.n.Elements().Bytes()[0] != 0 {
			return yes.of("a branch takes none")
		}
		return no.of("a branch takes none")
	}
	a, b := yes.of("a branch takes none"), no.of("a branch takes none")
	if len(a) == len(b) {
		for i := range a {
			pair := together("cond", a[i], b[i])
			a[i], b[i] = pair[0], pair[1]
		}
	}
	results, err := graph.Cond(c.n, nodes(a), nodes(b))
	raise("cond", err)
	return wrapAll(results)
}

// WhileOptions sets how many steps a [While] takes at most; 0 for no bound.
type WhileOptions struct{ MaxSteps int }

// While calls step on states, tensors or Go numbers, and again on its results,
// for as long as condition is true of them, and returns the last ones. Both are
// Go functions with a parameter for each state; condition returns a bool tensor
// without axes, step the next states, which keep their shapes and dtypes. As in
// [Scan] both are called once, on symbolic tensors.
//
// With MaxSteps there are no more steps than that, and the result can be
// differentiated; the states of so many steps are kept for it. Without it, the
// attempt is an error with cause [ErrNoDerivative].
func While(condition, step any, states []any, options ...WhileOptions) []*Tensor {
	test, next := tensorFuncOf("while", "the condition", condition), tensorFuncOf("while", "the step", step)
	limit := 0
	for _, o := range options {
		if limit = o.MaxSteps; limit < 0 {
			panic(&Error{Op: "while", Axis: -1, Msg: fmt.Sprintf("MaxSteps is %d", limit)})
		}
	}
	var first, before []*graph.Node
	var args []*Tensor
	for _, s := range states {
		x := tensorOf("while", s)
		p := graph.Parameter("dl.While", x.n.Type)
		first, before, args = append(first, x.n), append(before, p), append(args, wrap(p))
	}
	what := fmt.Sprintf("%d states", len(states))
	still, after := test.of(what, args...), next.of(what, args...)
	if len(after) != len(states) {
		panic(&Error{Op: "while", Axis: -1, Msg: fmt.Sprintf("the step returns %d tensors for %d states", len(after), len(states))})
	}
	if len(still) != 1 {
		panic(&Error{Op: "while", Axis: -1, Msg: fmt.Sprintf("the condition returns %d tensors, want one bool", len(still))})
	}
	for i, a := range after {
		if want := before[i].DType; a.n.DType != want && want.IsFloat() && a.n.DType.IsFloat() {
			after[i] = apply(backend.Cast, graph.CastAttrs{DType: want}, a)
		}
	}
	last, err := graph.While(first, before, nodes(after), still[0].n, limit)
	raise("while", err)
	return wrapAll(last)
}
