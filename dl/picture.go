package dl

import (
	"fmt"
	"slices"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A Diagram says how tensors are computed, for a picture. As the last expression
// of a cell it draws itself.
type Diagram struct{ graph cell.Graph }

// Graph returns the diagram as a picture shows it.
func (d *Diagram) Graph() cell.Graph { return d.graph }

// GraphOf returns how the tensors are computed: every operation with the shape
// of its result, from the placeholders, variables and constants on. Unlike
// [Explain] it needs no values, and there may be several results of any shape.
func GraphOf(results ...*Tensor) *Diagram {
	stages := make([]Stage, len(results))
	for i, t := range results {
		stages[i].Result = t
	}
	return GraphOfStages(stages...)
}

// A Stage is a named part of a computation: what its result is computed from
// and no earlier stage is.
type Stage struct {
	Name   string // "" where the part has none
	Result *Tensor
}

// GraphOfStages is [GraphOf] the stages' results, in which each node belongs to
// its stage. Placeholders belong to none.
func GraphOfStages(stages ...Stage) *Diagram { return diagram(stages, nil) }

// diagram draws the stages with what their nodes cost, where that is known.
func diagram(stages []Stage, cost map[*graph.Node]nodeCost) *Diagram {
	var nodes []*graph.Node
	index := map[*graph.Node]int{}
	group := map[*graph.Node]string{}
	for _, s := range stages {
		for _, n := range graph.History(s.Result.check("graph").n) {
			if _, ok := index[n]; !ok {
				index[n] = len(nodes)
				nodes = append(nodes, n)
				group[n] = s.Name
			}
		}
	}
	var g cell.Graph
	names := nodeNames(nodes)
	for to, n := range nodes {
		shape := n.Shape
		if s := cost[n].shape; s != nil {
			shape = s
		}
		c := cell.GraphNode{Label: names[to], Kind: kindOf(n), Group: group[n], Value: graph.ShapeString(shape) + " " + n.DType.String(), Time: cost[n].time}
		if k := cost[n].fused; k > 0 {
			c.Note = fmt.Sprintf("in one pass with %d others", k)
			if k == 1 {
				c.Note = "in one pass with another"
			}
		}
		if slices.ContainsFunc(stages, func(s Stage) bool { return s.Result.n == n }) && len(stages) == 1 {
			c.Kind = cell.ResultNode
		}
		var operands []string
		for _, in := range n.In {
			from, ok := index[in]
			if !ok { // a version of a variable in a symbolic graph
				from = index[in.Base()]
			}
			operands = append(operands, names[from])
			g.Edges = append(g.Edges, cell.GraphEdge{From: from, To: to})
		}
		switch {
		case len(n.In) > 0 && n.Name != "":
			c.Label = n.Name + " = " + expression(n.Op.Name, operands)
		case len(n.In) > 0:
			c.Label += " = " + expression(n.Op.Name, operands)
		case c.Kind == cell.InputNode:
			c.Group = ""
		case c.Kind == cell.ConstantNode && len(n.Shape) == 0:
			c.Value = ""
		}
		if n.Several() { // a loop or condition, whose results follow
			c.Value = ""
			g.Nodes = append(g.Nodes, c)
			continue
		}
		c.Bytes = int64(n.DType.Size())
		for _, d := range shape {
			c.Bytes *= int64(max(d, 0)) // of unknown length: of unknown size
		}
		g.Nodes = append(g.Nodes, c)
	}
	return &Diagram{g}
}

// nodeNames returns what each node is called: its own name, the number that a
// constant is, or one that counts.
func nodeNames(nodes []*graph.Node) []string {
	names := make([]string, len(nodes))
	taken := map[string]bool{}
	for _, n := range nodes {
		taken[n.Name] = true
	}
	next := 0
	for i, n := range nodes {
		switch {
		case n.Name != "":
			names[i] = n.Name
		case kindOf(n) == cell.ConstantNode && len(n.Shape) == 0:
			names[i] = summary(wrap(n))
		case kindOf(n) == cell.ConstantNode:
			names[i] = "constant"
		default:
			for names[i] == "" || taken[names[i]] {
				next++
				names[i] = fmt.Sprintf("v%d", next)
			}
		}
	}
	return names
}

func kindOf(n *graph.Node) cell.NodeKind { return explained{n: n}.kind() }

// Graph returns how the results of f are computed, as it was written, for a
// picture.
func (f *Func) Graph() cell.Graph { return GraphOfStages(f.stages()[:len(f.f.Outputs)]...).Graph() }

// stages are the outputs and the new values of variables, without names.
func (f *Func) stages() []Stage {
	var all []Stage
	for _, n := range f.roots() {
		all = append(all, Stage{Result: wrap(n)})
	}
	return all
}

// Graph returns the operations of the function, outputs and updates, as they
// were written, each with its time and the size of its value for the shapes of
// the call, for a picture that is coloured by them.
//
// Operations that were fused are computed in one pass, whose time they share in
// equal parts. One that became part of another, or whose value served another
// as well, has no time of its own.
func (t *TimeTable) Graph() cell.Graph {
	if t.of == nil {
		return t.Pieces().Graph()
	}
	return diagram(t.of.stages(), t.cost).Graph()
}

// GraphOfStages is [GraphOfStages] with the times and sizes of the table. The
// stages' results are those of the function, or what these are computed from.
func (t *TimeTable) GraphOfStages(stages ...Stage) *Diagram { return diagram(stages, t.cost) }

// Pieces returns what the function was compiled to: its pieces in the order in
// which they run, each with its time.
func (t *TimeTable) Pieces() *Diagram {
	var g cell.Graph
	for i, r := range t.Rows {
		g.Nodes = append(g.Nodes, cell.GraphNode{Label: r.Name, Value: graph.ShapeString(r.Shape), Kind: cell.OperationNode, Time: r.Time})
		if i > 0 {
			g.Edges = append(g.Edges, cell.GraphEdge{From: i - 1, To: i})
		}
	}
	return &Diagram{g}
}
