package nn

import (
	"slices"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/metrics"
)

// passBatch is how many examples go through a model at once where nothing is
// learned: enough to keep the processor busy, few enough for the activations
// to fit into memory.
const passBatch = 256

// A forward is the compiled function of [Model.Predict].
type forward struct {
	f      *dl.Func
	dtypes []dl.DType
	shapes [][]int // of an example
}

// inputs are the placeholders of a compiled function of chosen examples of a
// data set. The whole set is an argument, which costs nothing as it is not
// copied; the examples are gathered inside.
type inputs struct {
	all    []*dl.Tensor // in the order of [set.args]
	xs, ys []*dl.Tensor // the chosen examples
}

// newInputs returns placeholders for sets like s.
func newInputs(s set) inputs {
	var in inputs
	chosen := dl.Placeholder("chosen examples", dl.Int64, -1)
	pick := func(name string, ts []*dl.Tensor) []*dl.Tensor {
		var batch []*dl.Tensor
		for _, t := range ts {
			p := placeholder(name, t)
			in.all = append(in.all, p)
			batch = append(batch, p.Gather(chosen, 0))
		}
		return batch
	}
	in.xs, in.ys = pick("x", s.xs), pick("y", s.ys)
	in.all = append(in.all, chosen)
	return in
}

// placeholder returns one for any number of examples like those of t.
func placeholder(name string, t *dl.Tensor) *dl.Tensor {
	return dl.Placeholder(name, t.DType(), append([]int{-1}, t.Shape()[1:]...)...)
}

// Predict returns the outputs of the model for the inputs x, computed in
// batches. For symbolic x it is [Model.Apply].
func (m *Model) Predict(x *dl.Tensor) *dl.Tensor {
	if x.IsSymbolic() {
		return m.Apply(x)
	}
	return m.PredictAll(x)[0]
}

// PredictAll is Predict for a model with several inputs or outputs.
func (m *Model) PredictAll(xs ...*dl.Tensor) []*dl.Tensor {
	s := set{xs: xs}
	s.check("predict", m)
	if p := m.predict; p == nil || !p.fits(xs) {
		in := newInputs(s)
		p = &forward{f: dl.Function(in.all, m.PassAll(Evaluation(), in.xs...))}
		for _, x := range xs {
			p.dtypes, p.shapes = append(p.dtypes, x.DType()), append(p.shapes, x.Shape()[1:])
		}
		m.predict = p
	}
	parts := make([][]*dl.Tensor, len(m.outputs))
	for lo := 0; lo < s.len(); lo += passBatch {
		stopIfInterrupted("predict")
		for i, y := range m.predict.f.Call(s.args(span(lo, min(lo+passBatch, s.len())))...) {
			parts[i] = append(parts[i], y)
		}
	}
	out := make([]*dl.Tensor, len(parts))
	for i, p := range parts {
		if out[i] = p[0]; len(p) > 1 {
			out[i] = dl.Concat(0, p...)
		}
	}
	return out
}

func (p *forward) fits(xs []*dl.Tensor) bool {
	for i, x := range xs {
		if p.dtypes[i] != x.DType() || !slices.Equal(p.shapes[i], x.Shape()[1:]) {
			return false
		}
	}
	return true
}

// Evaluate returns the value of each metric, by its name, for the outputs of
// the model for x against the targets y; with no metrics, the accuracy. A loss
// serves as a metric as well:
//
//	model.Evaluate(x, y, metrics.Accuracy, metrics.Metric{Name: "loss", Of: nn.SoftmaxCrossEntropy})
func (m *Model) Evaluate(x, y *dl.Tensor, ms ...metrics.Metric) map[string]float64 {
	if len(ms) == 0 {
		ms = []metrics.Metric{metrics.Accuracy}
	}
	var of measures
	for _, metric := range ms {
		of = append(of, measure{metric, 0})
	}
	return m.evaluate(set{[]*dl.Tensor{x}, []*dl.Tensor{y}}, of)
}

// EvaluateAll is Evaluate for a model with several inputs or outputs. It
// returns the losses and metrics of the heads, one for each output, under the
// names that [Model.FitAll] gives them.
func (m *Model) EvaluateAll(xs, ys []*dl.Tensor, heads ...Head) map[string]float64 {
	_, ms := m.heads(FitOptions{Heads: heads})
	return m.evaluate(set{xs, ys}, ms)
}

func (m *Model) evaluate(s set, ms measures) map[string]float64 {
	s.check("evaluate", m)
	out := map[string]float64{}
	for i, v := range m.evaluator(s, ms).run(s) {
		out[ms[i].Name] = v
	}
	return out
}

// An evaluator is a compiled function of metrics.
type evaluator struct {
	f  *dl.Func
	of measures
}

func (m *Model) evaluator(s set, ms measures) *evaluator {
	in := newInputs(s)
	return &evaluator{dl.Function(in.all, ms.of(m.PassAll(Evaluation(), in.xs...), in.ys)), ms}
}

// run returns the values of the metrics over all examples.
func (e *evaluator) run(s set) []float64 {
	total := newMeans(e.of)
	for lo := 0; lo < s.len(); lo += passBatch {
		stopIfInterrupted("evaluate")
		hi := min(lo+passBatch, s.len())
		total.add(e.f.Call(s.args(span(lo, hi))...), hi-lo)
	}
	return total.values()
}

// stopIfInterrupted ends op where the cell that it runs in was interrupted.
func stopIfInterrupted(op string) {
	select {
	case <-cell.Current().Done():
		panic(&dl.Error{Op: op, Axis: -1, Msg: "interrupted", Cause: dl.ErrInterrupted})
	default:
	}
}

// span returns the numbers from lo up to, not with, hi.
func span(lo, hi int) []int {
	s := make([]int, hi-lo)
	for i := range s {
		s[i] = lo + i
	}
	return s
}
