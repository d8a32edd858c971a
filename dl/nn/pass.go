package nn

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl"
)

// A Pass is one way through a network: in training or in evaluation, which
// differ for layers such as [Dropout] and [BatchNorm]. Fit makes a pass of
// training; [Model.Apply], [Model.Predict] and [Model.Evaluate] make passes of
// evaluation. A training loop of one's own makes the pass itself:
//
//	pass := nn.Training()
//	loss := nn.SoftmaxCrossEntropy(pass.Apply(model, x), y)
//	updates := append(opt.Minimize(rule, loss, model.Parameters()...), pass.Updates()...)
//	step := dl.Function([]*dl.Tensor{x, y}, []*dl.Tensor{loss}, updates...)
//
// A pass is not remembered by what it went through, so that a model may be
// trained and evaluated in turns.
type Pass struct {
	training  bool
	updates   []dl.Update
	penalties []*dl.Tensor
	penalised []Layer
}

// Training returns a pass as training makes it.
func Training() *Pass { return &Pass{training: true} }

// Evaluation returns a pass as evaluation makes it.
func Evaluation() *Pass { return &Pass{} }

// Training reports whether the pass is one of training.
func (p *Pass) Training() bool { return p.training }

// Apply returns what a layer gives for x in this pass.
func (p *Pass) Apply(l Layer, x *dl.Tensor) *dl.Tensor {
	var y *dl.Tensor
	if m, ok := l.(Moded); ok {
		y = m.ApplyIn(p, x)
	} else {
		y = l.Apply(x)
	}
	if r, ok := l.(penalised); ok && p.training && !slices.Contains(p.penalised, l) {
		p.penalised = append(p.penalised, l)
		p.penalties = append(p.penalties, r.penalties()...)
	}
	return y
}

// ApplyAll returns what a layer gives for one or several inputs in this pass.
// A layer that is no [Joiner] takes one.
func (p *Pass) ApplyAll(l Layer, xs ...*dl.Tensor) *dl.Tensor {
	if j, ok := l.(Joiner); ok && len(xs) != 1 {
		return j.ApplyAll(p, xs...)
	}
	if len(xs) != 1 {
		panic(misuse("nn", nil, "join them first, as with nn.Concat", "%s takes one input, got %d", describe(l), len(xs)))
	}
	return p.Apply(l, xs[0])
}

// Set gives the state v of a layer, such as a running mean, its next value: at
// once where that is concrete, otherwise as one of [Pass.Updates].
func (p *Pass) Set(v, next *dl.Tensor) {
	if !next.IsSymbolic() {
		v.Assign(next)
		return
	}
	u := dl.Set(v, next)
	for i := range p.updates {
		if p.updates[i].Variable == v {
			p.updates[i] = u
			return
		}
	}
	p.updates = append(p.updates, u)
}

// Now returns the value of the state v as this pass has set it so far, so that
// a layer that stands in two places changes it twice.
func (p *Pass) Now(v *dl.Tensor) *dl.Tensor {
	for _, u := range p.updates {
		if u.Variable == v {
			return u.New
		}
	}
	return v
}

// Updates returns what the layers did to their state, for [dl.Function]. It is
// empty where the pass computed with concrete tensors: then the state has
// changed already.
func (p *Pass) Updates() []dl.Update { return slices.Clone(p.updates) }

// Penalise adds a number to what training makes small, beside the loss. See
// [Penalty] for the usual ones.
func (p *Pass) Penalise(cost *dl.Tensor) {
	if p.training {
		p.penalties = append(p.penalties, cost)
	}
}

// Penalties returns the sum of what the layers added to the cost, nil where
// there was nothing.
func (p *Pass) Penalties() *dl.Tensor {
	var sum *dl.Tensor
	for _, t := range p.penalties {
		if sum == nil {
			sum = t
		} else {
			sum = sum.Add(t)
		}
	}
	return sum
}

// penalised is a layer with penalties on its weights.
type penalised interface{ penalties() []*dl.Tensor }
