// Package layered places directed acyclic graphs in layers, with all edges
// running upwards.
//
// The method is Sugiyama's (K. Sugiyama, S. Tagawa, M. Toda: Methods for visual
// understanding of hierarchical system structures, IEEE Trans. SMC 11, 1981):
//
//  1. every node gets a layer above all that it is reached from;
//  2. an edge is cut into pieces that each join neighbouring layers, and its
//     label is placed as one of the joints, so that no label covers another
//     thing;
//  3. the layers are ordered so that few pieces cross;
//  4. the things in a layer get positions that keep their order and distance
//     and are as near as that allows to what they are joined to.
package layered

import (
	"cmp"
	"slices"
)

// A Size is the extent of a box.
type Size struct{ W, H float64 }

// A Point has its y axis pointing down.
type Point struct{ X, Y float64 }

// An Edge runs from one node to another with a greater index. A Label of no
// size stands for an edge without one.
type Edge struct {
	From, To int
	Label    Size
}

// A Layout is where everything stands, in a frame that begins at the origin.
type Layout struct {
	Nodes  []Point   // centres
	Labels []Point   // centres of the edges' labels
	Routes [][]Point // of the edges, from the top of one node to the foot of another
	Size   Size
}

// Distances between neighbours.
const (
	nodeGap  = 26.0 // of nodes in a layer
	edgeGap  = 12.0 // of an edge and anything else in a layer
	layerGap = 16.0 // of a layer of nodes and the layer of labels beside it
	portGap  = 16.0 // of the ends of edges at one node, at most
)

// An item is a node, or a joint of an edge.
type item struct {
	Size
	node  int  // index of the node, or -1
	edge  int  // index of the edge, or -1
	light bool // a joint of an edge that is not to bend what it leads to
	layer int
	pos   int // in its layer
	x     float64
	below []int // items of the layer below that it is joined to
	above []int
}

// A drawing is a graph while it is placed.
type drawing struct {
	items  []item
	layers [][]int // items, bottom layer first; nodes stand in the even ones
	chains [][]int // the items of each edge, from node to node
	joints []int   // the item of each edge that carries its label
}

// Place finds a place for nodes and edges. Edges must lead from a lower to a
// higher index.
func Place(nodes []Size, edges []Edge) Layout {
	d := build(nodes, edges)
	d.order()
	d.spread()
	return d.layout(edges)
}

// build assigns layers and cuts the edges.
func build(nodes []Size, edges []Edge) *drawing {
	layer := make([]int, len(nodes))
	for v := range nodes { // predecessors come first
		for _, e := range edges {
			if e.To == v {
				layer[v] = max(layer[v], layer[e.From]+2)
			}
		}
	}
	// What has no predecessor moves up to what it is used by.
	for v := range nodes {
		nearest, source := -1, true
		for _, e := range edges {
			if e.To == v {
				source = false
			}
			if e.From == v && (nearest < 0 || layer[e.To] < nearest) {
				nearest = layer[e.To]
			}
		}
		if source && nearest > 0 {
			layer[v] = nearest - 2
		}
	}
	side := sideEdges(len(nodes), edges)
	d := &drawing{}
	for v, s := range nodes {
		d.add(item{Size: s, node: v, edge: -1, layer: layer[v]})
	}
	for i, e := range edges {
		from, to := layer[e.From], layer[e.To]
		at := (from+to)/2 - (from+to)/2%2 + 1 // an odd layer near the middle
		if at >= to {
			at = from + 1
		}
		chain := []int{e.From}
		for l := from + 1; l < to; l++ {
			joint := item{node: -1, edge: i, layer: l, light: side[i]}
			if l == at {
				joint.Size = e.Label
				d.joints = append(d.joints, len(d.items))
			}
			d.join(chain[len(chain)-1], d.add(joint))
			chain = append(chain, len(d.items)-1)
		}
		d.join(chain[len(chain)-1], e.To)
		d.chains = append(d.chains, append(chain, e.To))
	}
	return d
}

