package dl

import (
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

func TestGraphOf(t *testing.T) {
	x := Placeholder("x", Float32, -1, 3)
	w := Variable(Zeros(3, 2), "w")
	h := x.MatMul(w).Add(1.5)
	y := h.ReLU().Named("y")
	g := GraphOfStages(Stage{"first", h}, Stage{"second", y}).Graph()
	want := []cell.GraphNode{
		{Label: "x", Value: "(?, 3) float32", Kind: cell.InputNode},
		{Label: "w", Value: "(3, 2) float32", Kind: cell.VariableNode, Group: "first", Bytes: 24},
		{Label: "v1 = x @ w", Value: "(?, 2) float32", Kind: cell.OperationNode, Group: "first"},
		{Label: "1.5", Kind: cell.ConstantNode, Group: "first", Bytes: 4},
		{Label: "v2 = v1 + 1.5", Value: "(?, 2) float32", Kind: cell.OperationNode, Group: "first"},
		{Label: "y = relu(v2)", Value: "(?, 2) float32", Kind: cell.OperationNode, Group: "second"},
	}
	if len(g.Nodes) != len(want) || len(g.Edges) != 5 {
		t.Fatalf("got %+v", g)
	}
	for i, n := range want {
		if g.Nodes[i] != n {
			t.Errorf("node %d is %+v, want %+v", i, g.Nodes[i], n)
		}
	}
	for _, e := range g.Edges {
		if e.From >= e.To {
			t.Errorf("edge %v does not lead up", e)
		}
	}
	if n := Function([]*Tensor{x}, []*Tensor{y}).Graph().Nodes; n[len(n)-1].Kind != cell.ResultNode {
		t.Errorf("the graph of a function ends in %+v", n[len(n)-1])
	}
	// A concrete tensor knows how it came about as well.
	if n := GraphOf(w.Square().Sum()).Graph().Nodes; len(n) != 3 || n[0].Label != "w" {
		t.Errorf("got %+v", n)
	}
}

func TestTimeTableGraph(t *testing.T) {
	table := TimeTable{Rows: []TimeRow{{Name: "conv2d", Shape: []int{2, 3}, Time: 5}, {Name: "matmul", Shape: []int{2}, Time: 7}}}
	g := table.Graph()
	if len(g.Nodes) != 2 || g.Nodes[0].Value != "(2, 3)" || g.Nodes[1].Time != 7 || len(g.Edges) != 1 || g.Edges[0] != (cell.GraphEdge{From: 0, To: 1}) {
		t.Errorf("got %+v", g)
	}
}
