package nn

import (
	"fmt"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
)

// A Model is a network of layers that can be trained. It is a [Layer] itself,
// and so can be part of another model.
type Model struct {
	inputs, outputs Nodes
	nodes           Nodes       // but the inputs, in the order in which they are computed
	named           bool        // the variables bear the names of their layers
	given           []inputType // what it was last applied to
	shapes          [][]int     // what each node gave when the model was last applied
	predict         *forward
	history         *History
}

// An inputType is what a model knows of an input.
type inputType struct {
	dtype dl.DType
	shape []int
}

// Sequential returns the model that applies the layers one after another.
// Sequential(l) makes a model of a single layer, such as one of your own.
func Sequential(layers ...Layer) *Model {
	for i, l := range layers {
		if l == nil {
			panic(misuse("nn", nil, "", "layer %d of Sequential is nil", i+1))
		}
	}
	in := Input("x")
	return Functional(Nodes{in}, Nodes{in.Then(layers...)})
}

// Layers returns the layers in the order in which they are applied.
func (m *Model) Layers() []Layer {
	ls := make([]Layer, len(m.nodes))
	for i, n := range m.nodes {
		ls[i] = n.layer
	}
	return ls
}

// Apply returns the outputs for the inputs x, of which the first axis counts
// the examples, in a pass of evaluation. An error names the layer that it
// comes from.
func (m *Model) Apply(x *dl.Tensor) *dl.Tensor { return m.ApplyIn(Evaluation(), x) }

// ApplyIn is Apply in a pass.
func (m *Model) ApplyIn(p *Pass, x *dl.Tensor) *dl.Tensor {
	if len(m.outputs) != 1 {
		panic(misuse("nn", x, "use PassAll", "the model has %d outputs, want one", len(m.outputs)))
	}
	return m.PassAll(p, x)[0]
}

// ApplyAll implements [Joiner]: a model of several inputs can be part of
// another.
func (m *Model) ApplyAll(p *Pass, xs ...*dl.Tensor) *dl.Tensor {
	if len(m.outputs) != 1 {
		panic(misuse("nn", nil, "use PassAll", "the model has %d outputs, want one", len(m.outputs)))
	}
	return m.PassAll(p, xs...)[0]
}

// PassAll returns all outputs for all inputs in a pass.
func (m *Model) PassAll(p *Pass, xs ...*dl.Tensor) []*dl.Tensor {
	if len(xs) != len(m.inputs) {
		panic(misuse("nn", nil, "", "the model has %d inputs, got %d", len(m.inputs), len(xs)))
	}
	values := map[*Node]*dl.Tensor{}
	m.given, m.shapes = nil, nil
	for i, n := range m.inputs {
		values[n] = xs[i]
		m.given = append(m.given, inputType{xs[i].DType(), xs[i].Shape()})
	}
	for i, n := range m.nodes {
		in := make([]*dl.Tensor, len(n.from))
		for k, from := range n.from {
			in[k] = values[from]
		}
		values[n] = within(fmt.Sprintf("layer %d, %s", i+1, describe(n.layer)), func() *dl.Tensor { return p.ApplyAll(n.layer, in...) })
		m.shapes = append(m.shapes, values[n].Shape())
	}
	m.name()
	out := make([]*dl.Tensor, len(m.outputs))
	for i, n := range m.outputs {
		out[i] = values[n]
	}
	return out
}

// name puts the number of the layer in front of the variables' names.
func (m *Model) name() {
	if m.named {
		return
	}
	for _, v := range variables(m) {
		v.v.Named(v.name)
	}
	m.named = true
}

// Parameters returns the parameters of all layers: none before the model is
// first applied.
func (m *Model) Parameters() []*dl.Tensor { return union(each(m.Layers(), Layer.Parameters)...) }

// State returns the variables of all layers that are not learned, such as the
// running means of [BatchNorm].
func (m *Model) State() []*dl.Tensor { return union(each(m.Layers(), stateOf)...) }

// Build makes the parameters for inputs of the given shapes, one for each
// input, without the axis of the examples; where none is given, for those that
// [Input] names. It returns the model.
func (m *Model) Build(shapes ...[]int) *Model {
	m.PassAll(Evaluation(), m.Placeholders(shapes...)...)
	return m
}

// Placeholders returns a placeholder for each input, for any number of
// examples of the given shapes; see [Model.Build]. Their dtype is that of what
// the model was last applied to, and before that what [Node.As] says.
func (m *Model) Placeholders(shapes ...[]int) []*dl.Tensor {
	if len(shapes) > 0 && len(shapes) != len(m.inputs) {
		panic(misuse("nn", nil, "", "%d shapes for %d inputs", len(shapes), len(m.inputs)))
	}
	xs := make([]*dl.Tensor, len(m.inputs))
	for i, n := range m.inputs {
		shape := n.shape
		if len(shapes) > 0 {
			shape = shapes[i]
		}
		dtype := n.dtype
		if m.given != nil {
			dtype = m.given[i].dtype
		}
		xs[i] = dl.Placeholder(n.name, dtype, append([]int{-1}, shape...)...)
	}
	return xs
}

// outputName returns what the losses and metrics of an output are called by.
func (m *Model) outputName(i int) string {
	if name := m.outputs[i].name; name != "" {
		return name
	}
	return fmt.Sprintf("output%d", i+1)
}

func (m *Model) number(n *Node) string {
	if i := slices.Index(m.nodes, n); i >= 0 {
		return fmt.Sprint(i + 1)
	}
	return n.name
}
