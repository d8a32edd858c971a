package display

import (
	"maps"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg/draw"
)

// A history holds what a training run measured: one value an epoch under each
// name, such as "loss", "accuracy", "val_loss".
type history interface{ Series() map[string][]float64 }

// Curves draws how a training run went: the loss, and beside it each other
// metric, over the epochs, with the validation's figures ("val_loss") in the
// same plot as the training's. History is a map from name to one value an
// epoch, or has a method Series() map[string][]float64; where it has a method
// Steps of the same type too, what was measured at each step stands behind
// that, faintly.
func Curves(hist any, opts ...Option) {
	o := collect("Curves", opts)
	var steps map[string][]float64
	if h, ok := hist.(interface{ Steps() map[string][]float64 }); ok {
		steps = h.Steps()
	}
	if h, ok := hist.(history); ok {
		hist = h.Series()
	}
	names, rows, ok := namedSeries("Curves", "history", hist)
	if !ok {
		misuse("Curves", "history is %s; give a map from name to values, or something with a method Series() map[string][]float64", kindText(hist))
	}
	var all []metricCurve
	for i, name := range names {
		xs := indices(len(rows[i]))
		for j := range xs {
			xs[j]++ // epochs count from 1
		}
		m := metricCurve{name: name, xs: xs, ys: rows[i], stepYs: steps[name]}
		for j := range m.stepYs {
			m.stepXs = append(m.stepXs, float64(j+1)*float64(len(xs))/float64(len(m.stepYs)))
		}
		all = append(all, m)
	}
	f := curvesFigure(all, o)
	o.showFigure(f)
}

const (
	valPrefix = "val_"
	maxPanels = 3 // more would be too small to read; the text names the others
)

// A metricCurve is how one metric went. Where it was measured at every step as
// well, these values stand behind it, faintly.
type metricCurve struct {
	name           string
	xs, ys         []float64
	stepXs, stepYs []float64
}

// curvesFigure draws metrics in a panel for each base name.
func curvesFigure(all []metricCurve, o *options) *figure {
	byName := map[string]metricCurve{}
	for _, m := range all {
		byName[m.name] = m
	}
	bases := metricNames(slices.Collect(maps.Keys(byName)))
	f := &figure{}
	var text strings.Builder
	if o.title != "" {
		text.WriteString(o.title + "\n")
	}
	for i, base := range bases {
		var shown []curve
		train, hasTrain := byName[base]
		val, hasVal := byName[valPrefix+base]
		p := newPanel(base)
		addGrid(p.Plot, true, true)
		p.X.Label.Text = "epoch"
		p.X.Tick.Marker = ticks{most: 7, whole: true}
		if len(train.stepYs) > 1 {
			faint := draw.LineStyle{Color: faded(seriesColor(0), .28), Width: .9}
			shown = append(shown, curve{xs: train.stepXs, ys: train.stepYs, style: faint})
		}
		if hasTrain {
			shown = append(shown, metricLine(train, "train", 0))
		}
		if hasVal {
			shown = append(shown, metricLine(val, "validation", 1))
		}
		p.addCurves(o, shown)
		if !hasVal {
			p.legend = nil // the title says it all
		}
		if i < maxPanels {
			f.panels = append(f.panels, p)
		}
		for _, c := range shown {
			if c.name != "" && len(c.ys) > 0 {
				c.name = base + ", " + c.name
				text.WriteString(c.describe("line") + "\n")
			}
		}
	}
	if len(f.panels) == 0 {
		f.panels = []*panel{newPanel("no values yet")}
		text.WriteString("no values yet")
	}
	height := 7.0
	if o.title != "" {
		f.title = o.title
		height += .8
	}
	w, h := o.size([]float64{14, pageWidth, pageWidth}[len(f.panels)-1], height)
	f.width, f.height = cm(w), cm(h)
	f.text = strings.TrimSpace(text.String())
	return f
}

func metricLine(m metricCurve, name string, i int) curve {
	style := draw.LineStyle{Color: seriesColor(i), Width: 1.8}
	return curve{name: name, xs: m.xs, ys: m.ys, style: style, dots: len(m.ys) <= 20}
}

// metricNames returns the names without "val_", loss first, the others in
// alphabetical order.
func metricNames(names []string) []string {
	seen := map[string]bool{}
	for _, n := range names {
		seen[strings.TrimPrefix(n, valPrefix)] = true
	}
	bases := slices.Sorted(maps.Keys(seen))
	slices.SortStableFunc(bases, func(a, b string) int { return rank(a) - rank(b) })
	return bases
}

func rank(name string) int {
	if name == "loss" {
		return 0
	}
	return 1
}
