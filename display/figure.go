package display

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	maxMarks = 1500    // more points are set into a picture of pixels, which is smaller then
	maxSVG   = 300_000 // bytes; a plot of the user's own does not say how many marks it has
)

// pageWidth, in centimetres, is what a notebook has room for beside the file
// browser, on a screen of 1,200 pixels. JupyterLab cuts off what is wider.
const pageWidth = 20

// A figure is one or more plots side by side on a card.
type figure struct {
	title         string // above all panels
	panels        []*panel
	width, height vg.Length
	marks         int    // points and the like in the drawing
	text          string // what the figure shows, in words

	rigid  bool              // its proportions are those of its cells
	inside func(draw.Canvas) // draws what is on the card, where that is not panels
}

// A panel is a plot with its title and legend outside the data.
type panel struct {
	*plot.Plot
	title  string
	legend []swatch
	bar    *colorBar // the scale of a heat map, or nil
}

// A swatch is one entry of a legend.
type swatch struct {
	name  string
	style draw.LineStyle // of a line; where Width is 0 the entry is a dot
}

func newPanel(title string) *panel { return &panel{Plot: barePlot(), title: title} }

// cm converts centimetres.
func cm(x float64) vg.Length { return vg.Length(x) * vg.Centimeter }

// bundle draws the figure: as SVG, in which many points are one picture, with
// the same as PNG beside it; or as PNG alone, where the SVG would be large and
// for a terminal that shows pictures.
func (f *figure) bundle() cell.Bundle {
	b := f.passing()
	if terminal.Load() != nil || b.Data[cell.SVG] == nil {
		return b
	}
	return withPNG(b, f.width, f.height, f.text, f.draw)
}

// passing is bundle for a figure that another will replace soon.
func (f *figure) passing() cell.Bundle {
	if t := terminal.Load(); t != nil && t.Pixels {
		return f.png()
	}
	svg := f.svg()
	if len(svg) > maxSVG {
		return f.png()
	}
	return pair(cell.SVG, svg, f.twin())
}

func (f *figure) png() cell.Bundle {
	data, about := paint(f.width, f.height, pngDPI, f.text, f.draw)
	return cell.Bundle{
		Data:     map[string][]byte{cell.PNG: data, cell.Plain: []byte(f.twin())},
		Metadata: map[string]any{cell.PNG: about},
	}
}

func (f *figure) svg() string {
	c := vgsvg.New(f.width, f.height)
	pictures := dotCanvas{c, new([]*dots)}
	on := vg.CanvasSizer(c)
	if f.marks > maxMarks {
		on = pictures
	}
	if themeIs("dark") {
		on = dimmed{on}
	}
	f.draw(on)
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	return pictures.place(tidySVG(b.String(), f.width, f.height, f.text))
}

// fonts has the metrics of Liberation Sans in front, with which the text was
// measured.
const fonts = "Arial,'Liberation Sans',Arimo,Helvetica,sans-serif"

var (
	svgHead  = regexp.MustCompile(`(?s)^.*?<svg[^>]*>`)
	svgFont  = regexp.MustCompile(`font-family:Liberation Sans;font-variant:\w+;(font-weight:normal;)?(font-style:normal;)?`)
	svgOther = regexp.MustCompile(`font-family:([^;",']*);`)
	svgImage = strings.NewReplacer("<image ", `<image style="image-rendering:pixelated" preserveAspectRatio="none" `,
		"data:image/jpg", "data:image/png")
)

var svgColor = regexp.MustCompile(`(fill|stroke):#[0-9A-F]{6}`)

// ownColor returns one of the theme's colours where c is off by one step, as
// vgsvg writes colours that are translucent.
func ownColor(c string) string {
	what, value, _ := strings.Cut(c, "#")
	rgb, err := strconv.ParseUint(value, 16, 24)
	if err != nil {
		return c
	}
	r, g, b := uint8(rgb>>16), uint8(rgb>>8), uint8(rgb)
	near := func(a, b uint8) bool { return a == b || a+1 == b }
	for _, own := range cycle {
		if near(r, own.R) && near(g, own.G) && near(b, own.B) {
			return what + hex(own)
		}
	}
	return c
}

