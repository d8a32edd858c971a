package display

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// A watch is a clock that tests set.
type watch struct {
	at   time.Time
	tick time.Duration // by how much each look advances it
}

func (w *watch) now() time.Time {
	w.at = w.at.Add(w.tick)
	return w.at
}

func newTestReporter() (*reporter, *outputLog, *watch) {
	out, w := &outputLog{}, &watch{at: time.Unix(1e9, 0)}
	r := NewReporter(out).(*reporter)
	r.now = w.now
	return r, out, w
}

// train reports a run of epochs by steps; each step takes d.
func train(r *reporter, w *watch, epochs, steps int, d time.Duration) {
	for e := 1; e <= epochs; e++ {
		p := cell.Progress{Run: "1", Title: "train", Epoch: e, Epochs: epochs, Steps: steps}
		for s := 1; s <= steps; s++ {
			w.at = w.at.Add(d)
			p.Step = s
			p.Values = []cell.Metric{{Name: "loss", Value: 1 / float64((e-1)*steps+s)}}
			r.Report(p)
		}
		p.EpochEnd = true
		p.Values = []cell.Metric{{Name: "loss", Value: 1 / float64(e)}, {Name: "accuracy", Value: 1 - 1/float64(e+1)},
			{Name: "val_loss", Value: 1.5 / float64(e)}, {Name: "val_accuracy", Value: .5}}
		r.Report(p)
	}
	r.Report(cell.Progress{Run: "1", Title: "train", Epoch: epochs, Epochs: epochs, Step: steps, Steps: steps, Done: true})
}

// byID groups messages.
func byID(ms []message) (ids []string, groups map[string][]message) {
	groups = map[string][]message{}
	for _, m := range ms {
		if groups[m.id] == nil {
			ids = append(ids, m.id)
		}
		groups[m.id] = append(groups[m.id], m)
	}
	return ids, groups
}

func TestReporterInAShortRun(t *testing.T) {
	r, out, w := newTestReporter()
	train(r, w, 5, 3, 0)
	ids, groups := byID(out.messages)
	if len(ids) != 2 {
		t.Fatalf("there are %d displays, want a bar and a figure", len(ids))
	}
	for _, id := range ids {
		g := groups[id]
		if id == "" || g[0].kind != "display" {
			t.Errorf("the first message for %q is %s", id, g[0].kind)
		}
		for _, m := range g[1:] {
			if m.kind != "update" {
				t.Errorf("%q is displayed again", id)
			}
		}
	}
	// A run that nobody could have watched has its first and last bar and its
	// last figure.
	if len(groups[ids[0]]) != 2 || len(groups[ids[1]]) != 1 {
		t.Errorf("%d bars and %d figures, want 2 and 1", len(groups[ids[0]]), len(groups[ids[1]]))
	}
	bar := groups[ids[0]]
	if got, want := bar[len(bar)-1].bundle.String(), "train: 5 epochs, 15 steps: loss 0.2000, accuracy 0.8333, val_loss 0.3000, val_accuracy 0.5000"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	figure := groups[ids[1]]
	golden(t, "reporter-figure.txt", outline(t, figure[len(figure)-1].bundle))
}

func TestReporterIsThrottled(t *testing.T) {
	r, out, w := newTestReporter()
	train(r, w, 100, 100, time.Millisecond) // ten seconds
	_, groups := byID(out.messages)
	for _, g := range groups {
		if n := len(g); n < 90 || n > 102 {
			t.Errorf("%d messages in ten seconds, want at most ten a second", n)
		}
	}
}

// Where drawing takes long it is done rarely, whatever the steps take.
func TestReporterTakesOnePercent(t *testing.T) {
	for _, cost := range []time.Duration{2 * time.Millisecond, 20 * time.Millisecond} {
		r, out, w := newTestReporter()
		w.tick = cost // between the looks before and after drawing
		p := cell.Progress{Run: "1", Epoch: 1, Epochs: 1, Steps: 5000, Values: []cell.Metric{{Name: "loss", Value: 1}}}
		began := w.at
		for s := range 5000 {
			p.Step = s
			w.at = w.at.Add(10 * time.Millisecond)
			r.Report(p)
		}
		ids, groups := byID(out.messages)
		drawn := time.Duration(len(groups[ids[1]])) * cost
		if took := w.at.Sub(began); drawn > took/200 || drawn < took/900 {
			t.Errorf("drawing took %v of %v", drawn, took)
		}
	}
}

