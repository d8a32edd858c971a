package dl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// An Explanation shows how a number was computed and how it depends on
// everything that it was computed from: every node of its graph with its
// value, every edge with the partial derivative of the node by the operand,
// and the derivative of the result by every node, which is the sum over all
// paths of the products of the partial derivatives along them.
type Explanation struct {
	nodes []explained
	edges []explainedEdge
}

type explained struct {
	n      *graph.Node
	name   string
	how    string  // "a + b"; "" for leaves
	value  *Tensor // nil where unknown
	total  *Tensor // the derivative of the result by it; nil for constants and what has none
	result bool
}

type explainedEdge struct {
	from, to int     // indexes of nodes
	partial  *Tensor // nil where it is zero
}

// Explain returns the graph of e, a number, with all values and derivatives.
// Placeholders are fed. For operations on arrays the partial derivative on an
// edge is that of the sum of the node's elements.
func Explain(e *Tensor, feed ...Feed) *Explanation {
	history := graph.History(e.check("explain").n)
	x := &Explanation{}
	index := map[*graph.Node]int{}
	var differentiable []*graph.Node
	for i, n := range history {
		index[n] = i
		x.nodes = append(x.nodes, explained{n: n, result: n == e.n, value: wrap(n)})
		if n.Several() { // a loop or condition: its results have values and derivatives
			x.nodes[i].value = nil
			continue
		}
		if n.DType.IsFloat() && (n.Tracked() || n.Symbolic()) {
			differentiable = append(differentiable, n)
		}
	}
	if len(differentiable) > 0 {
		totals, err := graph.Grad(e.n, differentiable)
		raise("explain", err)
		for i, n := range differentiable {
			x.nodes[index[n]].total = wrap(totals[i])
		}
	}
	for to, n := range history {
		for i, operand := range n.In {
			p, err := graph.Partial(n, i)
			raise("explain", err)
			from, ok := index[operand]
			if !ok { // a version of a variable in a symbolic graph
				from = index[operand.Base()]
			}
			edge := explainedEdge{from: from, to: to}
			if p != nil {
				edge.partial = wrap(p)
			}
			x.edges = append(x.edges, edge)
		}
	}
	if e.IsSymbolic() {
		x.evaluate(feed)
	}
	x.label()
	return x
}

// evaluate replaces all symbolic tensors by their values.
func (x *Explanation) evaluate(feed []Feed) {
	var places []**Tensor
	for i := range x.nodes {
		if x.nodes[i].value != nil {
			places = append(places, &x.nodes[i].value)
		}
		if x.nodes[i].total != nil {
			places = append(places, &x.nodes[i].total)
		}
	}
	for i := range x.edges {
		if x.edges[i].partial != nil {
			places = append(places, &x.edges[i].partial)
		}
	}
	outputs := make([]*Tensor, len(places))
	nodes := make([]*graph.Node, len(places))
	for i, p := range places {
		outputs[i], nodes[i] = *p, (*p).n
	}
	inputs := placeholders(nodes...)
	values := Function(inputs, outputs).Call(fed(inputs, feed)...)
	for i, p := range places {
		*p = values[i]
	}
}

// label names the nodes and says how each is made.
func (x *Explanation) label() {
	taken := map[string]bool{}
	for _, n := range x.nodes {
		taken[n.n.Name] = true
	}
	next := 0
	names := map[*graph.Node]string{}
	for i := range x.nodes {
		n := &x.nodes[i]
		switch constant := len(n.n.In) == 0 && !n.n.Tracked() && !n.n.Symbolic(); {
		case n.n.Name != "":
			n.name = n.n.Name
		case constant:
			n.name = summary(n.value)
		case n.result && !taken["e"]:
			n.name = "e"
		default:
			for n.name == "" || taken[n.name] {
				next++
				n.name = fmt.Sprintf("v%d", next)
			}
		}
		names[n.n] = n.name
		if len(n.n.In) > 0 {
			operands := make([]string, len(n.n.In))
			for k, in := range n.n.In {
				operands[k] = names[in]
				if operands[k] == "" {
					operands[k] = names[in.Base()]
				}
			}
			n.how = expression(n.n.Op.Name, operands)
		}
	}
}

var infix = map[backend.Op]string{
	backend.Add: " + ", backend.Sub: " − ", backend.Mul: " · ", backend.Div: " / ", backend.Pow: " ^ ", backend.MatMul: " @ ",
	backend.Equal: " = ", backend.NotEqual: " ≠ ", backend.Less: " < ", backend.LessEqual: " ≤ ",
	backend.Greater: " > ", backend.GreaterEqual: " ≥ ",
}

func expression(op backend.Op, operands []string) string {
	if sign, ok := infix[op]; ok {
		return strings.Join(operands, sign)
	}
	if op == backend.Neg {
		return "−" + operands[0]
	}
	return string(op) + "(" + strings.Join(operands, ", ") + ")"
}

