package dl

import (
	"github.com/fluxion-go/fluxion/dl/backend"
)

// CumSum returns the sums of the elements up to each along an axis, in int64
// for integers and bools.
func (t *Tensor) CumSum(a int) *Tensor {
	a = axis("cumsum", t.check("cumsum"), a, t.Rank())
	return apply(backend.CumSum, backend.CumulativeAttrs{Axis: a}, t.wide())
}

// CumProd returns the products of the elements up to each along an axis, in
// float32 for integers. Its derivative is right also where elements are 0.
func (t *Tensor) CumProd(a int) *Tensor {
	a = axis("cumprod", t.check("cumprod"), a, t.Rank())
	x := t.float()
	first := x.along(a, To(1))
	rest := ZerosLike(x.along(a, From(1)))
	return Recurrence(x, Concat(a, first, rest), a)
}

// Recurrence returns y with y_i = a_i·y_{i−1} + b_i along an axis, where y_0 =
// b_0: a linear recurrence. factors and terms have equal shapes.
func Recurrence(factors, terms *Tensor, a int) *Tensor {
	ts := together("recurrence", factors, terms)
	x, y := ts[0].float(), ts[1].float()
	a = axis("recurrence", x, a, x.Rank())
	return apply(backend.Recur, backend.CumulativeAttrs{Axis: a}, x, y)
}

// LogSumExp returns log Σexp(t) over the named axes, or over all, without
// overflow.
func (t *Tensor) LogSumExp(axes ...int) *Tensor {
	x := t.check("logsumexp").float()
	top := x.StopGradient().Max(append(withoutKeep(axes), KeepDims)...)
	// Where all are −∞, or one is +∞, their difference is no number.
	top = Where(top.Abs().Less(maxFinite(top.n.DType)), top, 0.0)
	y := x.Sub(top).Exp().Sum(append(withoutKeep(axes), KeepDims)...).Log().Add(top)
	if len(withoutKeep(axes)) < len(axes) {
		return y
	}
	return y.Squeeze(reducedAxes("logsumexp", x, axes)...)
}

func reducedAxes(op string, t *Tensor, list []int) []int { return axes(op, t, withoutKeep(list)) }

func maxFinite(d DType) float64 {
	if d == Float64 {
		return 1.7e308
	}
	return 3.4e38
}

// Diff returns the differences of neighbours along an axis, t_{i+1} − t_i, n
// times.
func (t *Tensor) Diff(n, a int) *Tensor {
	a = axis("diff", t.check("diff"), a, t.Rank())
	x := t.number()
	for range n {
		x = x.along(a, From(1)).Sub(x.along(a, To(-1)))
	}
	return x
}
