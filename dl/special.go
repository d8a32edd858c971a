package dl

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// All methods here give float32 for integers and bools, and the dtype of t
// otherwise.

// Asin returns the angles in [−π/2, π/2] whose sine is t.
func (t *Tensor) Asin() *Tensor { return floatUnary(backend.Asin, t) }

// Acos returns the angles in [0, π] whose cosine is t.
func (t *Tensor) Acos() *Tensor { return floatUnary(backend.Acos, t) }

// Atan returns the angles in (−π/2, π/2) whose tangent is t.
func (t *Tensor) Atan() *Tensor { return floatUnary(backend.Atan, t) }

// Sinh returns (eᵗ − e⁻ᵗ)/2.
func (t *Tensor) Sinh() *Tensor { return floatUnary(backend.Sinh, t) }

// Cosh returns (eᵗ + e⁻ᵗ)/2.
func (t *Tensor) Cosh() *Tensor { return floatUnary(backend.Cosh, t) }

// Asinh returns the inverse of sinh, log(t + √(t² + 1)).
func (t *Tensor) Asinh() *Tensor { return floatUnary(backend.Asinh, t) }

// Acosh returns the inverse of cosh, log(t + √(t² − 1)), for t ≥ 1.
func (t *Tensor) Acosh() *Tensor { return floatUnary(backend.Acosh, t) }

// Atanh returns the inverse of tanh, ½·log((1 + t)/(1 − t)), for |t| < 1.
func (t *Tensor) Atanh() *Tensor { return floatUnary(backend.Atanh, t) }

// Atan2 returns the angle in [−π, π] of the point (x, y), of which it gets y
// first.
func Atan2(y, x any) *Tensor { return floatBinary(backend.Atan2, y, x) }

// Hypot returns √(a² + b²) without overflow.
func Hypot(a, b any) *Tensor { return floatBinary(backend.Hypot, a, b) }

func floatBinary(op backend.Op, a, b any) *Tensor {
	ts := together(string(op), a, b)
	return apply(op, nil, ts[0].float(), ts[1].float())
}

// Trunc returns t without its fraction, rounded towards 0, in its dtype.
func (t *Tensor) Trunc() *Tensor { return unary(backend.Trunc, t) }

// Cbrt returns the numbers whose third power is t.
func (t *Tensor) Cbrt() *Tensor { return floatUnary(backend.Cbrt, t) }

// Exp2 returns 2ᵗ.
func (t *Tensor) Exp2() *Tensor { return t.check("exp2").float().Mul(math.Ln2).Exp() }

// Log2 returns the logarithm of t to base 2.
func (t *Tensor) Log2() *Tensor { return t.check("log2").float().Log().Mul(1 / math.Ln2) }

// Log10 returns the logarithm of t to base 10.
func (t *Tensor) Log10() *Tensor { return t.check("log10").float().Log().Mul(1 / math.Ln10) }

// Rsqrt returns 1/√t.
func (t *Tensor) Rsqrt() *Tensor { return t.check("rsqrt").Sqrt().Reciprocal() }

// Erfc returns 1 − erf(t), in full precision also where erf(t) is close to 1.
func (t *Tensor) Erfc() *Tensor { return floatUnary(backend.Erfc, t) }

// ErfInv returns the inverse of erf, for |t| < 1.
func (t *Tensor) ErfInv() *Tensor { return floatUnary(backend.ErfInv, t) }

// Gamma returns Γ(t), which is (t − 1)! for whole t > 0.
func (t *Tensor) Gamma() *Tensor { return floatUnary(backend.Gamma, t) }

// Lgamma returns log|Γ(t)|.
func (t *Tensor) Lgamma() *Tensor { return floatUnary(backend.Lgamma, t) }

// Digamma returns the derivative of log Γ at t.
func (t *Tensor) Digamma() *Tensor { return t.Polygamma(0) }

// Polygamma returns the derivative of that order of the digamma function at t.
func (t *Tensor) Polygamma(order int) *Tensor {
	if order < 0 {
		panic(misuse("polygamma", []*Tensor{t}, "order %d, want at least 0", order).kind(nil))
	}
	return apply(backend.Polygamma, backend.OrderAttrs{Order: order}, t.check("polygamma").float())
}

// Logit returns log(t/(1 − t)), the inverse of sigmoid.
func (t *Tensor) Logit() *Tensor {
	x := t.check("logit").float()
	return x.Log().Sub(x.Neg().Log1p())
}

// Sinc returns sin(πt)/(πt), which is 1 at 0.
func (t *Tensor) Sinc() *Tensor {
	x := t.check("sinc").float().Mul(math.Pi)
	zero := x.Equal(0)
	// The division is by 1 where x is 0, so that no gradient is lost to 0/0; the
	// series 1 − x²/6 + x⁴/120 stands in with the right derivatives there.
	safe := Where(zero, 1.0, x)
	square := x.Square()
	return Where(zero, square.Mul(-1.0/6).Add(square.Square().Mul(1.0/120)).Add(1), safe.Sin().Div(safe))
}

// Deg2Rad returns angles in radians that are in degrees in t.
func (t *Tensor) Deg2Rad() *Tensor { return t.check("deg2rad").float().Mul(math.Pi / 180) }

// Rad2Deg returns angles in degrees that are in radians in t.
func (t *Tensor) Rad2Deg() *Tensor { return t.check("rad2deg").float().Mul(180 / math.Pi) }

// LogAddExp returns log(eᵃ + eᵇ) without overflow.
func LogAddExp(a, b any) *Tensor {
	ts := together("logaddexp", a, b)
	x, y := ts[0].float(), ts[1].float()
	d := x.Sub(y)
	finite := d.Abs().Less(maxFinite(d.n.DType))
	return Where(finite, y.Add(Where(finite, d, 0.0).Softplus()), x.Maximum(y))
}

// XLogY returns a·log b, and 0 where a is 0 whatever b is.
func XLogY(a, b any) *Tensor {
	ts := together("xlogy", a, b)
	x, y := ts[0].float(), ts[1].float()
	zero := x.Equal(0)
	return Where(zero, 0.0, x.Mul(Where(zero, 1.0, y).Log()))
}
