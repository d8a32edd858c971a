package nn_test

import (
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
)

func TestModelGraph(t *testing.T) {
	m := nn.Sequential(nn.Dense(4), nn.ReLU(), nn.Dense(2))
	if g := m.Graph(); len(g.Nodes) != 3 || len(g.Edges) != 2 {
		t.Errorf("of a model that was never applied: %+v", g)
	}
	m.Apply(dl.Zeros(5, 3))
	g := m.Graph()
	groups := map[string]int{}
	parameters := 0
	for _, n := range g.Nodes {
		groups[n.Group]++
		if n.Kind == cell.VariableNode {
			parameters++
		}
	}
	if len(groups) != 4 || groups[""] != 1 || parameters != 4 {
		t.Errorf("groups %v, %d parameters", groups, parameters)
	}
	for _, name := range []string{"1 dense(4)\n16 parameters", "2 relu", "3 dense(2)\n10 parameters"} {
		if groups[name] == 0 {
			t.Errorf("there is no %q in %v", name, groups)
		}
	}
	if last := g.Nodes[len(g.Nodes)-1]; last.Value != "(?, 2) float32" {
		t.Errorf("the output is %+v", last)
	}
}
