package dl

import (
	"fmt"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A DType is the type of a tensor's elements.
type DType = backend.DType

// The dtypes.
const (
	Float32 = backend.Float32
	Float64 = backend.Float64
	Int32   = backend.Int32
	Int64   = backend.Int64
	Uint8   = backend.Uint8
	Bool    = backend.Bool
)

// A Tensor is an array of numbers of one dtype with any number of axes, or
// the promise of one.
//
// A concrete tensor has its elements; a symbolic one is a placeholder or
// computed from one, and has elements only once it is fed. A tensor does not
// change, but for a variable, which Assign and the updates of a [Function]
// change.
type Tensor struct {
	n    *graph.Node
	eval evaluation
}

func wrap(n *graph.Node) *Tensor { return &Tensor{n: n} }

// apply applies an operation to tensors whose dtypes are settled.
func apply(op backend.Op, attrs any, ts ...*Tensor) *Tensor {
	var few [3]*graph.Node
	in := few[:0]
	for _, t := range ts {
		in = append(in, t.n)
	}
	n, err := graph.Apply(op, attrs, in...)
	if err != nil {
		raise(string(op), err)
	}
	return wrap(n)
}

// Shape returns the length of each axis, −1 where it is unknown.
func (t *Tensor) Shape() []int { return append([]int{}, t.n.Shape...) }

// Rank returns the number of axes.
func (t *Tensor) Rank() int { return len(t.n.Shape) }

// DType returns the type of the elements.
func (t *Tensor) DType() DType { return t.n.DType }

// Size returns the number of elements, −1 where it is unknown.
func (t *Tensor) Size() int {
	if !t.n.Known() {
		return -1
	}
	return t.n.Size()
}

// IsSymbolic reports whether t depends on a placeholder and so has no elements
// until it is fed.
func (t *Tensor) IsSymbolic() bool { return t.n.Symbolic() }

// IsVariable reports whether t was made by [Variable].
func (t *Tensor) IsVariable() bool { return t.n.State != nil }

// Name returns the name that the user gave t, or "".
func (t *Tensor) Name() string { return t.n.Name }

// Named gives t a name, by which errors and [Explain] call it, and returns t.
func (t *Tensor) Named(name string) *Tensor {
	t.n.Name = name
	return t
}

// elements returns the memory of a concrete tensor.
func (t *Tensor) elements(op string) backend.Buffer {
	if t.n.Symbolic() {
		if by := graph.ParameterOf(t.n); by != "" {
			e := misuse(op, []*Tensor{t}, "%s is traced by %s and has no values: the function is called once, to learn what it computes", t.describe(), by).kind(nil)
			e.Cause = ErrTraced
			panic(e.help("compute with tensors: dl.Where or dl.Cond in place of if, dl.While or dl.Scan in place of a loop that depends on values"))
		}
		panic(misuse(op, []*Tensor{t}, "%s is symbolic and has no values yet", t.describe()).kind(nil).
			help("feed its placeholders: dl.Eval(t, dl.Feed{x: …}), or compile it with dl.Function; a layer or loss of one's own computes with tensors alone"))
	}
	if tracing.Load() != nil {
		noteRead(t)
	}
	return t.n.Elements()
}

// describe names t in an error.
func (t *Tensor) describe() string {
	if t.n.Name != "" {
		return fmt.Sprintf("%q", t.n.Name)
	}
	return "the tensor of shape " + graph.ShapeString(t.n.Shape)
}

// Item returns the value of a tensor with one element.
func (t *Tensor) Item() float64 {
	b := t.elements("item")
	if t.n.Size() != 1 {
		panic(misuse("item", []*Tensor{t}, "shape %s has %d elements, want one", graph.ShapeString(t.n.Shape), t.n.Size()).
			help("use At(i, j, …) for one of them, or Float64s() for all"))
	}
	return at(t.n.DType, b, 0)
}

// At returns one element. A negative index counts from the end of its axis.
func (t *Tensor) At(index ...int) float64 {
	b := t.elements("at")
	if len(index) != t.Rank() {
		panic(misuse("at", []*Tensor{t}, "%d indices for shape %s", len(index), graph.ShapeString(t.n.Shape)))
	}
	place := 0
	for a, i := range index {
		d := t.n.Shape[a]
		if i < -d || i >= d {
			panic(misuse("at", []*Tensor{t}, "index %d is out of range at axis %d of shape %s", i, a, graph.ShapeString(t.n.Shape)).at(a))
		}
		if i < 0 {
			i += d
		}
		place = place*d + i
	}
	return at(t.n.DType, b, place)
}

// at reads one number.
func at(d DType, b backend.Buffer, i int) float64 {
	switch d {
	case Float32:
		return float64(backend.View[float32](b)[i])
	case Float64:
		return backend.View[float64](b)[i]
	case Int32:
		return float64(backend.View[int32](b)[i])
	case Int64:
		return float64(backend.View[int64](b)[i])
	default:
		return float64(backend.View[uint8](b)[i])
	}
}

// Float32s returns a copy of the elements in row-major order.
func (t *Tensor) Float32s() []float32 { return converted[float32](t, "float32s") }

// Float64s returns a copy of the elements in row-major order.
func (t *Tensor) Float64s() []float64 { return converted[float64](t, "float64s") }

// Ints returns a copy of the elements in row-major order, rounded towards 0.
func (t *Tensor) Ints() []int { return converted[int](t, "ints") }

// SharedFloat32s returns the memory of a float32 tensor itself. It must not be
// changed; that of a variable may change with the next assignment.
func (t *Tensor) SharedFloat32s() []float32 {
	b := t.elements("shared float32s")
	if t.n.DType != Float32 {
		panic(misuse("shared float32s", []*Tensor{t}, "dtype %s, want float32", t.n.DType).kind(ErrDType).help("Float32s() converts"))
	}
	return backend.View[float32](b)
}

func converted[T float32 | float64 | int](t *Tensor, op string) []T {
	b := t.elements(op)
	out := make([]T, t.n.Size())
	switch t.n.DType {
	case Float32:
		convert(out, backend.View[float32](b))
	case Float64:
		convert(out, backend.View[float64](b))
	case Int32:
		convert(out, backend.View[int32](b))
	case Int64:
		convert(out, backend.View[int64](b))
	default:
		convert(out, backend.View[uint8](b))
	}
	return out
}

func convert[T, F float32 | float64 | int | int32 | int64 | uint8](to []T, from []F) {
	for i, v := range from {
		to[i] = T(v)
	}
}

// axis returns a as an axis counted from 0, of rank axes.
func axis(op string, t *Tensor, a, rank int) int {
	if a < -rank || a >= rank {
		panic(misuse(op, []*Tensor{t}, "axis %d is out of range for shape %s", a, graph.ShapeString(t.n.Shape)).at(a).
			help("axes count from 0, or from the end with −1"))
	}
	if a < 0 {
		a += rank
	}
	return a
}

// axes returns distinct axes counted from 0, ascending; all for none.
func axes(op string, t *Tensor, list []int) []int {
	out := make([]int, 0, t.Rank())
	for _, a := range list {
		out = append(out, axis(op, t, a, t.Rank()))
	}
	if len(list) == 0 {
		for a := range t.Rank() {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	for i := 1; i < len(out); i++ {
		if out[i] == out[i-1] {
			panic(misuse(op, []*Tensor{t}, "axis %d is named twice", out[i]).at(out[i]))
		}
	}
	return out
}
