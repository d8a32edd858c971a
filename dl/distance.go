package dl

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// Normalize returns t divided by its p-norm along an axis, and 0 where that is 0:
// vectors of length 1. See [Tensor.NormOf].
func (t *Tensor) Normalize(p float64, a int) *Tensor {
	x := t.check("normalize").float()
	a = axis("normalize", x, a, x.Rank())
	return x.Div(x.NormOf(p, a, KeepDims).Maximum(1e-12))
}

// CosineSimilarity returns the cosine of the angle between a and b, vectors along
// an axis: Σa·b/(‖a‖·‖b‖), and 0 where one of them is 0.
func CosineSimilarity(a, b any, ax int) *Tensor {
	ts := together("cosine_similarity", a, b)
	return ts[0].Normalize(2, ax).Mul(ts[1].Normalize(2, ax)).Sum(ax)
}

// Distances returns the p-norm of the difference of each row of a [..., m, d] and
// each of b [..., n, d], as [..., m, n]: PyTorch's cdist.
func Distances(a, b any, p float64) *Tensor {
	const op = "distances"
	ts := together(op, a, b)
	for _, t := range ts {
		if t.Rank() < 2 {
			panic(misuse(op, ts, "shape %s, want at least two axes, (…, rows, size)", graph.ShapeString(t.n.Shape)))
		}
	}
	return ts[0].float().ExpandDims(-2).Sub(ts[1].float().ExpandDims(-3)).NormOf(p, -1)
}

// IsIn returns for each element of t whether it is one of values.
func (t *Tensor) IsIn(values any) *Tensor {
	ts := together("is_in", t, values)
	return ts[0].ExpandDims(-1).Equal(ts[1].Ravel()).Any(-1)
}

// SetAlong returns t with values put at indices along an axis, row by row, as
// numpy's put_along_axis: the opposite of [Tensor.TakeAlong]. indices and values
// have equal shapes. In one row no index may come twice.
func (t *Tensor) SetAlong(indices any, values *Tensor, a int) *Tensor {
	ts := together("set_along", t, values)
	x, v := ts[0].number(), ts[1].number()
	put := ZerosLike(x).AddAlong(indices, OnesLike(v), a).NotEqual(0)
	return Where(put, ZerosLike(x).AddAlong(indices, v, a), x)
}

// NanMax is [Tensor.Max] over the elements that are numbers: −∞ where none is.
func (t *Tensor) NanMax(axes ...int) *Tensor {
	x := t.check("nanmax").float()
	return Where(x.IsNaN(), FullLike(x, math.Inf(-1)), x).Max(axes...)
}

// NanMin is [Tensor.Min] over the elements that are numbers: ∞ where none is.
func (t *Tensor) NanMin(axes ...int) *Tensor {
	return t.check("nanmin").float().Neg().NanMax(axes...).Neg()
}

// Windows returns the windows of size elements that follow one another along an
// axis at a distance of step: the axis counts them, and a new last axis holds
// their elements, as PyTorch's unfold. What is left at the end is not in any.
func (t *Tensor) Windows(size, step, a int) *Tensor {
	const op = "windows"
	a = axis(op, t.check(op), a, t.Rank())
	n := known(op, t, a)
	if size < 1 || step < 1 || size > n {
		panic(misuse(op, []*Tensor{t}, "windows of %d elements at a distance of %d along axis %d, which has %d", size, step, a, n).at(a).
			help("a window holds at least one element and fits into the axis; pad it first with Pad"))
	}
	count := (n-size)/step + 1
	at := make([]int, 0, count*size)
	for i := range count {
		for k := range size {
			at = append(at, i*step+k)
		}
	}
	return t.Gather(New(at, count, size), a).MoveAxis(a+1, -1)
}

// Unflatten returns t with one axis cut into several, of these lengths; one of
// them may be −1. Other axes keep their lengths, also where these are unknown.
func (t *Tensor) Unflatten(a int, lengths ...int) *Tensor {
	const op = "unflatten"
	a = axis(op, t.check(op), a, t.Rank())
	dims := t.dims()
	size, open := 1, -1
	for i, d := range lengths {
		switch {
		case d >= 0:
			size *= d
		case d == -1 && open < 0:
			open = i
		default:
			panic(misuse(op, []*Tensor{t}, "lengths %v: one may be −1, the others are at least 0", lengths).at(a))
		}
	}
	n := t.n.Shape[a]
	parts := append([]int{}, lengths...)
	if open >= 0 && n >= 0 && size > 0 {
		parts[open] = n / size
		size *= n / size
	}
	if len(lengths) == 0 || n >= 0 && size != n {
		panic(misuse(op, []*Tensor{t}, "axis %d of shape %s does not divide into %v", a, graph.ShapeString(t.n.Shape), lengths).at(a))
	}
	return t.reshaped(append(append(append([]int{}, dims[:a]...), parts...), dims[a+1:]...))
}

// FlattenAxes returns t with the axes from first to last, both included, joined
// into one. Other axes keep their lengths, also where these are unknown.
func (t *Tensor) FlattenAxes(first, last int) *Tensor {
	const op = "flatten_axes"
	first, last = axis(op, t.check(op), first, t.Rank()), axis(op, t, last, t.Rank())
	if first > last {
		panic(misuse(op, []*Tensor{t}, "axes %d to %d, want the first before the last", first, last).at(first))
	}
	x := t
	for range last - first {
		x = x.joined(first)
	}
	return x
}
