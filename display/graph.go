package display

import (
	"fmt"
	"html"
	"image/color"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/display/internal/layered"
)

// Graph draws a computational graph: inputs at the foot, the result at the
// top, the value of every node in it, and on every edge its label, which is
// the partial derivative of the upper node by the lower one. G is a
// [cell.Graph] or has a method Graph() cell.Graph.
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
	b, err := graphBundle(graph, text)
	if err != nil {
		misuse("Graph", "%v", err)
	}
	o.show(b)
}

// maxNodes is what a picture of a graph can hold and still be read.
const maxNodes = 300

// graphBundle draws g; text is its twin, or "" for one made here.
func graphBundle(g cell.Graph, text string) (cell.Bundle, error) {
	for i, e := range g.Edges {
		if e.From < 0 || e.To >= len(g.Nodes) || e.From >= e.To {
			return cell.Bundle{}, fmt.Errorf("edge %d leads from node %d to node %d of %d; want a node behind the one it is computed from", i, e.From, e.To, len(g.Nodes))
		}
	}
	if text == "" {
		text = graphText(g)
	}
	if len(g.Nodes) == 0 {
		return cell.Text("an empty graph"), nil
	}
	if len(g.Nodes) > maxNodes {
		return cell.Text(fmt.Sprintf("%s\n(%d nodes are too many to draw)", text, len(g.Nodes))), nil
	}
	return pair(cell.SVG, graphSVG(g), text), nil
}

