package tf

import "github.com/fluxion-go/fluxion/dl"

// A Tensor is a node of the graph.
type Tensor = dl.Tensor

// The dtypes.
const (
	Float32 = dl.Float32
	Float64 = dl.Float64
	Int32   = dl.Int32
	Int64   = dl.Int64
	Bool    = dl.Bool
)

// Placeholder returns a tensor that is fed in each run. A length of −1 (None)
// may differ from run to run.
func Placeholder(dtype dl.DType, shape ...int) *Tensor {
	return dl.Placeholder("placeholder", dtype, shape...)
}

// Variable returns a variable with an initial value.
func Variable(initial any, name ...string) *Tensor {
	label := "variable"
	if len(name) > 0 {
		label = name[0]
	}
	return dl.Variable(initial, label)
}

// Constant returns a tensor with the elements of a Go value.
func Constant(value any, shape ...int) *Tensor { return dl.New(value, shape...) }

// Zeros returns float32 zeros.
func Zeros(shape ...int) *Tensor { return dl.Zeros(shape...) }

// Ones returns float32 ones.
func Ones(shape ...int) *Tensor { return dl.Ones(shape...) }

// RandomNormal returns float32 numbers from the standard normal distribution.
func RandomNormal(shape ...int) *Tensor { return dl.Randn(shape...) }

// SetRandomSeed makes the random numbers that follow repeatable.
func SetRandomSeed(seed int) { dl.Seed(seed) }

// Add returns a + b.
func Add(a, b any) *Tensor { return dl.Add(a, b) }

// Subtract returns a − b.
func Subtract(a, b any) *Tensor { return dl.Sub(a, b) }

// Multiply returns a · b, element by element.
func Multiply(a, b any) *Tensor { return dl.Mul(a, b) }

// Divide returns a / b.
func Divide(a, b any) *Tensor { return dl.Div(a, b) }

// MatMul returns the matrix product.
func MatMul(a, b *Tensor) *Tensor { return dl.MatMul(a, b) }

// Exp returns eˣ.
func Exp(x any) *Tensor { return dl.Exp(x) }

// Log returns the natural logarithm.
func Log(x any) *Tensor { return dl.Log(x) }

// Square returns x².
func Square(x any) *Tensor { return dl.Square(x) }

// Sigmoid returns 1/(1 + e⁻ˣ).
func Sigmoid(x any) *Tensor { return dl.Sigmoid(x) }

// Tanh returns the hyperbolic tangent.
func Tanh(x any) *Tensor { return dl.Tanh(x) }

// ReduceMean returns the mean over axes, over all where none is named.
func ReduceMean(x any, axes ...int) *Tensor { return dl.Mean(x, axes...) }

// ReduceSum returns the sum over axes, over all where none is named.
func ReduceSum(x any, axes ...int) *Tensor { return dl.Sum(x, axes...) }

// ArgMax returns the place of the greatest element along an axis.
func ArgMax(x *Tensor, axis int) *Tensor { return x.ArgMax(axis) }

// Equal reports a = b, element by element.
func Equal(a *Tensor, b any) *Tensor { return a.Equal(b) }

// Greater reports a > b, element by element.
func Greater(a *Tensor, b any) *Tensor { return a.Greater(b) }

// Cast returns x in another dtype.
func Cast(x *Tensor, dtype dl.DType) *Tensor { return x.Cast(dtype) }

// Reshape returns the elements of x in another shape; one length may be −1.
func Reshape(x *Tensor, shape ...int) *Tensor { return x.Reshape(shape...) }

// OneHot returns 1 at the class number, else 0, as float32.
func OneHot(labels *Tensor, classes int) *Tensor { return labels.OneHot(classes).Cast(Float32) }

// Gradients returns the derivatives of y by each of xs.
func Gradients(y *Tensor, xs ...*Tensor) []*Tensor {
	g := dl.Grads(y, xs...)
	out := make([]*Tensor, len(xs))
	for i, x := range xs {
		out[i] = g.Of(x)
	}
	return out
}
