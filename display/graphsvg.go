package display

import (
	"fmt"
	"html"
	"image/color"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/display/internal/layered"
)

// Sizes of a graph's picture, in CSS pixels.
const (
	titlePixels = 14.5
	nodeText    = 13.0
	noteText    = 11.0
	lineSpace   = 1.3
	nodePad     = 11.0 // beside the text; half of it above and below
	graphPad    = 16.0
	arrow       = 7.0
)

// nodeColors are fill and outline of each kind of node.
var nodeColors = map[cell.NodeKind][2]color.RGBA{
	cell.InputNode:     {inputFill, cycle[0]},
	cell.VariableNode:  {variableFill, cycle[2]},
	cell.ConstantNode:  {constantFill, cycle[6]},
	cell.OperationNode: {cardColor, mutedColor},
	cell.ResultNode:    {resultFill, cycle[1]},
	groupNode:          {cardColor, cycle[0]},
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

// nodeLines writes a node; ink and pale are the colours of its texts.
func nodeLines(n cell.GraphNode, ink, pale string) []textLine {
	lines := []textLine{{shorten(n.Label), ink, nodeText, false}}
	if n.Value != "" && n.Value != n.Label { // a constant is its own name
		lines = append(lines, textLine{shorten(n.Value), ink, nodeText, !strings.HasPrefix(n.Value, "(")})
	}
	if n.Note != "" {
		for line := range strings.Lines(n.Note) {
			lines = append(lines, textLine{shorten(line), pale, noteText, false})
		}
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

// A drawnGraph is a picture with its size in CSS pixels.
type drawnGraph struct {
	text          string
	width, height float64
}

func graphSVG(g cell.Graph, cost graphCost, title string) drawnGraph {
	nodes := make([]layered.Size, len(g.Nodes))
	g.Nodes = slices.Clone(g.Nodes)
	for i := range g.Nodes {
		g.Nodes[i] = cost.noted(g.Nodes[i])
		n := g.Nodes[i]
		for _, l := range nodeLines(n, "", "") {
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
	head := 0.0
	legend := cost.legend()
	if title != "" {
		head += 26
	}
	if legend != "" {
		head += 20
	}
	w := max(l.Size.W, textWidth(title, titlePixels, true), textWidth(legend, noteText, false)) + 2*graphPad
	h := l.Size.H + 2*graphPad + head
	var b strings.Builder
	fmt.Fprintf(&b, `<rect x="0.5" y="0.5" width="%.1f" height="%.1f" rx="6" fill="%s" stroke="%s"/>`+"\n", w-1, h-1, hex(cardColor), hex(edgeColor))
	y := graphPad
	if title != "" {
		fmt.Fprintf(&b, `<text x="%g" y="%g" font-size="%g" font-weight="bold" fill="%s">%s</text>`+"\n", graphPad, y+11, titlePixels, hex(inkColor), html.EscapeString(title))
		y += 26
	}
	if legend != "" {
		fmt.Fprintf(&b, `<text x="%g" y="%g" font-size="%g" fill="%s">%s</text>`+"\n", graphPad, y+8, noteText, hex(mutedColor), html.EscapeString(legend))
	}
	fmt.Fprintf(&b, `<g transform="translate(%.1f,%g)">`+"\n", (w-l.Size.W)/2, graphPad+head)
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
		drawNode(&b, n, l.Nodes[i], nodes[i], cost)
	}
	b.WriteString("</g>\n</svg>\n")
	class, body := dressed(b.String())
	alt := fmt.Sprintf("computational graph of %s", plural(len(g.Nodes), "node"))
	return drawnGraph{xmlText(svgOpen(class, w, h, 1, alt) + body), w, h}
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

func drawNode(b *strings.Builder, n cell.GraphNode, at layered.Point, size layered.Size, cost graphCost) {
	colors, ok := nodeColors[n.Kind]
	if !ok {
		colors = nodeColors[cell.OperationNode]
	}
	ink, pale := hex(inkColor), hex(mutedColor)
	if c, measured := cost.color(n); measured {
		colors[0] = c
		ink = hex(heatText(c))
		pale = ink
	}
	if n.Kind == groupNode { // a stack of nodes
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.1f" fill="%s" stroke="%s" stroke-width="1.2" opacity=".6"/>`,
			at.X-size.W/2+4, at.Y-size.H/2-4, size.W, size.H, min(12, size.H/2), hex(cardColor), hex(colors[1]))
	}
	fmt.Fprintf(b, `<g class="node"><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.1f" fill="%s" stroke="%s" stroke-width="1.4"/>`,
		at.X-size.W/2, at.Y-size.H/2, size.W, size.H, min(12, size.H/2), hex(colors[0]), hex(colors[1]))
	y := at.Y - size.H/2 + nodePad/2
	for _, l := range nodeLines(n, ink, pale) {
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
