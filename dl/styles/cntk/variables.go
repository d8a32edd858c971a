package cntk

import "github.com/fluxion-go/fluxion/dl"

// A Variable is an input, a parameter, or computed from them.
type Variable = dl.Tensor

// InputVariable returns a variable that is fed with a minibatch of float32
// samples of the given shape.
func InputVariable(shape ...int) *Variable {
	return dl.Placeholder("input", dl.Float32, append([]int{-1}, shape...)...)
}

// ClassVariable returns a variable that is fed with class numbers, where CNTK
// feeds vectors with a 1 at the class.
func ClassVariable() *Variable { return dl.Placeholder("class", dl.Int64, -1) }

// Parameter returns a variable that learners change. init is its initial value: a
// tensor or a Go slice of its shape, or a number for all elements.
func Parameter(init any, shape ...int) *Variable {
	t := dl.New(init)
	if t.Rank() == 0 {
		return dl.Variable(t.Cast(dl.Float32).BroadcastTo(shape...), "parameter")
	}
	return dl.Variable(t.Reshape(shape...), "parameter")
}

// Parameters returns all parameters that values were computed from.
func Parameters(values ...*Variable) []*Variable { return dl.Variables(values...) }

// Times returns the matrix product of samples and a parameter.
func Times(x, w *Variable) *Variable { return dl.MatMul(x, w) }

// Plus returns a + b.
func Plus(a, b any) *Variable { return dl.Add(a, b) }

// Minus returns a − b.
func Minus(a, b any) *Variable { return dl.Sub(a, b) }

// ElementTimes returns a · b, element by element.
func ElementTimes(a, b any) *Variable { return dl.Mul(a, b) }

// Sigmoid returns 1/(1 + e⁻ˣ).
func Sigmoid(x *Variable) *Variable { return x.Sigmoid() }

// Tanh returns the hyperbolic tangent.
func Tanh(x *Variable) *Variable { return x.Tanh() }

// ReLU returns max(x, 0).
func ReLU(x *Variable) *Variable { return x.ReLU() }

// Softmax returns exp(x) over its sum in each sample.
func Softmax(x *Variable) *Variable { return x.Softmax(-1) }

// ReduceSum returns the sum of all elements, such as those of a parameter.
func ReduceSum(x *Variable) *Variable { return x.Sum() }

// Square returns x².
func Square(x *Variable) *Variable { return x.Square() }

// BinaryCrossEntropy returns −t·log p − (1−t)·log(1−p) of each sample, for
// outputs p between 0 and 1 and labels t.
func BinaryCrossEntropy(p, label *Variable) *Variable {
	return perSample(label.Neg().Mul(p.Log()).Sub(dl.Sub(1, label).Mul(dl.Log(dl.Sub(1, p)))))
}

// perSample sums over all axes but that of the samples.
func perSample(x *Variable) *Variable { return x.Flatten().Sum(-1) }

// CrossEntropyWithSoftmax returns −log softmax(z) at the label of each sample.
// Labels are class numbers, or vectors with a 1 at the class.
func CrossEntropyWithSoftmax(z, label *Variable) *Variable {
	if label.Rank() == 1 {
		return dl.SoftmaxCrossEntropy(z, label)
	}
	return label.Mul(z.LogSoftmax(-1)).Sum(-1).Neg()
}

// SquaredError returns the sum of (z − t)² of each sample.
func SquaredError(z, target *Variable) *Variable { return perSample(z.Sub(target).Square()) }

// ClassificationError returns 1 for each sample whose greatest output is not that
// of its label, else 0.
func ClassificationError(z, label *Variable) *Variable {
	if label.Rank() > 1 {
		label = label.ArgMax(-1)
	}
	return z.ArgMax(-1).NotEqual(label).Cast(dl.Float32)
}
