package dl

import "github.com/fluxion-go/fluxion/dl/backend"

// The functions here do what the methods of the same names do. They also take
// Go numbers and slices as their first operand, as in dl.Sub(1, x).

// Add returns a + b.
func Add(a, b any) *Tensor { return arithmetic(backend.Add, a, b) }

// Sub returns a − b.
func Sub(a, b any) *Tensor { return arithmetic(backend.Sub, a, b) }

// Mul returns a · b, element by element.
func Mul(a, b any) *Tensor { return arithmetic(backend.Mul, a, b) }

// Div returns a / b, in float32 where both are integers.
func Div(a, b any) *Tensor {
	ts := together("div", a, b)
	return apply(backend.Div, nil, ts[0].float(), ts[1].float())
}

// Pow returns a to the power b.
func Pow(a, b any) *Tensor { return arithmetic(backend.Pow, a, b) }

// Mod returns a − b·⌊a/b⌋.
func Mod(a, b any) *Tensor { return arithmetic(backend.Mod, a, b) }

// Maximum returns the greater of a and b, element by element.
func Maximum(a, b any) *Tensor { return arithmetic(backend.Maximum, a, b) }

// Minimum returns the lesser of a and b, element by element.
func Minimum(a, b any) *Tensor { return arithmetic(backend.Minimum, a, b) }

// Neg returns −x.
func Neg(x any) *Tensor { return tensorOf("neg", x).Neg() }

// Abs returns |x|.
func Abs(x any) *Tensor { return tensorOf("abs", x).Abs() }

// Square returns x².
func Square(x any) *Tensor { return tensorOf("square", x).Square() }

// Sqrt returns √x.
func Sqrt(x any) *Tensor { return tensorOf("sqrt", x).Sqrt() }

// Exp returns eˣ.
func Exp(x any) *Tensor { return tensorOf("exp", x).Exp() }

// Log returns the natural logarithm of x.
func Log(x any) *Tensor { return tensorOf("log", x).Log() }

// Sin returns the sine of x.
func Sin(x any) *Tensor { return tensorOf("sin", x).Sin() }

// Cos returns the cosine of x.
func Cos(x any) *Tensor { return tensorOf("cos", x).Cos() }

// Tanh returns the hyperbolic tangent of x.
func Tanh(x any) *Tensor { return tensorOf("tanh", x).Tanh() }

// Sigmoid returns 1/(1 + e⁻ˣ).
func Sigmoid(x any) *Tensor { return tensorOf("sigmoid", x).Sigmoid() }

// Softplus returns log(1 + eˣ).
func Softplus(x any) *Tensor { return tensorOf("softplus", x).Softplus() }

// ReLU returns max(x, 0).
func ReLU(x any) *Tensor { return tensorOf("relu", x).ReLU() }

// Sum returns the sum of x over axes.
func Sum(x any, axes ...int) *Tensor { return tensorOf("sum", x).Sum(axes...) }

// Mean returns the mean of x over axes.
func Mean(x any, axes ...int) *Tensor { return tensorOf("mean", x).Mean(axes...) }

// MatMul returns the matrix product of a and b.
func MatMul(a, b any) *Tensor { return tensorOf("matmul", a).MatMul(b) }

// Softmax returns exp(x) over its sum along an axis.
func Softmax(x any, axis int) *Tensor { return tensorOf("softmax", x).Softmax(axis) }

// LogSoftmax returns the logarithm of Softmax.
func LogSoftmax(x any, axis int) *Tensor { return tensorOf("log_softmax", x).LogSoftmax(axis) }
