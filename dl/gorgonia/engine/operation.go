package engine

import (
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"io"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// An operation is one node's operation in the graph: one of gorgonia's own
// with a guard around it, or one that only lays elements out anew.
//
// The guard is needed for three reasons. Gorgonia takes nodes that are written
// alike for one and the same, also where they are not: the name of an operation
// differs from all others. Its machine runs in a goroutine of its own, where a
// panic ends the process: it becomes an error. And its operations take columns,
// rows and vectors for one another and hand out views: the result is brought
// into the shape that the node was said to have, in row-major order.
type operation struct {
	name  string
	from  []hm.Type
	to    tensor.Shape
	dtype tensor.Dtype
	do    func(vs []G.Value) (G.Value, error)
	*builder
}

// native adds to the graph the one operation that f makes of its operands, with
// a result of the given shape.
func (b *builder) native(f func(in ...*G.Node) (*G.Node, error), shape tensor.Shape, in ...*G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	op, dtype, err := opOf(f, in)
	if err != nil {
		return b.fail(err)
	}
	return b.apply(op, shape, dtype, in...)
}

// opOf returns the operation that f applies, and the dtype of the result.
// Gorgonia exports no operations but only functions that add them to a graph. f
// must give one of all its operands in their order: of several, one after
// another, only the last would be kept, and compute something else.
func opOf(f func(in ...*G.Node) (*G.Node, error), in []*G.Node) (G.Op, tensor.Dtype, error) {
	g := G.NewGraph()
	leaves := make([]*G.Node, len(in))
	for i, n := range in {
		leaves[i] = G.NewTensor(g, n.Dtype(), n.Dims(), G.WithShape(n.Shape()...), G.WithName(fmt.Sprintf("x%d", i)))
	}
	n, err := f(leaves...)
	if err != nil {
		return nil, tensor.Dtype{}, err
	}
	if n.Op() == nil {
		return nil, tensor.Dtype{}, errors.New("gorgonia makes no operation of it")
	}
	operands := g.From(n.ID())
	for i, leaf := range leaves {
		if !operands.Next() || operands.Node().ID() != leaf.ID() {
			return nil, tensor.Dtype{}, fmt.Errorf("gorgonia's operation has another operand %d", i+1)
		}
	}
	if operands.Next() {
		return nil, tensor.Dtype{}, fmt.Errorf("gorgonia's operation has more than %d operands", len(leaves))
	}
	return n.Op(), n.Dtype(), nil
}

// apply adds an operation of gorgonia's with its guard.
func (b *builder) apply(op G.Op, shape tensor.Shape, dtype tensor.Dtype, in ...*G.Node) *G.Node {
	return b.add(op.String(), shape, dtype, func(vs []G.Value) (G.Value, error) { return op.Do(vs...) }, in...)
}

// lay adds an operation of ours that computes where each element comes from:
// element i of the result is element at(i) of the operand.
func (b *builder) lay(what string, shape tensor.Shape, at func(i int) int, n *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	return b.add(what, shape, n.Dtype(), func(vs []G.Value) (G.Value, error) {
		switch data := vs[0].Data().(type) {
		case []float32:
			return laid(shape, data, at), nil
		case []float64:
			return laid(shape, data, at), nil
		}
		return nil, fmt.Errorf("the operand is %T, want floats", vs[0].Data())
	}, n)
}

func laid[T any](shape tensor.Shape, data []T, at func(i int) int) G.Value {
	out := make([]T, shape.TotalSize())
	if at == nil {
		copy(out, data)
	} else {
		for i := range out {
			out[i] = data[at(i)]
		}
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(out))
}

func (b *builder) add(what string, shape tensor.Shape, dtype tensor.Dtype, do func([]G.Value) (G.Value, error), in ...*G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	b.made++
	o := &operation{name: fmt.Sprintf("%s#%d", what, b.made), to: shape, dtype: dtype, do: do, builder: b}
	for _, n := range in {
		o.from = append(o.from, typeOf(n.Shape(), n.Dtype()))
	}
	n, err := G.ApplyOp(o, in...)
	if err != nil {
		return b.fail(err)
	}
	return n
}

// Arity implements [G.Op], as do the following methods.
func (o *operation) Arity() int { return len(o.from) }

// Type says what the operands must be.
func (o *operation) Type() hm.Type {
	return hm.NewFnType(append(append([]hm.Type{}, o.from...), typeOf(o.to, o.dtype))...)
}

func typeOf(shape tensor.Shape, dtype tensor.Dtype) hm.Type {
	return G.TensorType{Dims: shape.Dims(), Of: dtype}
}

// InferShape returns the shape that was decided when the node was made.
func (o *operation) InferShape(...G.DimSizer) (tensor.Shape, error) { return o.to.Clone(), nil }

// ReturnsPtr says that results are new.
func (o *operation) ReturnsPtr() bool { return false }

// CallsExtern says that no foreign code is called.
func (o *operation) CallsExtern() bool { return false }

// OverwritesInput says that operands stay as they are.
func (o *operation) OverwritesInput() int { return -1 }

// WriteHash writes the name, which no other operation has.
func (o *operation) WriteHash(h hash.Hash) { io.WriteString(h, o.name) }

// Hashcode returns a hash of the name.
func (o *operation) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func (o *operation) String() string { return o.name }

// Do computes the result. It does not panic.
func (o *operation) Do(vs ...G.Value) (v G.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: gorgonia panicked: %v", o.name, r)
		}
	}()
	if interrupted(o.done) {
		return nil, backend.ErrInterrupted
	}
	if v, err = o.do(vs); err != nil {
		return nil, fmt.Errorf("%s: %w", o.name, err)
	}
	switch data := v.Data().(type) {
	case []float32:
		return shaped(o, elementsOf(v, data))
	case []float64:
		return shaped(o, elementsOf(v, data))
	case []int:
		return shaped(o, elementsOf(v, data))
	case float32:
		return shaped(o, []float32{data})
	case float64:
		return shaped(o, []float64{data})
	}
	return nil, fmt.Errorf("%s: gorgonia gave %T, want %v", o.name, v.Data(), o.dtype)
}

// shaped returns data as a tensor of the shape that o was said to have.
func shaped[T any](o *operation, data []T) (G.Value, error) {
	if len(data) != o.to.TotalSize() {
		return nil, fmt.Errorf("%s: gorgonia gave %d elements, want shape %v", o.name, len(data), o.to)
	}
	return tensor.New(tensor.WithShape(o.to...), tensor.WithBacking(data)), nil
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
