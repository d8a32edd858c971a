package dl

import (
	"fmt"
	"reflect"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A literal is a Go value that stands for an array: a number, a bool, or
// slices or arrays of them nested to any depth.
type literal struct {
	v     reflect.Value
	kind  reflect.Kind // of the elements
	shape []int
}

// parse reads the shape of v.
func parse(op string, v any) literal {
	l := literal{v: reflect.ValueOf(v)}
	x := l.v
	for x.IsValid() && (x.Kind() == reflect.Slice || x.Kind() == reflect.Array) {
		l.shape = append(l.shape, x.Len())
		if x.Len() == 0 {
			l.kind = x.Type().Elem().Kind()
			for t := x.Type().Elem(); t.Kind() == reflect.Slice || t.Kind() == reflect.Array; t = t.Elem() {
				l.shape, l.kind = append(l.shape, 0), t.Elem().Kind()
			}
			break
		}
		x = x.Index(0)
		l.kind = x.Kind()
	}
	if len(l.shape) == 0 {
		l.kind = x.Kind()
	}
	if _, ok := classes[l.kind]; !ok {
		panic(&Error{Op: op, Axis: -1, Msg: fmt.Sprintf("a %T is no array of numbers", v),
			Help: "use numbers, bools, slices of them, or *dl.Tensor"})
	}
	return l
}

// classes maps the kinds of numbers to the dtype that they get by themselves.
var classes = map[reflect.Kind]DType{
	reflect.Bool: Bool, reflect.Uint8: Uint8, reflect.Int32: Int32, reflect.Int64: Int64, reflect.Int: Int64,
	reflect.Int8: Int64, reflect.Int16: Int64, reflect.Uint16: Int64, reflect.Uint32: Int64, reflect.Uint: Int64, reflect.Uint64: Int64,
	reflect.Float32: Float32, reflect.Float64: Float32,
}

// dtype returns the dtype that l gets by itself.
func (l literal) dtype() DType { return classes[l.kind] }

// weak returns the dtype that l gets beside a tensor of dtype d: d itself,
// unless that cannot hold what kind of number l is.
func (l literal) weak(d DType) DType {
	switch own := l.dtype(); {
	case own.IsFloat() && !d.IsFloat():
		return Float32
	case own != Bool && d == Bool:
		return Int64
	default:
		return d
	}
}

// fill writes the elements into b, which has room for them.
func (l literal) fill(op string, d DType, b backend.Buffer) {
	if l.direct(d, b) {
		return
	}
	switch d {
	case Float32:
		fillWith(op, l, backend.View[float32](b))
	case Float64:
		fillWith(op, l, backend.View[float64](b))
	case Int32:
		fillWith(op, l, backend.View[int32](b))
	case Int64:
		fillWith(op, l, backend.View[int64](b))
	case Uint8:
		fillWith(op, l, backend.View[uint8](b))
	default:
		x := make([]float64, backend.Size(l.shape))
		fillWith(op, l, x)
		for i, v := range x {
			backend.View[uint8](b)[i] = 0
			if v != 0 {
				backend.View[uint8](b)[i] = 1
			}
		}
	}
}

// direct copies the usual slices without looking at each element by
// reflection, and reports whether it could.
func (l literal) direct(d DType, b backend.Buffer) bool {
	switch v := l.v.Interface().(type) {
	case []float32:
		if d == Float32 {
			copy(backend.View[float32](b), v)
			return true
		} else if d == Float64 {
			convert(backend.View[float64](b), v)
			return true
		}
	case []float64:
		if d == Float64 {
			copy(backend.View[float64](b), v)
			return true
		} else if d == Float32 {
			convert(backend.View[float32](b), v)
			return true
		}
	case []int:
		if d == Int64 {
			convert(backend.View[int64](b), v)
			return true
		}
	case []uint8:
		if d == Uint8 {
			copy(backend.View[uint8](b), v)
			return true
		}
	}
	return false
}

func fillWith[T float32 | float64 | int32 | int64 | uint8](op string, l literal, out []T) {
	var walk func(v reflect.Value, axis int) // as deep as there are axes
	walk = func(v reflect.Value, axis int) {
		if axis < len(l.shape) {
			if v.Len() != l.shape[axis] {
				panic((&Error{Op: op, Axis: axis, Shapes: [][]int{l.shape},
					Msg: fmt.Sprintf("rows differ in length: %d and %d at axis %d", l.shape[axis], v.Len(), axis)}).
					help("every row of an array needs the same length"))
			}
			for i := range v.Len() {
				walk(v.Index(i), axis+1)
			}
			return
		}
		switch {
		case v.CanInt():
			out[0] = T(v.Int())
		case v.CanUint():
			out[0] = T(v.Uint())
		case v.CanFloat():
			out[0] = T(v.Float())
		case v.Bool():
			out[0] = 1
		}
		out = out[1:]
	}
	walk(l.v, 0)
}

// tensor returns l as a tensor of dtype d.
func (l literal) tensor(op string, d DType) *Tensor {
	b := backend.NewBuffer(d, backend.Size(l.shape))
	l.fill(op, d, b)
	return wrap(graph.Constant(graph.Type{DType: d, Shape: l.shape}, b))
}

// scalar makes the constant of a Go number beside a tensor of dtype d. It is
// the quick way for the usual operands; ok is false for others.
func scalar(v any, d DType) (t *Tensor, ok bool) {
	switch x := v.(type) {
	case float64:
		if !d.IsFloat() {
			d = Float32
		}
		return wrap(graph.Scalar(d, x)), true
	case int:
		if d == Bool || d == Int64 { // float64 does not hold every int
			return nil, false
		}
		return wrap(graph.Scalar(d, float64(x))), true
	}
	return nil, false
}

// tensorOf returns v as a tensor; Go values get their own dtype.
func tensorOf(op string, v any) *Tensor {
	if t, ok := v.(*Tensor); ok {
		return t.check(op)
	}
	l := parse(op, v)
	return l.tensor(op, l.dtype())
}

func (t *Tensor) check(op string) *Tensor {
	if t == nil || t.n == nil {
		panic(&Error{Op: op, Axis: -1, Msg: "an operand is a nil *dl.Tensor", Help: "was the variable set before it was used?"})
	}
	return t
}

// together returns values as tensors of one dtype: the highest of the
// tensors' in the order bool, uint8, int32, int64, float32, float64; Go values
// take that of the tensors where it can hold them.
func together(op string, values ...any) []*Tensor {
	ts, d, found := make([]*Tensor, len(values)), Bool, false
	for i, v := range values {
		if t, ok := v.(*Tensor); ok {
			ts[i] = t.check(op)
			d, found = Promote(d, t.n.DType), true
		}
	}
	literals := make([]literal, len(values))
	for i, v := range values {
		if ts[i] != nil {
			continue
		}
		if found {
			if t, ok := scalar(v, d); ok {
				ts[i] = t
				continue
			}
		}
		literals[i] = parse(op, v)
	}
	for i, l := range literals {
		switch {
		case ts[i] != nil:
			d = Promote(d, ts[i].n.DType)
		case found:
			d = l.weak(d)
		default:
			d = Promote(d, l.dtype())
		}
	}
	for i, l := range literals {
		if ts[i] == nil {
			ts[i] = l.tensor(op, d)
		}
		ts[i] = ts[i].cast(d)
	}
	return ts
}

// rank orders dtypes for promotion.
var rank = [...]int{Bool: 0, Uint8: 1, Int32: 2, Int64: 3, Float32: 4, Float64: 5}

// Promote returns the dtype in which tensors of two dtypes meet: the one that
// comes later in the row bool, uint8, int32, int64, float32, float64. It is
// PyTorch's rule, and NumPy's but for one thing: int32 or int64 and float32 meet
// in float32, where NumPy goes to float64.
func Promote(a, b DType) DType {
	if rank[a] > rank[b] {
		return a
	}
	return b
}

// cast is Cast without a node where nothing changes.
func (t *Tensor) cast(d DType) *Tensor {
	if t.n.DType == d {
		return t
	}
	return apply(backend.Cast, graph.CastAttrs{DType: d}, t)
}

// number returns t with numbers where it has bools.
func (t *Tensor) number() *Tensor {
	if t.n.DType == Bool {
		return t.cast(Int64)
	}
	return t
}

// float returns t in float32 where it has no floats.
func (t *Tensor) float() *Tensor {
	if t.n.DType.IsFloat() {
		return t
	}
	return t.cast(Float32)
}
