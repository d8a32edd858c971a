package gorgonia

import (
	"fmt"
	"hash"
	"hash/fnv"
	"io"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl"
)

// pure is what the operations here have in common: a name that no other has,
// results in new memory, and operands that stay as they are.
type pure struct{ name string }

func (pure) ReturnsPtr() bool        { return false }
func (pure) CallsExtern() bool       { return false }
func (pure) OverwritesInput() int    { return -1 }
func (p pure) WriteHash(h hash.Hash) { io.WriteString(h, p.name) }
func (p pure) String() string        { return p.name }

func (p pure) Hashcode() uint32 {
	h := fnv.New32a()
	p.WriteHash(h)
	return h.Sum32()
}

// A part is an operation that takes some elements of a vector, in the vector's
// own memory, and gives them a shape.
type part struct {
	pure
	from, of int // the first element, and how many the vector has
	shape    tensor.Shape
	dtype    tensor.Dtype
}

func (p *part) Arity() int { return 1 }

func (p *part) Type() hm.Type {
	return hm.NewFnType(typeOf(tensor.Shape{p.of}, p.dtype), typeOf(p.shape, p.dtype))
}

func (p *part) InferShape(...G.DimSizer) (tensor.Shape, error) { return p.shape.Clone(), nil }

// Do returns the part.
func (p *part) Do(vs ...G.Value) (G.Value, error) {
	end := p.from + p.shape.TotalSize()
	switch data := vs[0].Data().(type) {
	case []float32:
		if p.shape.Dims() == 0 {
			return G.NewF32(data[p.from]), nil
		}
		return tensor.New(tensor.WithShape(p.shape...), tensor.WithBacking(data[p.from:end:end])), nil
	case []float64:
		if p.shape.Dims() == 0 {
			return G.NewF64(data[p.from]), nil
		}
		return tensor.New(tensor.WithShape(p.shape...), tensor.WithBacking(data[p.from:end:end])), nil
	}
	return nil, fmt.Errorf("%s: the operand is %T, want floats", p.name, vs[0].Data())
}

// DiffWRT says that there is a derivative.
func (p *part) DiffWRT(int) []bool { return []bool{true} }

// SymDiff puts the derivative of the part among zeros.
func (p *part) SymDiff(_ G.Nodes, _, grad *G.Node) (G.Nodes, error) {
	d, err := Lift("∂"+p.name, func(xs ...*dl.Tensor) *dl.Tensor {
		return xs[0].Reshape(-1).Pad([2]int{p.from, p.of - p.from - p.shape.TotalSize()})
	}, grad)
	return G.Nodes{d}, err
}
