package opt

import "github.com/fluxion-go/fluxion/dl"

// SGDRule is gradient descent, as [SGD] makes it.
type SGDRule struct {
	rate
	momentum, decay float64
	nesterov        bool
	velocity        map[*dl.Tensor]*dl.Tensor
}

// SGDOption is an option of [SGD].
type SGDOption interface{ sgd(*SGDRule) }

// SGD returns gradient descent with the given learning rate α. With g the
// gradient, decay λ and momentum μ, a step changes a parameter w and its
// velocity v, which begins as 0, by
//
//	g ← g + λ·w
//	v ← μ·v + g
//	w ← w − α·v        with Nesterov:  w ← w − α·(g + μ·v)
//
// which is the form that Sutskever, Martens, Dahl and Hinton give it in "On
// the importance of initialization and momentum in deep learning" (2013) but
// for the learning rate, which stands before v as in PyTorch.
func SGD(learningRate float64, options ...SGDOption) *SGDRule {
	r := &SGDRule{rate: newRate(learningRate), velocity: map[*dl.Tensor]*dl.Tensor{}}
	for _, o := range options {
		o.sgd(r)
	}
	return r
}

// Updates implements [Optimizer].
func (r *SGDRule) Updates(parameters, gradients []*dl.Tensor) []dl.Update {
	var updates []dl.Update
	for i, w := range parameters {
		step := gradients[i]
		if r.decay != 0 {
			step = step.Add(w.Mul(r.decay))
		}
		if r.momentum != 0 {
			if r.velocity[w] == nil {
				r.velocity[w] = zeros(w, "velocity")
			}
			v := r.velocity[w].Mul(r.momentum).Add(step)
			updates = append(updates, dl.Set(r.velocity[w], v))
			if r.nesterov {
				step = step.Add(v.Mul(r.momentum))
			} else {
				step = v
			}
		}
		updates = append(updates, dl.Set(w, w.Sub(step.Mul(r.of(w)))))
	}
	return updates
}

type momentum float64

func (m momentum) sgd(r *SGDRule) { r.momentum = float64(m) }

// Momentum makes [SGD] remember the fraction m, such as 0.9, of its last step.
func Momentum(m float64) SGDOption { return momentum(m) }

type nesterov struct{}

func (nesterov) sgd(r *SGDRule) { r.nesterov = true }

// Nesterov makes [SGD] take the gradient as if the step of the momentum had
// been made already. It needs [Momentum] beside it to have an effect.
func Nesterov() SGDOption { return nesterov{} }

// A Decay is what [WeightDecay] returns, an option of every rule.
type Decay float64

// WeightDecay pulls parameters to 0, by adding λ·w to the gradient of each
// parameter w. For [AdamW] it is taken from the parameter directly.
func WeightDecay(lambda float64) Decay { return Decay(lambda) }

func (d Decay) sgd(r *SGDRule)   { r.decay = float64(d) }
func (d Decay) adam(r *AdamRule) { r.decay = float64(d) }
