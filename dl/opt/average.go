package opt

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

// An Averaged rule remembers a moving average of the parameters; see [Average].
type Averaged struct {
	rule  Optimizer
	decay float64
	means map[*dl.Tensor]*dl.Tensor
}

// Average returns the rule that keeps beside each parameter w a moving average m ←
// decay·m + (1−decay)·w of what its steps make of it, which often does better on
// examples that were not seen: Polyak and Juditsky, "Acceleration of stochastic
// approximation by averaging" (1992). Training goes on with w; [Averaged.Swap]
// exchanges the two.
func Average(rule Optimizer, decay float64) *Averaged {
	if !(decay >= 0 && decay < 1) {
		panic(&dl.Error{Op: "opt", Axis: -1, Msg: fmt.Sprintf("Average with a decay of %g, want one of at least 0 and below 1, such as 0.999", decay)})
	}
	return &Averaged{rule: rule, decay: decay, means: map[*dl.Tensor]*dl.Tensor{}}
}

func (a *Averaged) mean(w *dl.Tensor) *dl.Tensor {
	if a.means[w] == nil {
		a.means[w] = dl.Variable(w.Cast(w.DType()).StopGradient(), "average of "+w.Name())
	}
	return a.means[w]
}

// Updates implements [Optimizer].
func (a *Averaged) Updates(parameters, gradients []*dl.Tensor) []dl.Update {
	updates := a.rule.Updates(parameters, gradients)
	next := map[*dl.Tensor]*dl.Tensor{}
	for _, u := range updates {
		next[u.Variable] = u.New
	}
	for _, w := range parameters {
		if n := next[w]; n != nil {
			updates = append(updates, dl.Set(a.mean(w), moving(a.mean(w), n, a.decay)))
		}
	}
	return updates
}

// Swap exchanges parameters and their averages: once before the model is used,
// and once more before it is trained on.
func (a *Averaged) Swap(parameters ...*dl.Tensor) {
	for _, w := range parameters {
		m := a.mean(w)
		now := w.Cast(w.DType()).StopGradient()
		w.Assign(m)
		m.Assign(now)
	}
}

// State implements [Stateful].
func (a *Averaged) State(parameters []*dl.Tensor) []*dl.Tensor {
	var all []*dl.Tensor
	for _, w := range parameters {
		all = append(all, a.mean(w))
	}
	if s, ok := a.rule.(Stateful); ok {
		all = append(all, s.State(parameters)...)
	}
	return all
}

// Scale implements [Scalable] for a rule that is.
func (a *Averaged) Scale(factor float64) { scaleRule(a.rule, factor) }