// tidySVG makes a drawing of vgsvg into a fragment that can stand in a page:
// no prologue, one font for all that was not chosen otherwise, a size that
// shrinks with the page, and its description for those who do not see it.
func tidySVG(s string, w, h vg.Length, alt string) string {
	const px = 96.0 / 72
	s = svgHead.ReplaceAllString(s, "")
	s = svgFont.ReplaceAllString(s, "")
	s = svgOther.ReplaceAllString(s, "font-family:'$1',sans-serif;")
	s = svgImage.Replace(s)
	s = strings.ReplaceAll(s, "\n\tstyle=", " style=")
	s = svgColor.ReplaceAllStringFunc(s, ownColor)
	class := figureClass
	if !themeIs("dark") { // a dark one was drawn so
		class, s = dressed(s)
	}
	return xmlText(svgOpen(class, float64(w), float64(h), px, alt) + s)
}

// xmlText drops what may not stand in XML at all, not even escaped.
func xmlText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == '\uFFFE' || r == '\uFFFF' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// svgOpen writes the root element of a drawing of w by h units.
func svgOpen(class string, w, h, scale float64, alt string) string {
	return fmt.Sprintf(`<svg class="%s" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" aria-label="%s" width="%d" height="%d" viewBox="0 0 %.5g %.5g" font-family="%s" style="max-width:100%%;height:auto">`+"\n",
		class, html.EscapeString(alt), int(math.Round(w*scale)), int(math.Round(h*scale)), w, h, fonts)
}

func (f *figure) draw(on vg.CanvasSizer) {
	c := draw.New(on)
	drawCard(c)
	f.drawInside(c)
}

// drawInside draws what stands on the card.
func (f *figure) drawInside(c draw.Canvas) {
	if f.inside != nil {
		f.inside(c)
		return
	}
	f.drawPanels(draw.Crop(c, cardPadding, -cardPadding, cardPadding, -cardPadding))
}

func (f *figure) drawPanels(c draw.Canvas) {
	if f.title != "" {
		c = drawTitle(c, f.title, titleSize+1)
	}
	n := vg.Length(len(f.panels))
	w := (c.Size().X - panelGap*(n-1)) / n
	for i, p := range f.panels {
		left := (w + panelGap) * vg.Length(i)
		p.draw(draw.Crop(c, left, left+w-c.Size().X, 0, 0))
	}
}

// drawCard fills c with a card that has rounded corners.
func drawCard(c draw.Canvas) {
	const r, inset = 5, 0.5
	min, max := c.Min, c.Max
	p := roundPath(vg.Point{X: min.X + inset, Y: min.Y + inset}, vg.Point{X: max.X - inset, Y: max.Y - inset}, r)
	c.SetColor(cardColor)
	c.Fill(p)
	c.SetLineStyle(draw.LineStyle{Color: edgeColor, Width: 0.75})
	c.Stroke(p)
}

// roundPath returns the outline of a rectangle with round corners.
func roundPath(min, max vg.Point, r vg.Length) vg.Path {
	var p vg.Path
	p.Move(vg.Point{X: min.X + r, Y: min.Y})
	p.Line(vg.Point{X: max.X - r, Y: min.Y})
	p.Arc(vg.Point{X: max.X - r, Y: min.Y + r}, r, -math.Pi/2, math.Pi/2)
	p.Line(vg.Point{X: max.X, Y: max.Y - r})
	p.Arc(vg.Point{X: max.X - r, Y: max.Y - r}, r, 0, math.Pi/2)
	p.Line(vg.Point{X: min.X + r, Y: max.Y})
	p.Arc(vg.Point{X: min.X + r, Y: max.Y - r}, r, math.Pi/2, math.Pi/2)
	p.Line(vg.Point{X: min.X, Y: min.Y + r})
	p.Arc(vg.Point{X: min.X + r, Y: min.Y + r}, r, math.Pi, math.Pi/2)
	p.Close()
	return p
}

