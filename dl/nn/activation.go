package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

// ReLU returns the layer max(x, 0).
func ReLU() Layer { return Func("relu", (*dl.Tensor).ReLU) }

// LeakyReLU returns the layer x for x ≥ 0 and slope·x below.
func LeakyReLU(slope float64) Layer {
	return Func(fmt.Sprintf("leaky_relu(%g)", slope), func(x *dl.Tensor) *dl.Tensor { return x.LeakyReLU(slope) })
}

// ELU returns the layer x for x ≥ 0 and alpha·(eˣ − 1) below: Clevert,
// Unterthiner and Hochreiter, "Fast and accurate deep network learning by
// exponential linear units" (2016).
func ELU(alpha float64) Layer {
	return Func(fmt.Sprintf("elu(%g)", alpha), func(x *dl.Tensor) *dl.Tensor { return x.ELU(alpha) })
}

// SELU returns the layer λ·elu(x) with α = 1.6733 and λ = 1.0507, which keeps
// means near 0 and variances near 1: Klambauer and others, "Self-normalizing
// neural networks" (2017).
func SELU() Layer { return Func("selu", (*dl.Tensor).SELU) }

// GELU returns the layer x·Φ(x), with Φ the normal distribution function:
// Hendrycks and Gimpel, "Gaussian error linear units" (2016).
func GELU() Layer { return Func("gelu", (*dl.Tensor).GELU) }

// SiLU returns the layer x·sigmoid(x), also called swish.
func SiLU() Layer { return Func("silu", (*dl.Tensor).SiLU) }

// Mish returns the layer x·tanh(softplus(x)): Misra (2019).
func Mish() Layer { return Func("mish", (*dl.Tensor).Mish) }

// HardSigmoid returns the layer x/6 + 1/2, cut to [0, 1].
func HardSigmoid() Layer { return Func("hard_sigmoid", (*dl.Tensor).HardSigmoid) }

// HardSwish returns the layer x·[HardSigmoid](x).
func HardSwish() Layer { return Func("hard_swish", (*dl.Tensor).HardSwish) }

// Softplus returns the layer log(1 + eˣ).
func Softplus() Layer { return Func("softplus", (*dl.Tensor).Softplus) }

// Softsign returns the layer x/(1 + |x|).
func Softsign() Layer { return Func("softsign", (*dl.Tensor).Softsign) }

// Tanh returns the layer tanh(x).
func Tanh() Layer { return Func("tanh", (*dl.Tensor).Tanh) }

// Sigmoid returns the layer 1/(1+exp(−x)).
func Sigmoid() Layer { return Func("sigmoid", (*dl.Tensor).Sigmoid) }

// Softmax returns the layer exp(x)/Σexp(x), summed along the last axis. The
// loss [SoftmaxCrossEntropy] has it in it already.
func Softmax() Layer {
	return Func("softmax", func(x *dl.Tensor) *dl.Tensor { return x.Softmax(-1) })
}

// LogSoftmax returns the layer of the logarithm of [Softmax], for
// [NegativeLogLikelihood].
func LogSoftmax() Layer {
	return Func("log_softmax", func(x *dl.Tensor) *dl.Tensor { return x.LogSoftmax(-1) })
}

// ReLU6 returns the layer max(x, 0), cut at 6.
func ReLU6() Layer { return Func("relu6", (*dl.Tensor).ReLU6) }

// HardTanh returns the layer x, cut to [−1, 1].
func HardTanh() Layer { return Func("hard_tanh", (*dl.Tensor).HardTanh) }

// LogSigmoid returns the layer log(1/(1+exp(−x))).
func LogSigmoid() Layer { return Func("log_sigmoid", (*dl.Tensor).LogSigmoid) }

// CELU returns the layer x for x ≥ 0 and alpha·(exp(x/alpha) − 1) below: Barron,
// "Continuously differentiable exponential linear units" (2017).
func CELU(alpha float64) Layer {
	return Func(fmt.Sprintf("celu(%g)", alpha), func(x *dl.Tensor) *dl.Tensor { return x.CELU(alpha) })
}

// GLU returns the layer a·sigmoid(b), where a and b are the halves of x along the
// last axis: Dauphin and others, "Language modeling with gated convolutional
// networks" (2017).
func GLU() Layer { return Func("glu", func(x *dl.Tensor) *dl.Tensor { return x.GLU(x.Rank() - 1) }) }

// Identity returns the layer that gives what it gets.
func Identity() Layer { return Func("identity", func(x *dl.Tensor) *dl.Tensor { return x }) }

type prelu struct{ a *dl.Tensor }

// PReLU returns the layer x for x ≥ 0 and a·x below, with one learned a for
// each channel, axis 1 of x, that begins as 1/4: He, Zhang, Ren and Sun,
// "Delving deep into rectifiers" (2015).
func PReLU() Layer { return &prelu{} }

func (l *prelu) String() string { return "prelu" }

func (l *prelu) Apply(x *dl.Tensor) *dl.Tensor {
	if x.Rank() < 2 {
		panic(misuse("input", x, "", "shape %v, want at least 2 axes", x.Shape()))
	}
	if l.a == nil {
		n := known(x, 1)
		l.a = parameter(x, "slopes", Constant(0.25), n, n, n)
	}
	return x.ReLU().Sub(x.Neg().ReLU().Mul(alongChannels(l.a, x.Rank())))
}

func (l *prelu) Parameters() []*dl.Tensor { return present(l.a) }

// alongChannels shapes a vector such that it broadcasts along axis 1 of a
// tensor of so many axes.
func alongChannels(v *dl.Tensor, rank int) *dl.Tensor {
	shape := make([]int, rank-1)
	for i := range shape {
		shape[i] = 1
	}
	shape[0] = v.Size()
	return v.Reshape(shape...)
}
