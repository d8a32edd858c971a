// Package dl computes with tensors and differentiates what it computes.
//
// # Concrete and symbolic
//
// There is one array type, [*Tensor], and one rule: operations on concrete
// tensors compute at once, and as soon as one operand is symbolic, so is the
// result.
//
//	x := dl.New([]float64{1, 2, 3})             // concrete
//	y := x.Mul(2).Sum()                         // 12, now
//
//	p := dl.Placeholder("p", dl.Float32, -1)    // symbolic: fed later; −1 is an unknown length
//	q := p.Mul(2).Sum()                         // a recipe
//	dl.Eval(q, dl.Feed{p: []float64{1, 2, 3}})  // 12
//
// [Function] compiles such a recipe for repeated calls, with updates of
// variables. A [Variable] is a concrete tensor that [Tensor.Assign] and updates
// change; what is computed from it remembers how, and so enters a compiled
// function with the variable's value at each call. A loop that computes a new
// tensor from the last one, where it should assign to a variable, is stopped
// when that memory becomes 50,000 steps deep.
//
// # Derivatives
//
// [Grad] and [Grads] differentiate a number, by reverse accumulation over the
// same operations; their results can be differentiated again. [Explain] shows
// all values and partial derivatives of a graph.
//
// # Shapes and dtypes
//
// Operations on two tensors broadcast by numpy's rules. Floats are float32
// unless asked otherwise. Two tensors of different dtypes meet in the higher
// one of bool, uint8, int32, int64, float32, float64 ([Promote]). A Go number or slice
// takes the dtype of the tensor that it meets, so that x.Mul(0.5) stays
// float32 or float64; beside an integer tensor a Go float gives float32.
// Division and functions such as Exp give float32 for integers, and
// arithmetic counts bools as 0 and 1.
//
// # Errors
//
// Misuse, such as shapes that do not fit, panics with an [*Error] that names
// the operation, the shapes and the axis. In a cell it becomes the error of
// the cell; a Go program gets it as an error from [Try].
package dl