func (p *panel) draw(c draw.Canvas) {
	c = p.drawHead(c)
	fits := *p.Plot
	fits.X.Label.Text = fitted(fits.X.Label.TextStyle, fits.X.Label.Text, .8*c.Size().X)
	fits.Y.Label.Text = fitted(fits.Y.Label.TextStyle, fits.Y.Label.Text, .8*c.Size().Y)
	fits.Title.Text = fitted(fits.Title.TextStyle, fits.Title.Text, c.Size().X)
	if p.bar != nil {
		full := c
		c = draw.Crop(c, 0, -p.bar.width(), 0, 0)
		data := fits.DataCanvas(c)
		p.bar.draw(full, data.Min.Y, data.Max.Y)
	}
	fits.Draw(c)
}

// drawHead writes title and legend at the top of c, and returns what is left.
func (p *panel) drawHead(c draw.Canvas) draw.Canvas {
	height := c.Size().Y
	if p.title != "" {
		c = drawTitle(c, p.title, titleSize)
	}
	if len(p.legend) == 0 {
		return c
	}
	const thumb, gap, space = 14, 5, 14
	style := textStyle(labelSize, inkColor)
	style.YAlign = draw.YCenter
	row := style.Height("Ag") + 4
	x, y := c.Min.X, c.Max.Y-row/2
	lowest := c.Min.Y + height*leastData + row
	for i, s := range p.legend {
		name := fitted(style, s.name, c.Size().X-thumb-gap)
		w := thumb + gap + style.Width(name)
		if x > c.Min.X && x+w > c.Max.X {
			if y-row < lowest { // the last row says that there are more
				more := "… " + grouped(len(p.legend)-i) + " more"
				if x+style.Width(more) <= c.Max.X {
					c.FillText(style, vg.Point{X: x, Y: y}, more)
				}
				break
			}
			x, y = c.Min.X, y-row
		}
		if s.style.Width > 0 {
			c.StrokeLine2(s.style, x, y, x+thumb, y)
		} else {
			dot := draw.GlyphStyle{Color: s.style.Color, Radius: 3.2, Shape: draw.CircleGlyph{}}
			c.DrawGlyphNoClip(dot, vg.Point{X: x + thumb/2, Y: y})
		}
		c.FillText(style, vg.Point{X: x + thumb + gap, Y: y}, name)
		x += w + space
	}
	c.Max.Y = y - row/2 - 4
	return c
}

// drawTitle writes a title at the top of c, in two lines where it is long, and
// returns what is left.
func drawTitle(c draw.Canvas, title string, size vg.Length) draw.Canvas {
	style := boldStyle(size, inkColor)
	style.YAlign = draw.YTop
	for _, line := range wrapped(style, title, c.Size().X, titleLines) {
		c.FillText(style, vg.Point{X: c.Min.X, Y: c.Max.Y}, line)
		c.Max.Y -= style.Height("Ag")
	}
	c.Max.Y -= 8
	return c
}

// fit sizes the figure so that the data of its one panel get w by h.
func (f *figure) fit(w, h vg.Length) {
	p := f.panels[0]
	const probe = 10000 // large, so that no label is wider than the data
	c := draw.NewCanvas(&recorder.Canvas{}, w+probe, h+probe)
	inner := p.drawHead(c)
	if p.bar != nil {
		inner = draw.Crop(inner, 0, -p.bar.width(), 0, 0)
	}
	data := p.DataCanvas(inner)
	f.width = w + (c.Size().X - data.Size().X) + 2*cardPadding
	f.height = h + (c.Size().Y - data.Size().Y) + 2*cardPadding
}

// plotBundle shows a gonum plot on a card.
func plotBundle(p *plot.Plot) cell.Bundle {
	f := figure{panels: []*panel{{Plot: themed(p)}}, width: cm(16), height: cm(9)}
	f.text = fmt.Sprintf("plot: x %s, y %s", rangeText(p.X.Min, p.X.Max), rangeText(p.Y.Min, p.Y.Max))
	if p.Title.Text != "" {
		f.text = p.Title.Text + "\n" + f.text
	}
	return f.bundle()
}

func rangeText(min, max float64) string { return short(min) + " … " + short(max) }

// short writes x with at most four significant digits.
func short(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }
