package reference

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func reduce(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return reduceOf[float32, float64](c, math.Inf(-1), math.Inf(1))
	case backend.Float64:
		return reduceOf[float64, float64](c, math.Inf(-1), math.Inf(1))
	case backend.Int32:
		return reduceOf[int32, int64](c, math.MinInt32, math.MaxInt32)
	case backend.Int64:
		return reduceOf[int64, int64](c, math.MinInt64, math.MaxInt64)
	case backend.Uint8:
		return reduceOf[uint8, int64](c, 0, math.MaxUint8)
	default:
		return reduceOf[uint8, int64](c, 0, 1)
	}
}

// reduceOf reduces elements of type T in numbers of type A. lowest and
// highest bound what T can hold.
func reduceOf[T number, A float64 | int64](c call, lowest, highest A) kernel {
	var first A
	var f func(acc, x A) A
	switch c.op {
	case backend.Sum:
		f = func(acc, x A) A { return acc + x }
	case backend.Prod:
		first, f = 1, func(acc, x A) A { return acc * x }
	case backend.Max:
		first, f = lowest, func(acc, x A) A { return max(acc, x) }
	case backend.Min:
		first, f = highest, func(acc, x A) A { return min(acc, x) }
	case backend.Any:
		f = func(acc, x A) A { return max(acc, x) }
	case backend.All:
		first, f = 1, func(acc, x A) A { return min(acc, x) }
	}
	shape := c.in[0].Shape
	kept := append([]int{}, shape...)
	for _, a := range c.attrs.(backend.ReduceAttrs).Axes {
		kept[a] = 1
	}
	n := newNest(shape, rowMajor(shape), broadcastStrides(kept, shape))
	acc := make([]A, backend.Size(kept))
	length, step := n.length(), n.step(1)
	return func(in, out []backend.Buffer) {
		x, y := backend.View[T](in[0]), backend.View[T](out[0])
		for i := range acc {
			acc[i] = first
		}
		n.rows(func(o []int) {
			to := o[1]
			for _, v := range x[o[0] : o[0]+length] {
				acc[to] = f(acc[to], A(v))
				to += step
			}
		})
		for i, v := range acc {
			y[i] = T(v)
		}
	}
}

func argReduce(c call) kernel {
	switch c.in[0].DType {
	case backend.Float32:
		return argReduceOf[float32](c)
	case backend.Float64:
		return argReduceOf[float64](c)
	case backend.Int32:
		return argReduceOf[int32](c)
	case backend.Int64:
		return argReduceOf[int64](c)
	default:
		return argReduceOf[uint8](c)
	}
}

// argReduceOf finds the first of the greatest (or least) elements. A NaN
// counts as both, as in numpy.
func argReduceOf[T number](c call) kernel {
	axis := c.attrs.(backend.AxisAttrs).Axis
	before, behind := around(c.in[0].Shape, axis)
	size := c.in[0].Shape[axis]
	better := func(a, b T) bool { return a > b || a != a && b == b }
	if c.op == backend.ArgMin {
		better = func(a, b T) bool { return a < b || a != a && b == b }
	}
	return func(in, out []backend.Buffer) {
		x, y := backend.View[T](in[0]), backend.View[int64](out[0])
		for b := range before {
			for a := range behind {
				best := 0
				at := func(i int) T { return x[(b*size+i)*behind+a] }
				for i := 1; i < size; i++ {
					if better(at(i), at(best)) {
						best = i
					}
				}
				y[b*behind+a] = int64(best)
			}
		}
	}
}