// sideEdges finds the edges from what has no predecessor to what has others
// that do, as from the weights to an operation in a long chain. The chain runs
// straight and they come in from its side.
func sideEdges(nodes int, edges []Edge) []bool {
	made, continues := make([]bool, nodes), make([]bool, nodes)
	for _, e := range edges {
		made[e.To] = true
	}
	for _, e := range edges {
		continues[e.To] = continues[e.To] || made[e.From]
	}
	side := make([]bool, len(edges))
	for i, e := range edges {
		side[i] = !made[e.From] && continues[e.To]
	}
	return side
}

func (d *drawing) add(it item) int {
	for len(d.layers) <= it.layer {
		d.layers = append(d.layers, nil)
	}
	k := len(d.items)
	it.pos = len(d.layers[it.layer])
	d.layers[it.layer] = append(d.layers[it.layer], k)
	d.items = append(d.items, it)
	return k
}

func (d *drawing) join(lower, upper int) {
	d.items[lower].above = append(d.items[lower].above, upper)
	d.items[upper].below = append(d.items[upper].below, lower)
}

// layout reads off the coordinates.
func (d *drawing) layout(edges []Edge) Layout {
	var out Layout
	left, right := 0.0, 0.0
	for i, it := range d.items {
		if i == 0 || it.x-it.W/2 < left {
			left = it.x - it.W/2
		}
		if i == 0 || it.x+it.W/2 > right {
			right = it.x + it.W/2
		}
	}
	heights := make([]float64, len(d.layers))
	total := 0.0
	for l, row := range d.layers {
		for _, k := range row {
			heights[l] = max(heights[l], d.items[k].H)
		}
		if l%2 == 1 {
			heights[l] = max(heights[l], 8) + 2*layerGap
		}
		total += heights[l]
	}
	middles := make([]float64, len(d.layers))
	y := total
	for l := range d.layers {
		middles[l] = y - heights[l]/2
		y -= heights[l]
	}
	out.Size = Size{right - left, total}
	at := func(k int) Point { return Point{d.items[k].x - left, middles[d.items[k].layer]} }
	for k := range d.items {
		if d.items[k].node >= 0 {
			out.Nodes = append(out.Nodes, at(k))
		}
	}
	starts, ends := d.ports(func(k int) []int { return d.items[k].above }, len(edges)),
		d.ports(func(k int) []int { return d.items[k].below }, len(edges))
	for i, chain := range d.chains {
		out.Labels = append(out.Labels, at(d.joints[i]))
		first, last := at(chain[0]), at(chain[len(chain)-1])
		first.X += starts[i]
		first.Y -= d.items[chain[0]].H / 2
		last.X += ends[i]
		last.Y += d.items[chain[len(chain)-1]].H / 2
		route := []Point{first}
		if len(chain) > 3 || edges[i].Label.W > 0 { // else one curve does it
			for _, k := range chain[1 : len(chain)-1] {
				route = append(route, at(k))
			}
		}
		out.Routes = append(out.Routes, append(route, last))
	}
	return out
}

// ports spreads the ends of edges along the top (or foot) of their node, in
// the order of what they lead to. It returns each edge's distance from the
// node's centre.
func (d *drawing) ports(neighbours func(int) []int, edges int) []float64 {
	shift := make([]float64, edges)
	for k := range d.items {
		if d.items[k].node < 0 {
			continue
		}
		near := slices.Clone(neighbours(k))
		slices.SortStableFunc(near, func(a, b int) int { return cmp.Compare(d.items[a].x, d.items[b].x) })
		gap := min(portGap, d.items[k].W*0.7/float64(max(len(near), 1)))
		for i, j := range near {
			shift[d.items[j].edge] = gap * (float64(i) - float64(len(near)-1)/2)
		}
	}
	return shift
}
