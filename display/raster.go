package display

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// A raster is the picture behind a canvas. Dots are set in it by themselves:
// filling a path for each takes ten times as long, and there are many.
type raster struct {
	img    *image.RGBA
	scale  float64 // pixels to the point
	bounds image.Rectangle
	dark   bool
}

// rasterOf returns the picture that c draws into, where it is one.
func rasterOf(c draw.Canvas) (raster, bool) {
	dark := false
	var canvas *vgimg.Canvas
	for under := c.Canvas; canvas == nil; { // a plot wraps what it crops
		switch u := under.(type) {
		case draw.Canvas:
			under = u.Canvas
		case *draw.Canvas:
			under = u.Canvas
		case dimmed:
			under, dark = u.CanvasSizer, true
		case *vgimg.Canvas:
			canvas = u
		default:
			return raster{}, false
		}
	}
	img, ok := canvas.Image().(*image.RGBA)
	if !ok {
		return raster{}, false
	}
	r := raster{img: img, scale: canvas.DPI() / vg.Inch.Points(), dark: dark}
	min, max := r.pixel(vg.Point{X: c.Min.X, Y: c.Max.Y}), r.pixel(vg.Point{X: c.Max.X, Y: c.Min.Y})
	r.bounds = image.Rect(int(min[0]), int(min[1]), int(math.Ceil(max[0])), int(math.Ceil(max[1]))).Intersect(img.Bounds())
	return r, true
}

// pixel returns where a point is; pictures have their origin at the top.
func (r raster) pixel(p vg.Point) [2]float64 {
	return [2]float64{p.X.Points() * r.scale, float64(r.img.Bounds().Dy()) - p.Y.Points()*r.scale}
}

// dot sets a disc. A pixel at its edge is covered as far as the edge is from
// the pixel's centre.
func (r raster) dot(at vg.Point, style draw.GlyphStyle) {
	n := r.shown(style.Color)
	center, radius := r.pixel(at), style.Radius.Points()*r.scale
	reach := radius + .5
	box := image.Rect(int(center[0]-reach), int(center[1]-reach), int(center[0]+reach)+1, int(center[1]+reach)+1).Intersect(r.bounds)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		dy := float64(y) + .5 - center[1]
		for x := box.Min.X; x < box.Max.X; x++ {
			dx := float64(x) + .5 - center[0]
			cover := math.Min(1, reach-math.Sqrt(dx*dx+dy*dy)) * float64(n.A) / 255
			if cover <= 0 {
				continue
			}
			pix := r.img.Pix[r.img.PixOffset(x, y):][:4:4]
			for k, c := range [4]uint8{n.R, n.G, n.B, 0xFF} {
				pix[k] = uint8(float64(c)*cover + float64(pix[k])*(1-cover) + .5)
			}
		}
	}
}

// png encodes the picture. Where all dots are of one colour, pixels differ in
// their opacity alone, and a palette of these is a third of the size.
func (r raster) png(only *color.NRGBA) []byte {
	var img image.Image = r.img
	if only != nil {
		shades := make(color.Palette, 256)
		for a := range shades {
			shades[a] = color.NRGBA{only.R, only.G, only.B, uint8(a)}
		}
		p := image.NewPaletted(r.img.Bounds(), shades)
		for i := range p.Pix {
			p.Pix[i] = r.img.Pix[4*i+3]
		}
		img = p
	}
	var b bytes.Buffer
	// The best compression would take a few percent off the size and three times as long.
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	return b.Bytes()
}

// shown returns the colour that c has in the picture.
func (r raster) shown(c color.Color) color.NRGBA {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	if to, ok := darkColors[color.RGBA{n.R, n.G, n.B, 0xFF}]; ok && r.dark {
		n.R, n.G, n.B = to.R, to.G, to.B
	}
	return n
}
