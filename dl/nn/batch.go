package nn

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
	"github.com/fluxion-go/fluxion/dl/metrics"
)

// passBatch is how many examples go through a model at once where nothing is
// learned: enough to keep the processor busy, few enough for the activations
// to fit into memory.
const passBatch = 256

// A forward is the compiled function of [Model.Predict].
type forward struct {
	f     *dl.Func
	dtype dl.DType
	shape []int // of an example
}

// inputs are the placeholders of a compiled function of chosen examples of a
// data set. The whole set is an argument, which costs nothing as it is not
// copied; the examples are gathered inside.
type inputs struct {
	x, y, chosen   *dl.Tensor
	batchX, batchY *dl.Tensor
}

// newInputs returns placeholders for sets like x and, unless it is nil, y.
func newInputs(x, y *dl.Tensor) inputs {
	in := inputs{chosen: dl.Placeholder("chosen examples", dl.Int64, -1)}
	in.x = dl.Placeholder("x", x.DType(), append([]int{-1}, x.Shape()[1:]...)...)
	in.batchX = in.x.Gather(in.chosen, 0)
	if y != nil {
		in.y = dl.Placeholder("y", y.DType(), append([]int{-1}, y.Shape()[1:]...)...)
		in.batchY = in.y.Gather(in.chosen, 0)
	}
	return in
}

// Predict returns the outputs of the model for the inputs x, computed in
// batches. For symbolic x it is [Model.Apply].
func (m *Model) Predict(x *dl.Tensor) *dl.Tensor {
	if x.IsSymbolic() {
		return m.Apply(x)
	}
	checkExamples("predict", "x", x)
	n := x.Shape()[0]
	if p := m.predict; p == nil || p.dtype != x.DType() || !slices.Equal(p.shape, x.Shape()[1:]) {
		in := newInputs(x, nil)
		m.predict = &forward{dtype: x.DType(), shape: x.Shape()[1:],
			f: dl.Function([]*dl.Tensor{in.x, in.chosen}, []*dl.Tensor{m.Apply(in.batchX)})}
	}
	var parts []*dl.Tensor
	for lo := 0; lo < n; lo += passBatch {
		parts = append(parts, m.predict.f.Call(x, span(lo, min(lo+passBatch, n)))[0])
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return dl.Concat(0, parts...)
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
	checkPairs("evaluate", x, y)
	values := m.evaluator(x, y, ms).run(x, y)
	out := map[string]float64{}
	for i, metric := range ms {
		out[metric.Name] = values[i]
	}
	return out
}

// An evaluator is a compiled function of metrics.
type evaluator struct {
	f       *dl.Func
	metrics int
}

func (m *Model) evaluator(x, y *dl.Tensor, ms []metrics.Metric) *evaluator {
	in := newInputs(x, y)
	out := m.Apply(in.batchX)
	return &evaluator{dl.Function([]*dl.Tensor{in.x, in.y, in.chosen}, measured(ms, out, in.batchY)), len(ms)}
}

// run returns the means of the metrics over all examples.
func (e *evaluator) run(x, y *dl.Tensor) []float64 {
	total := newMeans(e.metrics)
	n := x.Shape()[0]
	for lo := 0; lo < n; lo += passBatch {
		hi := min(lo+passBatch, n)
		total.add(e.f.Call(x, y, span(lo, hi)), hi-lo)
	}
	return total.values()
}

// measured applies metrics.
func measured(ms []metrics.Metric, output, target *dl.Tensor) []*dl.Tensor {
	var values []*dl.Tensor
	for _, metric := range ms {
		values = append(values, number(metric.Name, metric.Of(output, target)))
	}
	return values
}

// number checks that what a loss or metric returns is one number.
func number(name string, v *dl.Tensor) *dl.Tensor {
	if v == nil {
		panic(misuse(name, nil, "", "it returned nil, want one number"))
	}
	if v.Rank() > 0 && v.Size() != 1 {
		panic(misuse(name, v, "take its Mean()", "it has shape %s, want one number for all the examples", graph.ShapeString(v.Shape())))
	}
	return v
}

// means are averages over batches of unequal size.
type means struct {
	sums  []float64
	count int
}

func newMeans(n int) *means { return &means{sums: make([]float64, n)} }

func (m *means) add(values []*dl.Tensor, examples int) {
	for i := range m.sums {
		m.sums[i] += values[i].Item() * float64(examples)
	}
	m.count += examples
}

func (m *means) values() []float64 {
	out := make([]float64, len(m.sums))
	for i, s := range m.sums {
		out[i] = s / float64(m.count)
	}
	return out
}

func (m *means) reset() {
	clear(m.sums)
	m.count = 0
}

// span returns the numbers from lo up to, not with, hi.
func span(lo, hi int) []int {
	s := make([]int, hi-lo)
	for i := range s {
		s[i] = lo + i
	}
	return s
}

// checkExamples panics unless t, called name, is concrete and has examples.
func checkExamples(op, name string, t *dl.Tensor) {
	switch {
	case t == nil:
		panic(misuse(op, nil, "", "%s is nil", name))
	case t.IsSymbolic():
		panic(misuse(op, t, "give a tensor with values", "%s is symbolic", name))
	case t.Rank() == 0 || t.Shape()[0] == 0:
		panic(misuse(op, t, "", "%s of shape %s holds no examples", name, graph.ShapeString(t.Shape())))
	}
}

// checkPairs panics unless x and y are concrete and have as many examples as
// each other, at least one.
func checkPairs(op string, x, y *dl.Tensor) {
	checkExamples(op, "x", x)
	checkExamples(op, "y", y)
	if a, b := x.Shape(), y.Shape(); a[0] != b[0] {
		panic(misuse(op, x, "each example needs one target", "%d examples in x of shape %s, but %d targets in y of shape %s",
			a[0], graph.ShapeString(a), b[0], graph.ShapeString(b)))
	}
}