func TestLiveFigureIsPartOfThePage(t *testing.T) {
	r, out, w := newTestReporter()
	train(r, w, 10, 10, 100*time.Millisecond)
	ids, groups := byID(out.messages)
	g := groups[ids[1]]
	if len(g) < 10 {
		t.Fatalf("there are %d figures", len(g))
	}
	for i, m := range g {
		if html, last := m.bundle.Data[cell.HTML] != nil, i == len(g)-1; html == last || m.bundle.Data[cell.SVG] == nil {
			t.Errorf("figure %d of %d: HTML %v", i+1, len(g), html)
		}
	}
}

func TestReporterTextIsTheSameEachTime(t *testing.T) {
	var last [2]string
	for i, d := range []time.Duration{time.Millisecond, 123 * time.Millisecond} {
		r, out, w := newTestReporter()
		train(r, w, 4, 10, d)
		ids, groups := byID(out.messages)
		for k, id := range ids {
			b := groups[id][len(groups[id])-1].bundle
			last[i] += b.String() + "\n"
			if k == 0 {
				last[i] += regexp.MustCompile(`(class="fluxion-time"[^>]*>)[^<]*`).ReplaceAllString(string(b.Data[cell.HTML]), "$1")
			} else {
				last[i] += string(b.Data[cell.SVG])
			}
		}
	}
	if last[0] != last[1] {
		t.Errorf("a fast and a slow run end differently:\n%s\n%s", last[0], last[1])
	}
}

func TestReporterRuns(t *testing.T) {
	r, out, _ := newTestReporter()
	for _, p := range []cell.Progress{
		{Run: "a", Epoch: 1, Epochs: 2, Step: 1, Steps: 2, Values: []cell.Metric{{Name: "loss", Value: 1}}},
		{Run: "b", Title: "evaluate", Step: 1, Steps: 4, Values: []cell.Metric{{Name: "accuracy", Value: .5}}},
		{Run: "b", Title: "evaluate", Step: 4, Steps: 4, Done: true, Values: []cell.Metric{{Name: "accuracy", Value: .75}}},
		{Run: "a", Epoch: 2, Epochs: 2, Step: 1, Steps: 2, Done: true, Stopped: "interrupted"},
		{Run: "a", Epoch: 1, Epochs: 2, Step: 1, Steps: 2},
		{Run: "c", Title: "load <data>", Done: true},
	} {
		r.Report(p)
	}
	ids, groups := byID(out.messages)
	names := map[string]string{}
	var got []string
	for i, id := range ids {
		names[id] = fmt.Sprint(i)
	}
	for _, m := range out.messages {
		if m.bundle.Data[cell.SVG] == nil {
			got = append(got, m.kind+" "+names[m.id]+" "+m.bundle.String())
		}
	}
	want := `
display 0 train: epoch 1/2, step 1/2  [██████░░░░░░░░░░░░░░░░░░]  loss 1.0000
display 1 evaluate: step 1/4  [██████░░░░░░░░░░░░░░░░░░]  accuracy 0.5000
update 1 evaluate: 4 steps: accuracy 0.7500
update 0 train: stopped in epoch 2 of 2 (interrupted), 3 steps: loss 1.0000
display 3 train: epoch 1/2, step 1/2  [██████░░░░░░░░░░░░░░░░░░]
display 4 load <data>: done`
	if s := strings.Join(got, "\n"); s != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant%s", s, want)
	}
	if len(groups) != 5 {
		t.Errorf("%d displays, want 4 bars and one figure", len(groups))
	}
	if html := string(groups[ids[4]][0].bundle.Data[cell.HTML]); !strings.Contains(html, "load &lt;data&gt;") {
		t.Errorf("the title is not escaped: %s", html)
	}
}

