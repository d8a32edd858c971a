package dl

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// The activations of the field that are not elementary functions themselves.
// All give float32 for integers.

// GELU returns t·Φ(t), where Φ is the distribution function of the standard
// normal distribution: ½·t·(1 + erf(t/√2)) (Hendrycks and Gimpel, 2016).
func (t *Tensor) GELU() *Tensor { return floatUnary(backend.GELU, t) }

// GELUTanh returns the approximation ½·t·(1 + tanh(√(2/π)·(t + 0.044715·t³)))
// of [Tensor.GELU], which many published weights were trained with.
func (t *Tensor) GELUTanh() *Tensor {
	x := t.check("gelu_tanh").float()
	inner := x.Square().Mul(0.044715).Add(1).Mul(x).Mul(math.Sqrt(2 / math.Pi))
	return x.Mul(0.5).Mul(inner.Tanh().Add(1))
}

// SiLU returns t·sigmoid(t), also called swish.
func (t *Tensor) SiLU() *Tensor {
	x := t.check("silu").float()
	return x.Mul(x.Sigmoid())
}

// Mish returns t·tanh(softplus(t)) (Misra, 2019).
func (t *Tensor) Mish() *Tensor {
	x := t.check("mish").float()
	return x.Mul(x.Softplus().Tanh())
}

// LogSigmoid returns log sigmoid(t) without overflow.
func (t *Tensor) LogSigmoid() *Tensor { return t.check("log_sigmoid").float().Neg().Softplus().Neg() }

// Softsign returns t/(1 + |t|).
func (t *Tensor) Softsign() *Tensor {
	x := t.check("softsign").float()
	return x.Div(x.Abs().Add(1))
}

// LeakyReLU returns t where it is positive, else slope·t.
func (t *Tensor) LeakyReLU(slope float64) *Tensor {
	x := t.check("leaky_relu").float()
	return Where(x.Greater(0), x, x.Mul(slope))
}

// ELU returns t where it is positive, else alpha·(eᵗ − 1) (Clevert and others,
// 2015).
func (t *Tensor) ELU(alpha float64) *Tensor {
	x := t.check("elu").float()
	return Where(x.Greater(0), x, x.Minimum(0).Expm1().Mul(alpha))
}

// SELU returns the ELU with the scale and alpha that keep mean 0 and variance 1
// from layer to layer (Klambauer and others, 2017).
func (t *Tensor) SELU() *Tensor {
	const alpha, scale = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
	return t.check("selu").ELU(alpha).Mul(scale)
}

// CELU returns max(t, 0) + min(alpha·(e^(t/alpha) − 1), 0) (Barron, 2017).
func (t *Tensor) CELU(alpha float64) *Tensor {
	x := t.check("celu").float()
	return Where(x.Greater(0), x, x.Minimum(0).Div(alpha).Expm1().Mul(alpha))
}

// ReLU6 returns t moved into [0, 6].
func (t *Tensor) ReLU6() *Tensor { return t.check("relu6").float().between(0, 6) }

// HardTanh returns t moved into [−1, 1].
func (t *Tensor) HardTanh() *Tensor { return t.check("hard_tanh").float().between(-1, 1) }

// HardSigmoid returns t/6 + ½ moved into [0, 1].
func (t *Tensor) HardSigmoid() *Tensor {
	return t.check("hard_sigmoid").float().Div(6.0).Add(0.5).between(0, 1)
}

// HardSwish returns t·hard_sigmoid(t) (Howard and others, 2019).
func (t *Tensor) HardSwish() *Tensor { return t.check("hard_swish").float().Mul(t.HardSigmoid()) }

// between is Clip without a share of the gradient at the bounds.
func (t *Tensor) between(low, high float64) *Tensor {
	return Where(t.Greater(low).And(t.Less(high)), t, t.StopGradient().Clip(low, high))
}

// GLU returns the first half of t along an axis times the sigmoid of the second
// (Dauphin and others, 2016).
func (t *Tensor) GLU(a int) *Tensor {
	halves := t.check("glu").float().Split(2, a)
	return halves[0].Mul(halves[1].Sigmoid())
}

// HardShrink returns t where |t| > lambda, else 0.
func (t *Tensor) HardShrink(lambda float64) *Tensor {
	x := t.check("hard_shrink").float()
	return Where(x.Abs().Greater(lambda), x, ZerosLike(x))
}

// SoftShrink returns t moved towards 0 by lambda, and 0 where |t| ≤ lambda.
func (t *Tensor) SoftShrink(lambda float64) *Tensor {
	x := t.check("soft_shrink").float()
	return x.Sub(x.Clip(-lambda, lambda))
}

// TanhShrink returns t − tanh t.
func (t *Tensor) TanhShrink() *Tensor {
	x := t.check("tanh_shrink").float()
	return x.Sub(x.Tanh())
}
