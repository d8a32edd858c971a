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
	return normal(math.Sqrt(2/float64(fanIn)), shape)
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
	return normal(math.Sqrt(2/float64(fanIn+fanOut)), shape)
}

// GlorotUniform draws evenly from [−a, a] with the variance of
// [GlorotNormal]: a² = 6/(fanIn+fanOut).
func GlorotUniform(fanIn, fanOut int, shape ...int) *dl.Tensor {
	return uniform(math.Sqrt(6/float64(fanIn+fanOut)), shape)
}

// LecunNormal draws from the normal distribution of variance 1/fanIn, which
// suits [SELU]: LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998).
func LecunNormal(fanIn, _ int, shape ...int) *dl.Tensor {
	return normal(math.Sqrt(1/float64(fanIn)), shape)
}

// LecunUniform draws evenly from [−a, a] with the variance of [LecunNormal]:
// a² = 3/fanIn.
func LecunUniform(fanIn, _ int, shape ...int) *dl.Tensor {
	return uniform(math.Sqrt(3/float64(fanIn)), shape)
}

// Zeros returns zeros.
func Zeros(_, _ int, shape ...int) *dl.Tensor { return dl.Zeros(shape...) }

// Ones returns ones.
func Ones(_, _ int, shape ...int) *dl.Tensor { return dl.Ones(shape...) }

// Constant returns an initialiser with all numbers v.
func Constant(v float64) Initializer {
	return func(_, _ int, shape ...int) *dl.Tensor { return dl.Full(v, shape...) }
}

// Normal returns an initialiser that draws from the normal distribution with
// mean 0 and this standard deviation.
func Normal(std float64) Initializer {
	return func(_, _ int, shape ...int) *dl.Tensor { return normal(std, shape) }
}

// Uniform returns an initialiser that draws evenly from [low, high).
func Uniform(low, high float64) Initializer {
	return func(_, _ int, shape ...int) *dl.Tensor { return dl.Rand(shape...).Mul(high - low).Add(low) }
}

// TruncatedNormal returns an initialiser that draws from the normal
// distribution with mean 0 and this standard deviation, without what is
// further than two of them from 0.
func TruncatedNormal(std float64) Initializer {
	return func(_, _ int, shape ...int) *dl.Tensor { return dl.TruncatedNormal(0, std, shape...) }
}

// Orthogonal returns an initialiser of matrices whose rows, or columns where
// there are fewer of them, are at right angles and of length gain: Saxe,
// McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning
// in deep linear neural networks" (2014). The axes of a parameter behind the
// first count as one.
func Orthogonal(gain float64) Initializer {
	return func(_, _ int, shape ...int) *dl.Tensor {
		if len(shape) < 2 {
			return dl.Full(gain, shape...)
		}
		rows, columns := shape[0], 1
		for _, d := range shape[1:] {
			columns *= d
		}
		n, m := min(rows, columns), max(rows, columns)
		vectors := orthogonal(dl.Randn(n, m).Float64s(), n, m)
		t := dl.New(vectors, n, m)
		if n != rows {
			t = t.T()
		}
		return t.Mul(gain).Reshape(shape...)
	}
}

// orthogonal makes n vectors of m ≥ n numbers orthonormal, by Gram and
// Schmidt's method, each taken twice because once leaves rounding errors.
func orthogonal(x []float64, n, m int) []float64 {
	for i := range n {
		v := x[i*m:][:m]
		for range 2 {
			for j := range i {
				u, dot := x[j*m:][:m], 0.0
				for k := range v {
					dot += u[k] * v[k]
				}
				for k := range v {
					v[k] -= dot * u[k]
				}
			}
		}
		square := 0.0
		for _, c := range v {
			square += c * c
		}
		for k := range v {
			v[k] /= math.Sqrt(square)
		}
	}
	return x
}

func normal(std float64, shape []int) *dl.Tensor { return dl.Randn(shape...).Mul(std) }

func uniform(a float64, shape []int) *dl.Tensor { return dl.Rand(shape...).Mul(2 * a).Sub(a) }
