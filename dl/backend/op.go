package backend

// An Op names an operation of a program. dl/internal/graph holds the table
// that gives each its shape rule and gradient; dl/backend/reference holds a
// plain version of each.
type Op string

// Elementwise operations. Operands of one instruction have equal dtypes and
// shapes that broadcast by numpy's rules.
const (
	Neg        Op = "neg"
	Abs        Op = "abs"
	Sign       Op = "sign"
	Square     Op = "square"
	Sqrt       Op = "sqrt"
	Reciprocal Op = "reciprocal"
	Exp        Op = "exp"
	Expm1      Op = "expm1"
	Log        Op = "log"
	Log1p      Op = "log1p"
	Sin        Op = "sin"
	Cos        Op = "cos"
	Tan        Op = "tan"
	Tanh       Op = "tanh"
	Sigmoid    Op = "sigmoid"
	Softplus   Op = "softplus"
	ReLU       Op = "relu"
	Floor      Op = "floor"
	Ceil       Op = "ceil"
	Round      Op = "round" // half to even
	Erf        Op = "erf"
	GELU       Op = "gelu"
	GELUGrad   Op = "gelu_grad" // its derivative

	Trunc     Op = "trunc" // towards 0
	Asin      Op = "asin"
	Acos      Op = "acos"
	Atan      Op = "atan"
	Sinh      Op = "sinh"
	Cosh      Op = "cosh"
	Asinh     Op = "asinh"
	Acosh     Op = "acosh"
	Atanh     Op = "atanh"
	Cbrt      Op = "cbrt"
	Erfc      Op = "erfc"
	ErfInv    Op = "erfinv"
	Gamma     Op = "gamma"
	Lgamma    Op = "lgamma"    // log|Γ(x)|
	Polygamma Op = "polygamma" // OrderAttrs; the derivative of that order of the digamma function

	Add     Op = "add"
	Sub     Op = "sub"
	Mul     Op = "mul"
	Div     Op = "div"
	Pow     Op = "pow"
	Mod     Op = "mod"
	Maximum Op = "maximum"
	Minimum Op = "minimum"
	Atan2   Op = "atan2" // (y, x)
	Hypot   Op = "hypot"

	// Comparisons and logic give Bool.
	Equal        Op = "equal"
	NotEqual     Op = "not_equal"
	Less         Op = "less"
	LessEqual    Op = "less_equal"
	Greater      Op = "greater"
	GreaterEqual Op = "greater_equal"
	And          Op = "and"
	Or           Op = "or"
	Not          Op = "not"

	Where Op = "where" // (cond Bool, a, b)
	Cast  Op = "cast"  // to the dtype of Out
)

// Operations that move elements.
const (
	Reshape     Op = "reshape"      // to the shape of Out
	BroadcastTo Op = "broadcast_to" // to the shape of Out
	Transpose   Op = "transpose"    // TransposeAttrs
	Slice       Op = "slice"        // SliceAttrs
	Pad         Op = "pad"          // PadAttrs; zeros; the gradient of Slice with step 1
	Concat      Op = "concat"       // AxisAttrs
	Gather      Op = "gather"       // (x, indices int32 or int64), AxisAttrs: numpy's take along an axis
	ScatterAdd  Op = "scatter_add"  // (indices, values), AxisAttrs: zeros of Out's shape with values added; the gradient of Gather
	OneHot      Op = "one_hot"      // (indices) to Out, whose last axis is the class
)

// Operations that sort and index along an axis.
const (
	ArgSort   Op = "argsort"    // SortAttrs; Int64, stable, NaN last
	TakeAlong Op = "take_along" // (x, indices int32 or int64 of the same rank), AxisAttrs: numpy's take_along_axis
	AddAlong  Op = "add_along"  // (indices, values), AxisAttrs: zeros of Out's shape with values added; the gradient of TakeAlong
	IndexSet  Op = "index_set"  // (x, indices with one axis, values), AxisAttrs: x with values at indices; the last one stays
)

// Reductions. All but ArgMax and ArgMin take ReduceAttrs.
const (
	Sum    Op = "sum"
	Prod   Op = "prod"
	Max    Op = "max"
	Min    Op = "min"
	Any    Op = "any"
	All    Op = "all"
	ArgMax Op = "argmax" // AxisAttrs; Int64, the axis removed, the first of equals
	ArgMin Op = "argmin"
)

// Linear algebra and neural networks.
const (
	MatMul     Op = "matmul"      // (…, m, k)·(…, k, n), leading axes broadcast; MatMulAttrs
	Softmax    Op = "softmax"     // AxisAttrs
	LogSoftmax Op = "log_softmax" // AxisAttrs

	// SoftmaxCrossEntropy: (logits [n, c], labels [n] int) → losses [n], where
	// loss_i = log Σ_j exp(logits_ij) − logits_i,label_i.
	SoftmaxCrossEntropy     Op = "softmax_cross_entropy"
	SoftmaxCrossEntropyGrad Op = "softmax_cross_entropy_grad" // (logits, labels, dlosses [n]) → dlogits

	Conv2D           Op = "conv2d"             // (x [n,c,h,w], w [o,c/groups,kh,kw]) → [n,o,h',w']; ConvAttrs
	Conv2DGradInput  Op = "conv2d_grad_input"  // (w, dy) → dx
	Conv2DGradWeight Op = "conv2d_grad_weight" // (x, dy) → dw
	MaxPool2D        Op = "maxpool2d"          // (x [n,c,h,w]); PoolAttrs; padding counts as −∞
	MaxPool2DGrad    Op = "maxpool2d_grad"     // (x, dy) → dx: each dy goes to the first maximum of its window
	MaxPool2DPick    Op = "maxpool2d_pick"     // (x, v) → the elements of v where x has its maxima; the gradient of MaxPool2DGrad in dy
)

