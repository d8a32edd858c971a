package display

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A stripe is the area between two curves over the same xs.
type stripe struct {
	xs, lower, upper []float64
	color            color.RGBA
}

// stripesOf reads the Band options, each beside its line.
func stripesOf(o *options, series []curve) []stripe {
	if len(o.bands) > len(series) {
		misuse(o.fn, "there are %d bands for %d lines; give one for each at most", len(o.bands), len(series))
	}
	var all []stripe
	for i, b := range o.bands {
		s := stripe{xs: series[i].xs, color: seriesColor(i),
			lower: floats(o.fn, "the band's lower edge", b.lower), upper: floats(o.fn, "the band's upper edge", b.upper)}
		if len(s.lower) != len(s.xs) || len(s.upper) != len(s.xs) {
			misuse(o.fn, "the band has %d values below and %d above for %d points; give one for each", len(s.lower), len(s.upper), len(s.xs))
		}
		all = append(all, s)
	}
	return all
}

// Plot implements plot.Plotter.
func (s stripe) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	ux, uy := thin(s.xs, s.upper, maxLinePoints)
	lx, ly := thin(s.xs, s.lower, maxLinePoints)
	var outline []vg.Point
	add := func(x, y float64) {
		if finite(x) && finite(y) {
			outline = append(outline, vg.Point{X: toX(x), Y: toY(y)})
		}
	}
	for i := range ux {
		add(ux[i], uy[i])
	}
	for i := len(lx) - 1; i >= 0; i-- {
		add(lx[i], ly[i])
	}
	if len(outline) > 2 {
		c.FillPolygon(faded(s.color, .18), c.ClipPolygonXY(outline))
	}
}

// regionSide is how many points the grid of a ground has along each axis.
const regionSide = 160

// A ground is what lies behind the points of a scatter plot.
type ground struct{ img *image.NRGBA }

// regionsOf asks the Regions option for its answers over the range of p, and
// returns the coloured ground and how many classes there are.
func regionsOf(o *options, p *panel) (ground, int) {
	points := make([][]float64, 0, regionSide*regionSide)
	at := func(a plot.Axis, log bool, i int) float64 {
		t := (float64(i) + .5) / regionSide
		if log {
			return a.Min * math.Pow(a.Max/a.Min, t)
		}
		return a.Min + (a.Max-a.Min)*t
	}
	for row := range regionSide {
		for col := range regionSide {
			points = append(points, []float64{at(p.X, o.logX, col), at(p.Y, o.logY, regionSide-1-row)})
		}
	}
	answers := floats(o.fn, "what Regions' function returned", o.regions(points))
	if len(answers) != len(points) {
		misuse(o.fn, "Regions' function was asked for %d points and returned %d numbers; return one for each", len(points), len(answers))
	}
	classes := 0
	whole := true
	for _, x := range answers {
		whole = whole && x == math.Trunc(x)
		if !(x >= 0 && x <= 1000) {
			misuse(o.fn, "Regions' function returned %g; want class numbers from 0, or probabilities from 0 to 1", x)
		}
		classes = max(classes, int(x)+1)
	}
	if !whole && classes > 2 {
		misuse(o.fn, "Regions' function returned numbers that are neither whole nor between 0 and 1")
	}
	img := image.NewNRGBA(image.Rect(0, 0, regionSide, regionSide))
	for i, x := range answers {
		c := faded(seriesColor(int(x)), .2)
		if !whole { // from one class through nothing to the other
			k := 0
			if x > .5 {
				k = 1
			}
			c = faded(seriesColor(k), .42*math.Abs(2*x-1)+.02)
		}
		img.SetNRGBA(i%regionSide, i/regionSide, c)
	}
	return ground{img}, classes
}

// Plot implements plot.Plotter.
func (g ground) Plot(c draw.Canvas, _ *plot.Plot) { c.DrawImage(c.Rectangle, g.img) }
