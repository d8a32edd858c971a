package display

import (
	"fmt"
	"image/color"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Hist draws how often values fall into each of a number of equal ranges:
// [Bins] of them, or else as many as the rule of Freedman and Diaconis
// (doi:10.1007/BF01025868) gives. With [Classes], each class has bars of its
// own over the same ranges.
func Hist(values any, opts ...Option) {
	o := collect("Hist", opts)
	all := floats("Hist", "values", values)
	classes, count := make([]int, len(all)), 1
	if o.classes != nil {
		classes, count = classesOf("Hist", o.classes, len(all))
	}
	lo, hi := rangeOf(all)
	if lo > hi {
		misuse("Hist", "none of the %d values is finite", len(all))
	}
	if o.bins < 0 || o.bins > 10_000 {
		misuse("Hist", "bins is %d; want 1 to 10000", o.bins)
	}
	edges := binEdges(all, lo, hi, o.bins)
	counts := make([][]float64, count)
	for k := range counts {
		counts[k] = make([]float64, len(edges)-1)
	}
	most := 0.0
	for i, x := range all {
		if !finite(x) {
			continue
		}
		b := min(int((x-edges[0])/(edges[len(edges)-1]-edges[0])*float64(len(edges)-1)), len(edges)-2)
		counts[classes[i]][b]++
		most = math.Max(most, counts[classes[i]][b])
	}
	p := o.panel()
	addGrid(p.Plot, true, true)
	if p.Y.Label.Text == "" {
		p.Y.Label.Text = "count"
	}
	p.X.Min, p.X.Max = spread(edges[0], edges[len(edges)-1], false)
	p.Y.Min, p.Y.Max = 0, most*1.05
	p.Y.Tick.Marker = ticks{most: 6, whole: true}
	var b strings.Builder
	if o.title != "" {
		b.WriteString(o.title + "\n")
	}
	fmt.Fprintf(&b, "histogram: %s, %s, %s\n", plural(len(all), "value"), rangeText(lo, hi), plural(len(edges)-1, "bin"))
	for k := range counts {
		col := faded(seriesColor(k), 1)
		if count > 1 {
			col = faded(seriesColor(k), .55)
		}
		p.Add(steps{edges, counts[k], col})
		if o.classes != nil {
			name := o.label(k, fmt.Sprintf("class %d", k))
			p.legend = append(p.legend, swatch{name, draw.LineStyle{Color: seriesColor(k)}})
			b.WriteString(name + ": ")
		}
		peak := slices.Index(counts[k], slices.Max(counts[k]))
		fmt.Fprintf(&b, "most in %s: %g\n", rangeText(edges[peak], edges[peak+1]), counts[k][peak])
	}
	w, h := o.size(14, 8)
	f := figure{panels: []*panel{p}, width: cm(w), height: cm(h), text: strings.TrimSpace(b.String())}
	o.showFigure(&f)
}

// binEdges cuts [lo, hi] into n equal parts, or into a number that suits.
func binEdges(values []float64, lo, hi float64, n int) []float64 {
	if lo == hi {
		d := .5
		if size := math.Abs(lo); size > 0 && (size < .05 || size > 1e6) {
			d = size / 10
		}
		lo, hi = lo-d, hi+d
	}
	if n == 0 {
		sorted := slices.Clone(values)
		sorted = slices.DeleteFunc(sorted, func(x float64) bool { return !finite(x) })
		slices.Sort(sorted)
		quartiles := sorted[len(sorted)*3/4] - sorted[len(sorted)/4]
		width := 2 * quartiles / math.Cbrt(float64(len(sorted)))
		n = 60
		if width > 0 {
			n = max(5, min(60, int(math.Ceil((hi-lo)/width))))
		}
	}
	edges := make([]float64, n+1)
	for i := range edges {
		edges[i] = lo + (hi-lo)*float64(i)/float64(n)
	}
	edges[n] = hi
	return edges
}

// steps are the bars of a histogram.
type steps struct {
	edges, counts []float64
	color         color.Color
}

// Plot implements plot.Plotter.
func (s steps) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for i, n := range s.counts {
		if n == 0 {
			continue
		}
		l, r := toX(s.edges[i]), toX(s.edges[i+1])
		if r-l > 3 {
			r -= 0.6
		}
		fillRect(c, s.color, l, toY(0), r, toY(n))
	}
}

