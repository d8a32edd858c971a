package display

import (
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"math"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

const (
	pictureSide = 96  // CSS pixels that a small picture is magnified to, about
	filterSide  = 56  // and a filter
	narrowSide  = 24  // what is shrunk to fit the page stays as wide as this
	maxPictures = 200 // of one grid
)

// Images shows pictures in rows, small ones magnified without blur. Imgs is a
// []image.Image, one image.Image, or a tensor of shape (n, channels, height,
// width), (n, height, width, channels) or (n, height, width), where there are
// 1 or 3 channels. Numbers in [0, 1] or [0, 255] are taken as they are; others,
// such as standardised pictures, are stretched so that the least is black and
// the greatest full. Labels gives the pictures titles.
func Images(imgs any, opts ...Option) {
	o := collect("Images", opts)
	pictures, note := picturesOf("Images", imgs)
	o.show(pictureGrid(o, pictures, pictureSide, "picture", note))
}

// Filters shows the weights of a convolution, a tensor of shape (out, in,
// height, width), one picture for each output. Where there are three inputs
// they are taken as red, green and blue, grey being zero; otherwise each row
// shows the inputs of one output, orange below zero and blue above.
func Filters(w any, opts ...Option) {
	o := collect("Filters", opts)
	t, ok := w.(tensor)
	r, ok2 := w.(reader)
	if !ok || !ok2 || len(t.Shape()) != 4 {
		misuse("Filters", "w is %s; give a tensor of shape (out, in, height, width)", describeTensor(w))
	}
	values, s := r.Float64s(), t.Shape()
	plane := s[2] * s[3]
	if len(values) == 0 || len(values) != s[0]*s[1]*plane {
		misuse("Filters", "w of shape %v holds no filter", s)
	}
	lo, hi := rangeOf(values)
	m := math.Max(math.Abs(lo), math.Abs(hi))
	if m == 0 || math.IsInf(m, 0) {
		m = 1
	}
	var pictures []image.Image
	if s[1] == 3 {
		for k := range s[0] {
			at := values[k*3*plane:]
			pictures = append(pictures, pixels(s[2], s[3], func(i int) color.RGBA {
				return rgb(.5+at[i]/m/2, .5+at[plane+i]/m/2, .5+at[2*plane+i]/m/2)
			}))
		}
	} else {
		scale := colorScale{diverging, -m, m}
		for k := range s[0] * s[1] {
			at := values[k*plane:]
			pictures = append(pictures, pixels(s[2], s[3], func(i int) color.RGBA { return scale.color(at[i]) }))
		}
		if o.columns == 0 && s[1] > 1 {
			o.columns = s[1]
		}
	}
	note := fmt.Sprintf("%s, %s, weights %s", plural(s[0], "output"), plural(s[1], "input"), rangeText(lo, hi))
	o.show(pictureGrid(o, pictures, filterSide, "filter", note))
}

func describeTensor(v any) string {
	if t, ok := v.(tensor); ok {
		return fmt.Sprintf("%s of shape %v", kindText(v), t.Shape())
	}
	return kindText(v)
}

// picturesOf reads pictures, and says what they are.
func picturesOf(fn string, v any) (pictures []image.Image, note string) {
	switch v := v.(type) {
	case []image.Image:
		for i, img := range v {
			if isNil(img) || img.Bounds().Empty() {
				misuse(fn, "picture %d is empty", i)
			}
		}
		return v, ""
	case image.Image:
		return picturesOf(fn, []image.Image{v})
	}
	t, ok := v.(tensor)
	r, ok2 := v.(reader)
	if !ok || !ok2 {
		misuse(fn, "imgs is %s; give pictures or a tensor of shape (n, channels, height, width)", kindText(v))
	}
	l := layoutOf(fn, t.Shape())
	values := r.Float64s()
	if l.n*l.size() != len(values) || len(values) == 0 {
		misuse(fn, "the tensor of shape %v holds no picture", t.Shape())
	}
	lo, hi := rangeOf(values)
	switch {
	case lo >= 0 && hi <= 1:
		lo, hi = 0, 1
	case lo >= 0 && hi <= 255:
		lo, hi = 0, 255
	default:
		note = "values " + rangeText(lo, hi)
	}
	if !(hi > lo) {
		hi = lo + 1
	}
	for k := range min(l.n, maxPictures) {
		pictures = append(pictures, l.picture(values[k*l.size():], lo, hi))
	}
	if l.n > maxPictures {
		note = fmt.Sprintf("the first %d of %d", maxPictures, l.n)
	}
	return pictures, note
}

// A layout says where the numbers of a picture stand.
type layout struct {
	n, channels, height, width int
	channelStride, pixelStride int
}

func (l layout) size() int { return l.channels * l.height * l.width }

// layoutOf reads the layout off a shape. An axis of 3 is a better sign of
// channels than one of 1, and the first place a better one than the last.
func layoutOf(fn string, s []int) layout {
	switch {
	case len(s) == 3:
		return layout{n: s[0], channels: 1, height: s[1], width: s[2], pixelStride: 1}
	case len(s) == 4 && (s[1] == 3 || s[1] == 1 && s[3] != 3):
		return layout{n: s[0], channels: s[1], height: s[2], width: s[3], channelStride: s[2] * s[3], pixelStride: 1}
	case len(s) == 4 && (s[3] == 3 || s[3] == 1):
		return layout{n: s[0], channels: s[3], height: s[1], width: s[2], channelStride: 1, pixelStride: s[3]}
	}
	misuse(fn, "the tensor has shape %v; want (n, channels, height, width) with 1 or 3 channels, or (n, height, width)", s)
	return layout{}
}

func (l layout) picture(values []float64, lo, hi float64) image.Image {
	return pixels(l.height, l.width, func(i int) color.RGBA {
		at := func(c int) float64 { return (values[c*l.channelStride+i*l.pixelStride] - lo) / (hi - lo) }
		if l.channels == 1 {
			return rgb(at(0), at(0), at(0))
		}
		return rgb(at(0), at(1), at(2))
	})
}

// pixels makes a picture whose pixels, counted row by row, have the colours
// that at returns.
func pixels(height, width int, at func(i int) color.RGBA) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range height * width {
		img.SetRGBA(i%width, i/width, at(i))
	}
	return img
}

