package display

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// groupNode is the kind of a node that stands for a group of others.
const groupNode cell.NodeKind = "group"

// cutIntoGroups gives a large graph that has no groups some: stretches of nodes
// in their order.
func cutIntoGroups(g cell.Graph) cell.Graph {
	const most = 40
	groups := (len(g.Nodes) + most - 1) / most
	stretch := (len(g.Nodes) + groups - 1) / groups
	g.Nodes = slices.Clone(g.Nodes)
	for i := range g.Nodes {
		first := i / stretch * stretch
		g.Nodes[i].Group = fmt.Sprintf("nodes %d to %d", first+1, min(first+stretch, len(g.Nodes)))
	}
	return g
}

// A folding is a graph whose groups are nodes.
type folding struct {
	whole   cell.Graph
	outline cell.Graph
	members [][]int // of each node of the outline, the nodes of whole
}

// fold makes one node of each group. Where groups depend on each other in a
// circle, one edge of it is left out.
func fold(g cell.Graph) folding {
	var members [][]int
	place := map[string]int{}
	of := make([]int, len(g.Nodes))
	for i, n := range g.Nodes {
		k, ok := place[n.Group]
		if n.Group == "" || !ok {
			k = len(members)
			members = append(members, nil)
			if n.Group != "" {
				place[n.Group] = k
			}
		}
		members[k] = append(members[k], i)
		of[i] = k
	}
	// What the groups need, without doubles; then an order in which each stands
	// behind what it needs.
	needs := make([]map[int]bool, len(members))
	for k := range needs {
		needs[k] = map[int]bool{}
	}
	for _, e := range g.Edges {
		if a, b := of[e.From], of[e.To]; a != b {
			needs[b][a] = true
		}
	}
	const unseen, open, done = 0, 1, 2
	state := make([]int, len(members))
	position := make([]int, len(members))
	f := folding{whole: g}
	var visit func(k int)
	visit = func(k int) {
		state[k] = open
		for a := range len(members) {
			if !needs[k][a] {
				continue
			}
			switch state[a] {
			case unseen:
				visit(a)
			case open:
				delete(needs[k], a)
			}
		}
		state[k] = done
		position[k] = len(f.members)
		f.members = append(f.members, members[k])
		f.outline.Nodes = append(f.outline.Nodes, outlineNode(g, members[k]))
		for a := range len(members) {
			if needs[k][a] {
				f.outline.Edges = append(f.outline.Edges, cell.GraphEdge{From: position[a], To: position[k]})
			}
		}
	}
	for k := range members {
		if state[k] == unseen {
			visit(k)
		}
	}
	return f
}

// outlineNode stands for the nodes of a group.
func outlineNode(g cell.Graph, members []int) cell.GraphNode {
	last := g.Nodes[members[len(members)-1]]
	if last.Group == "" {
		return last
	}
	name, note, _ := strings.Cut(last.Group, "\n")
	n := cell.GraphNode{Label: name, Value: last.Value, Note: note, Kind: groupNode}
	if len(members) == 1 {
		n.Kind = last.Kind // there is nothing to open
	}
	time, bytes := time.Duration(0), int64(0)
	for _, i := range members {
		time, bytes = time+g.Nodes[i].Time, bytes+g.Nodes[i].Bytes
	}
	n.Time, n.Bytes = time, bytes
	return n
}

// inside is the graph of one group: its nodes, and those outside that they are
// computed from.
func (f folding) inside(k int) cell.Graph {
	index := map[int]int{}
	var g cell.Graph
	var outer []int
	for _, e := range f.whole.Edges {
		if slices.Contains(f.members[k], e.To) && !slices.Contains(f.members[k], e.From) && !slices.Contains(outer, e.From) {
			outer = append(outer, e.From)
		}
	}
	for _, i := range outer {
		n := f.whole.Nodes[i]
		name, _, _ := strings.Cut(n.Label, " = ")
		index[i] = len(g.Nodes)
		g.Nodes = append(g.Nodes, cell.GraphNode{Label: name, Value: n.Value, Kind: cell.InputNode})
	}
	for _, i := range f.members[k] {
		index[i] = len(g.Nodes)
		g.Nodes = append(g.Nodes, f.whole.Nodes[i])
	}
	for _, e := range f.whole.Edges {
		from, ok := index[e.From]
		if to, inside := index[e.To]; ok && inside && slices.Contains(f.members[k], e.To) {
			g.Edges = append(g.Edges, cell.GraphEdge{From: from, To: to, Label: e.Label})
		}
	}
	return g
}

// foldedBundle shows the groups of g, each of which opens, without a script.
func foldedBundle(g cell.Graph, text string, cost graphCost, o *options) cell.Bundle {
	f := fold(g)
	outer, _ := costOf(f.outline, cost.name) // the groups' own most
	outline := graphSketch(f.outline, outer, o.title)
	all := outline.bundle(text)
	if terminal.Load() != nil {
		return all
	}
	var b strings.Builder
	b.WriteString(`<div class="fluxion-graph">` + scrolling(outline))
	for k, n := range f.outline.Nodes {
		if n.Kind != groupNode {
			continue
		}
		about := fmt.Sprintf("%d nodes", len(f.members[k]))
		if len(f.members[k]) > maxNodes {
			fmt.Fprintf(&b, `<div style="font-size:13px;line-height:1.9;padding-left:1.1em">%s <span style="opacity:.6">%s, too many for a picture</span></div>`, html.EscapeString(n.Label), about)
			continue
		}
		fmt.Fprintf(&b, `<details style="font-size:13px;line-height:1.9"><summary style="cursor:pointer">%s <span style="opacity:.6">%s</span></summary>%s</details>`,
			html.EscapeString(n.Label), about, scrolling(graphSketch(f.inside(k), cost, "")))
	}
	b.WriteString(`</div>`)
	all.Data[cell.HTML] = []byte(b.String())
	return all
}

// scrolling keeps a wide picture at the size at which it can be read.
func scrolling(s *sketch) string {
	const room = 900.0
	if s.width <= room {
		return s.image()
	}
	return `<div class="fluxion-scroll" style="overflow-x:auto">` + strings.Replace(s.image(), "max-width:100%", "max-width:none", 1) + `</div>`
}
