package nn

import (
	"math"

	"github.com/fluxion-go/fluxion/dl"
)

// An Initializer returns the numbers that a parameter of the given shape
// begins with. fanIn is how many inputs each output of the layer is computed
// from, fanOut how many outputs each input goes into.
type Initializer func(fanIn, fanOut int, shape ...int) *dl.Tensor

// HeNormal draws from the normal distribution of variance 2/fanIn, which keeps
// the size of signals through layers with [ReLU]: He, Zhang, Ren and Sun,
// "Delving deep into rectifiers" (2015).
func HeNormal(fanIn, _ int, shape ...int) *dl.Tensor {
	return dl.Randn(shape...).Mul(math.Sqrt(2 / float64(fanIn)))
}

// HeUniform draws evenly from [−a, a] with the variance of [HeNormal]:
// a² = 6/fanIn.
func HeUniform(fanIn, _ int, shape ...int) *dl.Tensor {
	return uniform(math.Sqrt(6/float64(fanIn)), shape)
}

// GlorotNormal draws from the normal distribution of variance
// 2/(fanIn+fanOut), which suits [Tanh] and [Sigmoid]: Glorot and Bengio,
// "Understanding the difficulty of training deep feedforward neural networks"
// (2010).
func GlorotNormal(fanIn, fanOut int, shape ...int) *dl.Tensor {
	return dl.Randn(shape...).Mul(math.Sqrt(2 / float64(fanIn+fanOut)))
}

// GlorotUniform draws evenly from [−a, a] with the variance of
// [GlorotNormal]: a² = 6/(fanIn+fanOut).
func GlorotUniform(fanIn, fanOut int, shape ...int) *dl.Tensor {
	return uniform(math.Sqrt(6/float64(fanIn+fanOut)), shape)
}

// Zeros returns zeros.
func Zeros(_, _ int, shape ...int) *dl.Tensor { return dl.Zeros(shape...) }

// Constant returns an initialiser with all numbers v.
func Constant(v float64) Initializer {
	return func(_, _ int, shape ...int) *dl.Tensor { return dl.Full(v, shape...) }
}

func uniform(a float64, shape []int) *dl.Tensor { return dl.Rand(shape...).Mul(2 * a).Sub(a) }
