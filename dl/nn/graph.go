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
	if m.input == nil {
		var g cell.Graph
		for i, l := range m.layers {
			g.Nodes = append(g.Nodes, cell.GraphNode{Label: layerName(i, l), Value: "not known yet", Kind: cell.OperationNode})
			if i > 0 {
				g.Edges = append(g.Edges, cell.GraphEdge{From: i - 1, To: i})
			}
		}
		return g
	}
	x := dl.Placeholder("x", dl.Float32, perExample(m.input)...)
	var stages []dl.Stage
	for i, l := range m.layers {
		x = l.Apply(x)
		stages = append(stages, dl.Stage{Name: layerName(i, l), Result: x})
	}
	return dl.GraphOfStages(stages...).Graph()
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
