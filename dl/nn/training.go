package nn

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
	"github.com/fluxion-go/fluxion/dl/metrics"
	"github.com/fluxion-go/fluxion/dl/opt"
)

var runs atomic.Int64

// A training is one run of Fit.
type training struct {
	m          *Model
	source     source
	o          FitOptions
	parameters []*dl.Tensor
	of         measures // of a step
	names      []string // of a step
	higher     map[string]bool
	epoch      int // the current one, from 1
	steps      int // an epoch
	taken      int // steps, over all epochs
	step       *dl.Func
	outs       map[int][]*dl.Tensor // by size of batch, where the step puts loss and metrics
	validation *evaluator
	watch      *watcher // nil where nothing is watched
	watched    func() []cell.Sample
	history    *History
	stop       string // why a callback ends the run, or ""
	id         string
	reporter   cell.Reporter
	at         cell.Progress // the last report
	values     []cell.Metric // of a report
	event      Event
}

func newTraining(m *Model, s source, o FitOptions) *training {
	t := &training{
		m: m, source: s, o: o, steps: s.steps(),
		outs: map[int][]*dl.Tensor{}, id: fmt.Sprintf("fit %d", runs.Add(1)),
		reporter: cell.Current().Reporter(), higher: map[string]bool{},
	}
	heads, ms := m.heads(o)
	t.compile(heads, ms)
	t.names = t.of.names()
	t.history = &History{epochs: map[string][]float64{}, steps: map[string][]float64{}, names: slices.Clone(t.names)}
	if o.Validation.given() {
		v := o.Validation.set()
		v.check("fit: validation", m)
		within("validation", func() *dl.Tensor {
			t.validation = m.evaluator(v, ms)
			return nil
		})
		for _, name := range t.names {
			t.history.names = append(t.history.names, "val_"+name)
		}
	}
	for _, measure := range t.of {
		t.higher[measure.Name], t.higher["val_"+measure.Name] = measure.Higher, measure.Higher
	}
	return t
}

// compile makes the function of one step.
func (t *training) compile(heads []Head, ms measures) {
	in := t.source.inputs()
	weights := t.weights(in)
	pass := Training()
	outputs := t.m.PassAll(pass, in.xs...)
	values := ms.of(outputs, in.ys)
	t.parameters = t.m.Parameters()
	if len(t.parameters) == 0 {
		panic(misuse("fit", nil, "add a layer such as nn.Dense", "the model has no parameters"))
	}
	scalar := func(v *dl.Tensor) *dl.Tensor {
		if v.Rank() > 0 {
			return v.Sum() // of the one number
		}
		return v
	}
	var loss, cost *dl.Tensor
	for i, h := range heads {
		checkLabels(values[i], in.ys[i], t.source.targets()[i])
		part := scalar(values[i])
		learned := part
		if weights != nil {
			learned = weighted(part, outputs[i], weights)
		}
		if h.Weight != 1 {
			part, learned = part.Mul(h.Weight), learned.Mul(h.Weight)
		}
		loss, cost = plus(loss, part), plus(cost, learned)
	}
	t.of = ms
	if len(heads) > 1 {
		t.of = append(measures{{metrics.Metric{Name: "loss"}, 0}}, ms...)
		values = append([]*dl.Tensor{loss}, values...)
	}
	if p := pass.Penalties(); p != nil {
		cost = cost.Add(p)
	}
	for _, p := range t.parameters {
		if p.Rank() > 1 && t.o.L1 > 0 {
			cost = cost.Add(p.Abs().Sum().Mul(t.o.L1))
		}
		if p.Rank() > 1 && t.o.L2 > 0 {
			cost = cost.Add(p.Square().Sum().Mul(t.o.L2))
		}
	}
	if t.reporter != nil {
		if t.watch = newWatcher(t.o.Watch, in.all, cost, t.parameters, t.o.Precision); t.watch != nil {
			t.watched = t.watch.samples
		}
	}
	updates := append(opt.Minimize(t.o.Optimizer, cost, t.parameters...), pass.Updates()...)
	t.step = dl.Function(in.all, values, updates...).SetPrecision(t.o.Precision)
}

// checkLabels looks for labels of no class where loss is a cross-entropy of the
// targets: computed in a compiled function, their losses are no numbers.
func checkLabels(loss, target, values *dl.Tensor) {
	of := graph.NodeOf(target)
	for _, n := range graph.Order(graph.NodeOf(loss)) {
		if n.Op.Name != backend.SoftmaxCrossEntropy {
			continue
		}
		labels := n.In[1]
		for labels != of && len(labels.In) > 0 && (labels.Op.Name == backend.Reshape || labels.Op.Name == backend.Cast) {
			labels = labels.In[0]
		}
		classes := n.In[0].Shape[1]
		if labels != of || classes < 0 {
			continue
		}
		if low, high := values.Min().Item(), values.Max().Item(); low < 0 || high >= float64(classes) {
			off := high
			if low < 0 {
				off = low
			}
			panic(misuse("fit", values, "class numbers begin with 0: subtract 1 if yours begin with 1, or give the last layer more units",
				"a label is %g, but the model has outputs for %d classes, 0 to %d", off, classes, classes-1))
		}
	}
}

func plus(a, b *dl.Tensor) *dl.Tensor {
	if a == nil {
		return b
	}
	return a.Add(b)
}

