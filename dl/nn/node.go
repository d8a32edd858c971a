package nn

import (
	"fmt"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
)

// A Node is a place in a functional model: an input of it, or what a layer
// makes of other nodes.
//
//	picture, text := nn.Input("picture", 3, 32, 32), nn.Input("text", 100)
//	both := nn.Join(nn.Concat(1),
//		picture.Then(nn.Conv2D(8, 3), nn.ReLU(), nn.Flatten()),
//		text.Then(nn.Dense(16), nn.ReLU()))
//	model := nn.Functional(nn.Nodes{picture, text}, nn.Nodes{both.Then(nn.Dense(10))})
type Node struct {
	layer Layer // nil: an input
	from  []*Node
	name  string // that the user gave it
	shape []int  // of an example, of an input
	dtype dl.DType
}

// Nodes are places in a model.
type Nodes []*Node

// Input returns an input of a model, of the given shape without the axis of
// the examples.
func Input(name string, shape ...int) *Node {
	return &Node{name: name, shape: slices.Clone(shape), dtype: dl.Float32}
}

// As says that the input holds numbers of another dtype than float32, and
// returns it: [Embedding] wants integers.
func (n *Node) As(dtype dl.DType) *Node {
	n.dtype = dtype
	return n
}

// Named gives the node a name, by which losses and metrics of an output are
// called, and returns it.
func (n *Node) Named(name string) *Node {
	n.name = name
	return n
}

// Then returns what the layers make of n, one after another.
func (n *Node) Then(layers ...Layer) *Node {
	for i, l := range layers {
		if l == nil {
			panic(misuse("nn", nil, "", "layer %d of Then is nil", i+1))
		}
		n = &Node{layer: l, from: Nodes{n}}
	}
	return n
}

// Join returns what a layer of several inputs makes of nodes. See [Add],
// [Multiply], [Concat] and [JoinFunc].
func Join(l Joiner, nodes ...*Node) *Node {
	if l == nil || len(nodes) == 0 {
		panic(misuse("nn", nil, "", "Join needs a layer and at least one node"))
	}
	return &Node{layer: l, from: slices.Clone(nodes)}
}

// joined is a joiner without parameters.
type joined struct {
	name string
	f    func(xs ...*dl.Tensor) *dl.Tensor
}

func (l *joined) Apply(x *dl.Tensor) *dl.Tensor                 { return l.f(x) }
func (l *joined) ApplyAll(_ *Pass, xs ...*dl.Tensor) *dl.Tensor { return l.f(xs...) }
func (l *joined) Parameters() []*dl.Tensor                      { return nil }
func (l *joined) String() string                                { return l.name }

// JoinFunc returns a layer of several inputs, without parameters, that
// computes f.
func JoinFunc(name string, f func(xs ...*dl.Tensor) *dl.Tensor) Joiner { return &joined{name, f} }

// Add returns the layer of the sum of its inputs.
func Add() Joiner {
	return JoinFunc("add", func(xs ...*dl.Tensor) *dl.Tensor {
		return fold(xs, func(a, b *dl.Tensor) *dl.Tensor { return a.Add(b) })
	})
}

// Multiply returns the layer of the product, element by element, of its
// inputs.
func Multiply() Joiner {
	return JoinFunc("multiply", func(xs ...*dl.Tensor) *dl.Tensor {
		return fold(xs, func(a, b *dl.Tensor) *dl.Tensor { return a.Mul(b) })
	})
}

// Concat returns the layer that joins its inputs along an axis; axis 0 counts
// the examples.
func Concat(axis int) Joiner {
	return JoinFunc(fmt.Sprintf("concat(%d)", axis), func(xs ...*dl.Tensor) *dl.Tensor { return dl.Concat(axis, xs...) })
}

func fold(xs []*dl.Tensor, f func(a, b *dl.Tensor) *dl.Tensor) *dl.Tensor {
	y := xs[0]
	for _, x := range xs[1:] {
		y = f(y, x)
	}
	return y
}

// Functional returns the model that computes the outputs from the inputs.
// Nodes are computed once, whatever uses them; the layers of the model stand
// in the order in which they are computed.
func Functional(inputs, outputs Nodes) *Model {
	m := &Model{inputs: slices.Clone(inputs), outputs: slices.Clone(outputs)}
	if len(inputs) == 0 || len(outputs) == 0 {
		panic(misuse("nn", nil, "", "a model needs at least one input and one output, got %d and %d", len(inputs), len(outputs)))
	}
	done := map[*Node]bool{}
	for i, n := range inputs {
		switch {
		case n == nil || n.layer != nil:
			panic(misuse("nn", nil, "make it with nn.Input", "input %d of Functional is not an input", i+1))
		case done[n]:
			panic(misuse("nn", nil, "", "input %q is given twice", n.name))
		}
		done[n] = true
	}
	var visit func(n *Node)
	visit = func(n *Node) {
		if n == nil {
			panic(misuse("nn", nil, "", "a node of Functional is nil"))
		}
		if done[n] {
			return
		}
		if n.layer == nil {
			panic(misuse("nn", nil, "put it among the inputs of Functional", "an output depends on the input %q, which is not among the inputs", n.name))
		}
		for _, from := range n.from {
			visit(from)
		}
		done[n] = true
		m.nodes = append(m.nodes, n)
	}
	for _, n := range outputs {
		visit(n)
	}
	return m
}
