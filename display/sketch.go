package display

import (
	"fmt"
	"html"
	"image/color"
	"math"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A sketch is a drawing of few kinds of shapes on a card. It is written as SVG,
// with less text than a canvas of gonum/plot would need, and drawn as PNG.
// Lengths are CSS pixels, from the upper left corner.
type sketch struct {
	width, height float64
	origin        place // is added to the places of what is added
	alt           string
	shapes        []shape
}

type place struct{ X, Y float64 }

func (p place) plus(q place) place { return place{p.X + q.X, p.Y + q.Y} }

// A shape can be drawn both ways.
type shape interface {
	moved(by place) shape
	svg(*strings.Builder)
	draw(sketchCanvas)
}

func (s *sketch) add(x shape) { s.shapes = append(s.shapes, x.moved(s.origin)) }

const cardRound = 6.0

func (s *sketch) card() plate {
	return plate{at: place{.5, .5}, w: s.width - 1, h: s.height - 1, round: cardRound, fill: cardColor, stroke: edgeColor, width: 1}
}

func (s *sketch) svg() string {
	var b strings.Builder
	s.card().svg(&b)
	for _, x := range s.shapes {
		x.svg(&b)
	}
	b.WriteString("</svg>\n")
	class, body := dressed(b.String())
	return xmlText(svgOpen(class, s.width, s.height, 1, s.alt) + body)
}

// image returns the SVG as an element that may stand in HTML which its reader
// does not trust, where an svg element may not.
func (s *sketch) image() string {
	return fmt.Sprintf(`<img src="data:image/svg+xml,%s" alt="%s" width="%d" height="%d" style="max-width:100%%;height:auto">`,
		html.EscapeString(svgInURL.Replace(s.svg())), html.EscapeString(s.alt), int(math.Round(s.width)), int(math.Round(s.height)))
}

// svgInURL escapes what has a meaning in an address, and leaves the rest to be
// read and searched.
var svgInURL = strings.NewReplacer("%", "%25", "#", "%23", "\n", " ")

const pointsPerPixel = 72.0 / 96

// A sketchCanvas is a canvas for the shapes of a sketch.
type sketchCanvas struct {
	draw.Canvas
	height float64
}

func (c sketchCanvas) point(p place) vg.Point {
	return vg.Point{X: c.length(p.X), Y: c.length(c.height - p.Y)}
}

func (c sketchCanvas) length(x float64) vg.Length { return vg.Length(x * pointsPerPixel) }

// bundle draws the sketch as a figure is drawn; text is its twin.
func (s *sketch) bundle(text string) cell.Bundle {
	w, h := vg.Length(s.width*pointsPerPixel), vg.Length(s.height*pointsPerPixel)
	switch t := terminal.Load(); {
	case t != nil && t.Pixels:
		data, about := paint(w, h, pngDPI, s.alt, s.draw)
		return cell.Bundle{
			Data:     map[string][]byte{cell.PNG: data, cell.Plain: []byte(text)},
			Metadata: map[string]any{cell.PNG: about},
		}
	case t != nil:
		return cell.Text(text)
	}
	return withPNG(pair(cell.SVG, s.svg(), text), w, h, s.alt, s.draw)
}

func (s *sketch) draw(on vg.CanvasSizer) {
	c := sketchCanvas{draw.New(on), s.height}
	s.card().draw(c)
	for _, x := range s.shapes {
		x.draw(c)
	}
}

// A plate is a rectangle with round corners.
type plate struct {
	at          place // upper left
	w, h, round float64
	fill        color.RGBA
	stroke      color.RGBA
	width       float64 // of the outline
	faint       bool
}

const faintOpacity = .6

func (b plate) moved(by place) shape { b.at = b.at.plus(by); return b }

func (b plate) svg(to *strings.Builder) {
	opacity := ""
	if b.faint {
		opacity = fmt.Sprintf(` opacity="%g"`, faintOpacity)
	}
	fmt.Fprintf(to, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.1f" fill="%s" stroke="%s" stroke-width="%g"%s/>`+"\n",
		b.at.X, b.at.Y, b.w, b.h, b.round, hex(b.fill), hex(b.stroke), b.width, opacity)
}

func (b plate) draw(c sketchCanvas) {
	fill, stroke := color.Color(b.fill), color.Color(b.stroke)
	if b.faint {
		fill, stroke = faded(b.fill, faintOpacity), faded(b.stroke, faintOpacity)
	}
	p := roundPath(c.point(place{b.at.X, b.at.Y + b.h}), c.point(place{b.at.X + b.w, b.at.Y}), c.length(b.round))
	c.SetColor(fill)
	c.Fill(p)
	c.SetLineStyle(draw.LineStyle{Color: stroke, Width: c.length(b.width)})
	c.Stroke(p)
}

// A spline is a line of cubic Bézier pieces: a first point, and three for each
// piece.
type spline struct {
	points []place
	stroke color.RGBA
	width  float64
}

func (s spline) moved(by place) shape {
	at := make([]place, len(s.points))
	for i, p := range s.points {
		at[i] = p.plus(by)
	}
	s.points = at
	return s
}

func (s spline) svg(to *strings.Builder) {
	fmt.Fprintf(to, `<path fill="none" stroke="%s" stroke-width="%g" d="M%.1f,%.1f`, hex(s.stroke), s.width, s.points[0].X, s.points[0].Y)
	for i, p := range s.points[1:] {
		sep := " "
		if i%3 == 0 {
			sep = " C"
		}
		fmt.Fprintf(to, "%s%.1f,%.1f", sep, p.X, p.Y)
	}
	to.WriteString("\"/>\n")
}

func (s spline) draw(c sketchCanvas) {
	var p vg.Path
	p.Move(c.point(s.points[0]))
	for i := 1; i+2 < len(s.points); i += 3 {
		p.CubeTo(c.point(s.points[i]), c.point(s.points[i+1]), c.point(s.points[i+2]))
	}
	c.SetLineStyle(draw.LineStyle{Color: s.stroke, Width: c.length(s.width)})
	c.Stroke(p)
}

// An arrowhead points upwards.
type arrowhead struct {
	tip  place
	size float64
	fill color.RGBA
}

func (a arrowhead) moved(by place) shape { a.tip = a.tip.plus(by); return a }

func (a arrowhead) svg(to *strings.Builder) {
	fmt.Fprintf(to, `<path fill="%s" d="M%.1f,%.1fl-%g,%gh%gz"/>`+"\n", hex(a.fill), a.tip.X, a.tip.Y, a.size/2, a.size, a.size)
}

func (a arrowhead) draw(c sketchCanvas) {
	var p vg.Path
	p.Move(c.point(a.tip))
	p.Line(c.point(a.tip.plus(place{-a.size / 2, a.size})))
	p.Line(c.point(a.tip.plus(place{a.size / 2, a.size})))
	p.Close()
	c.SetColor(a.fill)
	c.Fill(p)
}

// Words are one line of text.
type words struct {
	at       place // of its left end or its middle, on the base line
	text     string
	size     float64
	bold     bool
	centered bool
	halo     bool // of the card's colour, so that it reads on a line
	fill     color.RGBA
}

const haloWidth = 2.0

func (w words) moved(by place) shape { w.at = w.at.plus(by); return w }

func (w words) svg(to *strings.Builder) {
	fmt.Fprintf(to, `<text x="%.1f" y="%.1f" font-size="%g" fill="%s"`, w.at.X, w.at.Y, w.size, hex(w.fill))
	if w.centered {
		to.WriteString(` text-anchor="middle"`)
	}
	if w.bold {
		to.WriteString(` font-weight="bold"`)
	}
	if w.halo {
		fmt.Fprintf(to, ` stroke="%s" stroke-width="%g" stroke-linejoin="round" paint-order="stroke"`, hex(cardColor), 2*haloWidth)
	}
	fmt.Fprintf(to, ">%s</text>\n", html.EscapeString(w.text))
}

func (w words) draw(c sketchCanvas) {
	style := textStyle(c.length(w.size), w.fill)
	if w.bold {
		style = boldStyle(c.length(w.size), w.fill)
	}
	at := w.at
	if w.centered {
		at.X -= textWidth(w.text, w.size, w.bold) / 2
	}
	face := plot.DefaultTextHandler.Cache().Lookup(style.Font, style.Font.Size)
	write := func(by place, fill color.RGBA) {
		c.SetColor(fill)
		c.FillString(face, c.point(at.plus(by)), w.text)
	}
	if w.halo {
		for i := range 8 {
			sin, cos := math.Sincos(float64(i) * math.Pi / 4)
			write(place{haloWidth * cos, haloWidth * sin}, cardColor)
		}
	}
	write(place{}, w.fill)
}
