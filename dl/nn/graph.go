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
	values := map[*Node]*dl.Tensor{}
	for i, x := range m.Placeholders(shapes...) {
		values[m.inputs[i]] = x
	}
	var stages []dl.Stage
	pass := Evaluation()
	for i, n := range m.nodes {
		in := make([]*dl.Tensor, len(n.from))
		for k, from := range n.from {
			in[k] = values[from]
		}
		values[n] = pass.ApplyAll(n.layer, in...)
		stages = append(stages, dl.Stage{Name: layerName(i, n.layer), Result: values[n]})
	}
	return dl.GraphOfStages(stages...).Graph()
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
