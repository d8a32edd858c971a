package metrics

import (
	"fmt"
	"math"

	"github.com/fluxion-go/fluxion/dl"
)

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
