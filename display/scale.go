package display

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A ramp is a scale of colours given by equally spaced stops.
type ramp []color.RGBA

var (
	// rising goes from nearly white to a dark blue, for what is counted or
	// measured from zero. Its lightness falls all the way.
	rising = ramp{
		{0xF5, 0xF9, 0xFF, 0xFF}, {0xCB, 0xE1, 0xF7, 0xFF}, {0x8F, 0xC1, 0xEC, 0xFF},
		{0x4A, 0x99, 0xDC, 0xFF}, {0x17, 0x6C, 0xBF, 0xFF}, {0x0A, 0x45, 0x8C, 0xFF}, {0x08, 0x26, 0x54, 0xFF},
	}
	// diverging has white at zero, orange below and blue above.
	diverging = ramp{
		{0x9C, 0x33, 0x05, 0xFF}, {0xE0, 0x6A, 0x2C, 0xFF}, {0xF7, 0xBD, 0x93, 0xFF},
		{0xFA, 0xFA, 0xFA, 0xFF},
		{0x9D, 0xC6, 0xEE, 0xFF}, {0x2F, 0x80, 0xCF, 0xFF}, {0x0A, 0x45, 0x8C, 0xFF},
	}
	missing = color.RGBA{0xC9, 0xC9, 0xC9, 0xFF} // what is not finite
)

// at returns the colour at t in [0, 1].
func (r ramp) at(t float64) color.RGBA {
	if !finite(t) {
		return missing
	}
	x := math.Max(0, math.Min(1, t)) * float64(len(r)-1)
	i := min(int(x), len(r)-2)
	f := x - float64(i)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-f) + float64(b)*f)) }
	return color.RGBA{mix(r[i].R, r[i+1].R), mix(r[i].G, r[i+1].G), mix(r[i].B, r[i+1].B), 0xFF}
}

// A colorScale gives each number a colour.
type colorScale struct {
	ramp   ramp
	lo, hi float64
}

// scaleOf suits the values: diverging about zero where there are both signs.
func scaleOf(values []float64) colorScale {
	lo, hi := rangeOf(values)
	switch {
	case lo > hi:
		return colorScale{rising, 0, 1}
	case lo < 0 && hi > 0:
		m := math.Max(-lo, hi)
		return colorScale{diverging, -m, m}
	case lo == hi:
		return colorScale{rising, math.Min(0, lo), math.Max(0, hi) + 1}
	}
	return colorScale{rising, lo, hi}
}

func (s colorScale) color(x float64) color.RGBA { return s.ramp.at((x - s.lo) / (s.hi - s.lo)) }

// Text on a coloured cell keeps its colour in every theme, as the cell does, so
// its colours are not those that darkColors knows.
var (
	cellInk   = color.RGBA{0x1F, 0x23, 0x29, 0xFF}
	cellWhite = color.RGBA{0xFE, 0xFE, 0xFE, 0xFF}
)

// inkOn returns the colour of text that reads better on c: white where the
// contrast as WCAG 2 defines it is greater than that of the dark ink.
func inkOn(c color.RGBA) color.RGBA {
	onWhite := 1.05 / (luminance(c) + .05)
	onInk := (luminance(c) + .05) / (luminance(cellInk) + .05)
	if onWhite > onInk {
		return cellWhite
	}
	return cellInk
}

// luminance is the relative luminance of WCAG 2, from 0 to 1.
func luminance(c color.RGBA) float64 {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+.055)/1.055, 2.4)
	}
	return .2126*linear(c.R) + .7152*linear(c.G) + .0722*linear(c.B)
}

// A colorBar shows a colorScale beside the data.
type colorBar struct{ colorScale }

const (
	barGap   vg.Length = 12
	barWidth vg.Length = 9
)

func (b *colorBar) marks(most int) []plot.Tick { return ticks{most: most}.Ticks(b.lo, b.hi) }

// width returns the room that the bar and its labels take.
func (b *colorBar) width() vg.Length {
	style := textStyle(tickSize, mutedColor)
	widest := vg.Length(0)
	for _, t := range b.marks(6) {
		widest = max(widest, style.Width(t.Label))
	}
	return barGap + barWidth + 4 + widest
}

// draw puts the bar at the right of c, between the heights bottom and top.
func (b *colorBar) draw(c draw.Canvas, bottom, top vg.Length) {
	left := c.Max.X - b.width() + barGap
	const n = 128
	strip := image.NewRGBA(image.Rect(0, 0, 1, n))
	for i := range n {
		strip.SetRGBA(0, i, b.ramp.at(1-(float64(i)+.5)/n))
	}
	c.DrawImage(vg.Rectangle{Min: vg.Point{X: left, Y: bottom}, Max: vg.Point{X: left + barWidth, Y: top}}, strip)
	style := textStyle(tickSize, mutedColor)
	style.YAlign = draw.YCenter
	for _, t := range b.marks(max(4, min(6, int((top-bottom)/20)))) {
		y := bottom + (top-bottom)*vg.Length((t.Value-b.lo)/(b.hi-b.lo))
		c.FillText(style, vg.Point{X: left + barWidth + 4, Y: y}, t.Label)
	}
}
