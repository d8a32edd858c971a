// Package metrics measures how well a model does.
//
// A [Metric] is computed from a model's outputs and the targets by operations
// of package dl, so the same metric works on tensors that have values, and as
// part of a compiled training step, where nn.Fit puts it.
package metrics

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A Metric is a named measure of outputs against targets.
type Metric struct {
	// Name is what results are called by: "accuracy".
	Name string

	// Of returns one number, the mean of the measure over the examples, from
	// the outputs of a model and the targets, both with one row an example.
	Of func(output, target *dl.Tensor) *dl.Tensor

	// Final, where it is set, makes the metric of the means over all examples
	// of several numbers, which Of then returns as a vector. It is for metrics
	// that are no means themselves: of batches of unequal content neither the
	// mean of root mean squares nor that of precisions says anything.
	Final func(means []float64) float64

	// Higher says that higher values are better.
	Higher bool
}

// Value returns the metric of outputs, which have values, against targets.
func (m Metric) Value(output, target *dl.Tensor) float64 {
	v := m.Of(output, target)
	if m.Final == nil {
		return v.Item()
	}
	return m.Final(v.Float64s())
}

// Accuracy is the fraction of examples of which the highest of the outputs
// [n, classes] stands at the label, given as a class number in targets [n].
// The outputs may be logits or probabilities.
var Accuracy = TopK(1)

// TopK is the fraction of examples of which the label is among the k classes
// with the highest outputs. Where outputs tie with that of the label, the
// first classes count as the higher ones.
func TopK(k int) Metric {
	if k < 1 {
		panic(fmt.Errorf("metrics: TopK(%d): want at least 1 class", k))
	}
	if k == 1 {
		return Metric{Name: "accuracy", Higher: true, Of: func(output, target *dl.Tensor) *dl.Tensor {
			classes("accuracy", output, target)
			return output.ArgMax(1).Equal(target).Mean()
		}}
	}
	name := fmt.Sprintf("top%d", k)
	return Metric{Name: name, Higher: true, Of: func(output, target *dl.Tensor) *dl.Tensor {
		n := classes(name, output, target)
		hot := target.Cast(dl.Int64).OneHot(n).Cast(output.DType())
		own := output.Mul(hot).Sum(1, dl.KeepDims)
		class := dl.Arange(n)
		before := class.Less(target.Cast(dl.Int64).ExpandDims(1))
		higher := output.Greater(own).Or(output.Equal(own).And(before))
		return higher.Sum(1).Less(k).Mean()
	}}
}

// classes checks outputs against labels and returns the number of classes.
func classes(name string, output, target *dl.Tensor) int {
	out, labels := output.Shape(), target.Shape()
	if len(out) != 2 || len(labels) != 1 || out[1] < 1 {
		panic(&dl.Error{Op: name, Axis: -1, Shapes: [][]int{out, labels}, DTypes: []dl.DType{output.DType(), target.DType()},
			Msg:  fmt.Sprintf("outputs of shape %s for targets of shape %s", graph.ShapeString(out), graph.ShapeString(labels)),
			Help: "want outputs [n, classes] and targets [n], which are class numbers"})
	}
	if out[0] >= 0 && labels[0] >= 0 && out[0] != labels[0] {
		panic(&dl.Error{Op: name, Axis: 0, Shapes: [][]int{out, labels}, DTypes: []dl.DType{output.DType(), target.DType()},
			Msg: fmt.Sprintf("outputs of shape %s for targets of shape %s: %d examples, but %d labels", graph.ShapeString(out), graph.ShapeString(labels), out[0], labels[0])})
	}
	return out[1]
}

// BinaryAccuracy is the fraction of examples of which the logit is above 0,
// which means a probability above one half, where the target is 1, and is not
// where it is 0. Outputs and targets are [n], or [n, 1].
var BinaryAccuracy = Metric{Name: "accuracy", Higher: true, Of: func(output, target *dl.Tensor) *dl.Tensor {
	output, target = Aligned("binary accuracy", output, target)
	return output.Greater(0).Equal(target.Greater(0.5)).Mean()
}}

// MeanAbsoluteError is the mean of |output − target| over all elements.
var MeanAbsoluteError = Metric{Name: "mae", Of: func(output, target *dl.Tensor) *dl.Tensor {
	output, target = Aligned("mae", output, target)
	return output.Sub(target).Abs().Mean()
}}

// MeanSquaredError is the mean of (output − target)² over all elements.
var MeanSquaredError = Metric{Name: "mse", Of: func(output, target *dl.Tensor) *dl.Tensor {
	output, target = Aligned("mse", output, target)
	return output.Sub(target).Square().Mean()
}}

// Aligned returns outputs and targets in one shape. It drops a last axis of
// length 1 that only one of the two has, as a layer of one unit gives it, and
// panics with a [*dl.Error] of op where the shapes differ otherwise: they might
// broadcast against each other, which is never what is meant.
func Aligned(op string, output, target *dl.Tensor) (o, t *dl.Tensor) {
	o, t = output, target
	switch drop := func(x, than *dl.Tensor) bool {
		s := x.Shape()
		return len(s) == than.Rank()+1 && s[len(s)-1] == 1
	}; {
	case drop(o, t):
		o = o.Squeeze(-1)
	case drop(t, o):
		t = t.Squeeze(-1)
	}
	a, b := o.Shape(), t.Shape()
	ok := len(a) == len(b)
	for i := 0; ok && i < len(a); i++ {
		ok = a[i] == b[i] || a[i] < 0 || b[i] < 0
	}
	if !ok {
		panic(&dl.Error{Op: op, Axis: -1, Shapes: [][]int{output.Shape(), target.Shape()}, DTypes: []dl.DType{output.DType(), target.DType()},
			Msg:  fmt.Sprintf("outputs of shape %s for targets of shape %s", graph.ShapeString(output.Shape()), graph.ShapeString(target.Shape())),
			Help: "both need the same shape; Reshape one of them"})
	}
	return o, t
}
