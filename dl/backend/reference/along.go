package reference

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func init() {
	register(argSort, backend.ArgSort)
	register(takeAlong, backend.TakeAlong)
	register(addAlong, backend.AddAlong)
	register(indexSet, backend.IndexSet)
	register(cumSum, backend.CumSum)
	register(recur, backend.Recur)
}

func argSort(c call) kernel {
	switch c.in[0].DType {
	case backend.Float32:
		return argSortOf[float32](c)
	case backend.Float64:
		return argSortOf[float64](c)
	case backend.Int32:
		return argSortOf[int32](c)
	case backend.Int64:
		return argSortOf[int64](c)
	default:
		return argSortOf[uint8](c)
	}
}

// An item is an element to sort, with its place, which decides between equals.
type item[T number] struct {
	v T
	i int
}

// argSortOf keeps the order of equal elements, and puts NaN last.
func argSortOf[T number](c call) kernel {
	at := c.attrs.(backend.SortAttrs)
	before, behind := around(c.in[0].Shape, at.Axis)
	size := c.in[0].Shape[at.Axis]
	items, nans := make([]item[T], 0, size), make([]int, 0, size)
	order := func(a, b item[T]) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		}
		return a.i - b.i
	}
	if at.Descending {
		ascending := order
		order = func(a, b item[T]) int {
			if a.v == b.v {
				return a.i - b.i
			}
			return -ascending(a, b)
		}
	}
	return func(in, out []backend.Buffer) {
		x, y := backend.View[T](in[0]), backend.View[int64](out[0])
		for b := range before {
			for a := range behind {
				items, nans = items[:0], nans[:0]
				for i := range size {
					if v := x[(b*size+i)*behind+a]; v == v {
						items = append(items, item[T]{v, i})
					} else {
						nans = append(nans, i)
					}
				}
				slices.SortFunc(items, order)
				for k, e := range items {
					y[(b*size+k)*behind+a] = int64(e.i)
				}
				for k, i := range nans {
					y[(b*size+len(items)+k)*behind+a] = int64(i)
				}
			}
		}
	}
}

func takeAlong(c call) kernel {
	return byWidth(c.out.DType, takeAlongOf[uint8](c), takeAlongOf[int32](c), takeAlongOf[int64](c))
}

// along returns the walk over the indices of take_along and add_along: f gets
// the place of an index and the place in the larger array, of size elements
// along the axis, of the element 0 of its row. Axes other than that have equal
// lengths.
func along(indices, large []int, axis int, f func(i, row int)) {
	before, behind := around(large, axis)
	count, size := indices[axis], large[axis]
	for b := range before {
		for k := range count {
			for a := range behind {
				f((b*count+k)*behind+a, b*size*behind+a)
			}
		}
	}
}

// takeAlongOf: out[b…, i, a…] = x[b…, indices[b…, i, a…], a…].
func takeAlongOf[T number](c call) kernel {
	axis, shape := c.attrs.(backend.AxisAttrs).Axis, c.in[0].Shape
	_, behind := around(shape, axis)
	return func(in, out []backend.Buffer) {
		x, y, at := backend.View[T](in[0]), backend.View[T](out[0]), index(c.in[1].DType, in[1])
		along(c.in[1].Shape, shape, axis, func(i, row int) { y[i] = x[row+at.of(i, shape[axis])*behind] })
	}
}

func addAlong(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return addAlongOf[float32](c)
	case backend.Float64:
		return addAlongOf[float64](c)
	case backend.Int32:
		return addAlongOf[int32](c)
	case backend.Int64:
		return addAlongOf[int64](c)
	case backend.Uint8:
		return addAlongOf[uint8](c)
	}
	return nil
}

func addAlongOf[T number](c call) kernel {
	axis, shape := c.attrs.(backend.AxisAttrs).Axis, c.out.Shape
	_, behind := around(shape, axis)
	return func(in, out []backend.Buffer) {
		v, y, at := backend.View[T](in[1]), backend.View[T](out[0]), index(c.in[0].DType, in[0])
		clear(y)
		along(c.in[0].Shape, shape, axis, func(i, row int) { y[row+at.of(i, shape[axis])*behind] += v[i] })
	}
}

// indexSet: out = x, but out[b…, indices[i], a…] = values[b…, i, a…].
func indexSet(c call) kernel {
	axis := c.attrs.(backend.AxisAttrs).Axis
	before, behind := around(c.out.Shape, axis)
	size, count := c.out.Shape[axis], c.in[1].Shape[0]
	row := behind * c.out.DType.Size()
	return func(in, out []backend.Buffer) {
		y, v, at := out[0].Bytes(), in[2].Bytes(), index(c.in[1].DType, in[1])
		copy(y, in[0].Bytes())
		for b := range before {
			for i := range count {
				copy(y[(b*size+at.of(i, size))*row:][:row], v[(b*count+i)*row:])
			}
		}
	}
}

func cumSum(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return cumSumOf[float32, float64](c)
	case backend.Float64:
		return cumSumOf[float64, float64](c)
	case backend.Int32:
		return cumSumOf[int32, int64](c)
	case backend.Int64:
		return cumSumOf[int64, int64](c)
	}
	return nil
}

// steps calls f with the places of the elements along an axis, in the order in
// which a cumulative operation visits them, row by row. first says that a row
// begins.
func steps(shape []int, at backend.CumulativeAttrs, f func(i int, first bool)) {
	before, behind := around(shape, at.Axis)
	size := shape[at.Axis]
	for b := range before {
		for a := range behind {
			for k := range size {
				i := k
				if at.Reverse {
					i = size - 1 - k
				}
				f((b*size+i)*behind+a, k == 0)
			}
		}
	}
}

func cumSumOf[T number, A float64 | int64](c call) kernel {
	at := c.attrs.(backend.CumulativeAttrs)
	return func(in, out []backend.Buffer) {
		x, y := backend.View[T](in[0]), backend.View[T](out[0])
		var sum A
		steps(c.out.Shape, at, func(i int, first bool) {
			if first {
				sum = 0
			}
			sum += A(x[i])
			y[i] = T(sum)
		})
	}
}

func recur(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return recurOf[float32](c)
	case backend.Float64:
		return recurOf[float64](c)
	}
	return nil
}

func recurOf[T float](c call) kernel {
	at := c.attrs.(backend.CumulativeAttrs)
	return func(in, out []backend.Buffer) {
		a, b, y := backend.View[T](in[0]), backend.View[T](in[1]), backend.View[T](out[0])
		var h float64
		steps(c.out.Shape, at, func(i int, first bool) {
			if first {
				h = 0
			}
			h = float64(b[i]) + float64(a[i])*h
			if first {
				h = float64(b[i]) // whatever the first a is
			}
			y[i] = T(h)
		})
	}
}
