package opt

import (
	"math"

	"github.com/fluxion-go/fluxion/dl"
)

// rest returns 1 − βᵗ as −expm1(t·log β): in float32 the difference would lose
// four digits.
func rest(t *dl.Tensor, beta float64) *dl.Tensor { return t.Mul(math.Log(beta)).Expm1().Neg() }

// moving returns β·m + (1−β)·x.
func moving(m, x *dl.Tensor, beta float64) *dl.Tensor { return m.Mul(beta).Add(x.Mul(1 - beta)) }

var (
	moments    = []slot{{name: "first moment"}, {name: "second moment"}, {name: "steps", number: true}}
	likeAdam   = settings{beta1: 0.9, beta2: 0.999, epsilon: 1e-8}
	adamOption = []string{"Betas", "Epsilon"}
)

// Adam returns the rule of Kingma and Ba, "Adam: a method for stochastic
// optimization" (2015), algorithm 1, with learning rate α, which 0.001 suits
// in most cases. With g the gradient, step t from 1, a parameter w and its
// moments m and v, which begin as 0, change by
//
//	m ← β₁·m + (1−β₁)·g
//	v ← β₂·v + (1−β₂)·g²
//	w ← w − α·m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε)
//
// where β₁ is 0.9, β₂ 0.999 and ε 10⁻⁸. Options: [Betas], [Epsilon],
// [AMSGrad], [WeightDecay].
func Adam(learningRate float64, options ...Option) *Rule {
	r := newRule("adam", learningRate, likeAdam, options, "Betas", "Epsilon", "AMSGrad")
	return r.adam()
}

// AdamW returns [Adam] with the weight decay λ of Loshchilov and Hutter,
// "Decoupled weight decay regularization" (2019): w ← w − α·λ·w before each
// step. Without [WeightDecay] among the options λ is 0.01.
func AdamW(learningRate float64, options ...Option) *Rule {
	s := likeAdam
	s.decay, s.decoupled = 0.01, true
	r := newRule("adamw", learningRate, s, options, "Betas", "Epsilon", "AMSGrad")
	return r.adam()
}

func (r *Rule) adam() *Rule {
	r.slots = moments
	if r.amsgrad {
		r.slots = append(moments[:3:3], slot{name: "greatest second moment"})
	}
	r.step = func(r *Rule, w, g *dl.Tensor, s []*dl.Tensor) (*dl.Tensor, []*dl.Tensor) {
		old := w
		if r.decay != 0 && r.decoupled {
			old = w.Sub(w.Mul(r.of(w).Mul(r.decay)))
		}
		first, second := moving(s[0], g, r.beta1), moving(s[1], g.Square(), r.beta2)
		t := s[2].Add(1)
		next := []*dl.Tensor{first, second, t}
		divisor := second
		if r.amsgrad {
			divisor = s[3].Maximum(second)
			next = append(next, divisor)
		}
		mean := first.Div(rest(t, r.beta1))
		spread := divisor.Div(rest(t, r.beta2)).Sqrt()
		return old.Sub(mean.Div(spread.Add(r.epsilon)).Mul(r.of(w))), next
	}
	return r
}

// Adamax returns the variant of [Adam] with the greatest gradient instead of
// the second moment, section 7.1 of the same paper:
//
//	u ← max(β₂·u, |g| + ε)
//	w ← w − α/(1−β₁ᵗ) · m/u
//
// A learning rate of 0.002 suits in most cases. Options: [Betas], [Epsilon],
// [WeightDecay].
func Adamax(learningRate float64, options ...Option) *Rule {
	r := newRule("adamax", learningRate, likeAdam, options, adamOption...)
	r.slots = []slot{{name: "first moment"}, {name: "greatest gradient"}, {name: "steps", number: true}}
	r.step = func(r *Rule, w, g *dl.Tensor, s []*dl.Tensor) (*dl.Tensor, []*dl.Tensor) {
		first := moving(s[0], g, r.beta1)
		greatest := s[1].Mul(r.beta2).Maximum(g.Abs().Add(r.epsilon))
		t := s[2].Add(1)
		return w.Sub(first.Div(greatest).Mul(r.of(w).Div(rest(t, r.beta1)))), []*dl.Tensor{first, greatest, t}
	}
	return r
}

