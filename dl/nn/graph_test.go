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

// The layers of a profiled model carry their times and the sizes of their
// values for the batch.
func TestModelProfile(t *testing.T) {
	m := nn.Sequential(nn.Conv2D(4, 3), nn.ReLU(), nn.Flatten(), nn.Dense(2))
	p := m.Profile(2, dl.Zeros(5, 3, 8, 8))
	times := map[string]bool{}
	for _, n := range p.Graph().Nodes {
		times[n.Group] = times[n.Group] || n.Time > 0
	}
	for group, timed := range map[string]bool{"1 conv2d(4, 3)\n112 parameters": true, "2 relu": true, "4 dense(2)\n290 parameters": true, "": false} {
		if got, ok := times[group]; !ok || got != timed {
			t.Errorf("of %q some time was measured: %t; groups %v", group, got, times)
		}
	}
	nodes := p.Graph().Nodes
	if last := nodes[len(nodes)-1]; last.Value != "(5, 2) float32" || last.Bytes != 40 {
		t.Errorf("the output is %+v", last)
	}
	if p.Calls != 2 || len(p.Rows) == 0 {
		t.Errorf("the table has %d calls and %d rows", p.Calls, len(p.Rows))
	}
}
