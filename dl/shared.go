package dl

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// NewShared returns a tensor whose elements are the memory of data itself, a
// []float32, []float64, []int32, []int64 or []uint8 in row-major order. A tensor
// does not change, so data must not be written while the tensor, or anything
// that remembers it, is in use. Without a shape it has one axis.
func NewShared(data any, shape ...int) *Tensor {
	var n int
	var b backend.Buffer
	var d DType
	switch s := data.(type) {
	case []float32:
		n, d, b = len(s), Float32, backend.BufferOf(s)
	case []float64:
		n, d, b = len(s), Float64, backend.BufferOf(s)
	case []int32:
		n, d, b = len(s), Int32, backend.BufferOf(s)
	case []int64:
		n, d, b = len(s), Int64, backend.BufferOf(s)
	case []uint8:
		n, d, b = len(s), Uint8, backend.BufferOf(s)
	default:
		panic(&Error{Op: "new shared", Axis: -1, Msg: fmt.Sprintf("the memory of a %T cannot be shared", data),
			Help: "give a []float32, []float64, []int32, []int64 or []uint8, or copy it with dl.New"})
	}
	if n == 0 {
		b = backend.NewBuffer(d, 0)
	}
	return wrap(graph.Constant(graph.Type{DType: d, Shape: []int{n}}, b)).laidOut(shape)
}

// Shared returns the memory of a concrete tensor itself, in row-major order:
// a []float32, []float64, []int32, []int64 or []uint8 by its dtype, and for
// bools a []uint8 of 0 and 1. It must not be written; that of a variable may
// change with the next assignment.
func (t *Tensor) Shared() any {
	b := t.check("shared").elements("shared")
	switch t.n.DType {
	case Float32:
		return backend.View[float32](b)
	case Float64:
		return backend.View[float64](b)
	case Int32:
		return backend.View[int32](b)
	case Int64:
		return backend.View[int64](b)
	default:
		return backend.View[uint8](b)
	}
}
