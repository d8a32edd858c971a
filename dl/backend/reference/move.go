package reference

import "github.com/fluxion-go/fluxion/dl/backend"

func reshape(c call) kernel {
	return func(in, out []backend.Buffer) { copy(out[0].Bytes(), in[0].Bytes()) }
}

func broadcastTo(c call) kernel {
	return strided(c.out.DType, c.out.Shape, broadcastStrides(c.in[0].Shape, c.out.Shape), 0)
}

func transpose(c call) kernel {
	own, s := rowMajor(c.in[0].Shape), make([]int, len(c.out.Shape))
	for i, a := range c.attrs.(backend.TransposeAttrs).Perm {
		s[i] = own[a]
	}
	return strided(c.out.DType, c.out.Shape, s, 0)
}

func slice(c call) kernel {
	at := c.attrs.(backend.SliceAttrs)
	s, start := rowMajor(c.in[0].Shape), 0
	for a := range s {
		start += at.Start[a] * s[a]
		s[a] *= at.Step[a]
	}
	return strided(c.out.DType, c.out.Shape, s, start)
}

// strided reads the operand from element start on with the given strides.
func strided(d backend.DType, shape, strides []int, start int) kernel {
	n := newNest(shape, rowMajor(shape), strides)
	return byWidth(d, stridedOf[uint8](n, start), stridedOf[int32](n, start), stridedOf[int64](n, start))
}

func stridedOf[T number](n *nest, start int) kernel {
	length, step := n.length(), n.step(1)
	return func(in, out []backend.Buffer) {
		x, y := backend.View[T](in[0]), backend.View[T](out[0])
		n.rows(func(o []int) {
			from := start + o[1]
			for i := range y[o[0] : o[0]+length] {
				y[o[0]+i] = x[from]
				from += step
			}
		})
	}
}

func pad(c call) kernel {
	start := 0
	for a, s := range rowMajor(c.out.Shape) {
		start += c.attrs.(backend.PadAttrs).Before[a] * s
	}
	place := placed(c.out.DType, c.in[0].Shape, rowMajor(c.out.Shape), start)
	return func(in, out []backend.Buffer) {
		clear(out[0].Bytes())
		place(in, out)
	}
}

// placed writes the operand into the result from element start on, with the
// given strides there.
func placed(d backend.DType, shape, strides []int, start int) kernel {
	n := newNest(shape, rowMajor(shape), strides)
	return byWidth(d, placedOf[uint8](n, start), placedOf[int32](n, start), placedOf[int64](n, start))
}

func placedOf[T number](n *nest, start int) kernel {
	length, step := n.length(), n.step(1)
	return func(in, out []backend.Buffer) {
		x, y := backend.View[T](in[0]), backend.View[T](out[0])
		n.rows(func(o []int) {
			to := start + o[1]
			for _, v := range x[o[0] : o[0]+length] {
				y[to] = v
				to += step
			}
		})
	}
}

func concat(c call) kernel {
	axis := c.attrs.(backend.AxisAttrs).Axis
	strides := rowMajor(c.out.Shape)
	parts := make([]kernel, len(c.in))
	at := 0
	for i, v := range c.in {
		parts[i] = placed(c.out.DType, v.Shape, strides, at*strides[axis])
		at += v.Shape[axis]
	}
	return func(in, out []backend.Buffer) {
		for i, p := range parts {
			p(in[i:i+1], out)
		}
	}
}

// around returns the product of the axes before and behind axis.
func around(shape []int, axis int) (before, behind int) {
	return backend.Size(shape[:axis]), backend.Size(shape[axis+1:])
}

// indices are the elements of a buffer of int32 or int64, of which one is
// nil. They are no closure, which would be an allocation at each run.
type indices struct {
	narrow []int32
	wide   []int64
}

func index(d backend.DType, b backend.Buffer) indices {
	if d == backend.Int32 {
		return indices{narrow: backend.View[int32](b)}
	}
	return indices{wide: backend.View[int64](b)}
}

// of reads element i as an index into n elements. Negative ones count from the
// end; one that is out of range is moved to the nearest element, as dl checks
// ranges before where it can.
func (x indices) of(i, n int) int {
	var v int
	if x.narrow != nil {
		v = int(x.narrow[i])
	} else {
		v = int(x.wide[i])
	}
	if v < 0 {
		v += n
	}
	return max(0, min(v, n-1))
}

// gather: out[b…, i…, a…] = x[b…, indices[i…], a…].
func gather(c call) kernel {
	axis := c.attrs.(backend.AxisAttrs).Axis
	before, behind := around(c.in[0].Shape, axis)
	size, count := c.in[0].Shape[axis], backend.Size(c.in[1].Shape)
	row := behind * c.out.DType.Size()
	return func(in, out []backend.Buffer) {
		x, y, at := in[0].Bytes(), out[0].Bytes(), index(c.in[1].DType, in[1])
		for b := range before {
			for i := range count {
				from := (b*size + at.of(i, size)) * row
				copy(y[(b*count+i)*row:][:row], x[from:])
			}
		}
	}
}

func scatterAdd(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return scatterAddOf[float32](c)
	case backend.Float64:
		return scatterAddOf[float64](c)
	case backend.Int32:
		return scatterAddOf[int32](c)
	case backend.Int64:
		return scatterAddOf[int64](c)
	case backend.Uint8:
		return scatterAddOf[uint8](c)
	}
	return nil
}

// scatterAddOf: out[b…, indices[i…], a…] += values[b…, i…, a…].
func scatterAddOf[T number](c call) kernel {
	axis := c.attrs.(backend.AxisAttrs).Axis
	before, behind := around(c.out.Shape, axis)
	size, count := c.out.Shape[axis], backend.Size(c.in[0].Shape)
	return func(in, out []backend.Buffer) {
		v, y, at := backend.View[T](in[1]), backend.View[T](out[0]), index(c.in[0].DType, in[0])
		clear(y)
		for b := range before {
			for i := range count {
				to := y[(b*size+at.of(i, size))*behind:][:behind]
				for j, w := range v[(b*count+i)*behind:][:behind] {
					to[j] += w
				}
			}
		}
	}
}

func oneHot(c call) kernel {
	switch c.out.DType {
	case backend.Float32:
		return oneHotOf[float32](c)
	case backend.Float64:
		return oneHotOf[float64](c)
	case backend.Int32:
		return oneHotOf[int32](c)
	case backend.Int64:
		return oneHotOf[int64](c)
	default:
		return oneHotOf[uint8](c)
	}
}

// oneHotOf leaves the row of a class that is out of range zero.
func oneHotOf[T number](c call) kernel {
	classes := c.out.Shape[len(c.out.Shape)-1]
	return func(in, out []backend.Buffer) {
		y := backend.View[T](out[0])
		clear(y)
		for i := range backend.Size(c.in[0].Shape) {
			if k := label(c.in[0].DType, in[0], i); 0 <= k && k < classes {
				y[i*classes+k] = 1
			}
		}
	}
}

// label reads element i of a buffer of integers.
func label(d backend.DType, b backend.Buffer, i int) int {
	switch d {
	case backend.Int32:
		return int(backend.View[int32](b)[i])
	case backend.Int64:
		return int(backend.View[int64](b)[i])
	default:
		return int(backend.View[uint8](b)[i])
	}
}
