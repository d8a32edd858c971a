package display

import (
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// A tensor has a shape, outermost axis first, and a text that shows it.
type tensor interface {
	Shape() []int
	String() string
}

// A reader hands out its numbers in row-major order. It may panic where it has
// none, as a symbolic tensor does.
type reader interface{ Float64s() []float64 }

// A sharer hands out its numbers without a copy; it may panic where it has none
// or they are of another type.
type sharer interface{ SharedFloat32s() []float32 }

// flatValues holds the numbers of a tensor, of which a large one need not be
// copied.
type flatValues struct {
	f32 []float32
	f64 []float64
}

func (e flatValues) len() int { return len(e.f32) + len(e.f64) }

func (e flatValues) at(i int) float64 {
	if e.f32 != nil {
		return float64(e.f32[i])
	}
	return e.f64[i]
}

func (e flatValues) slice(from, to int) []float64 {
	out := make([]float64, to-from)
	for i := range out {
		out[i] = e.at(from + i)
	}
	return out
}

// valuesOf reads the numbers of a tensor that has some.
func valuesOf(v any) (e flatValues, ok bool) {
	if s, is := v.(sharer); is {
		tryTo(func() { e.f32 = s.SharedFloat32s() })
	}
	if e.f32 != nil {
		return e, true
	}
	r, is := v.(reader)
	return e, is && tryTo(func() { e.f64 = r.Float64s() })
}

// tryTo reports whether f returned without a panic.
func tryTo(f func()) (ok bool) {
	defer func() { _ = recover() }()
	f()
	return true
}

// Up to these sizes a tensor is best shown by its text alone.
const (
	smallTensor = 8  // elements
	matrixRows  = 10 // of a matrix that are shown
	matrixCols  = 8
	leastSide   = 8  // pixels, from which on numbers can be a picture
	tensorLines = 45 // of the text of one that is neither matrix nor pictures
	mostInBatch = 16 // pictures of a batch that are shown
)

// tensorBundle shows what a tensor is, what its numbers are like, and the
// numbers: a matrix as a heat map and a table, what has the shape of pictures
// as pictures. Its twin is the tensor's own text.
func tensorBundle(t tensor) cell.Bundle {
	text := t.String()
	shape := t.Shape()
	e, ok := valuesOf(t)
	if !ok || e.len() != product(shape) || e.len() <= smallTensor && len(shape) < 2 || e.len() == 0 {
		return cell.Text(text)
	}
	layout, pictures := pictureLayout(shape, e)
	if pictures && terminal.Load() != nil {
		return layout.inTerminal(e, fmt.Sprintf("%s %s, values %s", dtypeOf(t), dimsText(shape), rangeText(rangeOfValues(e))))
	}
	var b strings.Builder
	b.WriteString(`<div class="fluxion-tensor" style="font-size:13px;line-height:1.45">`)
	writeStatistics(&b, t, shape, e)
	if pictures {
		writeBatch(&b, layout, e)
	} else if len(shape) == 2 {
		writeMatrix(&b, e, shape[0], shape[1])
	} else {
		fmt.Fprintf(&b, `<pre style="margin:6px 0 0;font-size:12px;line-height:1.35;overflow-x:auto">%s</pre>`, html.EscapeString(cutLines(text, tensorLines)))
	}
	b.WriteString(`</div>`)
	return pair(cell.HTML, b.String(), text)
}

// cutLines shows the two ends of a long text.
func cutLines(text string, most int) string {
	lines := strings.Split(text, "\n")
	if len(lines) <= most {
		return text
	}
	front, end := most*2/3, most/3
	gap := fmt.Sprintf("… %s …", many(len(lines)-front-end, "line"))
	return strings.Join(slices.Concat(lines[:front], []string{gap}, lines[len(lines)-end:]), "\n")
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// statistics are what numbers are like, the finite ones among them.
type statistics struct {
	n, finite, zero     int
	min, max, mean, dev float64
}

func statisticsOf(e flatValues) statistics {
	s := statistics{n: e.len(), min: math.Inf(1), max: math.Inf(-1)}
	squares := 0.0 // by Welford's recurrence (Technometrics 4, 1962)
	for i := range s.n {
		x := e.at(i)
		if !finite(x) {
			continue
		}
		s.finite++
		if x == 0 {
			s.zero++
		}
		s.min, s.max = math.Min(s.min, x), math.Max(s.max, x)
		d := x - s.mean
		s.mean += d / float64(s.finite)
		squares += d * (x - s.mean)
	}
	s.dev = math.Sqrt(squares / math.Max(1, float64(s.finite)))
	return s
}

// dtypeOf asks a tensor for its dtype, whatever type that has.
func dtypeOf(t any) string {
	m := reflect.ValueOf(t).MethodByName("DType")
	if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
		return "tensor"
	}
	return fmt.Sprint(m.Call(nil)[0].Interface())
}

func writeStatistics(b *strings.Builder, t tensor, shape []int, e flatValues) {
	s := statisticsOf(e)
	dims := make([]string, len(shape))
	for i, d := range shape {
		dims[i] = strconv.Itoa(d)
	}
	b.WriteString(`<div style="display:flex;flex-wrap:wrap;align-items:center;gap:2px 18px">`)
	fmt.Fprintf(b, `<span><b>%s</b> %s <span style="opacity:.65">%s</span></span>`,
		html.EscapeString(dtypeOf(t)), strings.Join(dims, "&thinsp;×&thinsp;"), many(s.n, "value"))
	b.WriteString(`<span style="font-variant-numeric:tabular-nums">`)
	if s.finite > 0 {
		for _, m := range []struct {
			name  string
			value float64
		}{{"min", s.min}, {"mean", s.mean}, {"max", s.max}, {"std", s.dev}} {
			fmt.Fprintf(b, `<span style="opacity:.65">%s</span>&nbsp;%s &ensp;`, m.name, typeset(short(m.value)))
		}
	}
	if s.zero*5 > s.n {
		fmt.Fprintf(b, `<span style="opacity:.65">zero</span>&nbsp;%.0f&thinsp;%% &ensp;`, 100*float64(s.zero)/float64(s.n))
	}
	if bad := s.n - s.finite; bad > 0 {
		fmt.Fprintf(b, `<b style="color:#c0392b">%s not finite</b>`, grouped(bad))
	}
	b.WriteString(`</span>`)
	if s.finite > 1 && s.max > s.min && s.n > smallTensor {
		b.WriteString(spark(e, s))
	}
	b.WriteString(`</div>`)
}

// spark is a histogram as high as two lines of text, in the page's colour.
func spark(e flatValues, s statistics) string {
	const bins, w, h = 32, 128.0, 26.0
	var counts [bins]int
	most := 0
	step := max(1, e.len()/200_000) // what it looks like needs no more
	for i := 0; i < e.len(); i += step {
		if x := e.at(i); finite(x) {
			k := min(int((x-s.min)/(s.max-s.min)*bins), bins-1)
			counts[k]++
			most = max(most, counts[k])
		}
	}
	var path strings.Builder
	for k, n := range counts {
		if n > 0 {
			high := math.Max(.6, float64(n)/float64(most)*h)
			fmt.Fprintf(&path, "M%g,%gv-%.1fh%gv%.1fz", float64(k)*w/bins, h, high, w/bins-.6, high)
		}
	}
	return fmt.Sprintf(`<svg width="%g" height="%g" role="img" aria-label="histogram of the values"><path d="%s" fill="currentColor" opacity=".55"/></svg>`, w, h, path.String())
}

// pictureLayout reports whether a tensor can be a picture or a batch of them.
// Three axes alone say little, so there the numbers must be those of pictures.
func pictureLayout(shape []int, e flatValues) (l layout, ok bool) {
	switch {
	case len(shape) == 4:
		s := shape
		if s[1] != 1 && s[1] != 3 && s[3] != 1 && s[3] != 3 {
			return l, false
		}
		l = layoutOf("", s)
	case len(shape) == 3 && (shape[0] == 1 || shape[0] == 3):
		l = layoutOf("", append([]int{1}, shape...))
	case len(shape) == 3 && (shape[2] == 1 || shape[2] == 3):
		l = layoutOf("", append([]int{1}, shape...))
	case len(shape) == 3:
		l = layoutOf("", shape)
	default:
		return l, false
	}
	if len(shape) == 3 {
		for i := range min(e.len(), 100_000) {
			if x := e.at(i); !(x >= 0 && x <= 255) {
				return l, false
			}
		}
	}
	return l, l.height >= leastSide && l.width >= leastSide && l.n > 0
}

// inTerminal shows the first pictures of a batch, with a line that says what
// the tensor is.
func (l layout) inTerminal(e flatValues, text string) cell.Bundle {
	values, lo, hi := l.first(e)
	var pictures []image.Image
	for k := range min(l.n, mostInBatch) {
		pictures = append(pictures, l.picture(values[k*l.size():], lo, hi))
	}
	if l.n > len(pictures) {
		text += fmt.Sprintf(", the first %d of %s pictures", len(pictures), grouped(l.n))
	}
	return terminalPictures(pictures, 0, text)
}

func dimsText(shape []int) string {
	dims := make([]string, len(shape))
	for i, d := range shape {
		dims[i] = strconv.Itoa(d)
	}
	return strings.Join(dims, "×")
}

func rangeOfValues(e flatValues) (lo, hi float64) {
	s := statisticsOf(e)
	return s.min, s.max
}

// first returns the values of the pictures that are shown, and between which
// values their colours go.
func (l layout) first(e flatValues) (values []float64, lo, hi float64) {
	values = e.slice(0, min(l.n, mostInBatch)*l.size())
	lo, hi = rangeOf(values)
	switch {
	case lo >= 0 && hi <= 1:
		lo, hi = 0, 1
	case lo >= 0 && hi <= 255:
		lo, hi = 0, 255
	}
	if !(hi > lo) {
		hi = lo + 1
	}
	return values, lo, hi
}

func writeBatch(b *strings.Builder, l layout, e flatValues) {
	n := min(l.n, mostInBatch)
	values, lo, hi := l.first(e)
	b.WriteString(`<div style="display:flex;flex-wrap:wrap;gap:6px;margin-top:6px">`)
	for k := range n {
		img := l.picture(values[k*l.size():], lo, hi)
		w, h, style := magnified(img.Bounds().Size(), 64)
		writePicture(b, img, w, h, fmt.Sprintf("picture %d", k), style)
	}
	b.WriteString(`</div>`)
	if l.n > n {
		fmt.Fprintf(b, `<div style="opacity:.65;font-size:12px;margin-top:4px">the first %d of %s pictures</div>`, n, grouped(l.n))
	}
}

func writePicture(b *strings.Builder, img image.Image, w, h int, alt, style string) {
	data, err := encodePNG(img)
	if err != nil {
		return // a picture in memory can be encoded
	}
	fmt.Fprintf(b, `<img src="data:image/png;base64,%s" width="%d" height="%d" alt="%s"%s>`,
		base64.StdEncoding.EncodeToString(data), w, h, html.EscapeString(alt), style)
}

// writeMatrix shows a matrix as a heat map, where it is large enough to show a
// pattern, and its ends as a table.
func writeMatrix(b *strings.Builder, e flatValues, rows, cols int) {
	b.WriteString(`<div style="display:flex;flex-wrap:wrap;gap:18px;align-items:flex-start;margin-top:6px">`)
	if min(rows, cols) >= 4 && rows*cols >= 64 {
		img, w, h := matrixPicture(e, rows, cols)
		writePicture(b, img, w, h, fmt.Sprintf("heat map of the %d×%d values", rows, cols), ` style="image-rendering:pixelated;margin:4px 0"`)
	}
	t := matrixTable(e, rows, cols)
	b.WriteString(t.html() + `</div>`)
}

// matrixPicture is a heat map of at most 256 pixels a side: where there are
// more rows or columns it shows some.
func matrixPicture(e flatValues, rows, cols int) (img image.Image, w, h int) {
	const most, side = 256, 210.0
	pr, pc := min(rows, most), min(cols, most)
	values := make([]float64, pr*pc)
	for i := range pr {
		for j := range pc {
			values[i*pc+j] = e.at(i*rows/pr*cols + j*cols/pc)
		}
	}
	scale := scaleOf(values)
	img = pixels(pr, pc, func(i int) color.RGBA { return scale.color(values[i]) })
	f := side / float64(max(rows, cols))
	return img, max(40, int(float64(cols)*f)), max(40, int(float64(rows)*f))
}

// matrixTable makes a table of a matrix's ends whose header and first column
// are indices.
func matrixTable(e flatValues, rows, cols int) table {
	t := table{total: rows, header: []string{""}, numeric: []bool{true}, index: true, quiet: true}
	shownCols := ends(cols, matrixCols)
	for _, j := range shownCols {
		t.header = append(t.header, indexText(j))
		t.numeric = append(t.numeric, true)
	}
	for _, i := range ends(rows, matrixRows) {
		row := []string{indexText(i)}
		for _, j := range shownCols {
			if i < 0 || j < 0 {
				row = append(row, "…")
				continue
			}
			row = append(row, typeset(short(e.at(i*cols+j))))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func indexText(i int) string {
	if i < 0 {
		return "…"
	}
	return fmt.Sprint(i)
}

// grouped writes n with a comma before every three digits.
func grouped(n int) string {
	return groupedDigits(strconv.Itoa(n))
}

func groupedDigits(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// many returns "1 value" or "2,000 values".
func many(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return grouped(n) + " " + word + "s"
}
