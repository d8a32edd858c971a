package layered

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func boxes(n int) []Size {
	s := make([]Size, n)
	for i := range s {
		s[i] = Size{40 + 10*float64(i%4), 20 + 5*float64(i%3)}
	}
	return s
}

func edges(pairs ...[2]int) []Edge {
	var es []Edge
	for _, p := range pairs {
		es = append(es, Edge{From: p[0], To: p[1], Label: Size{30, 12}})
	}
	return es
}

// check verifies what holds for every layout.
func check(t *testing.T, nodes []Size, es []Edge) Layout {
	t.Helper()
	l := Place(nodes, es)
	type box struct {
		what           string
		x0, y0, x1, y1 float64
	}
	var all []box
	add := func(what string, at Point, s Size) {
		all = append(all, box{what, at.X - s.W/2, at.Y - s.H/2, at.X + s.W/2, at.Y + s.H/2})
	}
	for i, at := range l.Nodes {
		add(fmt.Sprint("node ", i), at, nodes[i])
	}
	for i, at := range l.Labels {
		add(fmt.Sprint("label ", i), at, es[i].Label)
	}
	const slack = 1e-6
	for i, a := range all {
		if a.x0 < -slack || a.y0 < -slack || a.x1 > l.Size.W+slack || a.y1 > l.Size.H+slack {
			t.Errorf("%s stands outside the frame %v: %v", a.what, l.Size, a)
		}
		for _, b := range all[:i] {
			if a.x0 < b.x1-slack && b.x0 < a.x1-slack && a.y0 < b.y1-slack && b.y0 < a.y1-slack {
				t.Errorf("%s covers %s", a.what, b.what)
			}
		}
	}
	for i, r := range l.Routes {
		for k := 1; k < len(r); k++ {
			if r[k].Y >= r[k-1].Y {
				t.Errorf("edge %d does not run upwards: %v", i, r)
			}
		}
		if es[i].Label.W > 0 && !slices.Contains(r, l.Labels[i]) {
			t.Errorf("edge %d misses its label", i)
		}
		if d := r[0].X - l.Nodes[es[i].From].X; d > nodes[es[i].From].W/2 || -d > nodes[es[i].From].W/2 {
			t.Errorf("edge %d begins beside its node", i)
		}
		if d := r[len(r)-1].X - l.Nodes[es[i].To].X; d > nodes[es[i].To].W/2 || -d > nodes[es[i].To].W/2 {
			t.Errorf("edge %d ends beside its node", i)
		}
	}
	return l
}

func TestLayers(t *testing.T) {
	// The graph of e = (a+b)·(b+1): a, b, c, d, e.
	l := check(t, boxes(5), edges([2]int{0, 2}, [2]int{1, 2}, [2]int{1, 3}, [2]int{2, 4}, [2]int{3, 4}))
	y := func(i int) float64 { return l.Nodes[i].Y }
	if !(y(0) == y(1) && y(2) == y(3) && y(0) > y(2) && y(2) > y(4)) {
		t.Errorf("layers are wrong: %v", l.Nodes)
	}
	if !(l.Nodes[0].X < l.Nodes[1].X) == !(l.Nodes[2].X > l.Nodes[3].X) {
		t.Errorf("edges cross: %v", l.Nodes)
	}
}

func TestSourcesStandByTheirUse(t *testing.T) {
	// A chain 0 → 1 → 2 → 4, of which 3 is used by 4 alone.
	l := check(t, boxes(5), edges([2]int{0, 1}, [2]int{1, 2}, [2]int{2, 4}, [2]int{3, 4}))
	if l.Nodes[3].Y != l.Nodes[2].Y {
		t.Errorf("node 3 stands at %g, not beside node 2 at %g", l.Nodes[3].Y, l.Nodes[2].Y)
	}
}

func TestCrossings(t *testing.T) {
	for _, c := range []struct {
		name  string
		nodes int
		edges []Edge
		want  int
	}{
		{"two edges given crossed", 4, edges([2]int{0, 3}, [2]int{1, 2}), 0},
		{"K2,2", 4, edges([2]int{0, 2}, [2]int{0, 3}, [2]int{1, 2}, [2]int{1, 3}), 1},
		{"K3,3", 6, edges([2]int{0, 3}, [2]int{0, 4}, [2]int{0, 5}, [2]int{1, 3}, [2]int{1, 4}, [2]int{1, 5}, [2]int{2, 3}, [2]int{2, 4}, [2]int{2, 5}), 9},
		{"a tree given in disorder", 7, edges([2]int{0, 5}, [2]int{1, 4}, [2]int{2, 5}, [2]int{3, 4}, [2]int{4, 6}, [2]int{5, 6}), 0},
	} {
		check(t, boxes(c.nodes), c.edges)
		d := build(boxes(c.nodes), c.edges)
		d.order()
		if n := d.crossings(); n != c.want {
			t.Errorf("%s: %d crossings, want %d", c.name, n, c.want)
		}
	}
}

func TestRandomGraphs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 60 {
		n := 1 + r.IntN(30)
		var es []Edge
		for to := 1; to < n; to++ {
			for range r.IntN(3) {
				e := Edge{From: r.IntN(to), To: to}
				if r.IntN(2) == 0 {
					e.Label = Size{20 + 40*r.Float64(), 12}
				}
				es = append(es, e)
			}
		}
		check(t, boxes(n), es)
	}
}

func TestSymmetry(t *testing.T) {
	// What has one child and one parent stands straight above it.
	l := check(t, []Size{{40, 20}, {80, 20}, {40, 20}}, edges([2]int{0, 1}, [2]int{1, 2}))
	for _, p := range l.Nodes {
		if d := p.X - l.Nodes[1].X; d > 1e-6 || d < -1e-6 {
			t.Errorf("a chain is not straight: %v", l.Nodes)
		}
	}
	// A parent stands in the middle between its two children.
	l = check(t, []Size{{40, 20}, {40, 20}, {40, 20}}, edges([2]int{0, 2}, [2]int{1, 2}))
	if d := l.Nodes[0].X + l.Nodes[1].X - 2*l.Nodes[2].X; d > .5 || d < -.5 {
		t.Errorf("a tree leans: %v", l.Nodes)
	}
}

func TestChainsRunStraight(t *testing.T) {
	// x → 2 → 4 → 6 → 8, and at each step a weight comes in.
	l := check(t, boxes(9), edges([2]int{0, 2}, [2]int{1, 2}, [2]int{2, 4}, [2]int{3, 4}, [2]int{4, 6}, [2]int{5, 6}, [2]int{6, 8}, [2]int{7, 8}))
	for i := 4; i < 9; i += 2 {
		if d := l.Nodes[i].X - l.Nodes[2].X; d > 1 || d < -1 {
			t.Errorf("node %d stands at %g, node 2 at %g", i, l.Nodes[i].X, l.Nodes[2].X)
		}
	}
}

func TestInversions(t *testing.T) {
	for _, c := range []struct {
		in   []int
		want int
	}{{nil, 0}, {[]int{1, 1, 1}, 0}, {[]int{3, 2, 1}, 3}, {[]int{2, 1, 2, 1}, 3}} {
		if got := inversions(slices.Clone(c.in)); got != c.want {
			t.Errorf("%v: got %d, want %d", c.in, got, c.want)
		}
	}
}

func BenchmarkPlace(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var es []Edge
	for to := 1; to < 300; to++ {
		for range 2 {
			es = append(es, Edge{From: max(0, to-1-r.IntN(20)), To: to, Label: Size{30, 12}})
		}
	}
	nodes := boxes(300)
	for b.Loop() {
		Place(nodes, es)
	}
}