// rgb makes a colour of three numbers in [0, 1].
func rgb(r, g, b float64) color.RGBA {
	to8 := func(x float64) uint8 {
		if !(x > 0) { // NaN too
			return 0
		}
		return uint8(math.Min(x, 1)*255 + .5)
	}
	return color.RGBA{to8(r), to8(g), to8(b), 0xFF}
}

// pictureGrid lays pictures out in rows, each with its title below. What a
// picture is called is what.
func pictureGrid(o *options, pictures []image.Image, side int, what, note string) cell.Bundle {
	if len(pictures) == 0 {
		misuse(o.fn, "there is no %s to show", what)
	}
	if len(pictures) > maxPictures {
		if note == "" {
			note = fmt.Sprintf("the first %d of %d", maxPictures, len(pictures))
		}
		pictures = pictures[:maxPictures]
	}
	style := "display:flex;flex-wrap:wrap;gap:8px 10px"
	if o.columns > 0 { // on a narrow page the pictures shrink, and only then is the row scrolled
		style = fmt.Sprintf("display:grid;grid-template-columns:repeat(%d,minmax(%dpx,max-content));gap:8px 10px;overflow-x:auto", o.columns, narrowSide)
	}
	size := pictures[0].Bounds().Size()
	text := fmt.Sprintf("%s of %d×%d", plural(len(pictures), what), size.X, size.Y)
	if note != "" {
		text += ", " + note
	}
	if len(o.labels) > 0 {
		text += ": " + oneLine(strings.Join(o.labels[:min(len(pictures), len(o.labels))], ", "))
	}
	if o.title != "" {
		text = o.title + "\n" + text
	}
	var b strings.Builder
	b.WriteString(`<div class="fluxion-pictures">`)
	if o.title != "" {
		fmt.Fprintf(&b, `<div style="font-weight:600;margin-bottom:6px">%s</div>`, html.EscapeString(o.title))
	}
	fmt.Fprintf(&b, `<div class="fluxion-scroll" style="%s">`, style)
	for i, img := range pictures {
		data, err := encodePNG(img)
		if err != nil {
			misuse(o.fn, "%s %d: %v", what, i, err)
		}
		label := o.label(i, "")
		w, h, crisp := magnified(img.Bounds().Size(), side)
		fmt.Fprintf(&b, `<figure style="margin:0;text-align:center;font-size:11px;line-height:1.3"><img src="data:image/png;base64,%s" width="%d" height="%d" alt="%s"%s>`,
			base64.StdEncoding.EncodeToString(data), w, h, html.EscapeString(orElse(label, fmt.Sprintf("%s %d", what, i))), crisp)
		if label != "" {
			fmt.Fprintf(&b, `<figcaption style="max-width:%dpx;overflow-wrap:anywhere">%s</figcaption>`, max(w, 48), html.EscapeString(label))
		}
		b.WriteString(`</figure>`)
	}
	b.WriteString(`</div></div>`)
	if terminal.Load() != nil {
		return terminalPictures(pictures, o.columns, text)
	}
	return pair(cell.HTML, b.String(), text)
}

// magnified returns the size to show a picture at: a whole multiple of its
// own, which stays sharp, or less than its own where it is large.
func magnified(size image.Point, side int) (w, h int, style string) {
	longest := max(size.X, size.Y)
	if longest > 2*side {
		scale := 2 * float64(side) / float64(longest)
		return max(1, int(float64(size.X)*scale)), max(1, int(float64(size.Y)*scale)), ` style="margin:0;max-width:100%;height:auto"`
	}
	k := max(1, (side+longest/2)/longest)
	return k * size.X, k * size.Y, ` style="image-rendering:pixelated;margin:0;max-width:100%;height:auto"`
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
