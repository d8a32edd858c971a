package display

import (
	"image/color"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A figure stands on a card of its own. Front ends differ in how they tell a
// picture whether the page is dark (most do not), and an opaque card reads the
// same on both.
var (
	cardColor  = color.RGBA{0xFF, 0xFF, 0xFF, 0xFF}
	edgeColor  = color.RGBA{0xDD, 0xE1, 0xE6, 0xFF} // the card's outline
	inkColor   = color.RGBA{0x1F, 0x23, 0x28, 0xFF} // titles, values
	mutedColor = color.RGBA{0x57, 0x60, 0x6A, 0xFF} // tick labels
	axisColor  = color.RGBA{0xB6, 0xBD, 0xC5, 0xFF}
	gridColor  = color.RGBA{0xE9, 0xEC, 0xEF, 0xFF}
	wordColor  = color.RGBA{0x0A, 0x45, 0x8C, 0xFF} // words on the edges of a graph

	// the kinds of node of a graph
	inputFill    = color.RGBA{0xE3, 0xEF, 0xFC, 0xFF}
	variableFill = color.RGBA{0xE0, 0xF3, 0xEC, 0xFF}
	constantFill = color.RGBA{0xF0, 0xF1, 0xF3, 0xFF}
	resultFill   = color.RGBA{0xFD, 0xEB, 0xE2, 0xFF}
)

// cycle holds the colours of lines and classes: two strong ones, which people
// with any of the common colour blindnesses tell apart, then hues that differ
// in lightness as well.
var cycle = []color.RGBA{
	{0x0B, 0x62, 0xC4, 0xFF}, // blue
	{0xE0, 0x56, 0x1B, 0xFF}, // vermilion
	{0x12, 0x9A, 0x74, 0xFF}, // green
	{0x8E, 0x4A, 0x9E, 0xFF}, // purple
	{0x4F, 0xB0, 0xE8, 0xFF}, // sky
	{0xC7, 0x93, 0x00, 0xFF}, // ochre
	{0x6B, 0x72, 0x80, 0xFF}, // grey
	{0xC8, 0x2D, 0x6E, 0xFF}, // raspberry
	{0x14, 0x3A, 0x66, 0xFF}, // navy
	{0x8A, 0x5A, 0x2B, 0xFF}, // brown
}

// seriesColor returns the colour of the i-th line or class.
func seriesColor(i int) color.RGBA { return cycle[i%len(cycle)] }

// seriesDashes tells lines apart once the colours begin again.
func seriesDashes(i int) []vg.Length {
	switch i / len(cycle) % 3 {
	case 1:
		return []vg.Length{5, 2.5}
	case 2:
		return []vg.Length{1.5, 2}
	}
	return nil
}

func faded(c color.RGBA, alpha float64) color.NRGBA {
	return color.NRGBA{c.R, c.G, c.B, uint8(alpha*255 + .5)}
}

// Sizes are in points. The typeface is measured with Liberation Sans, whose
// widths are those of Arial; browsers draw with what they have of that family.
const (
	titleSize vg.Length = 11
	labelSize vg.Length = 9.5
	tickSize  vg.Length = 8.5

	cardPadding vg.Length = 9
	panelGap    vg.Length = 16
)

var sans = font.Font{Typeface: "Liberation", Variant: "Sans"}

func textStyle(size vg.Length, c color.Color) text.Style {
	return text.Style{Color: c, Font: font.From(sans, size), Handler: plot.DefaultTextHandler}
}

func boldStyle(size vg.Length, c color.Color) text.Style {
	s := textStyle(size, c)
	s.Font.Weight = xfont.WeightBold
	return s
}

// NewPlot returns an empty gonum plot in the theme of the other figures, for
// drawings that have no function of their own here. Show it with [Show] or as
// the last expression of a cell.
func NewPlot() *plot.Plot {
	p := barePlot()
	addGrid(p, true, true)
	return p
}

// addGrid draws lines at the ticks of one axis or both, below what is added
// later.
func addGrid(p *plot.Plot, x, y bool) {
	line := draw.LineStyle{Color: gridColor, Width: 0.75}
	grid := &plotter.Grid{}
	if x {
		grid.Vertical = line
	}
	if y {
		grid.Horizontal = line
	}
	p.Add(grid)
}

// barePlot returns a plot without a grid.
func barePlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // the card shows through
	p.Title.Padding = 6
	title := boldStyle(titleSize, inkColor)
	title.XAlign, title.YAlign = p.Title.TextStyle.XAlign, p.Title.TextStyle.YAlign
	p.Title.TextStyle = title
	p.Legend.TextStyle = textStyle(labelSize, inkColor)
	p.Legend.ThumbnailWidth = 14
	p.Legend.Padding = 2
	p.Legend.Top = true

	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		label := textStyle(labelSize, inkColor)
		label.XAlign, label.YAlign = a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign
		a.Label.TextStyle = label
		a.Label.Padding = 4
		tick := textStyle(tickSize, mutedColor)
		tick.XAlign, tick.YAlign = a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = tick
		a.Padding = 0
		a.LineStyle = draw.LineStyle{Color: axisColor, Width: 0.75}
		a.Tick.LineStyle = draw.LineStyle{Color: axisColor, Width: 0.75}
		a.Tick.Length = 3
	}
	p.X.Tick.Marker = ticks{most: 8}
	p.Y.Tick.Marker = ticks{most: 6}
	p.Y.LineStyle.Width = 0
	p.Y.Tick.LineStyle = draw.LineStyle{Color: gridColor, Width: 0.75}
	return p
}

// themed returns a copy of p in which whatever was left at gonum's default is
// as NewPlot has it. What the user chose stays.
func themed(p *plot.Plot) *plot.Plot {
	q, from, to := *p, plot.New(), barePlot()
	if q.BackgroundColor == from.BackgroundColor {
		q.BackgroundColor = nil
	}
	restyle(&q.Title.TextStyle, from.Title.TextStyle, to.Title.TextStyle)
	restyle(&q.Legend.TextStyle, from.Legend.TextStyle, to.Legend.TextStyle)
	if q.Title.Padding == from.Title.Padding {
		q.Title.Padding = to.Title.Padding
	}
	rethemeAxis(&q.X, from.X, to.X)
	rethemeAxis(&q.Y, from.Y, to.Y)
	return &q
}

func rethemeAxis(a *plot.Axis, from, to plot.Axis) {
	restyle(&a.Label.TextStyle, from.Label.TextStyle, to.Label.TextStyle)
	restyle(&a.Tick.Label, from.Tick.Label, to.Tick.Label)
	if a.Label.Padding == from.Label.Padding {
		a.Label.Padding = to.Label.Padding
	}
	reline(&a.LineStyle, from.LineStyle, draw.LineStyle{Color: axisColor, Width: 0.75})
	reline(&a.Tick.LineStyle, from.Tick.LineStyle, draw.LineStyle{Color: axisColor, Width: 0.75})
	if a.Tick.Length == from.Tick.Length {
		a.Tick.Length = to.Tick.Length
	}
	if _, ok := a.Tick.Marker.(plot.DefaultTicks); ok {
		a.Tick.Marker = to.Tick.Marker
	}
}

func restyle(s *text.Style, from, to text.Style) {
	if s.Font == from.Font {
		s.Font = to.Font
	}
	if s.Color == from.Color {
		s.Color = to.Color
	}
}

func reline(l *draw.LineStyle, from, to draw.LineStyle) {
	if l.Color == from.Color && l.Width == from.Width && len(l.Dashes) == 0 {
		*l = to
	}
}
