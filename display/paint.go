package display

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/fluxion-go/fluxion/cell"
)

const (
	pngDPI  = 192 // of a picture that is the figure: two pixels to the CSS pixel
	twinDPI = 144 // of one that stands beside an SVG

	twinPixels = 1_200_000 // that it has at most, by a lower resolution
)

// withPNG adds a picture to a bundle that has an SVG. A front end shows the SVG
// where it trusts a notebook; of one that somebody else has made it shows the
// picture, where it would have words otherwise.
func withPNG(b cell.Bundle, width, height vg.Length, alt string, draw func(vg.CanvasSizer)) cell.Bundle {
	dpi := twinDPI
	if most := math.Sqrt(twinPixels / (width.Points() * height.Points() / 72 / 72)); most < twinDPI {
		dpi = max(int(most), 1)
	}
	data, about := paint(width, height, dpi, alt, draw)
	b.Data[cell.PNG] = data
	b.Metadata = map[string]any{cell.PNG: about}
	return b
}

// paint draws a PNG in the theme, and returns what is to be said about it.
func paint(width, height vg.Length, dpi int, alt string, draw func(vg.CanvasSizer)) ([]byte, map[string]any) {
	dark := themeIs("dark")
	ground := color.Color(color.Transparent)
	if terminal.Load() != nil { // sixels are there or not: the card's corners would have black pixels
		ground = cardColor
		if dark {
			ground = darkColors[cardColor]
		}
	}
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(ground))
	if dark {
		draw(dimmed{canvas})
	} else {
		draw(canvas)
	}
	var img image.Image = canvas.Image()
	if rgba, ok := img.(*image.RGBA); ok {
		img = fewColors(rgba)
	}
	var b bytes.Buffer
	// The best compression would take a few percent off the size and three times as long.
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	size := img.Bounds().Size()
	return b.Bytes(), map[string]any{"width": size.X * 96 / dpi, "height": size.Y * 96 / dpi, "alt": alt}
}

// fewColors returns img with a palette, which makes a file of half the size or
// less, where its 256 most frequent colours are nearly all of it. The others,
// at the edges of letters and lines, become the nearest of these.
func fewColors(img *image.RGBA) image.Image {
	const few, most = 256, .98
	type rgba = [4]uint8
	count := map[rgba]int{}
	eachRun(img, func(c rgba, from, to int) { count[c] += to - from })
	byCount := slices.SortedFunc(maps.Keys(count), func(a, b rgba) int {
		if n := count[b] - count[a]; n != 0 {
			return n
		}
		return slices.Compare(a[:], b[:])
	})
	kept := 0
	palette := make(color.Palette, min(few, len(byCount)))
	for i := range palette {
		c := byCount[i]
		palette[i] = color.RGBA{c[0], c[1], c[2], c[3]}
		kept += count[c]
	}
	if float64(kept) < most*float64(len(img.Pix)/4) {
		return img
	}
	index := make(map[rgba]uint8, len(byCount))
	for i, c := range byCount {
		if i >= few {
			i = nearest(byCount[:few], c)
		}
		index[c] = uint8(i)
	}
	p := image.NewPaletted(img.Bounds(), palette)
	eachRun(img, func(c rgba, from, to int) {
		for i := from; i < to; i++ {
			p.Pix[i] = index[c]
		}
	})
	return p
}

// eachRun calls f with every stretch of pixels of one colour.
func eachRun(img *image.RGBA, f func(c [4]uint8, from, to int)) {
	pixel := func(i int) uint32 { return binary.LittleEndian.Uint32(img.Pix[4*i:]) }
	for from, n := 0, len(img.Pix)/4; from < n; {
		c, to := pixel(from), from+1
		for to < n && pixel(to) == c {
			to++
		}
		f([4]uint8(img.Pix[4*from:]), from, to)
		from = to
	}
}

// nearest returns the index of the colour that differs least from c.
func nearest(colors [][4]uint8, c [4]uint8) int {
	distance := func(a [4]uint8) (d int) {
		for k := range a {
			x := int(a[k]) - int(c[k])
			d += x * x
		}
		return d
	}
	least := slices.MinFunc(colors, func(a, b [4]uint8) int { return cmp.Compare(distance(a), distance(b)) })
	return slices.Index(colors, least)
}
