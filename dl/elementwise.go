package dl

import (
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

func unary(op backend.Op, t *Tensor) *Tensor { return apply(op, nil, t.check(string(op)).number()) }

// floatUnary is for operations that give floats whatever they get.
func floatUnary(op backend.Op, t *Tensor) *Tensor { return apply(op, nil, t.check(string(op)).float()) }

func arithmetic(op backend.Op, a, b any) *Tensor {
	if x, ok := a.(*Tensor); ok && x != nil && x.n != nil { // the usual case, quickly
		y, ok := b.(*Tensor)
		if !ok && x.n.DType.IsFloat() {
			y, ok = scalar(b, x.n.DType)
		}
		if ok && y != nil && y.n != nil && x.n.DType == y.n.DType && x.n.DType != Bool {
			return apply(op, nil, x, y)
		}
	}
	ts := together(string(op), a, b)
	return apply(op, nil, ts[0].number(), ts[1].number())
}

func compared(op backend.Op, a, b any) *Tensor {
	ts := together(string(op), a, b)
	return apply(op, nil, ts...)
}

// Neg returns −t.
func (t *Tensor) Neg() *Tensor { return unary(backend.Neg, t) }

// Abs returns |t|. Its derivative at 0 is 0.
func (t *Tensor) Abs() *Tensor { return unary(backend.Abs, t) }

// Sign returns −1, 0 or 1 with the sign of each element.
func (t *Tensor) Sign() *Tensor { return unary(backend.Sign, t) }

// Square returns t².
func (t *Tensor) Square() *Tensor { return unary(backend.Square, t) }

// ReLU returns max(t, 0). Its derivative at 0 is 0.
func (t *Tensor) ReLU() *Tensor { return unary(backend.ReLU, t) }

// Floor returns the greatest integers not above t, in its dtype.
func (t *Tensor) Floor() *Tensor { return unary(backend.Floor, t) }

// Ceil returns the least integers not below t, in its dtype.
func (t *Tensor) Ceil() *Tensor { return unary(backend.Ceil, t) }

// Round returns the nearest integers, halves to the even one, in t's dtype.
func (t *Tensor) Round() *Tensor { return unary(backend.Round, t) }

// Sqrt returns √t. Like all methods from here to Erf it gives float32 for
// integers.
func (t *Tensor) Sqrt() *Tensor { return floatUnary(backend.Sqrt, t) }

// Reciprocal returns 1/t.
func (t *Tensor) Reciprocal() *Tensor { return floatUnary(backend.Reciprocal, t) }

// Exp returns eᵗ.
func (t *Tensor) Exp() *Tensor { return floatUnary(backend.Exp, t) }

// Expm1 returns eᵗ − 1, also for small t in full precision.
func (t *Tensor) Expm1() *Tensor { return floatUnary(backend.Expm1, t) }

// Log returns the natural logarithm of t.
func (t *Tensor) Log() *Tensor { return floatUnary(backend.Log, t) }

// Log1p returns log(1 + t), also for small t in full precision.
func (t *Tensor) Log1p() *Tensor { return floatUnary(backend.Log1p, t) }

// Sin returns the sine of t in radians.
func (t *Tensor) Sin() *Tensor { return floatUnary(backend.Sin, t) }

// Cos returns the cosine of t in radians.
func (t *Tensor) Cos() *Tensor { return floatUnary(backend.Cos, t) }

// Tan returns the tangent of t in radians.
func (t *Tensor) Tan() *Tensor { return floatUnary(backend.Tan, t) }

// Tanh returns the hyperbolic tangent of t.
func (t *Tensor) Tanh() *Tensor { return floatUnary(backend.Tanh, t) }

// Sigmoid returns 1/(1 + e⁻ᵗ).
func (t *Tensor) Sigmoid() *Tensor { return floatUnary(backend.Sigmoid, t) }

// Softplus returns log(1 + eᵗ) without overflow.
func (t *Tensor) Softplus() *Tensor { return floatUnary(backend.Softplus, t) }

// Erf returns the error function of t.
func (t *Tensor) Erf() *Tensor { return floatUnary(backend.Erf, t) }

// Add returns t + x. Like all operations on two tensors it broadcasts: shapes
// are aligned at the right, and an axis of length 1 is repeated to fit. x may
// be a tensor or a Go number or slice; see the package comment for dtypes.
func (t *Tensor) Add(x any) *Tensor { return arithmetic(backend.Add, t, x) }

// Sub returns t − x.
func (t *Tensor) Sub(x any) *Tensor { return arithmetic(backend.Sub, t, x) }

// Mul returns t · x, element by element; see [Tensor.MatMul] for matrices.
func (t *Tensor) Mul(x any) *Tensor { return arithmetic(backend.Mul, t, x) }

// Div returns t / x, in float32 where both are integers.
func (t *Tensor) Div(x any) *Tensor { return Div(t, x) }

// Pow returns t to the power x.
func (t *Tensor) Pow(x any) *Tensor { return arithmetic(backend.Pow, t, x) }

// Mod returns t − x·⌊t/x⌋, which has the sign of x.
func (t *Tensor) Mod(x any) *Tensor { return arithmetic(backend.Mod, t, x) }

// Maximum returns the greater of t and x, element by element.
func (t *Tensor) Maximum(x any) *Tensor { return arithmetic(backend.Maximum, t, x) }

// Minimum returns the lesser of t and x, element by element.
func (t *Tensor) Minimum(x any) *Tensor { return arithmetic(backend.Minimum, t, x) }

// Clip returns t with every element moved into [low, high].
func (t *Tensor) Clip(low, high any) *Tensor { return t.Maximum(low).Minimum(high) }

// Equal reports t = x, element by element, as a bool tensor.
func (t *Tensor) Equal(x any) *Tensor { return compared(backend.Equal, t, x) }

// NotEqual reports t ≠ x.
func (t *Tensor) NotEqual(x any) *Tensor { return compared(backend.NotEqual, t, x) }

// Less reports t < x.
func (t *Tensor) Less(x any) *Tensor { return compared(backend.Less, t, x) }

// LessEqual reports t ≤ x.
func (t *Tensor) LessEqual(x any) *Tensor { return compared(backend.LessEqual, t, x) }

// Greater reports t > x.
func (t *Tensor) Greater(x any) *Tensor { return compared(backend.Greater, t, x) }

// GreaterEqual reports t ≥ x.
func (t *Tensor) GreaterEqual(x any) *Tensor { return compared(backend.GreaterEqual, t, x) }

// And reports whether both bools hold.
func (t *Tensor) And(x any) *Tensor { return compared(backend.And, t, x) }

// Or reports whether at least one of the bools holds.
func (t *Tensor) Or(x any) *Tensor { return compared(backend.Or, t, x) }

// Not reports whether a bool does not hold.
func (t *Tensor) Not() *Tensor { return apply(backend.Not, nil, t) }

// Cast returns t in another dtype. Floats are rounded towards 0 to become
// integers; to Bool, everything but 0 is true.
func (t *Tensor) Cast(d DType) *Tensor { return t.check("cast").cast(d) }

// Where returns the elements of a where cond holds and those of b elsewhere.
// cond is a bool tensor; the three broadcast.
func Where(cond *Tensor, a, b any) *Tensor {
	ts := together("where", a, b)
	return apply(backend.Where, nil, cond.check("where"), ts[0], ts[1])
}

// StopGradient returns t, through which no gradient flows: it counts as a
// constant for [Grad]. A concrete result has no history.
func (t *Tensor) StopGradient() *Tensor {
	t.check("stop_gradient")
	if !t.n.Symbolic() {
		return wrap(graph.Constant(t.n.Type, t.n.Share()))
	}
	return apply(graph.StopGradientOp, nil, t)
}
