package nn

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/metrics"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// FitOptions say how a model is trained. The zero value trains one epoch in
// batches of 32 by opt.SGD(0.01) on [SoftmaxCrossEntropy].
type FitOptions struct {
	Epochs    int              // passes over the examples; 0 means 1
	Batch     int              // examples a step; 0 means 32. The last batch of an epoch may be smaller
	Optimizer opt.Optimizer    // nil means opt.SGD(0.01)
	Loss      Loss             // nil means SoftmaxCrossEntropy
	Metrics   []metrics.Metric // measured beside the loss
	L2        float64          // adds L2·Σw² over all weights, not biases, to what is minimised

	// Validation holds examples that are not learned from; loss and metrics
	// are measured on them after each epoch.
	Validation Examples

	Seed      int    // of the order of the examples, which is another in each epoch
	KeepOrder bool   // leave the examples in their order
	Title     string // what the progress is called; "" means "train"
}

// Examples are inputs with their targets.
type Examples struct{ X, Y *dl.Tensor }

var runs atomic.Int64

// Fit trains the model on the inputs x with the targets y, which have as many
// rows, and returns what it measured. It can be called again to train on.
//
// In a cell it shows its progress; when the cell is interrupted, it panics
// with a [*dl.Error] of cause [dl.ErrInterrupted]. The parameters keep what was
// learned until then, and [Model.History] what was measured.
func (m *Model) Fit(x, y *dl.Tensor, o FitOptions) *History {
	o = o.filled()
	checkPairs("fit", x, y)
	t := newTraining(m, x, y, o)
	m.history = t.history
	began := time.Now()
	err := dl.Try(t.run)
	t.history.Took = time.Since(began)
	if err != nil {
		t.fail(err)
	}
	t.report(cell.Progress{Epoch: o.Epochs, Step: t.steps, Done: true})
	return t.history
}

// History returns what the last call of Fit measured, also where that was
// interrupted or failed; nil before the first.
func (m *Model) History() *History { return m.history }

func (o FitOptions) filled() FitOptions {
	if o.Epochs < 0 || o.Batch < 0 || o.L2 < 0 {
		panic(misuse("fit", nil, "", "%d epochs, batches of %d, L2 %g; none may be negative", o.Epochs, o.Batch, o.L2))
	}
	if o.Epochs == 0 {
		o.Epochs = 1
	}
	if o.Batch == 0 {
		o.Batch = 32
	}
	if o.Optimizer == nil {
		o.Optimizer = opt.SGD(0.01)
	}
	if o.Loss == nil {
		o.Loss = SoftmaxCrossEntropy
	}
	if o.Title == "" {
		o.Title = "train"
	}
	return o
}

// A training is one run of Fit.
type training struct {
	x, y       *dl.Tensor
	o          FitOptions
	steps      int // an epoch
	step       *dl.Func
	outs       map[int][]*dl.Tensor // by size of batch, where the step puts loss and metrics
	validation *evaluator
	history    *History
	names      []string // of what a step measures
	id         string
	reporter   cell.Reporter
	done       <-chan struct{}
	at         cell.Progress // the last report
}

func newTraining(m *Model, x, y *dl.Tensor, o FitOptions) *training {
	now := cell.Current()
	t := &training{
		x: x, y: y, o: o, steps: (x.Shape()[0] + o.Batch - 1) / o.Batch,
		outs: map[int][]*dl.Tensor{}, id: fmt.Sprintf("fit %d", runs.Add(1)),
		reporter: now.Reporter(), done: now.Done(),
	}
	all := append([]metrics.Metric{{Name: "loss", Of: o.Loss}}, o.Metrics...)
	in := newInputs(x, y)
	values := measured(all, m.Apply(in.batchX), in.batchY)
	parameters := m.Parameters()
	if len(parameters) == 0 {
		panic(misuse("fit", nil, "add a layer such as nn.Dense", "the model has no parameters"))
	}
	cost := values[0]
	if cost.Rank() > 0 {
		cost = cost.Sum() // of the one number
	}
	for _, p := range parameters {
		if o.L2 > 0 && p.Rank() > 1 {
			cost = cost.Add(p.Square().Sum().Mul(o.L2))
		}
	}
	t.step = dl.Function([]*dl.Tensor{in.x, in.y, in.chosen}, values, opt.Minimize(o.Optimizer, cost, parameters...)...)

	t.history = &History{epochs: map[string][]float64{}, steps: map[string][]float64{}}
	for _, metric := range all {
		if slices.Contains(t.names, metric.Name) {
			panic(misuse("fit", nil, "give one of them another Name", "two metrics are called %q", metric.Name))
		}
		t.names = append(t.names, metric.Name)
	}
	t.history.names = t.names
	if v := o.Validation; v.X != nil || v.Y != nil {
		checkPairs("fit: validation", v.X, v.Y)
		t.validation = m.evaluator(v.X, v.Y, all)
		for _, name := range t.names {
			t.history.names = append(t.history.names[:len(t.history.names):len(t.history.names)], "val_"+name)
		}
	}
	return t
}

