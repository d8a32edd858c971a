package theano

import "github.com/fluxion-go/fluxion/dl"

// Add returns a + b. Like all functions on two operands it takes expressions and
// Go numbers.
func Add(a, b any) *Variable { return dl.Add(a, b) }

// Sub returns a − b.
func Sub(a, b any) *Variable { return dl.Sub(a, b) }

// Mul returns a · b, element by element.
func Mul(a, b any) *Variable { return dl.Mul(a, b) }

// Div returns a / b.
func Div(a, b any) *Variable { return dl.Div(a, b) }

// Neg returns −x.
func Neg(x any) *Variable { return dl.Neg(x) }

// Dot returns the matrix product; of a matrix and a vector, or two vectors, too.
func Dot(a, b any) *Variable { return dl.MatMul(a, b) }

// Exp returns eˣ.
func Exp(x any) *Variable { return dl.Exp(x) }

// Log returns the natural logarithm.
func Log(x any) *Variable { return dl.Log(x) }

// Sqr returns x².
func Sqr(x any) *Variable { return dl.Square(x) }

// Tanh returns the hyperbolic tangent.
func Tanh(x any) *Variable { return dl.Tanh(x) }

// Sigmoid returns 1/(1 + e⁻ˣ).
func Sigmoid(x any) *Variable { return dl.Sigmoid(x) }

// ReLU returns max(x, 0).
func ReLU(x any) *Variable { return dl.ReLU(x) }

// Softmax returns exp(x) over its sum in each row of a matrix.
func Softmax(x any) *Variable { return dl.Softmax(x, -1) }

// Mean returns the mean over axes, over all where none is named.
func Mean(x any, axes ...int) *Variable { return dl.Mean(x, axes...) }

// Sum returns the sum over axes, over all where none is named.
func Sum(x any, axes ...int) *Variable { return dl.Sum(x, axes...) }

// Argmax returns the place of the greatest element along an axis.
func Argmax(x *Variable, axis int) *Variable { return x.ArgMax(axis) }

// Eq reports a = b, element by element.
func Eq(a *Variable, b any) *Variable { return a.Equal(b) }

// Neq reports a ≠ b, element by element.
func Neq(a *Variable, b any) *Variable { return a.NotEqual(b) }

// Switch returns a where the condition holds, else b.
func Switch(condition *Variable, a, b any) *Variable { return dl.Where(condition, a, b) }

// BinaryCrossentropy returns −t·log p − (1−t)·log(1−p), element by element.
func BinaryCrossentropy(p, target *Variable) *Variable {
	return target.Neg().Mul(p.Log()).Sub(dl.Sub(1, target).Mul(dl.Log(dl.Sub(1, p))))
}

// CategoricalCrossentropy returns −log p_target of each row of probabilities, for
// targets that are class numbers.
func CategoricalCrossentropy(p, target *Variable) *Variable {
	classes := p.Shape()[1]
	return p.Log().Mul(target.OneHot(classes).Cast(p.DType())).Sum(1).Neg()
}

// The border modes of [Conv2D].
const (
	Valid = "valid" // filters stay inside the pictures
	Half  = "half"  // as many rows and columns as before, for filters of odd size
	Full  = "full"  // wherever filter and picture overlap
)

// Conv2D returns the convolution of pictures [n, channels, rows, columns] with
// filters [filters, channels, rows, columns]. Like Theano's it turns the filters
// by 180°, which dl.Conv2D does not.
func Conv2D(input, filters *Variable, borderMode string) *Variable {
	rows, columns := filters.Shape()[2], filters.Shape()[3]
	o := dl.ConvOptions{}
	switch borderMode {
	case Valid:
	case Half:
		o.Pads = [][2]int{{rows / 2, rows / 2}, {columns / 2, columns / 2}}
	case Full:
		o.Pads = [][2]int{{rows - 1, rows - 1}, {columns - 1, columns - 1}}
	default:
		panic(&dl.Error{Op: "conv2d", Axis: -1, Msg: "border mode " + borderMode + ", want valid, half or full"})
	}
	turned := filters.Slice(dl.All, dl.All, dl.All.By(-1), dl.All.By(-1))
	return dl.Conv2D(input, turned, o)
}

// Pool2D returns the maxima of windows side by side; a last window that is not
// whole is left out (ignore_border).
func Pool2D(input *Variable, rows, columns int) *Variable {
	return dl.MaxPool2D(input, 0, dl.PoolOptions{Sizes: []int{rows, columns}})
}
