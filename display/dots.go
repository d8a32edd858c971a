package display

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"regexp"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// dots are the points of a large scatter plot as a picture of pixels that lies
// in the SVG of the figure: text and axes stay sharp, and the picture is there
// once for light pages and once for dark ones. It is an image.Image so that
// plotters can draw it as one; only a dotCanvas knows what it is.
type dots struct {
	image.Image        // what stands in its place until the SVG is finished
	day, night  []byte // PNG; there is no day in the dark theme
}

// Classes of the two pictures in the SVG.
const (
	dayClass   = "fluxion-day"
	nightClass = "fluxion-night"
)

// A dotCanvas collects the dots that are drawn on it, and draws a mark in the
// place of each, which place finds again.
type dotCanvas struct {
	vg.CanvasSizer
	all *[]*dots
}

// DrawImage implements vg.Canvas.
func (d dotCanvas) DrawImage(r vg.Rectangle, img image.Image) {
	if p, ok := img.(*dots); ok {
		n := len(*d.all)
		p.Image = onePixel{image.NewUniform(color.NRGBA{0x5A, uint8(n >> 8), uint8(n), 0xFF})}
		*d.all = append(*d.all, p)
	}
	d.CanvasSizer.DrawImage(r, img)
}

type onePixel struct{ *image.Uniform }

// Bounds implements image.Image.
func (onePixel) Bounds() image.Rectangle { return image.Rect(0, 0, 1, 1) }

var markImage = regexp.MustCompile(`<image style="image-rendering:pixelated"([^>]*?)xlink:href="data:image/png;base64,([^"]*)"`)

// place puts the pictures of the dots into the finished SVG.
func (d dotCanvas) place(svg string) string {
	if len(*d.all) == 0 {
		return svg
	}
	byMark := map[string]*dots{}
	for _, p := range *d.all {
		var b bytes.Buffer
		if err := png.Encode(&b, p.Image); err != nil {
			panic(err) // a bytes.Buffer takes everything
		}
		byMark[base64.StdEncoding.EncodeToString(b.Bytes())] = p
	}
	return markImage.ReplaceAllStringFunc(svg, func(s string) string {
		m := markImage.FindStringSubmatch(s)
		p, ok := byMark[m[2]]
		if !ok {
			return s
		}
		// The transform that follows belongs to the last of them.
		var b strings.Builder
		write := func(class, state string, data []byte) {
			fmt.Fprintf(&b, `<image class="%s"%s%sxlink:href="data:image/png;base64,%s"`, class, state, m[1], base64.StdEncoding.EncodeToString(data))
		}
		if p.day == nil {
			write(nightClass, "", p.night)
			return b.String()
		}
		write(dayClass, "", p.day)
		b.WriteString(` transform="scale(1, -1)"/>` + "\n")
		write(nightClass, ` display="none"`, p.night)
		return b.String()
	})
}

// takesDots reports whether c draws into an SVG that takes dots.
func takesDots(c draw.Canvas) bool {
	for under := c.Canvas; ; {
		switch u := under.(type) {
		case draw.Canvas:
			under = u.Canvas
		case *draw.Canvas:
			under = u.Canvas
		case dimmed:
			under = u.CanvasSizer
		case dotCanvas:
			return true
		default:
			return false
		}
	}
}

// dots draws the points of s as pictures for the rectangle of c.
func (s cloud) dots(c draw.Canvas, at func(i int) vg.Point) *dots {
	p := &dots{}
	const scale = pngDPI / 72.0
	size := c.Size()
	bounds := image.Rect(0, 0, int(math.Ceil(size.X.Points()*scale)), int(math.Ceil(size.Y.Points()*scale)))
	draw := func(dark bool) []byte {
		r := raster{img: image.NewRGBA(bounds), scale: scale, bounds: bounds, dark: dark}
		for i := range s.xs {
			if finite(s.xs[i]) && finite(s.ys[i]) {
				q := at(i)
				r.dot(vg.Point{X: q.X - c.Min.X, Y: q.Y - c.Min.Y}, s.style(i))
			}
		}
		if s.single() {
			only := r.shown(s.style(0).Color)
			return r.png(&only)
		}
		return r.png(nil)
	}
	p.night = draw(true)
	if !themeIs("dark") {
		p.day = draw(false)
	}
	return p
}
