package display

import (
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/fluxion-go/fluxion/cell"
	"gonum.org/v1/plot/vg"
)

// Hists draws a small histogram of each of several tensors, such as the
// parameters of a model or their gradients, with its mean and deviation. All
// is a slice of tensors or of slices, or a map from name to numbers. Labels
// names them, or else their method Name. Columns sets how many stand in a row.
// Of large tensors a part is counted.
//
//	display.Hists(model.Parameters())
func Hists(all any, opts ...Option) {
	o := collect("Hists", opts)
	names, values := manyNumbers("Hists", all)
	if len(values) == 0 || len(values) > 100 {
		misuse("Hists", "there are %d histograms to draw; want 1 to 100", len(values))
	}
	board := NewBoard(o.histColumns(len(values)))
	for i, e := range values {
		board.putFigure(smallHist(o.label(i, names[i]), e, e.len()))
	}
	f := board.figure()
	if o.title != "" {
		f.text = o.title + "\n" + f.text
	}
	o.showFigure(f)
}

func (o *options) histColumns(n int) int {
	if o.columns > 0 {
		return o.columns
	}
	return max(1, min(4, n))
}

// mostSamples is how many histograms the figure of a training run has; the text
// says how many there are more.
const mostSamples = 24

// samplesFigure draws what a training run is asked to show.
func samplesFigure(samples []cell.Sample) *figure {
	shown := samples[:min(len(samples), mostSamples)]
	board := NewBoard((&options{}).histColumns(len(shown)))
	for _, s := range shown {
		board.putFigure(smallHist(s.Name, flatValues{f64: s.Values}, s.Size))
	}
	f := board.figure()
	if n := len(samples) - len(shown); n > 0 {
		f.text += fmt.Sprintf("\n\n… %d more", n)
	}
	return f
}

// manyNumbers reads several sequences of numbers with their names.
func manyNumbers(fn string, all any) (names []string, values []flatValues) {
	if n, rows, ok := namedSeries(fn, "all", all); ok {
		for _, row := range rows {
			values = append(values, flatValues{f64: row})
		}
		return n, values
	}
	rv := reflect.ValueOf(all)
	if rv.Kind() != reflect.Slice && rv.Kind() != reflect.Array {
		misuse(fn, "all is %s; give a slice of tensors or a map from name to numbers", kindText(all))
	}
	for i := range rv.Len() {
		v := rv.Index(i).Interface()
		name := fmt.Sprint(i)
		if n, ok := v.(interface{ Name() string }); ok && n.Name() != "" {
			name = n.Name()
		}
		e, ok := valuesOf(v)
		if !ok {
			e = flatValues{f64: floats(fn, fmt.Sprintf("all[%d]", i), v)}
		}
		names, values = append(names, name), append(values, e)
	}
	return names, values
}

// smallHist is a histogram that says little but its shape.
// Of n values it may get a part.
func smallHist(name string, e flatValues, n int) *figure {
	const counted = 200_000
	s := statisticsOf(e)
	bins := max(4, min(40, int(2*math.Sqrt(float64(s.finite)))))
	p := newPanel(name)
	addGrid(p.Plot, true, false)
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{most: 4}, ticks{most: 3, whole: true}
	p.Y.Tick.Label.Font.Size, p.X.Tick.Label.Font.Size = 7.5, 7.5
	text := name + ": no finite value"
	if s.finite > 0 {
		edges := binEdges(nil, s.min, s.max, bins)
		counts := make([]float64, bins)
		most := 0.0
		step := max(1, e.len()/counted)
		for i := 0; i < e.len(); i += step {
			if x := e.at(i); finite(x) {
				k := min(int((x-edges[0])/(edges[bins]-edges[0])*float64(bins)), bins-1)
				counts[k] += float64(step)
				most = max(most, counts[k])
			}
		}
		p.X.Min, p.X.Max = spread(edges[0], edges[bins], false)
		p.Y.Min, p.Y.Max = 0, most*1.05
		p.Add(steps{edges, counts, faded(seriesColor(0), 1)})
		p.X.Label.Text = fmt.Sprintf("mean %s, std %s", short3(s.mean), short3(s.dev))
		p.X.Label.TextStyle.Color = mutedColor
		p.X.Label.TextStyle.Font.Size = 8
		text = fmt.Sprintf("%s: %s, %s, mean %s, std %s", name, many(n, "value"), rangeText(s.min, s.max), short(s.mean), short(s.dev))
	}
	if bad := s.n - s.finite; bad > 0 {
		p.title += fmt.Sprintf(" (%d not finite)", bad)
		text += fmt.Sprintf(", %d not finite", bad)
	}
	return &figure{panels: []*panel{p}, width: cm(5.6), height: vg.Length(cm(4)), text: text}
}

// short3 writes x with at most three significant digits.
func short3(x float64) string { return typeset(strconv.FormatFloat(x, 'g', 3, 64)) }
