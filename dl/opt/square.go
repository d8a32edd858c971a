package opt

import "github.com/fluxion-go/fluxion/dl"

// RMSProp returns the rule of Tieleman and Hinton's lecture 6.5 (2012): with ρ
// 0.99, ε 10⁻⁸ and momentum μ 0, a parameter w, its mean square v and its
// velocity u, which begin as 0, change by
//
//	v ← ρ·v + (1−ρ)·g²
//	u ← μ·u + g/(√v + ε)
//	w ← w − α·u
//
// With [Centered], v less the square of a moving mean of g stands under the
// root. Options: [Rho], [Epsilon], [Momentum], [Centered], [WeightDecay].
func RMSProp(learningRate float64, options ...Option) *Rule {
	r := newRule("rmsprop", learningRate, settings{rho: 0.99, epsilon: 1e-8}, options, "Rho", "Epsilon", "Momentum", "Centered")
	r.slots = []slot{{name: "mean square"}}
	if r.centered {
		r.slots = append(r.slots, slot{name: "mean gradient"})
	}
	if r.momentum != 0 {
		r.slots = append(r.slots, slot{name: "velocity"})
	}
	r.step = func(r *Rule, w, g *dl.Tensor, s []*dl.Tensor) (*dl.Tensor, []*dl.Tensor) {
		square := moving(s[0], g.Square(), r.rho)
		next, under := []*dl.Tensor{square}, square
		if r.centered {
			mean := moving(s[1], g, r.rho)
			next, under = append(next, mean), square.Sub(mean.Square()).ReLU()
		}
		step := g.Div(under.Sqrt().Add(r.epsilon))
		if r.momentum != 0 {
			step = s[len(s)-1].Mul(r.momentum).Add(step)
			next = append(next, step)
		}
		return w.Sub(step.Mul(r.of(w))), next
	}
	return r
}

// Adagrad returns the rule of Duchi, Hazan and Singer, "Adaptive subgradient
// methods for online learning and stochastic optimization" (2011): with s the
// sum of squared gradients,
//
//	s ← s + g²
//	w ← w − α·g/(√s + ε)
//
// where ε is 10⁻¹⁰. Options: [Epsilon], [WeightDecay].
func Adagrad(learningRate float64, options ...Option) *Rule {
	r := newRule("adagrad", learningRate, settings{epsilon: 1e-10}, options, "Epsilon")
	r.slots = []slot{{name: "sum of squares"}}
	r.step = func(r *Rule, w, g *dl.Tensor, s []*dl.Tensor) (*dl.Tensor, []*dl.Tensor) {
		sum := s[0].Add(g.Square())
		return w.Sub(g.Div(sum.Sqrt().Add(r.epsilon)).Mul(r.of(w))), []*dl.Tensor{sum}
	}
	return r
}

// Adadelta returns the rule of Zeiler, "ADADELTA: an adaptive learning rate
// method" (2012): with mean squares v of the gradients and u of the steps,
//
//	v ← ρ·v + (1−ρ)·g²
//	d = √(u + ε)/√(v + ε) · g
//	u ← ρ·u + (1−ρ)·d²
//	w ← w − α·d
//
// where ρ is 0.9 and ε 10⁻⁶; the paper's α is 1. Options: [Rho], [Epsilon],
// [WeightDecay].
func Adadelta(learningRate float64, options ...Option) *Rule {
	r := newRule("adadelta", learningRate, settings{rho: 0.9, epsilon: 1e-6}, options, "Rho", "Epsilon")
	r.slots = []slot{{name: "mean square"}, {name: "mean square of steps"}}
	r.step = func(r *Rule, w, g *dl.Tensor, s []*dl.Tensor) (*dl.Tensor, []*dl.Tensor) {
		square := moving(s[0], g.Square(), r.rho)
		step := s[1].Add(r.epsilon).Sqrt().Div(square.Add(r.epsilon).Sqrt()).Mul(g)
		return w.Sub(step.Mul(r.of(w))), []*dl.Tensor{square, moving(s[1], step.Square(), r.rho)}
	}
	return r
}
