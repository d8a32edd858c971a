package install

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
)

// The logo is an x with a dot above it, Newton's sign for a fluxion, which is
// what he called a derivative. It is drawn on a square of 64 units from these
// shapes, both as SVG and as pixels.
var (
	ground = color.NRGBA{0x10, 0x3a, 0x5c, 0xff}
	ink    = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	accent = color.NRGBA{0xff, 0x9f, 0x1c, 0xff}
)

const (
	unit   = 64.0
	corner = 13.0 // radius of the ground's corners
	stroke = 8.0  // width of the x
)

// A stick is a line with round ends; one without length is a dot.
type stick struct {
	x1, y1, x2, y2, width float64
	color                 color.NRGBA
}

var sticks = []stick{
	{20, 29, 44, 53, stroke, ink},
	{44, 29, 20, 53, stroke, ink},
	{32, 15, 32, 15, 11, accent},
}

// logoSVG returns the logo as an SVG document.
func logoSVG() string {
	var b strings.Builder
	hex := func(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g">`+"\n", unit, unit)
	fmt.Fprintf(&b, `  <rect width="%g" height="%g" rx="%g" fill="%s"/>`+"\n", unit, unit, corner, hex(ground))
	for _, s := range sticks {
		fmt.Fprintf(&b, `  <path d="M%g %gL%g %g" stroke="%s" stroke-width="%g" stroke-linecap="round"/>`+"\n", s.x1, s.y1, s.x2, s.y2, hex(s.color), s.width)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// logoPNG returns the logo as a PNG file of size×size pixels.
func logoPNG(size int) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	pixel := unit / float64(size)
	for y := range size {
		for x := range size {
			px, py := (float64(x)+0.5)*pixel, (float64(y)+0.5)*pixel
			c := ground
			for _, s := range sticks {
				c = mix(c, s.color, covered(s.distance(px, py), pixel))
			}
			c.A = uint8(math.Round(255 * covered(groundDistance(px, py), pixel)))
			img.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a buffer takes everything, and the picture is ours
	}
	return b.Bytes()
}

// distance returns how far a point is from the edge of s, negative inside.
func (s stick) distance(x, y float64) float64 {
	dx, dy := s.x2-s.x1, s.y2-s.y1
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = max(0, min(1, ((x-s.x1)*dx+(y-s.y1)*dy)/l))
	}
	return math.Hypot(x-s.x1-t*dx, y-s.y1-t*dy) - s.width/2
}

// groundDistance is the same for the square with round corners.
func groundDistance(x, y float64) float64 {
	inner := unit/2 - corner
	dx, dy := math.Abs(x-unit/2)-inner, math.Abs(y-unit/2)-inner
	return math.Hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - corner
}

// covered returns how much of a pixel lies inside an edge at this distance
// from its middle.
func covered(distance, pixel float64) float64 { return max(0, min(1, 0.5-distance/pixel)) }

func mix(a, b color.NRGBA, share float64) color.NRGBA {
	m := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + (float64(y)-float64(x))*share)) }
	return color.NRGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xff}
}