// Average pooling and cumulative operations.
const (
	AvgPool2D     Op = "avgpool2d"      // (x [n,c,h,w]); AvgPoolAttrs
	AvgPool2DGrad Op = "avgpool2d_grad" // (dy) → dx, the transpose of AvgPool2D
	CumSum        Op = "cumsum"         // CumulativeAttrs; y_i = y_{i−1} + x_i along an axis
	Recur         Op = "recurrence"     // (a, b), CumulativeAttrs; y_i = a_i·y_{i−1} + b_i along an axis, y_{−1} = 0
)

// Linear algebra on the last two axes; leading axes are a batch, equal for all
// operands. What is not defined is not a number: no error stops a program.
// Results of several parts are one vector for each matrix, in which the parts
// follow one another in row-major order.
const (
	Cholesky Op = "cholesky" // (a [n,n]) → L with L·Lᵀ = (a+aᵀ)/2
	Solve    Op = "solve"    // (a [n,n], b [n,k]) → x with a·x = b; SolveAttrs
	Det      Op = "det"      // (a [n,n]) → the determinant
	LogDet   Op = "logdet"   // (a [n,n]) → [2]: the sign of the determinant and the logarithm of its size
	QR       Op = "qr"       // (a [m,n], m ≥ n) → Q [m,n], R [n,n] with a positive diagonal
	Eigh     Op = "eigh"     // (a [n,n]) → the n eigenvalues of (a+aᵀ)/2, ascending, and the eigenvectors as columns [n,n]
	SVD      Op = "svd"      // (a [m,n]) → U [m,k], the k = min(m, n) singular values, descending, V [n,k]
)

// Random numbers. Each takes a key, an Int64 array of two numbers: the seed and
// the number of the call. Element i depends on the key, the stream and i alone,
// see [Philox], so that it is the same on any number of threads and on every
// device.
const (
	RandomUniform Op = "random_uniform" // (key) → floats in [0, 1); RandomAttrs
	RandomNormal  Op = "random_normal"  // (key) → floats with mean 0 and standard deviation 1; RandomAttrs
	RandomBits    Op = "random_bits"    // (key) → Int64 from 0 to 2⁶³−1; RandomAttrs
)

// TransposeAttrs: axis i of the result is axis Perm[i] of the operand.
type TransposeAttrs struct{ Perm []int }

// SliceAttrs: element i of axis a of the result is element Start[a]+i·Step[a].
// The number of elements is the result's shape. Step may be negative.
type SliceAttrs struct{ Start, Step []int }

// PadAttrs: zeros before and after each axis.
type PadAttrs struct{ Before, After []int }

// AxisAttrs names one axis, counted from 0.
type AxisAttrs struct{ Axis int }

// ReduceAttrs: the axes to reduce, ascending; kept with length 1 where Keep.
type ReduceAttrs struct {
	Axes []int
	Keep bool
}

// MatMulAttrs: whether the last two axes of an operand are exchanged first.
type MatMulAttrs struct{ TransA, TransB bool }

// ConvAttrs describes a convolution (a cross-correlation, as in every deep
// learning library). Pad holds top, bottom, left, right; it may be uneven.
type ConvAttrs struct {
	Stride   [2]int
	Pad      [4]int
	Dilation [2]int
	Groups   int
}

// PoolAttrs describes a pooling window. Pad holds top, bottom, left, right.
type PoolAttrs struct {
	Size, Stride [2]int
	Pad          [4]int
}

// AvgPoolAttrs describes a window whose mean is taken. The zeros of the padding
// count as elements where CountPad is set.
type AvgPoolAttrs struct {
	PoolAttrs
	CountPad bool
}

// CumulativeAttrs: the axis along which to go, from its end where Reverse.
type CumulativeAttrs struct {
	Axis    int
	Reverse bool
}

// RandomAttrs tells the random operations of a program apart.
type RandomAttrs struct{ Stream uint32 }

// OrderAttrs: the order of a derivative.
type OrderAttrs struct{ Order int }

// SortAttrs: the axis to sort along.
type SortAttrs struct {
	Axis       int
	Descending bool
}

// A Triangle says which part of a matrix [Solve] reads.
type Triangle uint8

// The triangles.
const (
	Whole Triangle = iota
	Lower
	Upper
)

// SolveAttrs: whether the matrix is read transposed, and what part of it (before
// that) counts; the other part is taken to be 0.
type SolveAttrs struct {
	Trans bool
	Part  Triangle
}
