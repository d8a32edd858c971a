package opt

import "github.com/fluxion-go/fluxion/dl"

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
// for the learning rate, which stands before v as in PyTorch. Options:
// [Momentum], [Nesterov], [WeightDecay].
func SGD(learningRate float64, options ...Option) *Rule {
	r := newRule("sgd", learningRate, settings{}, options, "Momentum", "Nesterov")
	if r.momentum != 0 {
		r.slots = []slot{{name: "velocity"}}
	}
	r.step = func(r *Rule, w, g *dl.Tensor, s []*dl.Tensor) (*dl.Tensor, []*dl.Tensor) {
		var next []*dl.Tensor
		if r.momentum != 0 {
			v := s[0].Mul(r.momentum).Add(g)
			next = append(next, v)
			if r.nesterov {
				g = g.Add(v.Mul(r.momentum))
			} else {
				g = v
			}
		}
		return w.Sub(g.Mul(r.of(w))), next
	}
	return r
}

// RProp returns the rule of Riedmiller and Braun, "A direct adaptive method
// for faster backpropagation learning" (1993), without the way back: each
// element of a parameter has a step size δ of its own, which begins as the
// learning rate. Where the gradient has the sign that it had at the last step
// δ grows by the factor 1.2, up to 50; where it has the other sign δ shrinks by
// 0.5, down to 10⁻⁶, and the element stays for this step. Elsewhere
//
//	w ← w − sign(g)·δ
//
// It is for whole data sets, not for batches. Scale and SetLearningRate change
// nothing once the steps have begun.
func RProp(learningRate float64, options ...Option) *Rule {
	r := newRule("rprop", learningRate, settings{}, options)
	r.slots = []slot{{name: "last gradient"}, {name: "step size", start: learningRate}}
	r.step = func(r *Rule, w, g *dl.Tensor, s []*dl.Tensor) (*dl.Tensor, []*dl.Tensor) {
		same := g.Mul(s[0]).Sign()
		factor := dl.Where(same.Greater(0), 1.2, dl.Where(same.Less(0), dl.NewAs(w.DType(), 0.5), 1.0))
		size := s[1].Mul(factor).Clip(1e-6, 50)
		g = dl.Where(same.Less(0), dl.NewAs(w.DType(), 0.0), g)
		return w.Sub(g.Sign().Mul(size)), []*dl.Tensor{g, size}
	}
	return r
}
