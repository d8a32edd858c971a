package display

import (
	"fmt"
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
	text string
	fill color.RGBA
	size float64
	bold bool
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
func nodeLines(n cell.GraphNode, ink, pale color.RGBA) []textLine {
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

// graphSketch draws a graph.
func graphSketch(g cell.Graph, cost graphCost, title string) *sketch {
	nodes := make([]layered.Size, len(g.Nodes))
	g.Nodes = slices.Clone(g.Nodes)
	for i := range g.Nodes {
		g.Nodes[i] = cost.noted(g.Nodes[i])
		n := g.Nodes[i]
		for _, l := range nodeLines(n, inkColor, mutedColor) {
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
	s := &sketch{
		width:  max(l.Size.W, textWidth(title, titlePixels, true), textWidth(legend, noteText, false)) + 2*graphPad,
		height: l.Size.H + 2*graphPad + head,
		alt:    fmt.Sprintf("computational graph of %s", plural(len(g.Nodes), "node")),
	}
	y := graphPad
	if title != "" {
		s.add(words{at: place{graphPad, y + 11}, text: title, size: titlePixels, bold: true, fill: inkColor})
		y += 26
	}
	if legend != "" {
		s.add(words{at: place{graphPad, y + 8}, text: legend, size: noteText, fill: mutedColor})
	}
	s.origin = place{(s.width - l.Size.W) / 2, graphPad + head}
	for _, route := range l.Routes {
		drawRoute(s, route)
	}
	for i, e := range g.Edges {
		if e.Label != "" {
			at := l.Labels[i]
			s.add(words{at: place{at.X, at.Y + noteText*.36}, text: shorten(e.Label), size: noteText, centered: true, fill: wordColor, halo: true})
		}
	}
	for i, n := range g.Nodes {
		drawNode(s, n, l.Nodes[i], nodes[i], cost)
	}
	return s
}

// drawRoute draws an edge as a smooth curve through its joints, which leaves
// and arrives upright, and its arrowhead.
func drawRoute(s *sketch, route []layered.Point) {
	tip := route[len(route)-1]
	route = append([]layered.Point{}, route...)
	route[len(route)-1].Y += arrow - 1
	slopes := routeSlopes(route)
	points := []place{place(route[0])}
	for i := 1; i < len(route); i++ {
		p, q := route[i-1], route[i]
		third := (q.Y - p.Y) / 3
		points = append(points, place{p.X + slopes[i-1]*third, p.Y + third}, place{q.X - slopes[i]*third, q.Y - third}, place(q))
	}
	s.add(spline{points: points, stroke: cycle[6], width: 1.4})
	s.add(arrowhead{tip: place(tip), size: arrow, fill: cycle[6]})
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

func drawNode(s *sketch, n cell.GraphNode, at layered.Point, size layered.Size, cost graphCost) {
	colors, ok := nodeColors[n.Kind]
	if !ok {
		colors = nodeColors[cell.OperationNode]
	}
	ink, pale := inkColor, mutedColor
	if c, measured := cost.color(n); measured {
		colors[0] = c
		ink = heatText(c)
		pale = ink
	}
	corner := place{at.X - size.W/2, at.Y - size.H/2}
	if n.Kind == groupNode { // a stack of nodes
		s.add(plate{at: place{corner.X + 4, corner.Y - 4}, w: size.W, h: size.H, round: min(12, size.H/2), fill: cardColor, stroke: colors[1], width: 1.2, faint: true})
	}
	s.add(plate{at: corner, w: size.W, h: size.H, round: min(12, size.H/2), fill: colors[0], stroke: colors[1], width: 1.4})
	y := corner.Y + nodePad/2
	for _, l := range nodeLines(n, ink, pale) {
		s.add(words{at: place{at.X, y + l.size}, text: l.text, size: l.size, bold: l.bold, centered: true, fill: l.fill})
		y += l.size * lineSpace
	}
}
