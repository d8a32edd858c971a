package dl

import (
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// VarOf is [Tensor.Var] with the sum of squares divided by n − ddof in place of
// n; ddof = 1 gives the unbiased estimate of the variance of what t is a sample
// of.
func (t *Tensor) VarOf(ddof float64, axes ...int) *Tensor {
	x := t.check("var").float()
	n := OnesLike(x).Sum(axes...).StopGradient()
	return t.Var(axes...).Mul(n.Div(n.Sub(ddof)))
}

// StdOf is the square root of [Tensor.VarOf].
func (t *Tensor) StdOf(ddof float64, axes ...int) *Tensor { return t.VarOf(ddof, axes...).Sqrt() }

// PeakToPeak returns the maximum minus the minimum over the named axes, or over
// all.
func (t *Tensor) PeakToPeak(axes ...int) *Tensor { return t.Max(axes...).Sub(t.Min(axes...)) }

// Average returns the mean over the named axes, or over all, with the elements
// weighted: Σw·t/Σw.
func (t *Tensor) Average(weights any, axes ...int) *Tensor {
	ts := together("average", t, weights)
	x, w := ts[0].float(), ts[1].float()
	return x.Mul(w).Sum(axes...).Div(w.Add(ZerosLike(x)).Sum(axes...))
}

// NanSum is [Tensor.Sum] over the elements that are numbers.
func (t *Tensor) NanSum(axes ...int) *Tensor {
	return Where(t.check("nansum").Equal(t), t, zeroOf(t)).Sum(axes...)
}

// NanMean is [Tensor.Mean] over the elements that are numbers.
func (t *Tensor) NanMean(axes ...int) *Tensor {
	x := t.check("nanmean").float()
	return x.NanSum(axes...).Div(x.Equal(x).cast(x.n.DType).Sum(axes...))
}

// Quantile returns along an axis the number below which the share q of the
// elements lies, from 0 to 1, between the two nearest elements linearly, as
// numpy does by default.
func (t *Tensor) Quantile(q float64, a int) *Tensor {
	a = axis("quantile", t.check("quantile"), a, t.Rank())
	n := known("quantile", t, a)
	if !(q >= 0 && q <= 1) || n == 0 {
		panic(misuse("quantile", []*Tensor{t}, "q = %g of %d elements at axis %d; want a share from 0 to 1 of at least one", q, n, a).at(a))
	}
	x := t.float().Sort(a)
	place := q * float64(n-1)
	below := int(math.Floor(place))
	at := func(i int) *Tensor { return x.along(a, Range{graph.Range{Start: i, Stop: i + 1, Step: 1}}).Squeeze(a) }
	return at(below).Lerp(at(min(below+1, n-1)), place-float64(below))
}

// Median returns the middle element along an axis, or the mean of the two in the
// middle.
func (t *Tensor) Median(a int) *Tensor { return t.check("median").Quantile(0.5, a) }

// Cov returns the covariances of the rows of t, each of which holds the
// observations of one variable: the mean of products of distances from the mean,
// with n − 1 in place of n.
func (t *Tensor) Cov() *Tensor {
	x := atLeast("cov", t, 2).float()
	c := x.Sub(x.Mean(-1, KeepDims))
	return c.MatMul(c.SwapAxes(-1, -2)).Div(float64(known("cov", x, x.Rank()-1) - 1))
}

// Corrcoef returns the correlation coefficients of the rows of t.
func (t *Tensor) Corrcoef() *Tensor {
	c := t.check("corrcoef").Cov()
	d := c.Diagonal(0).Sqrt()
	return c.Div(d.ExpandDims(-1)).Div(d.ExpandDims(-2))
}

// BinCount returns how often each of the numbers 0 to n−1 comes in t, as int64.
func (t *Tensor) BinCount(n int) *Tensor {
	x := t.check("bincount").cast(Int64).Ravel()
	inside := x.GreaterEqual(0).And(x.Less(n)).cast(Int64)
	return apply(backend.ScatterAdd, graph.ScatterAttrs{Axis: 0, Size: n}, x.Clip(0, n-1), inside)
}

// Histogram returns how many elements of t lie in each of n equal parts of [low,
// high], as int64. high itself belongs to the last part.
func (t *Tensor) Histogram(n int, low, high float64) *Tensor {
	x := t.check("histogram").float()
	if n < 1 || !(low < high) {
		panic(misuse("histogram", []*Tensor{t}, "%d parts from %g to %g", n, low, high).kind(nil))
	}
	part := x.Sub(low).Mul(float64(n) / (high - low)).Floor()
	part = Where(x.Equal(high), float64(n-1), part)
	return part.Clip(-1.0, float64(n)).BinCount(n)
}

// SearchSorted returns for each element of values the number of elements of the
// sorted vector t that are less: where it would have to be put in, as int64.
func (t *Tensor) SearchSorted(values any) *Tensor {
	ts := together("search_sorted", t, values)
	if ts[0].Rank() != 1 {
		panic(misuse("search_sorted", ts, "shape %s, want a sorted vector", graph.ShapeString(ts[0].n.Shape)))
	}
	return ts[0].Less(ts[1].ExpandDims(-1)).Sum(-1)
}

// Unique returns the different elements of a concrete t, sorted, how often each
// comes, and which of them each element of t is, both as int64.
func (t *Tensor) Unique() (values, counts, inverse *Tensor) {
	x := t.check("unique").Ravel()
	x.elements("unique")
	sorted, order := x.Sort(0), x.ArgSort(0).Ints()
	n := x.Size()
	var starts, repeats []int
	which := make([]int, n)
	s := sorted.Float64s()
	for i, at := range order {
		if i == 0 || s[i] != s[i-1] {
			starts, repeats = append(starts, i), append(repeats, 0)
		}
		repeats[len(repeats)-1]++
		which[at] = len(starts) - 1
	}
	return sorted.Gather(slices.Concat([]int{}, starts), 0), New(slices.Concat([]int{}, repeats)),
		New(which).Reshape(t.n.Shape...)
}

// CumMax returns the greatest of the elements up to each along an axis, whose
// length must be known. It doubles the reach of a maximum until that covers the
// axis.
func (t *Tensor) CumMax(a int) *Tensor {
	a = axis("cummax", t.check("cummax"), a, t.Rank())
	x := t.number()
	for reach := 1; reach < known("cummax", x, a); reach *= 2 {
		x = Concat(a, x.along(a, To(reach)), x.along(a, From(reach)).Maximum(x.along(a, To(-reach))))
	}
	return x
}

// CumMin returns the least of the elements up to each along an axis.
func (t *Tensor) CumMin(a int) *Tensor { return t.check("cummin").number().Neg().CumMax(a).Neg() }
