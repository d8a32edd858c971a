package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
)

// Graph returns how the model computes its outputs, for a picture, in which
// the operations of each layer belong together. The shapes are those for any
// number of examples. A model that was never applied does not know them: its
// graph is the chain of its layers.
func (m *Model) Graph() cell.Graph {
	if m.given == nil {
		return m.outline()
	}
	shapes := make([][]int, len(m.inputs))
	for i, in := range m.given {
		shapes[i] = in.shape[1:]
	}
	stages, _ := m.stages(m.Placeholders(shapes...))
	return dl.GraphOfStages(stages...).Graph()
}

// stages computes the model's layers from placeholders, in evaluation.
func (m *Model) stages(inputs []*dl.Tensor) (stages []dl.Stage, outputs []*dl.Tensor) {
	values := map[*Node]*dl.Tensor{}
	for i, x := range inputs {
		values[m.inputs[i]] = x
	}
	pass := Evaluation()
	for i, n := range m.nodes {
		in := make([]*dl.Tensor, len(n.from))
		for k, from := range n.from {
			in[k] = values[from]
		}
		values[n] = pass.ApplyAll(n.layer, in...)
		stages = append(stages, dl.Stage{Name: layerName(i, n.layer), Result: values[n]})
	}
	for _, n := range m.outputs {
		outputs = append(outputs, values[n])
	}
	return stages, outputs
}

// A Profile says where the time of a model goes, as [Model.Profile] measured
// it.
type Profile struct {
	*dl.TimeTable
	graph cell.Graph
}

// Graph returns the operations of the model with their times and the sizes of
// their values, layer by layer, for a picture that is coloured by them; see
// [dl.TimeTable.Graph].
func (p *Profile) Graph() cell.Graph { return p.graph }

// Profile evaluates the model a number of times on the same inputs, tensors
// whose first axis is the batch, and measures where the time goes. As the last
// expression of a cell it draws the layers, coloured by their times:
//
//	model.Profile(10, images)
//	display.Graph(model.Profile(10, images), display.ColorBy("memory"), display.Unfold())
//
// It panics with a [dl.Error] where inputs do not fit, and where the backend
// cannot be profiled.
func (m *Model) Profile(calls int, inputs ...*dl.Tensor) *Profile {
	m.PassAll(Evaluation(), inputs...) // layers learn their shapes, and wrong ones are refused
	shapes := make([][]int, len(inputs))
	args := make([]any, len(inputs))
	for i, x := range inputs {
		shapes[i], args[i] = x.Shape()[1:], x
	}
	xs := m.Placeholders(shapes...)
	stages, outputs := m.stages(xs)
	t := dl.Profile(dl.Function(xs, outputs), calls, args...)
	return &Profile{t, t.GraphOfStages(stages...).Graph()}
}

// outline is the graph of a model that was never applied: its layers.
func (m *Model) outline() cell.Graph {
	var g cell.Graph
	index := map[*Node]int{}
	for i, n := range m.nodes {
		index[n] = i
		g.Nodes = append(g.Nodes, cell.GraphNode{Label: layerName(i, n.layer), Value: "not known yet", Kind: cell.OperationNode})
		for _, from := range n.from {
			if k, ok := index[from]; ok {
				g.Edges = append(g.Edges, cell.GraphEdge{From: k, To: i})
			}
		}
	}
	return g
}

// layerName calls a layer as the table of Summary does, and says how many
// parameters it has.
func layerName(i int, l Layer) string {
	name := fmt.Sprintf("%d %s", i+1, describe(l))
	n := 0
	for _, p := range l.Parameters() {
		n += p.Size()
	}
	if n > 0 {
		name += fmt.Sprintf("\n%s parameters", grouped(n))
	}
	return name
}