// weighted returns a cost whose gradient is that of the weighted mean of the
// losses of which loss is the mean. The loss of an example depends on its own
// row of the output alone, so the gradient of the mean with respect to that
// row has only to be multiplied by the weight of the example; a cost with such
// a gradient is the sum of output times gradient, the latter held constant.
func weighted(loss, output, weights *dl.Tensor) *dl.Tensor {
	g := dl.Grad(loss, output)
	shape := slices.Repeat([]int{1}, output.Rank())
	shape[0] = -1
	return output.Mul(g.Mul(weights.Cast(output.DType()).Reshape(shape...)).StopGradient()).Sum()
}

// weights returns the weight of each example of a batch, or nil.
func (t *training) weights(in inputs) *dl.Tensor {
	var w *dl.Tensor
	if c := t.o.ClassWeights; len(c) > 0 {
		if len(in.ys) != 1 || in.ys[0].Rank() != 1 {
			panic(misuse("fit", nil, "use SampleWeights", "class weights need one output, and targets [n] that are class numbers"))
		}
		checkClasses(t.source.targets()[0], len(c))
		w = dl.New(c).Gather(in.ys[0].Cast(dl.Int64), 0)
	}
	if s := t.o.SampleWeights; s != nil {
		checkExamples("fit", "SampleWeights", s)
		if n := t.source.targets()[0].Shape()[0]; s.Rank() != 1 || s.Shape()[0] != n {
			panic(misuse("fit", s, "", "sample weights of shape %s for %d examples, want one number each", graph.ShapeString(s.Shape()), n))
		}
		chosen := in.all[len(in.all)-1]
		picked := s.Gather(chosen, 0)
		if w != nil {
			picked = picked.Mul(w)
		}
		w = picked
	}
	return w
}

// checkClasses panics unless all targets are classes that have a weight.
func checkClasses(targets *dl.Tensor, weights int) {
	for _, k := range []float64{targets.Min().Item(), targets.Max().Item()} {
		if k < 0 || int(k) >= weights {
			panic(misuse("fit", nil, "", "%d class weights, but a target is %g", weights, k))
		}
	}
}

func (t *training) run() {
	t.epoch = 1
	if t.o.Resume {
		t.resume()
	}
	if err := t.tell(Began); err != nil {
		panic(err)
	}
	mean := newMeans(t.of)
	for ; t.epoch <= t.o.Epochs && t.stop == ""; t.epoch++ {
		mean.reset()
		for _, name := range t.names {
			t.history.steps[name] = slices.Grow(t.history.steps[name], t.steps)
		}
		step := 0
		for args, examples := range t.source.epoch(t.epoch) {
			step++
			stopIfInterrupted("fit")
			t.check(t.tell(StepBegins))
			now := mean.add(t.take(args, examples), examples)
			for i, name := range t.names {
				t.history.steps[name] = append(t.history.steps[name], now[i])
			}
			t.taken++
			if t.watch != nil {
				t.watch.args = args
				if step == t.steps && t.epoch == t.o.Epochs {
					t.watch.compute() // for the last figure
				}
			}
			t.report(cell.Progress{Epoch: t.epoch, Step: step, Values: t.named(t.names, now)})
			t.check(t.tell(StepEnded))
			if t.stop != "" {
				break
			}
		}
		if t.watch != nil {
			t.watch.args = nil
		}
		if t.stop == "" {
			t.endEpoch(mean.values())
		}
	}
	t.epoch = min(t.epoch, t.o.Epochs)
	t.history.Stopped = t.stop
	t.check(t.tell(Ended))
}

func (t *training) check(err error) {
	if err != nil {
		panic(err)
	}
}

// take makes one step on a batch and returns its loss and metrics.
func (t *training) take(args []any, examples int) []*dl.Tensor {
	out := t.outs[examples]
	if out == nil {
		out = make([]*dl.Tensor, len(t.of))
		t.outs[examples] = out
	}
	t.step.CallInto(out, args...)
	return out
}

func (t *training) endEpoch(values []float64) {
	if t.validation != nil {
		v := t.validation.run(t.o.Validation.set())
		if len(t.of) > len(v) { // the sum of the losses of several outputs
			heads, _ := t.m.heads(t.o)
			sum := 0.0
			for i, h := range heads {
				sum += h.Weight * v[i]
			}
			v = append([]float64{sum}, v...)
		}
		values = append(values, v...)
	}
	for i, name := range t.history.names {
		t.history.epochs[name] = append(t.history.epochs[name], values[i])
	}
	t.report(cell.Progress{Epoch: t.epoch, Step: t.steps, Values: t.named(t.history.names, values), EpochEnd: true})
	t.check(t.tell(EpochEnded))
	if t.o.Checkpoint != "" {
		t.save()
	}
}

// named returns values for a report, in memory that the next one writes again.
func (t *training) named(names []string, values []float64) []cell.Metric {
	t.values = t.values[:0]
	for i, v := range values {
		t.values = append(t.values, cell.Metric{Name: names[i], Value: v})
	}
	return t.values
}

func (t *training) report(p cell.Progress) {
	p.Run, p.Title, p.Epochs, p.Steps, p.Watched = t.id, t.o.Title, t.o.Epochs, t.steps, t.watched
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