func (t *training) run() {
	n := t.x.Shape()[0]
	order, batch := span(0, n), make([]int, t.o.Batch)
	mean := newMeans(len(t.names))
	for epoch := 1; epoch <= t.o.Epochs; epoch++ {
		if !t.o.KeepOrder {
			rng := rand.New(rand.NewPCG(uint64(t.o.Seed), uint64(epoch)))
			for i := range order {
				order[i] = i
			}
			rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		mean.reset()
		for step := 1; step <= t.steps; step++ {
			batch = append(batch[:0], order[(step-1)*t.o.Batch:min(step*t.o.Batch, n)]...)
			out := t.take(batch)
			mean.add(out, len(batch))
			now := make([]float64, len(t.names))
			for i, name := range t.names {
				now[i] = out[i].Item()
				t.history.steps[name] = append(t.history.steps[name], now[i])
			}
			t.report(cell.Progress{Epoch: epoch, Step: step, Values: named(t.names, now)})
		}
		t.endEpoch(epoch, mean.values())
	}
}

// take makes one step on a batch and returns its loss and metrics.
func (t *training) take(batch []int) []*dl.Tensor {
	select {
	case <-t.done:
		panic(&dl.Error{Op: "fit", Axis: -1, Msg: "interrupted", Cause: dl.ErrInterrupted})
	default:
	}
	out := t.outs[len(batch)]
	if out == nil {
		out = make([]*dl.Tensor, len(t.names))
		t.outs[len(batch)] = out
	}
	t.step.CallInto(out, t.x, t.y, batch)
	return out
}

func (t *training) endEpoch(epoch int, values []float64) {
	if t.validation != nil {
		values = append(values, t.validation.run(t.o.Validation.X, t.o.Validation.Y)...)
	}
	for i, name := range t.history.names {
		t.history.epochs[name] = append(t.history.epochs[name], values[i])
	}
	t.report(cell.Progress{Epoch: epoch, Step: t.steps, Values: named(t.history.names, values), EpochEnd: true})
}

func named(names []string, values []float64) []cell.Metric {
	out := make([]cell.Metric, len(values))
	for i, v := range values {
		out[i] = cell.Metric{Name: names[i], Value: v}
	}
	return out
}

func (t *training) report(p cell.Progress) {
	p.Run, p.Title, p.Epochs, p.Steps = t.id, t.o.Title, t.o.Epochs, t.steps
	t.at = p
	if t.reporter != nil {
		t.reporter.Report(p)
	}
}

// fail ends the run with err.
func (t *training) fail(err error) {
	at := t.at
	where := fmt.Sprintf("in epoch %d of %d, after step %d of %d", max(at.Epoch, 1), t.o.Epochs, at.Step, t.steps)
	t.history.Stopped = err.Error()
	interrupted := errors.Is(err, dl.ErrInterrupted)
	if interrupted {
		t.history.Stopped = "interrupted " + where
	}
	t.report(cell.Progress{Epoch: at.Epoch, Step: at.Step, Done: true, Stopped: t.history.Stopped})
	if interrupted {
		panic(&dl.Error{Op: "fit", Axis: -1, Msg: t.history.Stopped, Cause: err,
			Help: "the model keeps what it learned; call Fit again to train on"})
	}
	panic(err)
}
