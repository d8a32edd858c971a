package display

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A line longer than this, or than its figure is wide, is thinned.
const maxLinePoints = 1000

// Line draws ys over xs as a line. Xs may be nil for 0, 1, 2, …. Values that
// are not finite leave a gap.
func Line(xs, ys any, opts ...Option) {
	o := collect("Line", opts)
	values := floats("Line", "ys", ys)
	drawLines(o, xs, [][]float64{values}, nil)
}

// Lines draws several lines over the same xs, which may be nil for 0, 1, 2, ….
// Ys is a slice of sequences, a tensor with two axes (a line for each row), or
// a map from name to sequence. Labels names the lines.
func Lines(xs, ys any, opts ...Option) {
	o := collect("Lines", opts)
	names, rows, ok := namedSeries("Lines", "ys", ys)
	if !ok {
		rows = matrix("Lines", "ys", ys)
	}
	drawLines(o, xs, rows, names)
}

func drawLines(o *options, xs any, rows [][]float64, names []string) {
	if len(o.labels) == 0 {
		o.labels = names
	}
	var series []curve
	for i, ys := range rows {
		x := indices(len(ys))
		if xs != nil {
			x = floats(o.fn, "xs", xs)
		}
		what := "ys"
		if len(rows) > 1 {
			what = fmt.Sprintf("ys[%d]", i)
		}
		if len(x) != len(ys) {
			misuse(o.fn, "xs has %d values and %s %d; give as many of each", len(x), what, len(ys))
		}
		series = append(series, curve{name: o.label(i, ""), xs: x, ys: ys, style: lineStyle(i)})
	}
	p := o.panel()
	addGrid(p.Plot, true, true)
	stripes := stripesOf(o, series)
	for _, s := range stripes {
		p.Add(s)
	}
	p.addCurves(o, series, stripes...)
	p.addOverlays(o, len(series))
	w, h := o.size(16, 9)
	f := figure{panels: []*panel{p}, width: cm(w), height: cm(h)}
	f.text = figureText(o, "line", series)
	for i, s := range stripes {
		lo, _ := rangeOf(s.lower)
		_, hi := rangeOf(s.upper)
		f.text += fmt.Sprintf("\nband of %s: %s", orElse(series[i].name, "the line"), rangeText(lo, hi))
	}
	o.showFigure(&f)
}

func lineStyle(i int) draw.LineStyle {
	return draw.LineStyle{Color: seriesColor(i), Width: 1.6, Dashes: seriesDashes(i)}
}

// A curve is a line through points.
type curve struct {
	name   string
	xs, ys []float64
	style  draw.LineStyle
	dots   bool // mark the points
}

// Plot implements plot.Plotter.
func (l curve) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	const perPoint = 1.5 * 96 / 72 // points of the line to a point of width
	xs, ys := thin(l.xs, l.ys, min(maxLinePoints, int(c.Size().X*perPoint)))
	var run []vg.Point
	flush := func() {
		if len(run) > 1 {
			c.StrokeLines(l.style, c.ClipLinesXY(run)...)
		}
		if len(run) == 1 || l.dots {
			for _, pt := range run {
				c.DrawGlyph(draw.GlyphStyle{Color: l.style.Color, Radius: 2.4, Shape: draw.CircleGlyph{}}, pt)
			}
		}
		run = nil
	}
	for i := range xs {
		if !finite(xs[i]) || !finite(ys[i]) {
			flush()
			continue
		}
		run = append(run, vg.Point{X: toX(xs[i]), Y: toY(ys[i])})
	}
	flush()
}

// addCurves draws the curves and sets ranges and legend by them, and by the
// stripes behind them.
func (p *panel) addCurves(o *options, series []curve, stripes ...stripe) {
	var xs, ys []float64
	for _, s := range stripes {
		ys = append(append(ys, s.lower...), s.upper...)
	}
	for _, s := range series {
		for i := range s.xs {
			if finite(s.xs[i]) && finite(s.ys[i]) {
				xs, ys = append(xs, s.xs[i]), append(ys, s.ys[i])
			}
		}
	}
	p.setRanges(o, xs, ys)
	for _, s := range series {
		p.Add(s)
		if s.name != "" {
			p.legend = append(p.legend, swatch{s.name, s.style})
		}
	}
}

// setRanges fits the axes to the data, and makes them logarithmic on demand.
func (p *panel) setRanges(o *options, xs, ys []float64) {
	setRange(o.fn, "x", &p.X, xs, o.logX)
	setRange(o.fn, "y", &p.Y, ys, o.logY)
}

func setRange(fn, axis string, a *plot.Axis, values []float64, log bool) {
	lo, hi := rangeOf(values)
	if log {
		if lo <= 0 {
			misuse(fn, "the %s axis is logarithmic, but the least value is %g; values must be positive", axis, lo)
		}
		a.Scale, a.Tick.Marker = plot.LogScale{}, logTicks{}
		if lo > hi {
			lo, hi = 1, 10
		}
	}
	a.Min, a.Max = spread(lo, hi, log)
}

// addOverlays draws the lines of the Overlay options after n series.
func (p *panel) addOverlays(o *options, n int) {
	for i, l := range o.overlays {
		xs, ys := floats(o.fn, "the overlay's xs", l.xs), floats(o.fn, "the overlay's ys", l.ys)
		if len(xs) != len(ys) {
			misuse(o.fn, "the overlay's xs have %d values and its ys %d; give as many of each", len(xs), len(ys))
		}
		style := draw.LineStyle{Color: inkColor, Width: 1.4, Dashes: []vg.Length{5, 3}}
		if i > 0 {
			style.Color = seriesColor(n + i - 1)
		}
		// A logarithmic axis has no place for what is not positive.
		ys = append([]float64(nil), ys...)
		for j := range ys {
			if o.logX && xs[j] <= 0 || o.logY && ys[j] <= 0 {
				ys[j] = math.NaN()
			}
		}
		p.Add(curve{xs: xs, ys: ys, style: style})
		if l.label != "" {
			p.legend = append(p.legend, swatch{l.label, style})
		}
	}
}

// figureText says in words what a figure of curves shows.
func figureText(o *options, kind string, series []curve) string {
	var b strings.Builder
	if o.title != "" {
		fmt.Fprintf(&b, "%s\n", o.title)
	}
	for i, s := range series {
		if i == 20 {
			fmt.Fprintf(&b, "… %d more\n", len(series)-i)
			break
		}
		fmt.Fprintf(&b, "%s\n", s.describe(kind))
	}
	for _, l := range o.overlays {
		if l.label != "" {
			fmt.Fprintf(&b, "with a line: %s\n", l.label)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// describe returns "loss: 200 points, x 0 … 199, y 0.1 … 2.3, last 0.12".
func (l curve) describe(kind string) string {
	name := l.name
	if name == "" {
		name = kind
	}
	if len(l.ys) == 0 {
		return name + ": no points"
	}
	xlo, xhi := rangeOf(l.xs)
	ylo, yhi := rangeOf(l.ys)
	s := fmt.Sprintf("%s: %s", name, plural(len(l.ys), "point"))
	if xlo <= xhi {
		s += ", x " + rangeText(xlo, xhi)
	}
	if ylo <= yhi {
		s += ", y " + rangeText(ylo, yhi)
	}
	if kind == "line" {
		s += ", last " + short(l.ys[len(l.ys)-1])
	}
	bad := 0
	for i := range l.ys {
		if !finite(l.xs[i]) || !finite(l.ys[i]) {
			bad++
		}
	}
	if bad > 0 {
		s += fmt.Sprintf(", %d not finite", bad)
	}
	return s
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
