package display

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Heatmap draws a table of numbers, a slice of slices or a tensor with two
// axes, as coloured cells; row 0 is at the top. Colours run from light to
// dark, or where there are negative and positive numbers, from orange through
// white at zero to blue. Small tables have their numbers written in.
func Heatmap(values any, opts ...Option) {
	o := collect("Heatmap", opts)
	rows := matrix("Heatmap", "values", values)
	g := newGrid("Heatmap", rows)
	f := g.figure(o, true)
	lo, hi := rangeOf(g.values())
	f.text = fmt.Sprintf("heat map: %d×%d", g.height(), g.width())
	if lo <= hi {
		f.text += ", values " + rangeText(lo, hi)
	}
	if o.title != "" {
		f.text = o.title + "\n" + f.text
	}
	o.showFigure(f)
}

// ConfusionMatrix draws how often a class (a row) was taken for another (a
// column): counts[i][j] things of class i were predicted as class j. Counts is
// a [][]int, other slices of slices, or a tensor with two axes. Colours follow
// each row's share, so that classes of unequal size compare; the cells show
// the counts. Labels name the classes and may be nil.
func ConfusionMatrix(counts any, labels []string, opts ...Option) {
	o := collect("ConfusionMatrix", opts)
	rows := wholeNumbers("ConfusionMatrix", matrix("ConfusionMatrix", "counts", counts))
	if labels == nil {
		for i := range rows {
			labels = append(labels, fmt.Sprint(i))
		}
	}
	if len(labels) != len(rows) {
		misuse("ConfusionMatrix", "there are %d labels and %d rows; give one for each", len(labels), len(rows))
	}
	f := confusionFigure(o, rows, labels)
	o.showFigure(f)
}

func wholeNumbers(fn string, rows [][]float64) [][]int {
	counts := make([][]int, len(rows))
	for i, row := range rows {
		for j, x := range row {
			if x < 0 || x != math.Trunc(x) || x > 1e15 {
				misuse(fn, "counts[%d][%d] is %g; want a whole number", i, j, x)
			}
			counts[i] = append(counts[i], int(x))
		}
	}
	return counts
}

func confusionFigure(o *options, counts [][]int, labels []string) *figure {
	shares := make([][]float64, len(counts))
	right, all := 0, 0
	t := table{header: append([]string{"true \\ predicted"}, labels...), numeric: []bool{false}, total: len(counts)}
	for i, row := range counts {
		if len(row) != len(counts) {
			misuse("ConfusionMatrix", "row %d has %d counts; want %d, one for each class", i, len(row), len(counts))
		}
		sum := 0
		for _, n := range row {
			sum += n
		}
		line := []string{labels[i]}
		for _, n := range row {
			shares[i] = append(shares[i], float64(n)/math.Max(1, float64(sum)))
			line = append(line, fmt.Sprint(n))
		}
		right, all = right+row[i], all+sum
		t.rows = append(t.rows, line)
		t.numeric = append(t.numeric, true)
	}
	g := newGrid("ConfusionMatrix", shares)
	g.scale = colorScale{rising, 0, 1}
	g.digits = 0
	if len(counts) <= 2*maxTextCells {
		g.cellText = func(i, j int) string { return fmt.Sprint(counts[i][j]) }
	}
	g.xNames, g.yNames = labels, labels
	if o.xLabel == "" {
		o.xLabel = "predicted"
	}
	if o.yLabel == "" {
		o.yLabel = "true"
	}
	f := g.figure(o, false)
	f.text = t.text() + fmt.Sprintf("\n%d of %d right (%.1f %%)", right, all, 100*float64(right)/math.Max(1, float64(all)))
	if o.title != "" {
		f.text = o.title + "\n" + f.text
	}
	return f
}

// A grid is a table of coloured cells.
type grid struct {
	rows           [][]float64
	scale          colorScale
	digits         int                   // significant ones that are written into the cells; 0: none
	cellText       func(i, j int) string // what is written there instead; may be nil
	xNames, yNames []string
}

const (
	maxTextCells = 14      // rows or columns up to which numbers are written in
	maxGridCells = 4 << 20 // a picture of more would not be looked at
)

func newGrid(fn string, rows [][]float64) *grid {
	g := &grid{rows: rows}
	if len(rows) == 0 || len(rows[0]) == 0 {
		misuse(fn, "there is nothing to draw: the table is empty")
	}
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			misuse(fn, "row %d has %d values and row 0 has %d; rows must be equally long", i, len(row), len(rows[0]))
		}
	}
	if n := len(rows) * len(rows[0]); n > maxGridCells {
		misuse(fn, "the table has %d cells; at most %d can be drawn", n, maxGridCells)
	}
	g.scale = scaleOf(g.values())
	if len(rows) <= maxTextCells && len(rows[0]) <= maxTextCells {
		g.digits = 3
	}
	return g
}

func (g *grid) width() int  { return len(g.rows[0]) }
func (g *grid) height() int { return len(g.rows) }

func (g *grid) values() []float64 {
	var all []float64
	for _, row := range g.rows {
		all = append(all, row...)
	}
	return all
}

