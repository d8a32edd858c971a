package nn

import (
	"fmt"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
	"github.com/fluxion-go/fluxion/dl/metrics"
)

// A measure is a metric of one output of a model.
type measure struct {
	metrics.Metric
	output int
}

// measures are the metrics of a model in their order.
type measures []measure

func (ms measures) names() []string {
	names := make([]string, len(ms))
	for i, m := range ms {
		names[i] = m.Name
	}
	return names
}

// of applies the metrics to outputs and targets.
func (ms measures) of(outputs, targets []*dl.Tensor) []*dl.Tensor {
	values := make([]*dl.Tensor, len(ms))
	for i, m := range ms {
		v := m.Of(outputs[m.output], targets[m.output])
		switch {
		case m.Final == nil:
			number(m.Name, v)
		case v == nil || v.Rank() > 1:
			panic(misuse(m.Name, v, "", "a metric with Final gives a vector of means"))
		}
		values[i] = v
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
	of    measures
	sums  [][]float64 // by measure
	last  [][]float64 // those of the last batch
	batch []float64   // what they come to
	count int
}

func newMeans(ms measures) *means {
	return &means{of: ms, sums: make([][]float64, len(ms)), last: make([][]float64, len(ms)), batch: make([]float64, len(ms))}
}

// add takes the values of a batch in and returns its own, in memory that the
// next call writes again.
func (m *means) add(values []*dl.Tensor, examples int) []float64 {
	m.count += examples
	for i, v := range values {
		n := v.Size()
		if m.sums[i] == nil {
			m.sums[i], m.last[i] = make([]float64, n), make([]float64, n)
		}
		for k := range n {
			x := 0.0
			if n == 1 {
				x = v.Item()
			} else {
				x = v.At(k)
			}
			m.last[i][k] = x
			m.sums[i][k] += x * float64(examples)
		}
		m.batch[i] = m.of[i].final(m.last[i])
	}
	return m.batch
}

func (m measure) final(means []float64) float64 {
	if m.Final == nil {
		return means[0]
	}
	return m.Final(means)
}

func (m *means) values() []float64 {
	out := make([]float64, len(m.of))
	for i, s := range m.sums {
		average := make([]float64, len(s))
		for k := range s {
			average[k] = s[k] / float64(m.count)
		}
		out[i] = m.of[i].final(average)
	}
	return out
}

func (m *means) reset() {
	for _, s := range m.sums {
		clear(s)
	}
	m.count = 0
}

// A Head says what is learned and measured at one output of a model.
type Head struct {
	Loss    Loss    // nil means SoftmaxCrossEntropy
	Weight  float64 // of the loss in the sum that is made small; 0 means 1
	Metrics []metrics.Metric
}

// heads returns one head for each output of the model, and what they measure:
// first the sum of the losses.
func (m *Model) heads(o FitOptions) ([]Head, measures) {
	hs := slices.Clone(o.Heads)
	if len(hs) == 0 {
		hs = []Head{{Loss: o.Loss, Metrics: o.Metrics}}
	} else if o.Loss != nil || len(o.Metrics) > 0 {
		panic(misuse("fit", nil, "give loss and metrics in the heads only", "both Heads and Loss or Metrics are given"))
	}
	if len(hs) != len(m.outputs) {
		panic(misuse("fit", nil, "Heads of FitOptions holds one loss for each output", "%d losses for a model with %d outputs", len(hs), len(m.outputs)))
	}
	var ms measures
	for i := range hs {
		if hs[i].Loss == nil {
			hs[i].Loss = SoftmaxCrossEntropy
		}
		if hs[i].Weight == 0 {
			hs[i].Weight = 1
		}
		if len(hs) == 1 {
			ms = append(ms, measure{metrics.Metric{Name: "loss", Of: hs[0].Loss}, 0})
		} else {
			ms = append(ms, measure{metrics.Metric{Name: m.outputName(i) + "_loss", Of: hs[i].Loss}, i})
		}
	}
	for i, h := range hs {
		for _, metric := range h.Metrics {
			if len(hs) > 1 {
				metric.Name = m.outputName(i) + "_" + metric.Name
			}
			ms = append(ms, measure{metric, i})
		}
	}
	for i, a := range ms {
		if slices.ContainsFunc(ms[:i], func(b measure) bool { return a.Name == b.Name }) {
			panic(misuse("fit", nil, "give one of them another Name", "two metrics are called %q", a.Name))
		}
	}
	return hs, ms
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

// A set is examples with one tensor for each input and, where there are
// targets, one for each output of a model.
type set struct{ xs, ys []*dl.Tensor }

func (s set) len() int { return s.xs[0].Shape()[0] }

// args returns the arguments of a compiled function of chosen examples.
func (s set) args(chosen []int) []any {
	var args []any
	for _, t := range append(slices.Clone(s.xs), s.ys...) {
		args = append(args, t)
	}
	return append(args, chosen)
}

// check panics unless there are inputs for all inputs of m, targets for all its
// outputs unless there are none at all, and as many examples in each.
func (s set) check(op string, m *Model) {
	if len(s.xs) != len(m.inputs) {
		panic(misuse(op, nil, "", "%d inputs are given, the model has %d", len(s.xs), len(m.inputs)))
	}
	if s.ys != nil && len(s.ys) != len(m.outputs) {
		panic(misuse(op, nil, "", "%d targets are given, the model has %d outputs", len(s.ys), len(m.outputs)))
	}
	name := func(of string, i, n int) string {
		if n == 1 {
			return of
		}
		return fmt.Sprintf("%s %d", of, i+1)
	}
	for i, x := range s.xs {
		checkExamples(op, name("x", i, len(s.xs)), x)
	}
	for i, y := range s.ys {
		checkExamples(op, name("y", i, len(s.ys)), y)
	}
	x := s.xs[0]
	for i, t := range s.xs[1:] {
		if a, b := x.Shape(), t.Shape(); a[0] != b[0] {
			panic(misuse(op, t, "", "%d examples in x 1 of shape %s, but %d in x %d of shape %s", a[0], graph.ShapeString(a), b[0], i+2, graph.ShapeString(b)))
		}
	}
	for i, t := range s.ys {
		if a, b := x.Shape(), t.Shape(); a[0] != b[0] {
			panic(misuse(op, x, "each example needs one target", "%d examples in x of shape %s, but %d targets in %s of shape %s",
				a[0], graph.ShapeString(a), b[0], name("y", i, len(s.ys)), graph.ShapeString(b)))
		}
	}
}
