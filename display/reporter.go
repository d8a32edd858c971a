package display

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// NewReporter returns a Reporter that makes a training run visible in out: one
// bar that tells how far it is, one figure of its loss and metrics, and where
// the run is watched one of its weights and gradients. They are updated in
// place, at most ten times a second, and less often where drawing takes long, so
// that it takes less than one percent of the time. The end of the run is always
// shown: a plain line and the final figure, which stay in the saved notebook.
//
// A run that counts no epochs, such as an evaluation, has a bar alone.
func NewReporter(out cell.Output) cell.Reporter {
	return &reporter{out: out, now: time.Now, runs: map[string]*run{}}
}

const (
	minInterval = 100 * time.Millisecond
	// Drawing a figure may take 1/costShare of the time. What every report costs,
	// and the bar, comes on top of it.
	costShare = 400

	// A figure cannot be drawn before there is something in it, nor at the
	// cost of a run that is over before anyone has looked.
	firstFigure = 500 * time.Millisecond
)

type reporter struct {
	out cell.Output
	now func() time.Time

	mu   sync.Mutex
	runs map[string]*run
}

// A run is what is known of one training run so far.
type run struct {
	bar, figure, watched         Live
	nextBar, nextDraw, nextWatch time.Time // when they may be shown again
	began                        time.Time
	beganAt                      int      // steps done when it began
	order                        []string // names of metrics, as they first came
	metrics                      map[string]*metricLog
	last                         cell.Progress
	stepsDone                    int // over all epochs
}

// Report implements cell.Reporter.
func (r *reporter) Report(p cell.Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	u, ok := r.runs[p.Run]
	if !ok {
		u = &run{began: now, beganAt: stepsDone(p), nextBar: now, nextDraw: now.Add(firstFigure), nextWatch: now.Add(firstFigure), metrics: map[string]*metricLog{}}
		r.runs[p.Run] = u
	}
	u.record(p)
	if p.Done || !now.Before(u.nextBar) {
		u.bar.putTo(r.out, u.barBundle(now.Sub(u.began)))
		u.nextBar = r.pause(now, p)
	}
	if hasFigure := u.last.Epochs > 0 && len(u.order) > 0; hasFigure && (p.Done || !now.Before(u.nextDraw)) {
		from := r.now()
		f := curvesFigure(u.curves(), &options{fn: "Reporter"})
		u.figure.putTo(r.out, u.figureBundle(f))
		u.nextDraw = r.pause(from, p)
	}
	if p.Watched != nil && (p.Done || !now.Before(u.nextWatch)) {
		from := r.now()
		if samples := p.Watched(); len(samples) > 0 {
			u.watched.putTo(r.out, u.figureBundle(samplesFigure(samples)))
		}
		u.nextWatch = r.pause(from, p)
	}
	if p.Done {
		delete(r.runs, p.Run)
	}
}

// pause returns when something may be drawn again that was begun at from and
// has just been drawn. Where there are two figures, each has half the time.
func (r *reporter) pause(from time.Time, p cell.Progress) time.Time {
	now := r.now()
	cost := costShare * now.Sub(from)
	if p.Watched != nil {
		cost *= 2
	}
	return now.Add(max(minInterval, cost))
}

// figureBundle draws the figure. While it changes it is sent as a piece of HTML
// too, which a page takes in at once: a picture is decoded behind the page's
// back, and the place of the old one is empty for the while. The last one is
// the picture alone, which any reader of the saved notebook shows.
func (u *run) figureBundle(f *figure) cell.Bundle {
	if terminal.Load() != nil && !u.last.Done {
		return cell.Text(f.twin()) // what a terminal shows in place, without the cost of a picture
	}
	if u.last.Done {
		return f.bundle()
	}
	b := f.passing()
	if svg := b.Data[cell.SVG]; svg != nil {
		b.Data[cell.HTML] = svg
	}
	return b
}

func stepsDone(p cell.Progress) int { return max(0, p.Epoch-1)*p.Steps + p.Step }

func (u *run) record(p cell.Progress) {
	u.last = p
	u.stepsDone = max(u.stepsDone, stepsDone(p))
	for _, v := range p.Values {
		m := u.metrics[v.Name]
		if m == nil {
			m = &metricLog{}
			u.metrics[v.Name] = m
			u.order = append(u.order, v.Name)
		}
		switch {
		case p.EpochEnd:
			m.atEpoch(float64(p.Epoch), v.Value)
		case !p.Done && p.Steps > 0:
			m.steps.add(float64(p.Epoch-1)+float64(p.Step)/float64(p.Steps), v.Value)
		}
		m.last = v.Value
	}
}

func (u *run) curves() []metricCurve {
	var all []metricCurve
	for _, name := range u.order {
		m := u.metrics[name]
		all = append(all, metricCurve{name: name, xs: m.epochs.xs, ys: m.epochs.ys, stepXs: m.steps.xs, stepYs: m.steps.ys})
	}
	return all
}

// values returns the latest value of each metric: the training's first, then
// the validation's.
func (u *run) values() []cell.Metric {
	names := slices.Clone(u.order)
	slices.SortStableFunc(names, func(a, b string) int { return isVal(a) - isVal(b) })
	var out []cell.Metric
	for _, n := range names {
		out = append(out, cell.Metric{Name: n, Value: u.metrics[n].last})
	}
	return out
}

func isVal(name string) int {
	if strings.HasPrefix(name, valPrefix) {
		return 1
	}
	return 0
}

// A metricLog keeps what a metric was, at steps and at the ends of epochs.
type metricLog struct {
	steps, epochs sampled
	last          float64
}

func (m *metricLog) atEpoch(epoch, value float64) {
	// A run that repeats the last epoch's report with Done must not add a point.
	if n := len(m.epochs.xs); n > 0 && m.epochs.xs[n-1] == epoch {
		m.epochs.ys[n-1] = value
		return
	}
	m.epochs.add(epoch, value)
}

// A sampled is a long line of which every stride-th point is kept, with the
// stride doubled whenever it grows too long. The latest point is always there.
type sampled struct {
	xs, ys []float64
	stride int
	since  int // points since the last that is kept for good
}

const maxSampled = 4 * maxLinePoints

func (s *sampled) add(x, y float64) {
	if s.stride == 0 {
		s.stride = 1
	}
	if s.since > 0 {
		n := len(s.xs) - 1 // the tip is replaced until its turn comes
		s.xs, s.ys = s.xs[:n], s.ys[:n]
	}
	s.xs, s.ys = append(s.xs, x), append(s.ys, y)
	s.since = (s.since + 1) % s.stride
	if s.since == 0 && len(s.xs) >= maxSampled {
		for i := range len(s.xs) / 2 {
			s.xs[i], s.ys[i] = s.xs[2*i+1], s.ys[2*i+1]
		}
		s.xs, s.ys = s.xs[:len(s.xs)/2], s.ys[:len(s.ys)/2]
		s.stride *= 2
	}
}