// figure draws the grid with square cells, or, where it is far from square,
// with cells that fill a plain figure.
func (g *grid) figure(o *options, bar bool) *figure {
	p := o.panel()
	rows, cols := g.height(), g.width()
	p.X.Min, p.X.Max = -.5, float64(cols)-.5
	p.Y.Min, p.Y.Max = -.5, float64(rows)-.5
	p.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	p.X.Tick.Length, p.Y.Tick.Length = 2, 2
	p.X.Tick.LineStyle.Width, p.Y.Tick.LineStyle.Width, p.X.LineStyle.Width = 0, 0, 0
	p.X.Padding, p.Y.Padding = 4, 4
	p.Add(g)
	if bar {
		p.bar = &colorBar{g.scale}
	}
	f := &figure{panels: []*panel{p}, rigid: true}
	cell := math.Max(.02, math.Min(1.0, math.Min(11/float64(rows), 13/float64(cols))))
	if o.width > 0 && o.height > 0 {
		cell = math.Min((o.height-1)/float64(rows), (o.width-1)/float64(cols))
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{most: 12, whole: true}, ticks{most: 12, whole: true}
	if g.xNames != nil {
		p.X.Tick.Marker, p.Y.Tick.Marker = namedTicks(g.xNames, p.X.Tick.Label, cm(cell)), namedTicks(g.yNames, p.Y.Tick.Label, cm(cell))
	}
	if o.width > 0 && o.height > 0 {
		f.width, f.height = cm(o.width), cm(o.height)
		return f
	}
	w, h := cell*float64(cols), cell*float64(rows)
	f.fit(cm(math.Max(w, 4)), cm(math.Max(h, 2)))
	if g.xNames != nil {
		g.turnLabels(p, cm(w)/vg.Length(cols))
		f.fit(cm(math.Max(w, 4)), cm(math.Max(h, 2)))
	}
	return f
}

// turnLabels sets the column names upright where they do not fit side by side.
func (g *grid) turnLabels(p *panel, room vg.Length) {
	for _, s := range g.xNames {
		if p.X.Tick.Label.Width(s) > room-3 {
			p.X.Tick.Label.Rotation = math.Pi / 2
			p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
			return
		}
	}
}

// Plot implements plot.Plotter. The cells are one picture, a pixel each: drawn
// one by one they would show seams.
func (g *grid) Plot(c draw.Canvas, p *plot.Plot) {
	img := image.NewRGBA(image.Rect(0, 0, g.width(), g.height()))
	for i, row := range g.rows {
		for j, x := range row {
			img.SetRGBA(j, i, g.scale.color(x))
		}
	}
	c.DrawImage(c.Rectangle, img)
	g.write(c, p)
}

// write puts the numbers into the cells, with as many digits as there is room
// for at a size that can be read.
func (g *grid) write(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	room := toX(1) - toX(0) - 3
	texts := []func(i, j int) string{g.cellText}
	if g.cellText == nil {
		texts = nil
		for digits := g.digits; digits > 0; digits-- {
			texts = append(texts, g.alike(digits))
		}
	}
	for _, text := range texts {
		size := g.fitting(text, room)
		if size < 6.5 {
			continue
		}
		for i, row := range g.rows {
			for j, x := range row {
				style := textStyle(size, inkOn(g.scale.color(x)))
				style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
				c.FillText(style, vg.Point{X: toX(float64(j)), Y: toY(float64(i))}, typeset(text(i, j)))
			}
		}
		return
	}
}

// alike writes the numbers with the same number of decimals, so that the
// largest have so many significant digits; where that would be long, each with
// its own exponent.
func (g *grid) alike(digits int) func(i, j int) string {
	most, values := 0.0, g.values()
	for _, x := range values {
		if finite(x) {
			most = math.Max(most, math.Abs(x))
		}
	}
	if most >= 1e5 || most < 1e-3 && most > 0 {
		return func(i, j int) string { return strconv.FormatFloat(g.rows[i][j], 'g', digits, 64) }
	}
	decimals := 0
	if most > 0 {
		decimals = max(0, digits-1-int(math.Floor(math.Log10(most))))
	}
	needed := func(x float64) bool { // its last decimal
		f := math.Pow(10, float64(decimals-1))
		return finite(x) && math.Abs(x*f-math.Round(x*f)) > 1e-6
	}
	for decimals > 0 && !slices.ContainsFunc(values, needed) {
		decimals--
	}
	return func(i, j int) string {
		s := strconv.FormatFloat(g.rows[i][j], 'f', decimals, 64)
		if strings.Trim(s, "-0.") == "" {
			return strings.TrimPrefix(s, "-")
		}
		return s
	}
}

// fitting returns the size at which every text fits into the room.
func (g *grid) fitting(text func(i, j int) string, room vg.Length) vg.Length {
	size := vg.Length(8.5)
	for i := range g.rows {
		for j := range g.rows[i] {
			if w := textStyle(size, nil).Width(text(i, j)); w > room {
				size *= room / w
			}
		}
	}
	return size
}
