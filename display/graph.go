package display

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// Graph draws a computational graph: inputs at the foot, the result at the
// top, the value of every node in it, and on every edge its label, which is
// the partial derivative of the upper node by the lower one. G is a
// [cell.Graph] or has a method Graph() cell.Graph, such as a model or a
// compiled function.
//
// Where nodes belong to groups, as the operations of a model's layers do, the
// picture shows the groups, and each opens to a picture of its own; the option
// [Unfold] draws all nodes at once. Large graphs without groups are cut into
// some. Nodes that were measured have colours: see [ColorBy].
func Graph(g any, opts ...Option) {
	o := collect("Graph", opts)
	text := ""
	graph, ok := g.(cell.Graph)
	if !ok {
		has, ok := g.(grapher)
		if !ok || isNil(g) {
			misuse("Graph", "g is %s; give a cell.Graph or something with a method Graph() cell.Graph", kindText(g))
		}
		graph = has.Graph()
		if s, ok := g.(fmt.Stringer); ok {
			text = s.String()
		}
	}
	b, err := graphBundle(graph, text, o)
	if err != nil {
		misuse("Graph", "%v", err)
	}
	o.show(b)
}

// maxNodes is what one picture of a graph can hold and still be read.
const maxNodes = 150

// graphBundle draws g; text is its twin, or "" for one made here.
func graphBundle(g cell.Graph, text string, o *options) (cell.Bundle, error) {
	for i, e := range g.Edges {
		if e.From < 0 || e.To >= len(g.Nodes) || e.From >= e.To {
			return cell.Bundle{}, fmt.Errorf("edge %d leads from node %d to node %d of %d; want a node behind the one it is computed from", i, e.From, e.To, len(g.Nodes))
		}
	}
	if text == "" {
		text = graphText(g)
	}
	if o.title != "" {
		text = o.title + "\n" + text
	}
	if len(g.Nodes) == 0 {
		return cell.Text("an empty graph"), nil
	}
	cost, err := costOf(g, o.colorBy)
	if err != nil {
		return cell.Bundle{}, err
	}
	grouped := slices.ContainsFunc(g.Nodes, func(n cell.GraphNode) bool { return n.Group != "" })
	if !grouped && len(g.Nodes) > maxNodes && !o.unfold {
		g, grouped = cutIntoGroups(g), true
	}
	if grouped && !o.unfold {
		return foldedBundle(g, text, cost, o), nil
	}
	return graphSketch(g, cost, o.title).bundle(text), nil
}

// graphText lists the nodes with their values, and below each what it is
// computed from.
func graphText(g cell.Graph) string {
	const most = 300 // nodes
	var b strings.Builder
	for i, n := range g.Nodes {
		if i == most {
			fmt.Fprintf(&b, "… %d nodes more\n", len(g.Nodes)-most)
			break
		}
		b.WriteString(oneLine(n.Label))
		if n.Value != "" {
			b.WriteString(": " + oneLine(n.Value))
		}
		if n.Note != "" {
			b.WriteString("  (" + oneLine(n.Note) + ")")
		}
		b.WriteByte('\n')
		for _, e := range g.Edges {
			if e.To == i {
				b.WriteString("  ← " + oneLine(g.Nodes[e.From].Label))
				if e.Label != "" {
					b.WriteString("  [" + oneLine(e.Label) + "]")
				}
				b.WriteByte('\n')
			}
		}
	}
	return strings.TrimRight(b.String(), "\n")
}