// summary writes a value on one short line.
func summary(t *Tensor) string {
	switch {
	case t == nil:
		return "0"
	case t.Rank() == 0:
		return rounded(t.DType(), t.Item())
	case t.Size() > 4:
		return graph.ShapeString(t.n.Shape) + " " + t.DType().String()
	}
	parts := make([]string, t.Size())
	for i, v := range t.Float64s() {
		parts[i] = rounded(t.DType(), v)
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// Graph returns the explanation as a picture shows it.
func (x *Explanation) Graph() cell.Graph {
	var g cell.Graph
	for _, n := range x.nodes {
		c := cell.GraphNode{Label: n.name, Value: n.shown(), Kind: n.kind()}
		if n.how != "" {
			c.Label += " = " + n.how
		}
		if n.total != nil && !n.result {
			c.Note = x.derivative(n)
		}
		g.Nodes = append(g.Nodes, c)
	}
	for _, e := range x.edges {
		g.Edges = append(g.Edges, cell.GraphEdge{From: e.from, To: e.to, Label: x.partial(e)})
	}
	return g
}

func (n explained) kind() cell.NodeKind {
	switch {
	case n.result:
		return cell.ResultNode
	case n.n.State != nil:
		return cell.VariableNode
	case n.n.Op.Name == graph.PlaceholderOp:
		return cell.InputNode
	case len(n.n.In) == 0:
		return cell.ConstantNode
	default:
		return cell.OperationNode
	}
}

// shown writes the value on one short line: "" for what stands for several.
func (n explained) shown() string {
	if n.n.Several() {
		return ""
	}
	return summary(n.value)
}

// partial writes the partial derivative on an edge: "" at what stands for several
// results, where there is no single one.
func (x *Explanation) partial(e explainedEdge) string {
	if x.nodes[e.from].n.Several() || x.nodes[e.to].n.Several() {
		return ""
	}
	return summary(e.partial)
}

func (x *Explanation) derivative(n explained) string {
	return fmt.Sprintf("∂%s/∂%s = %s", x.nodes[len(x.nodes)-1].name, n.name, summary(n.total))
}

// String returns a line for each node, with its value and the derivative of
// the result by it, and below it the partial derivatives by its operands.
func (x *Explanation) String() string {
	var b strings.Builder
	for i, n := range x.nodes {
		if n.kind() == cell.ConstantNode {
			continue
		}
		line := n.name
		if n.how != "" {
			line += " = " + n.how
		}
		if v := n.shown(); v != "" {
			line += " = " + v
		}
		if n.total != nil && !n.result {
			line = fmt.Sprintf("%-28s %s", line, x.derivative(n))
		}
		b.WriteString(line + "\n")
		var partials []string
		for _, e := range x.edges {
			if p := x.partial(e); e.to == i && p != "" {
				partials = append(partials, fmt.Sprintf("∂%s/∂%s = %s", n.name, x.nodes[e.from].name, p))
			}
		}
		if len(partials) > 0 {
			b.WriteString("    " + strings.Join(partials, ", ") + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Value returns the value of a tensor of the graph.
func (x *Explanation) Value(t *Tensor) *Tensor { return x.find(t).value }

// Derivative returns the derivative of the result by a tensor of the graph.
func (x *Explanation) Derivative(t *Tensor) *Tensor {
	n := x.find(t)
	if n.total == nil {
		panic(misuse("explain", []*Tensor{t}, "%s is a constant, by which nothing is differentiated", t.describe()).kind(nil))
	}
	return n.total
}

// Partial returns the partial derivative on the edge from an operand to the
// tensor that is computed from it. Where there are several such edges, as in
// x.Mul(x), it is their sum.
func (x *Explanation) Partial(of, by *Tensor) *Tensor {
	var sum *Tensor
	for _, e := range x.edges {
		if x.nodes[e.to].is(of) && x.nodes[e.from].is(by) {
			switch p := e.partial; {
			case sum == nil && p == nil:
				sum = Scalar(0.0)
			case sum == nil:
				sum = p
			case p != nil:
				sum = sum.Add(p)
			}
		}
	}
	if sum == nil {
		panic(misuse("explain", []*Tensor{of, by}, "there is no edge between the two tensors").kind(ErrName))
	}
	return sum
}

func (n explained) is(t *Tensor) bool { return n.n.Base() == t.check("explain").n.Base() }

func (x *Explanation) find(t *Tensor) *explained {
	i := slices.IndexFunc(x.nodes, func(n explained) bool { return n.is(t) })
	if i < 0 {
		panic(misuse("explain", []*Tensor{t}, "%s is not part of the graph", t.describe()).kind(ErrName))
	}
	return &x.nodes[i]
}
