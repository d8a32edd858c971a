package dl

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

func TestExplainProductAndSine(t *testing.T) {
	a, b := Placeholder("a", Float64), Placeholder("b", Float64)
	p, s := a.Mul(b), b.Sin()
	e := p.Add(s)
	x := Explain(e, Feed{a: 2, b: 3})
	for what, c := range map[string]struct {
		got  *Tensor
		want float64
	}{
		"e": {x.Value(e), 6 + math.Sin(3)}, "∂p/∂a": {x.Partial(p, a), 3}, "∂p/∂b": {x.Partial(p, b), 2},
		"∂s/∂b": {x.Partial(s, b), math.Cos(3)}, "∂e/∂p": {x.Partial(e, p), 1}, "∂e/∂s": {x.Partial(e, s), 1},
		"∂e/∂a": {x.Derivative(a), 3}, "∂e/∂b": {x.Derivative(b), 2 + math.Cos(3)},
	} {
		if math.Abs(c.got.Item()-c.want) > 1e-12 {
			t.Errorf("%s = %v, want %g", what, c.got, c.want)
		}
	}
}

// TestExplainEqualsDifferences compares the derivative by every input of random
// graphs of numbers with finite differences, and with the sum over the edges.
func TestExplainEqualsDifferences(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 3))
		nodes := []*Tensor{Placeholder("a", Float64), Placeholder("b", Float64), Placeholder("c", Float64)}
		for range 12 {
			x, y := nodes[r.IntN(len(nodes))], nodes[r.IntN(len(nodes))]
			nodes = append(nodes, []func() *Tensor{
				func() *Tensor { return x.Add(y) }, func() *Tensor { return x.Mul(y) }, func() *Tensor { return x.Sub(y) },
				x.Sin, x.Tanh, x.Sigmoid, func() *Tensor { return x.Div(y.Square().Add(1)) }, func() *Tensor { return Sub(1, x) },
			}[r.IntN(8)]())
		}
		e := nodes[len(nodes)-1].Tanh().Add(nodes[0].Mul(nodes[1])).Add(nodes[2].Sin())
		at := []float64{r.Float64(), r.Float64(), r.Float64()}
		feed := func() Feed { return Feed{nodes[0]: at[0], nodes[1]: at[1], nodes[2]: at[2]} }
		x := Explain(e, feed())
		for i, input := range nodes[:3] {
			const h = 1e-6
			old := at[i]
			at[i] = old + h
			up := Eval(e, feed()).Item()
			at[i] = old - h
			want := (up - Eval(e, feed()).Item()) / (2 * h)
			at[i] = old
			if got := x.Derivative(input).Item(); math.Abs(got-want) > 1e-6*max(1, math.Abs(want)) {
				t.Errorf("seed %d: derivative by input %d is %g, by differences %g", seed, i, got, want)
			}
		}
		// The derivative by a node is the sum over its edges of the derivative
		// by the node at the other end times the partial derivative.
		sums := make([]float64, len(x.nodes))
		sums[len(sums)-1] = 1
		for i := len(x.edges) - 1; i >= 0; i-- {
			if e := x.edges[i]; e.partial != nil {
				sums[e.from] += sums[e.to] * e.partial.Item()
			}
		}
		for i, n := range x.nodes {
			if n.total != nil && math.Abs(n.total.Item()-sums[i]) > 1e-9*max(1, math.Abs(sums[i])) {
				t.Errorf("seed %d: derivative by %s is %v, the sum over paths %g", seed, n.name, n.total, sums[i])
			}
		}
	}
}

func TestExplainGraph(t *testing.T) {
	w, x := Variable([]float64{1, 2}, "w"), Placeholder("x", Float32, -1)
	e := x.Mul(w).Sum().Named("loss")
	g := Explain(e, Feed{x: []float64{3, 4}}).Graph()
	want := []cell.GraphNode{
		{Label: "x", Value: "[3 4]", Note: "∂loss/∂x = [1 2]", Kind: cell.InputNode},
		{Label: "w", Value: "[1 2]", Note: "∂loss/∂w = [3 4]", Kind: cell.VariableNode},
		{Label: "v1 = x · w", Value: "[3 8]", Note: "∂loss/∂v1 = [1 1]", Kind: cell.OperationNode},
		{Label: "loss = sum(v1)", Value: "11", Kind: cell.ResultNode},
	}
	if len(g.Nodes) != len(want) || len(g.Edges) != 3 {
		t.Fatalf("%+v", g)
	}
	for i, n := range want {
		if g.Nodes[i] != n {
			t.Errorf("node %d is %+v, want %+v", i, g.Nodes[i], n)
		}
	}
	if got := g.Edges[1]; got != (cell.GraphEdge{From: 1, To: 2, Label: "[3 4]"}) {
		t.Errorf("edge %+v", got)
	}
}

// TestExplainOldVersions: with a history that reaches back behind an
// assignment, each value is that of its time.
func TestExplainOldVersions(t *testing.T) {
	v := Variable(2.0, "v")
	first := v.Square().Named("first")
	v.Assign(5)
	x := Explain(first.Mul(v).Named("e"))
	want := `v = 2                        ∂e/∂v = 24
first = square(v) = 4        ∂e/∂first = 5
    ∂first/∂v = 4
v = 5                        ∂e/∂v = 24
e = first · v = 20
    ∂e/∂first = 5, ∂e/∂v = 4`
	if got := x.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestExplainLoop: a loop is one node, whose results have values and derivatives.
func TestExplainLoop(t *testing.T) {
	build := func(x *Tensor) *Tensor {
		return Scan(func(s *Tensor) *Tensor { return s.Mul(x) }, ScanOptions{States: []State{{Initial: Scalar(1.0)}}, Steps: 2})[0].Named("s").Index(-1).Named("e")
	}
	p, v := Placeholder("x", Float32), Variable(3.0, "x")
	for how, x := range map[string]*Explanation{"symbolic": Explain(build(p), Feed{p: 3}), "concrete": Explain(build(v))} {
		text := x.String()
		if !strings.Contains(text, "∂e/∂x = 6") || !strings.Contains(text, "s = result(v1) = [3 9]") || !strings.Contains(text, "v1 = scan(1, x)\n") {
			t.Errorf("%s:\n%s", how, text)
		}
	}
	g := GraphOf(build(p)).Graph()
	for _, n := range g.Nodes {
		if strings.Contains(n.Label, "scan(") && n.Value != "" {
			t.Errorf("the loop has value %q", n.Value)
		}
	}
}
