package opt

import (
	"fmt"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
)

// A Wrapped rule is a rule of other rules, as [ClipNorm], [ClipValue] and
// [Groups] make them.
type Wrapped struct {
	rules []Optimizer
	parts func(parameters []*dl.Tensor) [][]int // of each rule, the places of its parameters; nil: all
	clip  func(gradients []*dl.Tensor) []*dl.Tensor
}

// ClipValue returns the rule for gradients whose elements are moved into
// [−limit, limit] first.
func ClipValue(rule Optimizer, limit float64) *Wrapped {
	positive("ClipValue", limit)
	return &Wrapped{rules: []Optimizer{rule}, clip: func(gs []*dl.Tensor) []*dl.Tensor {
		out := make([]*dl.Tensor, len(gs))
		for i, g := range gs {
			out[i] = g.Clip(-limit, limit)
		}
		return out
	}}
}

// ClipNorm returns the rule for gradients that are multiplied first by one
// number, so that the Euclidean norm N of all of them together is at most
// limit: min(1, limit/(N + 10⁻⁶)); Pascanu, Mikolov and Bengio, "On the
// difficulty of training recurrent neural networks" (2013).
func ClipNorm(rule Optimizer, limit float64) *Wrapped {
	positive("ClipNorm", limit)
	return &Wrapped{rules: []Optimizer{rule}, clip: func(gs []*dl.Tensor) []*dl.Tensor {
		var squares *dl.Tensor
		for _, g := range gs {
			if s := g.Square().Sum(); squares == nil {
				squares = s
			} else {
				squares = squares.Add(s)
			}
		}
		out := make([]*dl.Tensor, len(gs))
		for i, g := range gs {
			factor := dl.Div(limit, squares.Sqrt().Add(1e-6)).Minimum(1)
			out[i] = g.Mul(factor.Cast(g.DType()))
		}
		return out
	}}
}

func positive(name string, limit float64) {
	if !(limit > 0) {
		panic(&dl.Error{Op: "opt", Axis: -1, Msg: fmt.Sprintf("%s with the limit %g, want more than 0", name, limit)})
	}
}

// A Group is a rule for some parameters.
type Group struct {
	Rule  Optimizer
	Match func(parameter *dl.Tensor) bool // whether a parameter belongs to the group; see Among and Biases
}

// Among returns the Match of a [Group] of these parameters.
func Among(parameters ...*dl.Tensor) func(*dl.Tensor) bool {
	return func(p *dl.Tensor) bool { return slices.Contains(parameters, p) }
}

// Vectors is the Match of a [Group] of the parameters with at most one axis:
// biases, and what normalisation multiplies by, which weight decay should
// leave alone.
func Vectors(p *dl.Tensor) bool { return p.Rank() < 2 }

// Groups returns the rule by which each parameter changes as the first group
// says that it belongs to, and as rest says where there is none.
func Groups(rest Optimizer, groups ...Group) *Wrapped {
	w := &Wrapped{}
	for i, g := range groups {
		if g.Rule == nil || g.Match == nil {
			panic(&dl.Error{Op: "opt", Axis: -1, Msg: fmt.Sprintf("group %d needs a Rule and a Match", i+1)})
		}
		w.rules = append(w.rules, g.Rule)
	}
	w.rules = append(w.rules, rest)
	w.parts = func(parameters []*dl.Tensor) [][]int {
		parts := make([][]int, len(w.rules))
		for i, p := range parameters {
			k := slices.IndexFunc(groups, func(g Group) bool { return g.Match(p) })
			if k < 0 {
				k = len(groups)
			}
			parts[k] = append(parts[k], i)
		}
		return parts
	}
	return w
}

// places returns the places of the parameters of each rule.
func (w *Wrapped) places(parameters []*dl.Tensor) [][]int {
	if w.parts != nil {
		return w.parts(parameters)
	}
	all := make([]int, len(parameters))
	for i := range all {
		all[i] = i
	}
	return [][]int{all}
}

func pick(ts []*dl.Tensor, places []int) []*dl.Tensor {
	out := make([]*dl.Tensor, len(places))
	for i, p := range places {
		out[i] = ts[p]
	}
	return out
}

// Updates implements [Optimizer].
func (w *Wrapped) Updates(parameters, gradients []*dl.Tensor) []dl.Update {
	if w.clip != nil {
		gradients = w.clip(gradients)
	}
	var updates []dl.Update
	for i, places := range w.places(parameters) {
		if len(places) > 0 {
			updates = append(updates, w.rules[i].Updates(pick(parameters, places), pick(gradients, places))...)
		}
	}
	return updates
}

// State implements [Stateful]; a rule that is not stateful has none.
func (w *Wrapped) State(parameters []*dl.Tensor) []*dl.Tensor {
	var all []*dl.Tensor
	for i, places := range w.places(parameters) {
		if s, ok := w.rules[i].(Stateful); ok {
			all = append(all, s.State(pick(parameters, places))...)
		}
	}
	return all
}

// Scale implements [Scalable] for all rules, of which each must be scalable.
func (w *Wrapped) Scale(factor float64) {
	for _, r := range w.rules {
		scaleRule(r, factor)
	}
}