// graphText lists the nodes with their values, and below each what it is
// computed from.
func graphText(g cell.Graph) string {
	var b strings.Builder
	for i, n := range g.Nodes {
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

// Sizes of a graph's picture, in CSS pixels.
const (
	nodeText  = 13.0
	noteText  = 11.0
	lineSpace = 1.3
	nodePad   = 11.0 // beside the text; half of it above and below
	graphPad  = 16.0
	arrow     = 7.0
)

// nodeColors are fill and outline of each kind of node.
var nodeColors = map[cell.NodeKind][2]color.RGBA{
	cell.InputNode:     {inputFill, cycle[0]},
	cell.VariableNode:  {variableFill, cycle[2]},
	cell.ConstantNode:  {constantFill, cycle[6]},
	cell.OperationNode: {cardColor, mutedColor},
	cell.ResultNode:    {resultFill, cycle[1]},
}

// A textLine is one line of text in a node.
type textLine struct {
	text, fill string
	size       float64
	bold       bool
}

func (l textLine) width() float64 { return textWidth(l.text, l.size, l.bold) }

func textWidth(s string, size float64, bold bool) float64 {
	style := textStyle(1, nil)
	if bold {
		style = boldStyle(1, nil)
	}
	// Measured at a large size, where rounding to the grid of the face is small.
	style.Font.Size = 100
	return float64(style.Width(s)) * size / 100
}

func nodeLines(n cell.GraphNode) []textLine {
	lines := []textLine{{shorten(n.Label), hex(inkColor), nodeText, false}}
	if n.Value != "" && n.Value != n.Label { // a constant is its own name
		lines = append(lines, textLine{shorten(n.Value), hex(inkColor), nodeText, true})
	}
	if n.Note != "" {
		lines = append(lines, textLine{shorten(n.Note), hex(mutedColor), noteText, false})
	}
	return lines
}

// shorten keeps a text on one line of a picture.
func shorten(s string) string {
	const most = 48
	r := []rune(oneLine(s))
	if len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return string(r)
}

func graphSVG(g cell.Graph) string {
	nodes := make([]layered.Size, len(g.Nodes))
	for i, n := range g.Nodes {
		for _, l := range nodeLines(n) {
			nodes[i].W = max(nodes[i].W, l.width())
			nodes[i].H += l.size * lineSpace
		}
		nodes[i].W = max(nodes[i].W+2*nodePad, 44)
		nodes[i].H += nodePad
	}
	edges := make([]layered.Edge, len(g.Edges))
	for i, e := range g.Edges {
		edges[i] = layered.Edge{From: e.From, To: e.To}
		if e.Label != "" {
			edges[i].Label = layered.Size{W: textWidth(shorten(e.Label), noteText, false) + 6, H: noteText * lineSpace}
		}
	}
	l := layered.Place(nodes, edges)
	w, h := l.Size.W+2*graphPad, l.Size.H+2*graphPad
	var b strings.Builder
	fmt.Fprintf(&b, `<rect x="0.5" y="0.5" width="%.1f" height="%.1f" rx="6" fill="%s" stroke="%s"/>`+"\n", w-1, h-1, hex(cardColor), hex(edgeColor))
	fmt.Fprintf(&b, `<g transform="translate(%g,%g)">`+"\n", graphPad, graphPad)
	for _, route := range l.Routes {
		drawRoute(&b, route)
	}
	for i, e := range g.Edges {
		if e.Label != "" {
			at := l.Labels[i]
			fmt.Fprintf(&b, `<text class="edge" x="%.1f" y="%.1f" font-size="%g" text-anchor="middle" fill="%s" stroke="%s" stroke-width="4" stroke-linejoin="round" paint-order="stroke">%s</text>`+"\n",
				at.X, at.Y+noteText*.36, noteText, hex(wordColor), hex(cardColor), html.EscapeString(shorten(e.Label)))
		}
	}
	for i, n := range g.Nodes {
		drawNode(&b, n, l.Nodes[i], nodes[i])
	}
	b.WriteString("</g>\n</svg>\n")
	class, body := dressed(b.String())
	alt := fmt.Sprintf("computational graph of %s", plural(len(g.Nodes), "node"))
	return xmlText(svgOpen(class, w, h, 1, alt) + body)
}

// drawRoute draws an edge as a smooth curve through its joints, which leaves
// and arrives upright, and its arrowhead.
func drawRoute(b *strings.Builder, route []layered.Point) {
	tip := route[len(route)-1]
	route = append([]layered.Point{}, route...)
	route[len(route)-1].Y += arrow - 1
	slopes := routeSlopes(route)
	fmt.Fprintf(b, `<path class="edge" fill="none" stroke="%s" stroke-width="1.4" d="M%.1f,%.1f`, hex(cycle[6]), route[0].X, route[0].Y)
	for i := 1; i < len(route); i++ {
		p, q := route[i-1], route[i]
		third := (q.Y - p.Y) / 3
		fmt.Fprintf(b, " C%.1f,%.1f %.1f,%.1f %.1f,%.1f",
			p.X+slopes[i-1]*third, p.Y+third, q.X-slopes[i]*third, q.Y-third, q.X, q.Y)
	}
	fmt.Fprintf(b, `"/><path class="arrow" fill="%s" d="M%.1f,%.1fl-%g,%gh%gz"/>`+"\n", hex(cycle[6]), tip.X, tip.Y, arrow/2, arrow, arrow)
}

// routeSlopes chooses dx/dy at each joint so that the curve does not overshoot
// (F. N. Fritsch, J. Butland: A method for constructing local monotone
// piecewise cubic interpolants, 1984): nothing where the route turns back, the
// harmonic mean of both sides elsewhere.
func routeSlopes(route []layered.Point) []float64 {
	slopes := make([]float64, len(route))
	for i := 1; i+1 < len(route); i++ {
		before := (route[i].X - route[i-1].X) / (route[i].Y - route[i-1].Y)
		after := (route[i+1].X - route[i].X) / (route[i+1].Y - route[i].Y)
		if before*after > 0 {
			slopes[i] = 2 * before * after / (before + after)
		}
	}
	return slopes
}

func drawNode(b *strings.Builder, n cell.GraphNode, at layered.Point, size layered.Size) {
	colors, ok := nodeColors[n.Kind]
	if !ok {
		colors = nodeColors[cell.OperationNode]
	}
	fmt.Fprintf(b, `<g class="node"><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.1f" fill="%s" stroke="%s" stroke-width="1.4"/>`,
		at.X-size.W/2, at.Y-size.H/2, size.W, size.H, min(12, size.H/2), hex(colors[0]), hex(colors[1]))
	y := at.Y - size.H/2 + nodePad/2
	for _, l := range nodeLines(n) {
		weight := ""
		if l.bold {
			weight = ` font-weight="bold"`
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" font-size="%g" text-anchor="middle" fill="%s"%s>%s</text>`,
			at.X, y+l.size, l.size, l.fill, weight, html.EscapeString(l.text))
		y += l.size * lineSpace
	}
	b.WriteString("</g>\n")
}