func TestPace(t *testing.T) {
	r, out, w := newTestReporter()
	for s := range 3 {
		r.Report(cell.Progress{Run: "1", Epoch: 1, Epochs: 10, Step: 1 + 20*s, Steps: 100})
		w.at = w.at.Add(2 * time.Second)
	}
	want := "train: epoch 1/10, step 41/100  [█░░░░░░░░░░░░░░░░░░░░░░░]  10 steps/s  1 min 36 s left"
	if got := out.messages[len(out.messages)-1].bundle.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDivergedRun(t *testing.T) {
	r, out, _ := newTestReporter()
	for e, loss := range []float64{2, math.Inf(1), math.NaN()} {
		r.Report(cell.Progress{Run: "1", Epoch: e + 1, Epochs: 3, EpochEnd: true, Done: e == 2, Values: []cell.Metric{{Name: "loss", Value: loss}}})
	}
	last := out.messages[len(out.messages)-1].bundle
	if want := "loss, train: 3 points, x 1 … 3, y 2 … 2, last NaN, 2 not finite"; last.String() != want {
		t.Errorf("got  %s\nwant %s", last, want)
	}
	elements(t, string(last.Data[cell.SVG]))
}

func TestSampled(t *testing.T) {
	var s sampled
	for i := range 100_000 {
		s.add(float64(i), float64(-i))
		if n := len(s.xs); n > maxSampled || s.xs[n-1] != float64(i) || s.ys[n-1] != float64(-i) {
			t.Fatalf("after %d points %d are kept, the last is %g", i+1, n, s.xs[n-1])
		}
	}
	if len(s.xs) < maxSampled/4 {
		t.Errorf("only %d points are left", len(s.xs))
	}
	for i := 1; i < len(s.xs); i++ {
		if s.xs[i] <= s.xs[i-1] {
			t.Fatal("points are out of order")
		}
	}
}

// What is watched is read only when it is drawn, as seldom as its cost asks for,
// and once more at the end, where it stays as a picture.
func TestReporterWatches(t *testing.T) {
	r, out, w := newTestReporter()
	read := 0
	p := cell.Progress{Run: "1", Epochs: 1, Epoch: 1, Steps: 10_000, Values: []cell.Metric{{Name: "loss", Value: 1}},
		Watched: func() []cell.Sample {
			read++
			w.at = w.at.Add(20 * time.Millisecond) // what it costs
			return []cell.Sample{{Name: "1.weights", Size: 120_000, Values: []float64{1, 2, 2}}, {Name: "1.biases", Size: 1, Values: []float64{0}}}
		}}
	for p.Step = 1; p.Step <= p.Steps; p.Step++ {
		w.at = w.at.Add(time.Millisecond)
		r.Report(p)
	}
	p.Done = true
	r.Report(p)
	// 10 s and what reading took, in which at most one part in 800 is spent on it: every 16 s, and the end.
	if read != 2 {
		t.Errorf("it was read %d times", read)
	}
	ids, groups := byID(out.messages)
	if len(ids) != 3 {
		t.Fatalf("there are %d places, want a bar and two figures", len(ids))
	}
	last := groups[ids[2]][len(groups[ids[2]])-1].bundle
	if last.Data[cell.HTML] != nil || last.Data[cell.SVG] == nil {
		t.Error("the last histograms are no picture")
	}
	if text := last.String(); !strings.Contains(text, "1.weights: 120,000 values, 1 … 2, mean 1.667") || !strings.Contains(text, "1.biases: 1 value") {
		t.Errorf("their text is %q", text)
	}
	many := make([]cell.Sample, mostSamples+3)
	if f := samplesFigure(many); !strings.HasSuffix(f.text, "… 3 more") {
		t.Errorf("of many: %s", f.text)
	}
}

func TestDurationText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                           "0 s",
		32 * time.Millisecond:       "32 ms",
		1234 * time.Millisecond:     "1.2 s",
		9960 * time.Millisecond:     "10 s",
		59400 * time.Millisecond:    "59 s",
		59600 * time.Millisecond:    "1 min 00 s",
		200 * time.Second:           "3 min 20 s",
		3*time.Hour + 5*time.Minute: "3 h 05 min",
	} {
		if got := durationText(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}

func BenchmarkReporterUpdate(b *testing.B) {
	r, out, w := newTestReporter()
	train(r, w, 20, 200, time.Millisecond)
	p := cell.Progress{Run: "2", Epochs: 20, Steps: 200}
	for i := range 4000 {
		p.Epoch, p.Step = 1+i/200, 1+i%200
		p.Values = []cell.Metric{{Name: "loss", Value: math.Sin(float64(i))}, {Name: "accuracy", Value: math.Cos(float64(i))}}
		r.Report(p)
	}
	b.ResetTimer()
	for b.Loop() {
		out.messages = nil
		w.at = w.at.Add(time.Second)
		r.Report(p)
	}
}
