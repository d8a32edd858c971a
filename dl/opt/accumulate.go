package opt

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

// An Accumulated rule is one that takes a step for several batches; see
// [Accumulate].
type Accumulated struct {
	rule   Optimizer
	every  int
	sums   map[*dl.Tensor]*dl.Tensor // of gradients, by parameter
	counts map[*dl.Tensor]*dl.Tensor // of batches since the last step, by the first parameter
}

// Accumulate returns the rule that adds up the gradients of so many batches, and
// takes a step with their mean at the last of them: a large batch in the memory of
// a small one. The batches in between change no parameter.
func Accumulate(rule Optimizer, batches int) *Accumulated {
	if batches < 1 {
		panic(&dl.Error{Op: "opt", Axis: -1, Msg: fmt.Sprintf("Accumulate of %d batches, want at least 1", batches)})
	}
	return &Accumulated{rule: rule, every: batches, sums: map[*dl.Tensor]*dl.Tensor{}, counts: map[*dl.Tensor]*dl.Tensor{}}
}

// memory returns the variables of parameters.
func (a *Accumulated) memory(parameters []*dl.Tensor) (sums []*dl.Tensor, count *dl.Tensor) {
	for _, w := range parameters {
		if a.sums[w] == nil {
			a.sums[w] = dl.Variable(dl.ZerosLike(w), "sum of gradients of "+w.Name())
		}
		sums = append(sums, a.sums[w])
	}
	first := parameters[0]
	if a.counts[first] == nil {
		a.counts[first] = dl.Variable(dl.Scalar(int64(0)), "batches")
	}
	return sums, a.counts[first]
}

// Updates implements [Optimizer].
func (a *Accumulated) Updates(parameters, gradients []*dl.Tensor) []dl.Update {
	if len(parameters) == 0 {
		return nil
	}
	sums, count := a.memory(parameters)
	due := count.Add(1).GreaterEqual(a.every)
	means := make([]*dl.Tensor, len(gradients))
	var updates []dl.Update
	for i, g := range gradients {
		sum := sums[i].Add(g)
		means[i] = sum.Div(float64(a.every))
		updates = append(updates, dl.Set(sums[i], dl.Where(due, dl.ZerosLike(sum), sum)))
	}
	updates = append(updates, dl.Set(count, dl.Where(due, 0, count.Add(1))))
	for _, u := range a.rule.Updates(parameters, means) {
		updates = append(updates, dl.Set(u.Variable, dl.Where(due, u.New, u.Variable)))
	}
	return updates
}

// State implements [Stateful].
func (a *Accumulated) State(parameters []*dl.Tensor) []*dl.Tensor {
	if len(parameters) == 0 {
		return nil
	}
	sums, count := a.memory(parameters)
	all := append(sums, count)
	if s, ok := a.rule.(Stateful); ok {
		all = append(all, s.State(parameters)...)
	}
	return all
}

// Scale implements [Scalable] for a rule that is.
func (a *Accumulated) Scale(factor float64) { scaleRule(a.rule, factor) }

func scaleRule(r Optimizer, factor float64) {
	s, ok := r.(Scalable)
	if !ok {
		panic(&dl.Error{Op: "opt", Axis: -1, Msg: fmt.Sprintf("a schedule needs rules with a method Scale(factor float64), %T has none", r)})
	}
	s.Scale(factor)
}
