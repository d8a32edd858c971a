package dl

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// FloorDiv returns ⌊t/x⌋, in integers where both are. Division of an integer by
// 0 gives 0.
func (t *Tensor) FloorDiv(x any) *Tensor {
	ts := together("floor_div", t, x)
	a, b := ts[0].number(), ts[1].number()
	if a.n.DType.IsFloat() {
		return a.Div(b).Floor()
	}
	return apply(backend.Div, nil, a, b)
}

// Fmod returns t − x·trunc(t/x), which has the sign of t, unlike [Tensor.Mod].
func (t *Tensor) Fmod(x any) *Tensor {
	ts := together("fmod", t, x)
	a, b := ts[0].number(), ts[1].number()
	m := a.Abs().Mod(b.Abs())
	return Where(a.Less(zeroOf(a)), m.Neg(), m)
}

// Frac returns t without its whole part: t − trunc(t).
func (t *Tensor) Frac() *Tensor {
	x := t.check("frac").float()
	return x.Sub(x.Trunc())
}

// Xor reports whether exactly one of two bools holds.
func (t *Tensor) Xor(x any) *Tensor {
	ts := together("xor", t, x)
	return ts[0].cast(Bool).NotEqual(ts[1].cast(Bool))
}

// IsNaN reports where t is not a number.
func (t *Tensor) IsNaN() *Tensor { return t.check("isnan").NotEqual(t) }

// IsInf reports where t is +∞ or −∞.
func (t *Tensor) IsInf() *Tensor { return t.check("isinf").float().Abs().Equal(math.Inf(1)) }

// IsFinite reports where t is a number other than ±∞.
func (t *Tensor) IsFinite() *Tensor {
	return t.check("isfinite").float().Abs().Less(math.Inf(1))
}

// NanToNum returns t with NaN replaced by 0 and ±∞ by the greatest and least
// numbers of its dtype.
func (t *Tensor) NanToNum() *Tensor {
	x := t.check("nan_to_num").float()
	top := float64(math.MaxFloat32)
	if x.n.DType == Float64 {
		top = math.MaxFloat64
	}
	end := Where(x.Greater(0), NewAs(x.n.DType, top), NewAs(x.n.DType, -top))
	return Where(x.IsNaN(), 0.0, Where(x.IsInf(), end, x))
}

// Heaviside returns 0 where t is negative, 1 where it is positive, and at0 where
// it is 0.
func (t *Tensor) Heaviside(at0 any) *Tensor {
	ts := together("heaviside", t, at0)
	x, h := ts[0].float(), ts[1].float()
	return Where(x.Equal(0), h, x.Greater(0).cast(x.n.DType))
}

// CopySign returns |t| with the sign of x; −0 counts as negative.
func (t *Tensor) CopySign(x any) *Tensor {
	ts := together("copysign", t, x)
	a, b := ts[0].float(), ts[1].float()
	// 1/−0 is −∞.
	negative := Where(b.Equal(0), b.StopGradient().Reciprocal(), b).Less(0)
	return Where(negative, a.Abs().Neg(), a.Abs())
}

// Lerp returns t + weight·(end − t): t for weight 0, end for 1.
func (t *Tensor) Lerp(end, weight any) *Tensor {
	ts := together("lerp", t, end, weight)
	a, b, w := ts[0].float(), ts[1].float(), ts[2].float()
	return a.Add(w.Mul(b.Sub(a)))
}

// IsClose reports where |t − x| ≤ atol + rtol·|x|, or both are the same infinity.
func (t *Tensor) IsClose(x any, rtol, atol float64) *Tensor {
	ts := together("isclose", t, x)
	a, b := ts[0].float(), ts[1].float()
	return a.Equal(b).Or(a.Sub(b).Abs().LessEqual(b.Abs().Mul(rtol).Add(atol)).And(b.IsFinite()))
}

// AllClose reports whether [Tensor.IsClose] holds everywhere.
func (t *Tensor) AllClose(x any, rtol, atol float64) *Tensor { return t.IsClose(x, rtol, atol).All() }

// ArrayEqual reports whether all elements of t and x are equal. Unlike numpy's it
// is an error if the shapes do not broadcast.
func (t *Tensor) ArrayEqual(x any) *Tensor { return t.Equal(x).All() }

// CountNonZero returns how many elements are not 0, or are true, over the named
// axes or over all, as int64.
func (t *Tensor) CountNonZero(axes ...int) *Tensor {
	return t.check("count_nonzero").cast(Bool).Sum(axes...)
}

// FillWhere returns t with v where the mask holds.
func (t *Tensor) FillWhere(mask *Tensor, v any) *Tensor { return Where(mask, v, t) }