func fillRect(c draw.Canvas, col color.Color, x0, y0, x1, y1 vg.Length) {
	c.FillPolygon(col, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
}

// Bar draws a bar for each value, with its name from names (a slice of strings
// or of anything that fmt can print). Many bars, or long names, lie on their
// side.
func Bar(names, values any, opts ...Option) {
	o := collect("Bar", opts)
	vs := floats("Bar", "values", values)
	ns := namesOf("Bar", names)
	if len(ns) != len(vs) {
		misuse("Bar", "there are %d names and %d values; give as many of each", len(ns), len(vs))
	}
	if len(vs) == 0 || len(vs) > 200 {
		misuse("Bar", "there are %d values; want 1 to 200", len(vs))
	}
	p := o.panel()
	w, h := o.size(14, 8)
	widest := vg.Length(0)
	for _, s := range ns {
		widest = max(widest, min(p.X.Tick.Label.Width(s), longestName))
	}
	b := bars{values: vs, color: seriesColor(0)}
	b.lying = widest > (cm(w)-60)/vg.Length(len(vs))-4
	lo, hi := rangeOf(vs)
	lo, hi = math.Min(0, lo), math.Max(0, hi)
	if lo == hi {
		hi = 1
	}
	across, along := &p.X, &p.Y
	if b.lying {
		across, along = &p.Y, &p.X
		if o.height == 0 {
			h = 2 + .62*float64(len(vs))
		}
		across.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	}
	across.Tick.Marker, across.Tick.Length = namedTicks(ns, across.Tick.Label, longestName), 0
	across.LineStyle.Width, along.LineStyle.Width = 0, 0 // the line at zero will do
	across.Min, across.Max = -.6, float64(len(vs))-.4
	over := (hi - lo) * .08 // room for the figure at the end of the bar
	along.Min, along.Max = lo, hi+over
	if lo < 0 {
		along.Min = lo - over
	}
	addGrid(p.Plot, b.lying, !b.lying)
	p.Add(b)

	t := table{header: []string{"", ""}, numeric: []bool{false, true}, total: len(vs)}
	for i, s := range ns {
		t.rows = append(t.rows, []string{s, number(vs[i])})
	}
	text := t.text()
	if o.title != "" {
		text = o.title + "\n" + text
	}
	f := figure{panels: []*panel{p}, width: cm(w), height: cm(h), text: text}
	o.showFigure(&f)
}

// namesOf reads a slice of strings or of other printable things.
func namesOf(fn string, v any) []string {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Slice && rv.Kind() != reflect.Array {
		misuse(fn, "names is %s; give a slice of strings", kindText(v))
	}
	names := make([]string, rv.Len())
	for i := range names {
		names[i] = oneLine(cellText(rv.Index(i)))
	}
	return names
}

// barLabels writes the values of all bars with the same number of decimals.
func barLabels(values []float64) []string {
	labels := make([]string, len(values))
	decimals := 0
	for i, v := range values {
		labels[i] = number(v)
		if _, after, ok := strings.Cut(labels[i], "."); ok {
			decimals = max(decimals, len(after))
		}
	}
	for i, v := range values {
		if finite(v) && !slices.ContainsFunc(labels, func(s string) bool { return strings.Contains(s, "e") }) {
			labels[i] = strconv.FormatFloat(v, 'f', decimals, 64)
		}
	}
	for i := range labels {
		labels[i] = typeset(labels[i])
	}
	return labels
}

// bars stand on the axis, or lie beside it.
type bars struct {
	values []float64
	color  color.Color
	lying  bool
}

// Plot implements plot.Plotter.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	style := textStyle(tickSize, inkColor)
	labels := barLabels(b.values)
	for i, v := range b.values {
		if !finite(v) {
			continue
		}
		from, to := float64(i)-.36, float64(i)+.36
		if b.lying {
			fillRect(c, b.color, toX(0), toY(from), toX(v), toY(to))
			style.YAlign, style.XAlign = draw.YCenter, draw.XLeft
			at := vg.Point{X: toX(v) + 3, Y: toY(float64(i))}
			if v < 0 {
				style.XAlign, at.X = draw.XRight, toX(v)-3
			}
			c.FillText(style, at, labels[i])
			continue
		}
		fillRect(c, b.color, toX(from), toY(0), toX(to), toY(v))
		style.XAlign, style.YAlign = draw.XCenter, draw.YBottom
		at := vg.Point{X: toX(float64(i)), Y: toY(v) + 2}
		if v < 0 {
			style.YAlign, at.Y = draw.YTop, toY(v)-2
		}
		if style.Width(labels[i]) < toX(1)-toX(0) {
			c.FillText(style, at, labels[i])
		}
	}
	if b.lying {
		c.StrokeLine2(draw.LineStyle{Color: axisColor, Width: .75}, toX(0), c.Min.Y, toX(0), c.Max.Y)
	} else {
		c.StrokeLine2(draw.LineStyle{Color: axisColor, Width: .75}, c.Min.X, toY(0), c.Max.X, toY(0))
	}
}
