package opt

import (
	"math"

	"github.com/fluxion-go/fluxion/dl"
)

// AdamRule is Adam, as [Adam] and [AdamW] make it.
type AdamRule struct {
	rate
	beta1, beta2, epsilon, decay float64
	decoupled                    bool
	moments                      map[*dl.Tensor]*moments
}

// moments is what Adam remembers of one parameter.
type moments struct {
	first, second *dl.Tensor
	steps         *dl.Tensor // taken so far
}

// AdamOption is an option of [Adam] and [AdamW].
type AdamOption interface{ adam(*AdamRule) }

// Adam returns the rule of Kingma and Ba, "Adam: a method for stochastic
// optimization" (2015), algorithm 1, with learning rate α, which 0.001 suits
// in most cases. With g the gradient, step t from 1, a parameter w and its
// moments m and v, which begin as 0, change by
//
//	m ← β₁·m + (1−β₁)·g
//	v ← β₂·v + (1−β₂)·g²
//	w ← w − α·m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε)
//
// where β₁ is 0.9, β₂ 0.999 and ε 10⁻⁸; see [Betas] and [Epsilon].
func Adam(learningRate float64, options ...AdamOption) *AdamRule {
	r := &AdamRule{rate: newRate(learningRate), beta1: 0.9, beta2: 0.999, epsilon: 1e-8, moments: map[*dl.Tensor]*moments{}}
	for _, o := range options {
		o.adam(r)
	}
	return r
}

// AdamW returns [Adam] with the weight decay λ of Loshchilov and Hutter,
// "Decoupled weight decay regularization" (2019): w ← w − α·λ·w before each
// step. Without [WeightDecay] among the options λ is 0.01.
func AdamW(learningRate float64, options ...AdamOption) *AdamRule {
	r := Adam(learningRate, append([]AdamOption{WeightDecay(0.01)}, options...)...)
	r.decoupled = true
	return r
}

// Updates implements [Optimizer].
func (r *AdamRule) Updates(parameters, gradients []*dl.Tensor) []dl.Update {
	var updates []dl.Update
	for i, w := range parameters {
		s := r.moments[w]
		if s == nil {
			s = &moments{zeros(w, "first moment"), zeros(w, "second moment"), dl.Variable(dl.NewAs(w.DType(), 0.0), "steps")}
			r.moments[w] = s
		}
		g, old := gradients[i], w
		switch {
		case r.decay != 0 && r.decoupled:
			old = w.Sub(w.Mul(r.of(w).Mul(r.decay)))
		case r.decay != 0:
			g = g.Add(w.Mul(r.decay))
		}
		first := s.first.Mul(r.beta1).Add(g.Mul(1 - r.beta1))
		second := s.second.Mul(r.beta2).Add(g.Square().Mul(1 - r.beta2))
		t := s.steps.Add(1)
		// 1−βᵗ as −expm1(t·log β): in float32 the difference would lose four digits.
		rest := func(beta float64) *dl.Tensor { return t.Mul(math.Log(beta)).Expm1().Neg() }
		mean := first.Div(rest(r.beta1))
		spread := second.Div(rest(r.beta2)).Sqrt()
		updates = append(updates,
			dl.Set(s.first, first), dl.Set(s.second, second), dl.Set(s.steps, t),
			dl.Set(w, old.Sub(mean.Div(spread.Add(r.epsilon)).Mul(r.of(w)))))
	}
	return updates
}

type betas [2]float64

func (b betas) adam(r *AdamRule) { r.beta1, r.beta2 = b[0], b[1] }

// Betas sets what fraction of the two moments [Adam] remembers.
func Betas(beta1, beta2 float64) AdamOption { return betas{beta1, beta2} }

type epsilon float64

func (e epsilon) adam(r *AdamRule) { r.epsilon = float64(e) }

// Epsilon sets what keeps [Adam] from dividing by 0.
func Epsilon(e float64) AdamOption { return epsilon(e) }
