package engine

import (
	"fmt"
	"hash"
	"hash/fnv"
	"io"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// dtypes are gorgonia's names of the dtypes that it computes with.
var dtypes = map[backend.DType]tensor.Dtype{backend.Float32: tensor.Float32, backend.Float64: tensor.Float64}

// shapeOf returns a shape as the graph has it: a number is a vector of one
// there, because gorgonia's scalars follow other rules than its tensors.
func shapeOf(shape []int) tensor.Shape {
	if len(shape) == 0 {
		return tensor.Shape{1}
	}
	return append(tensor.Shape{}, shape...)
}

// dense returns a tensor on the memory of a buffer.
func dense(d backend.DType, shape []int, b backend.Buffer) *tensor.Dense {
	to := tensor.WithShape(shapeOf(shape)...)
	if d == backend.Float32 {
		return tensor.New(to, tensor.WithBacking(backend.View[float32](b)))
	}
	return tensor.New(to, tensor.WithBacking(backend.View[float64](b)))
}

// store copies v into a buffer for elements of dtype d. What is a Bool in the
// program is 0 or 1 in the graph.
func store(to backend.Buffer, d backend.DType, v G.Value) error {
	switch data := v.Data().(type) {
	case []float32:
		return put(to, d, data)
	case []float64:
		return put(to, d, data)
	case float32:
		return put(to, d, []float32{data})
	case float64:
		return put(to, d, []float64{data})
	}
	return fmt.Errorf("backend %s: a result is %T, want numbers", name, v.Data())
}

func put[T float32 | float64](to backend.Buffer, d backend.DType, data []T) error {
	if d != backend.Bool {
		if n := copy(backend.View[T](to), data); n != len(data) {
			return fmt.Errorf("backend %s: a result has %d elements, want %d", name, len(data), n)
		}
		return nil
	}
	for i, x := range data {
		to.Bytes()[i] = 0
		if x != 0 {
			to.Bytes()[i] = 1
		}
	}
	return nil
}

// A layout is an operation of gorgonia's that copies its operand into another
// shape, repeating axes of length 1 where the new shape is larger. Gorgonia's own
// take vectors, columns and rows for one another.
type layout struct {
	name     string // differs from that of every other layout
	from, to tensor.Shape
	dtype    tensor.Dtype
}

func (l layout) Arity() int { return 1 }

func (l layout) Type() hm.Type { return hm.NewFnType(typeOf(l.from, l.dtype), typeOf(l.to, l.dtype)) }

func typeOf(shape tensor.Shape, dtype tensor.Dtype) hm.Type {
	if shape.Dims() == 0 {
		return dtype
	}
	return G.TensorType{Dims: shape.Dims(), Of: dtype}
}

func (l layout) InferShape(...G.DimSizer) (tensor.Shape, error) { return l.to.Clone(), nil }
func (l layout) ReturnsPtr() bool                               { return false }
func (l layout) CallsExtern() bool                              { return false }
func (l layout) OverwritesInput() int                           { return -1 }
func (l layout) WriteHash(h hash.Hash)                          { io.WriteString(h, l.name) }
func (l layout) String() string                                 { return l.name }

func (l layout) Hashcode() uint32 {
	h := fnv.New32a()
	l.WriteHash(h)
	return h.Sum32()
}

// Do implements [G.Op].
func (l layout) Do(vs ...G.Value) (G.Value, error) {
	if len(vs) != 1 {
		return nil, fmt.Errorf("%s takes one operand, got %d", l.name, len(vs))
	}
	switch data := vs[0].Data().(type) {
	case []float32:
		return spread(l, elementsOf(vs[0], data)), nil
	case []float64:
		return spread(l, elementsOf(vs[0], data)), nil
	case float32:
		return spread(l, []float32{data}), nil
	case float64:
		return spread(l, []float64{data}), nil
	}
	return nil, fmt.Errorf("%s takes numbers, got %T", l.name, vs[0].Data())
}

// elementsOf returns the elements of v in row-major order.
func elementsOf[T any](v G.Value, data []T) []T {
	d, ok := v.(*tensor.Dense)
	if !ok || !d.RequiresIterator() && !d.DataOrder().IsColMajor() {
		return data
	}
	out := make([]T, 0, v.Shape().TotalSize())
	it := d.Iterator()
	for i, err := it.Next(); err == nil; i, err = it.Next() {
		out = append(out, data[i])
	}
	return out
}

func spread[T any](l layout, data []T) G.Value {
	out := make([]T, l.to.TotalSize())
	if len(out) == len(data) {
		copy(out, data)
		return tensor.New(tensor.WithShape(l.to...), tensor.WithBacking(out))
	}
	from := append(make(tensor.Shape, 0, l.to.Dims()), l.from...)
	for len(from) < l.to.Dims() {
		from = append(tensor.Shape{1}, from...)
	}
	index := make([]int, l.to.Dims())
	for i := range out {
		at := 0
		for a, n := range from {
			at *= n
			if n > 1 {
				at += index[a]
			}
		}
		out[i] = data[at]
		for a := len(index) - 1; a >= 0; a-- {
			if index[a]++; index[a] < l.to[a] {
				break
			}
			index[a] = 0
		}
	}
	return tensor.New(tensor.WithShape(l.to...), tensor.WithBacking(out))
}
