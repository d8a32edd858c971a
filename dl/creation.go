package dl

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// New returns a tensor with the elements of data: a number, a bool, or slices
// of them nested to any depth. Floats become float32, ints int64, bytes uint8;
// use [NewAs] for another dtype. With a shape, the elements are laid out in it
// in row-major order; one of its dimensions may be −1, to be computed.
func New(data any, shape ...int) *Tensor {
	if t, ok := data.(*Tensor); ok {
		return t.check("new").laidOut(shape)
	}
	l := parse("new", data)
	return l.tensor("new", l.dtype()).laidOut(shape)
}

// NewAs is New with a dtype.
func NewAs(dtype DType, data any, shape ...int) *Tensor {
	if t, ok := data.(*Tensor); ok {
		return t.Cast(dtype).laidOut(shape)
	}
	return parse("new", data).tensor("new", dtype).laidOut(shape)
}

func (t *Tensor) laidOut(shape []int) *Tensor {
	if len(shape) == 0 {
		return t
	}
	return t.Reshape(shape...)
}

// Scalar returns a tensor without axes that holds v.
func Scalar(v any) *Tensor {
	t := New(v)
	if t.Rank() > 0 {
		panic(misuse("scalar", []*Tensor{t}, "shape %s, want one number", graph.ShapeString(t.n.Shape)).help("use dl.New"))
	}
	return t
}

// blank returns a concrete float32 tensor of zeros and its elements.
func blank(op string, shape []int) (*Tensor, []float32) {
	for a, d := range shape {
		if d < 0 {
			panic(&Error{Op: op, Axis: a, Shapes: [][]int{shape}, Msg: fmt.Sprintf("dimension %d at axis %d of the shape is negative", d, a)})
		}
	}
	t := graph.Type{DType: Float32, Shape: append([]int{}, shape...)}
	b := backend.NewBuffer(Float32, t.Size())
	return wrap(graph.Constant(t, b)), backend.View[float32](b)
}

// Zeros returns a float32 tensor of zeros.
func Zeros(shape ...int) *Tensor {
	t, _ := blank("zeros", shape)
	return t
}

// Ones returns a float32 tensor of ones.
func Ones(shape ...int) *Tensor {
	t, x := blank("ones", shape)
	for i := range x {
		x[i] = 1
	}
	return t
}

// Full returns a tensor with every element v, a number; its dtype is that of
// [New](v).
func Full(v any, shape ...int) *Tensor { return Scalar(v).BroadcastTo(shape...) }

// Arange returns 0, 1, … below stop as int64; with two or three numbers it
// counts from start to below stop by step. If one of them is no int, the
// result is float32.
func Arange(stop any, more ...any) *Tensor {
	start, step := any(0), any(1)
	if len(more) > 0 {
		start, stop = stop, more[0]
	}
	if len(more) > 1 {
		step = more[1]
	}
	ends := together("arange", start, stop, step)
	from, to, by := ends[0].Item(), ends[1].Item(), ends[2].Item()
	if by == 0 {
		panic(&Error{Op: "arange", Axis: -1, Msg: "the step is 0"})
	}
	var values []float64
	for i := 0; ; i++ {
		v := from + float64(i)*by
		if by > 0 && v >= to || by < 0 && v <= to {
			break
		}
		values = append(values, v)
	}
	return NewAs(ends[0].DType(), values)
}

// Linspace returns n float32 numbers at equal distances from start to stop,
// both included.
func Linspace(start, stop float64, n int) *Tensor {
	t, x := blank("linspace", []int{n})
	for i := range x {
		x[i] = float32(start)
		if i > 0 {
			x[i] = float32(start + (stop-start)*float64(i)/float64(n-1))
		}
	}
	return t
}

// Eye returns the identity matrix of n rows in float32.
func Eye(n int) *Tensor {
	t, x := blank("eye", []int{n, n})
	for i := range n {
		x[i*n+i] = 1
	}
	return t
}

// ZerosLike returns zeros with the shape and dtype of t.
func ZerosLike(t *Tensor) *Tensor { return fullLike(t, 0) }

// OnesLike returns ones with the shape and dtype of t.
func OnesLike(t *Tensor) *Tensor { return fullLike(t, 1) }

// FullLike returns v in the shape and dtype of t.
func FullLike(t *Tensor, v float64) *Tensor { return fullLike(t, v) }

func fullLike(t *Tensor, v float64) *Tensor {
	one := wrap(graph.Scalar(t.check("like").n.DType, v))
	if t.n.Known() {
		return one.BroadcastTo(t.n.Shape...)
	}
	return apply(backend.BroadcastTo, graph.ShapeAttrs{}, one, t)
}

// Placeholder returns a symbolic tensor that is fed at each call. A dimension
// of −1 is unknown until then.
func Placeholder(name string, dtype DType, shape ...int) *Tensor {
	for a, d := range shape {
		if d < -1 {
			panic(&Error{Op: "placeholder", Axis: a, Shapes: [][]int{shape}, Msg: fmt.Sprintf("dimension %d at axis %d of %q; an unknown one is −1", d, a, name)})
		}
	}
	return wrap(graph.Placeholder(name, graph.Type{DType: dtype, Shape: append([]int{}, shape...)}))
}
