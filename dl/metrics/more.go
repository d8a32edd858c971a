package metrics

import (
	"fmt"
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
)

// RootMeanSquaredError is the root of the mean of (output − target)².
var RootMeanSquaredError = Metric{Name: "rmse", Of: MeanSquaredError.Of, Final: func(m []float64) float64 { return math.Sqrt(m[0]) }}

// R2 is the coefficient of determination, 1 − Σ(target − output)²/Σ(target −
// mean target)²: 1 where all is right, 0 for the mean of the targets.
var R2 = Metric{Name: "r2", Higher: true,
	Of: func(output, target *dl.Tensor) *dl.Tensor {
		o, t := Aligned("r2", output, target)
		t = t.Cast(o.DType())
		return dl.Stack(0, o.Sub(t).Square().Mean(), t.Mean(), t.Square().Mean())
	},
	Final: func(m []float64) float64 { return 1 - m[0]/(m[2]-m[1]*m[1]) },
}

// CosineSimilarity is the mean over examples of the cosine of the angle between
// output and target, vectors along the last axis; a vector of zeros is at a
// right angle to all.
var CosineSimilarity = Metric{Name: "cosine", Higher: true, Of: func(output, target *dl.Tensor) *dl.Tensor {
	o, t := Aligned("cosine", output, target)
	const least = 1e-8 // of the lengths, as in PyTorch
	length := func(x *dl.Tensor) *dl.Tensor { return x.Square().Sum(-1).Maximum(least * least).Sqrt() }
	return o.Mul(t).Sum(-1).Div(length(o).Mul(length(t))).Mean()
}}

// hits counts, of logits against targets 0 and 1, [n] or [n, 1] both, the true
// positives, false positives and false negatives, as fractions of all.
func hits(op string) func(output, target *dl.Tensor) *dl.Tensor {
	return func(output, target *dl.Tensor) *dl.Tensor {
		o, t := Aligned(op, output, target)
		said, is := o.Greater(0), t.Greater(0.5)
		return dl.Stack(0, said.And(is).Mean(), said.And(is.Not()).Mean(), said.Not().And(is).Mean())
	}
}

// Precision is the fraction of the examples of which the logit is above 0 whose
// target is 1, and 0 where there are none. Outputs and targets are [n] or [n,
// 1].
var Precision = Metric{Name: "precision", Higher: true, Of: hits("precision"), Final: func(m []float64) float64 { return part(m[0], m[0]+m[1]) }}

// Recall is the fraction of the examples of which the target is 1 whose logit
// is above 0.
var Recall = Metric{Name: "recall", Higher: true, Of: hits("recall"), Final: func(m []float64) float64 { return part(m[0], m[0]+m[2]) }}

// F1 is the harmonic mean of [Precision] and [Recall].
var F1 = Metric{Name: "f1", Higher: true, Of: hits("f1"), Final: func(m []float64) float64 { return part(2*m[0], 2*m[0]+m[1]+m[2]) }}

func part(a, of float64) float64 {
	if of == 0 {
		return 0
	}
	return a / of
}

// MacroF1 is the mean over the classes of the harmonic mean of precision and
// recall of each, for outputs [n, classes] and targets [n]; a class that is
// neither there nor found counts as 0.
func MacroF1(classCount int) Metric {
	return Metric{Name: "macro_f1", Higher: true,
		Of: func(output, target *dl.Tensor) *dl.Tensor {
			if n := classes("macro_f1", output, target); n != classCount {
				panic(&dl.Error{Op: "macro_f1", Axis: -1, Shapes: [][]int{output.Shape()}, Msg: fmt.Sprintf("outputs of %d classes, want %d", n, classCount)})
			}
			said, is := output.ArgMax(1).OneHot(classCount), target.Cast(dl.Int64).OneHot(classCount)
			return dl.Concat(0, said.Mul(is).Mean(0), said.Mean(0), is.Mean(0))
		},
		Final: func(m []float64) float64 {
			sum := 0.0
			for k := range classCount {
				sum += part(2*m[k], m[classCount+k]+m[2*classCount+k])
			}
			return sum / float64(classCount)
		},
	}
}

// Perplexity is e to the mean of −log softmax(output)_target, for outputs [n,
// classes] and targets [n]: among how many equally likely classes a model
// hesitates.
var Perplexity = Metric{Name: "perplexity",
	Of: func(output, target *dl.Tensor) *dl.Tensor {
		classes("perplexity", output, target)
		return dl.SoftmaxCrossEntropy(output, target).Mean()
	},
	Final: func(m []float64) float64 { return math.Exp(m[0]) },
}

// AUC returns the area under the receiver operating characteristic: the
// probability that an example of which the label is 1 has a higher score than
// one of which it is 0, where equal scores count half. It needs all scores at
// once, and so is no [Metric]: give it what Predict returns. It is not a number
// where one of the labels is missing.
func AUC(scores, labels *dl.Tensor) float64 {
	s, l := Aligned("auc", scores, labels)
	values, is := s.Float64s(), l.Float64s()
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		}
		return 0
	})
	// The sum of the ranks of the positive examples, of which ties share theirs
	// (Mann and Whitney, 1947).
	ranks, positive := 0.0, 0.0
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			if is[k] > 0.5 {
				ranks += float64(i+j+1) / 2
				positive++
			}
		}
		i = j
	}
	negative := float64(len(order)) - positive
	return (ranks - positive*(positive+1)/2) / (positive * negative)
}
