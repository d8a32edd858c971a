package dl

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// KeepDims among the axes of a reduction keeps the reduced axes with length 1,
// so that the result broadcasts against what was reduced:
//
//	x.Sub(x.Mean(1, dl.KeepDims))
const KeepDims = math.MinInt

func (t *Tensor) reduce(op backend.Op, list []int) *Tensor {
	at := backend.ReduceAttrs{}
	named := make([]int, 0, len(list))
	for _, a := range list {
		if a == KeepDims {
			at.Keep = true
		} else {
			named = append(named, a)
		}
	}
	at.Axes = axes(string(op), t, named)
	return apply(op, at, t)
}

// wide returns t in int64 where its sums could overflow.
func (t *Tensor) wide() *Tensor {
	if t.n.DType.IsFloat() {
		return t
	}
	return t.cast(Int64)
}

// Sum returns the sum over the named axes, or over all. Negative axes count
// from the end. Sums of integers and bools are int64.
func (t *Tensor) Sum(axes ...int) *Tensor { return t.check("sum").wide().reduce(backend.Sum, axes) }

// Prod returns the product over the named axes, or over all. Its derivative is
// not a number where an element is 0.
func (t *Tensor) Prod(axes ...int) *Tensor { return t.check("prod").wide().reduce(backend.Prod, axes) }

// Mean returns the mean over the named axes, or over all, in float32 for
// integers and bools.
func (t *Tensor) Mean(axes ...int) *Tensor { return t.check("mean").float().reduce(graph.Mean, axes) }

// Max returns the maximum over the named axes, or over all. Its gradient is
// shared evenly by the elements that are the maximum.
func (t *Tensor) Max(axes ...int) *Tensor { return t.check("max").reduce(backend.Max, axes) }

// Min returns the minimum over the named axes, or over all.
func (t *Tensor) Min(axes ...int) *Tensor { return t.check("min").reduce(backend.Min, axes) }

// Any reports whether any element is true, or a number other than 0, over the
// named axes, or over all. NaN is other than 0.
func (t *Tensor) Any(axes ...int) *Tensor { return t.check("any").truth().reduce(backend.Any, axes) }

// All reports whether all elements are true, or numbers other than 0, over the
// named axes, or over all.
func (t *Tensor) All(axes ...int) *Tensor { return t.check("all").truth().reduce(backend.All, axes) }

// truth returns bools: whether each element is other than 0.
func (t *Tensor) truth() *Tensor {
	if t.n.DType == Bool {
		return t
	}
	return t.NotEqual(0)
}

// Var returns the variance over the named axes, or over all: the mean of the
// squared distances from the mean.
func (t *Tensor) Var(axes ...int) *Tensor {
	x := t.check("var").float()
	centred := x.Sub(x.Mean(append(withoutKeep(axes), KeepDims)...))
	return centred.Square().Mean(axes...)
}

// Std returns the square root of Var.
func (t *Tensor) Std(axes ...int) *Tensor { return t.Var(axes...).Sqrt() }

func withoutKeep(list []int) []int {
	var out []int
	for _, a := range list {
		if a != KeepDims {
			out = append(out, a)
		}
	}
	return out
}

// ArgMax returns the index of the first maximum along an axis, as int64; without
// an axis that of all elements in row-major order.
func (t *Tensor) ArgMax(a ...int) *Tensor { return t.argReduce(backend.ArgMax, a) }

// ArgMin returns the index of the first minimum; see [Tensor.ArgMax].
func (t *Tensor) ArgMin(a ...int) *Tensor { return t.argReduce(backend.ArgMin, a) }

func (t *Tensor) argReduce(op backend.Op, list []int) *Tensor {
	t.check(string(op))
	switch len(list) {
	case 0:
		t, list = t.Ravel(), []int{0}
	case 1:
	default:
		panic(misuse(string(op), []*Tensor{t}, "%d axes, want one or none", len(list)))
	}
	return apply(op, backend.AxisAttrs{Axis: axis(string(op), t, list[0], t.Rank())}, t)
}

// Norm returns the Euclidean norm of all elements: √Σt².
func (t *Tensor) Norm() *Tensor { return t.check("norm").float().Square().Sum().Sqrt() }
