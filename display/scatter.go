package display

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Scatter draws a point at each (xs[i], ys[i]). With [Classes] the points of
// each class have a colour of their own.
func Scatter(xs, ys any, opts ...Option) {
	o := collect("Scatter", opts)
	x, y := floats("Scatter", "xs", xs), floats("Scatter", "ys", ys)
	if len(x) != len(y) {
		misuse("Scatter", "xs has %d values and ys %d; give as many of each", len(x), len(y))
	}
	classes, count := make([]int, len(x)), 1
	if o.classes != nil {
		classes, count = classesOf("Scatter", o.classes, len(x))
	}
	p := o.panel()
	addGrid(p.Plot, true, true)
	c := cloud{xs: x, ys: y, classes: classes, radius: 2.6, alpha: .8}
	if len(x) > 500 {
		c.radius, c.alpha = 1.9, .65
	}
	if len(x) > 5000 {
		c.radius, c.alpha = 1.2, .4
	}
	if len(x) > 15_000 {
		c.radius, c.alpha = 1.1, .25
	}
	p.setRanges(o, c.finite(0), c.finite(1))
	if o.regions != nil {
		ground, classes := regionsOf(o, p)
		p.Add(ground)
		count = max(count, classes)
	}
	p.Add(c)

	groups := make([]curve, count)
	for i, k := range classes {
		groups[k].xs, groups[k].ys = append(groups[k].xs, x[i]), append(groups[k].ys, y[i])
	}
	for k := range groups {
		if o.classes != nil {
			groups[k].name = o.label(k, fmt.Sprintf("class %d", k))
			p.legend = append(p.legend, swatch{groups[k].name, draw.LineStyle{Color: seriesColor(k)}})
		}
	}
	p.addOverlays(o, count)
	w, h := o.size(13, 10)
	f := figure{panels: []*panel{p}, width: cm(w), height: cm(h), marks: len(x)}
	f.text = figureText(o, "scatter", groups)
	if o.regions != nil {
		f.text += "\nwith the regions of a classifier"
	}
	o.showFigure(&f)
}

// A cloud is a set of points, each in the colour of its class.
type cloud struct {
	xs, ys  []float64
	classes []int
	radius  vg.Length
	alpha   float64
}

// finite returns the coordinates along one axis of the points that have both.
func (s cloud) finite(axis int) []float64 {
	var out []float64
	for i := range s.xs {
		if finite(s.xs[i]) && finite(s.ys[i]) {
			out = append(out, [2]float64{s.xs[i], s.ys[i]}[axis])
		}
	}
	return out
}

// Plot implements plot.Plotter. Points are drawn in the order given, so that
// no class covers another.
func (s cloud) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	if takesDots(c) {
		c.DrawImage(c.Rectangle, s.dots(c, func(i int) vg.Point { return vg.Point{X: toX(s.xs[i]), Y: toY(s.ys[i])} }))
		return
	}
	draw := func(at vg.Point, style draw.GlyphStyle) { c.DrawGlyph(style, at) }
	if raster, ok := rasterOf(c); ok {
		draw = raster.dot
	}
	for i := range s.xs {
		if !finite(s.xs[i]) || !finite(s.ys[i]) {
			continue
		}
		draw(vg.Point{X: toX(s.xs[i]), Y: toY(s.ys[i])}, s.style(i))
	}
}

func (s cloud) style(i int) draw.GlyphStyle {
	return draw.GlyphStyle{Color: faded(seriesColor(s.classes[i]), s.alpha), Radius: s.radius, Shape: draw.CircleGlyph{}}
}

// single reports whether all points are of one class.
func (s cloud) single() bool {
	return !slices.ContainsFunc(s.classes, func(k int) bool { return k != s.classes[0] })
}
