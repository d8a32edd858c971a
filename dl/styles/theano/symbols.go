package theano

import "github.com/fluxion-go/fluxion/dl"

// A Variable is a symbol, or an expression of symbols and shared variables.
type Variable = dl.Tensor

// symbol returns a placeholder whose lengths are all unknown.
func symbol(name string, d dl.DType, axes int) *Variable {
	shape := make([]int, axes)
	for a := range shape {
		shape[a] = -1
	}
	return dl.Placeholder(name, d, shape...)
}

// Scalar returns a symbol for a float32 number.
func Scalar(name string) *Variable { return symbol(name, dl.Float32, 0) }

// Vector returns a symbol for float32 numbers along one axis.
func Vector(name string) *Variable { return symbol(name, dl.Float32, 1) }

// Matrix returns a symbol for a float32 matrix.
func Matrix(name string) *Variable { return symbol(name, dl.Float32, 2) }

// Tensor3 returns a symbol for a float32 array with three axes.
func Tensor3(name string) *Variable { return symbol(name, dl.Float32, 3) }

// Tensor4 returns a symbol for a float32 array with four axes, such as images:
// pictures, channels, rows, columns.
func Tensor4(name string) *Variable { return symbol(name, dl.Float32, 4) }

// DScalar returns a symbol for a float64 number.
func DScalar(name string) *Variable { return symbol(name, dl.Float64, 0) }

// DVector returns a symbol for float64 numbers along one axis.
func DVector(name string) *Variable { return symbol(name, dl.Float64, 1) }

// DMatrix returns a symbol for a float64 matrix.
func DMatrix(name string) *Variable { return symbol(name, dl.Float64, 2) }

// LScalar returns a symbol for an int64 number, such as the index of a batch.
func LScalar(name string) *Variable { return symbol(name, dl.Int64, 0) }

// LVector returns a symbol for int64 numbers along one axis.
func LVector(name string) *Variable { return symbol(name, dl.Int64, 1) }

// IScalar returns a symbol for an int32 number.
func IScalar(name string) *Variable { return symbol(name, dl.Int32, 0) }

// IVector returns a symbol for int32 numbers along one axis, such as labels.
func IVector(name string) *Variable { return symbol(name, dl.Int32, 1) }

// Shared returns a variable that keeps its value from call to call; see
// [dl.Variable].
func Shared(value any, name string) *Variable { return dl.Variable(value, name) }

// GetValue returns the present value of a shared variable.
func GetValue(shared *Variable) *Variable { return dl.Eval(shared) }

// SetValue gives a shared variable a new value.
func SetValue(shared *Variable, value any) { shared.Assign(value) }