// NAdam returns [Adam] with Nesterov's momentum: Dozat, "Incorporating
// Nesterov momentum into Adam" (2016). With μₜ = β₁·(1 − 0.96^(0.004·t)/2)
//
//	w ← w − α·((1−μₜ)·g/(1−Πμ₁…μₜ) + μₜ₊₁·m/(1−Πμ₁…μₜ₊₁)) / (√(v/(1−β₂ᵗ)) + ε)
//
// A learning rate of 0.002 suits in most cases. Options: [Betas], [Epsilon],
// [WeightDecay].
func NAdam(learningRate float64, options ...Option) *Rule {
	r := newRule("nadam", learningRate, likeAdam, options, adamOption...)
	r.slots = append(moments[:3:3], slot{name: "product of momenta", number: true, start: 1})
	r.step = func(r *Rule, w, g *dl.Tensor, s []*dl.Tensor) (*dl.Tensor, []*dl.Tensor) {
		first, second := moving(s[0], g, r.beta1), moving(s[1], g.Square(), r.beta2)
		t := s[2].Add(1)
		mu := func(t *dl.Tensor) *dl.Tensor {
			return dl.Sub(1, t.Mul(0.004*math.Log(0.96)).Exp().Mul(0.5)).Mul(r.beta1)
		}
		now, after := mu(t), mu(t.Add(1))
		product := s[3].Mul(now)
		spread := second.Div(rest(t, r.beta2)).Sqrt().Add(r.epsilon)
		step := g.Mul(dl.Sub(1, now).Div(dl.Sub(1, product))).
			Add(first.Mul(after.Div(dl.Sub(1, product.Mul(after)))))
		return w.Sub(step.Div(spread).Mul(r.of(w))), []*dl.Tensor{first, second, t, product}
	}
	return r
}

// RAdam returns [Adam] that goes by the first moment alone until the second
// one can be trusted: Liu and others, "On the variance of the adaptive
// learning rate and beyond" (2020), algorithm 2. With ρ∞ = 2/(1−β₂) − 1 and
// ρₜ = ρ∞ − 2·t·β₂ᵗ/(1−β₂ᵗ), where ρₜ > 5,
//
//	w ← w − α·m/(1−β₁ᵗ) · √((ρₜ−4)(ρₜ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρₜ)) · √(1−β₂ᵗ)/(√v + ε)
//
// and otherwise w ← w − α·m/(1−β₁ᵗ). Options: [Betas], [Epsilon],
// [WeightDecay].
func RAdam(learningRate float64, options ...Option) *Rule {
	r := newRule("radam", learningRate, likeAdam, options, adamOption...)
	r.slots = moments
	r.step = func(r *Rule, w, g *dl.Tensor, s []*dl.Tensor) (*dl.Tensor, []*dl.Tensor) {
		first, second := moving(s[0], g, r.beta1), moving(s[1], g.Square(), r.beta2)
		t := s[2].Add(1)
		most := 2/(1-r.beta2) - 1
		left := rest(t, r.beta2)
		length := dl.Sub(most, t.Mul(2).Mul(dl.Sub(1, left)).Div(left))
		trusted := length.Greater(5)
		l := dl.Where(trusted, length, dl.NewAs(w.DType(), most)) // no root of a negative number
		factor := l.Sub(4).Mul(l.Sub(2)).Mul(most / ((most - 4) * (most - 2))).Div(l).Sqrt()
		adapted := factor.Mul(left.Sqrt()).Div(second.Sqrt().Add(r.epsilon))
		step := first.Div(rest(t, r.beta1)).Mul(dl.Where(trusted, adapted, 1.0))
		return w.Sub(step.Mul(r.of(w))), []*dl.Tensor{first, second, t}
	}
	return r
}
