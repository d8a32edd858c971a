package metrics

import (
	"math"

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
