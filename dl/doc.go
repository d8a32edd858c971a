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
// [Jacobian] and [HVP] are made of them, [CustomGrad] gives a function a
// derivative of one's own, and [GradCheck] compares with finite differences.
//
// # Loops, conditions and Go functions
//
// [Scan] is a loop over the rows of arrays, [Cond] and [While] are what if and
// for are to numbers. Their bodies are Go functions on tensors, which are called
// once, to learn what they compute; the results can be differentiated. [Jit]
// compiles a Go function in the same way. [Trace] shows what became of a compiled
// function.
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
// # Operations
//
// Names are numpy's, in Go's spelling, and neural networks' are PyTorch's. All
// that gives floats can be differentiated as often as it has derivatives.
//
//   - arithmetic, comparison, logic: [Tensor.Add], [Tensor.FloorDiv],
//     [Tensor.Less], [Tensor.And], [Where], [Tensor.Clip], [Tensor.IsNaN] …
//   - elementary and special functions: [Tensor.Exp], [Tensor.Sin],
//     [Tensor.Asinh], [Tensor.ErfInv], [Tensor.Lgamma], [Tensor.Digamma] …
//   - activations: [Tensor.ReLU], [Tensor.GELU], [Tensor.SiLU],
//     [Tensor.Softmax], [SoftmaxCrossEntropy],
//     [Attention] …
//   - reductions and statistics: [Tensor.Sum], [Tensor.Std], [Tensor.NormOf],
//     [Tensor.LogSumExp], [Tensor.Quantile], [Tensor.Histogram] …
//   - along an axis: [Tensor.CumSum], [Tensor.Sort], [Tensor.TopK],
//     [Recurrence], [Tensor.Diff] …
//   - shape: [Tensor.Reshape], [Concat], [Stack], [Tensor.Split],
//     [Tensor.Pad], [Tensor.PadWith], [Tensor.Roll], [Tensor.Unflatten],
//     [Tensor.Windows] …
//   - indexing, with numbers, ranges, tensors and masks: [Tensor.Slice],
//     [Tensor.Gather], [Tensor.TakeAlong], [Tensor.IndexSet], [Embedding] …
//   - linear algebra: [Tensor.MatMul], [Einsum], [Solve], [Tensor.Cholesky],
//     [Tensor.QR], [Tensor.Eigh], [Tensor.SVD], [LeastSquares] …
//   - images and sequences: [Conv2D], [ConvTranspose2D], [MaxPool2D],
//     [AvgPool2D], [AdaptiveAvgPool], [Resize] and their one- and
//     three-dimensional relatives
//
// # Random numbers
//
// [Seed] starts the one generator. [Rand] and [Randn] draw at once; what is
// drawn for a symbolic tensor, by [Dropout], [RandLike], [Normal] and others,
// is drawn anew at each call of the compiled function. The numbers are the same
// on any number of threads, and [RandomState] with [SetRandomState] continues
// where a program stopped.
//
// # Errors
//
// Misuse, such as shapes that do not fit, panics with an [*Error] that names
// the operation, the shapes and the axis, and says for errors.Is of what kind it
// is: [ErrShape], [ErrDType], [ErrDevice] or [ErrName]. In a cell it becomes the error of
// the cell; a Go program gets it as an error from [Try].
package dl
