package nn

import (
	"math"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
	"github.com/fluxion-go/fluxion/dl/metrics"
)

// A Loss returns one number, the mean loss over the examples, from the
// outputs of a model and the targets, both with one row an example.
type Loss func(output, target *dl.Tensor) *dl.Tensor

// rows joins all axes but the last, and all of the class numbers: sequences of
// outputs are as many outputs.
func rows(op string, output, target *dl.Tensor) (o, t *dl.Tensor) {
	if output.Rank() != target.Rank()+1 || output.Rank() < 2 {
		panic(misuse(op, output, "want outputs [n, …, classes] and targets [n, …], which are class numbers",
			"outputs of shape %s for targets of shape %s", graph.ShapeString(output.Shape()), graph.ShapeString(target.Shape())))
	}
	if output.Rank() == 2 {
		return output, target
	}
	return output.Reshape(-1, known(output, output.Rank()-1)), target.Reshape(-1)
}

// SoftmaxCrossEntropy is the mean of −log softmax(output)_target, for outputs
// [n, classes] of a model without [Softmax] at its end, and targets [n], which
// are class numbers; or [n, steps, classes] and [n, steps]. See
// [dl.SoftmaxCrossEntropy].
func SoftmaxCrossEntropy(output, target *dl.Tensor) *dl.Tensor {
	if output.Rank() > 2 {
		output, target = rows("softmax_cross_entropy", output, target)
	}
	return dl.SoftmaxCrossEntropy(output, target).Mean()
}

// SmoothedCrossEntropy is [SoftmaxCrossEntropy] for targets that count to
// 1−smoothing only, while all classes share the rest: Szegedy and others (2016).
func SmoothedCrossEntropy(smoothing float64) Loss {
	return func(output, target *dl.Tensor) *dl.Tensor {
		output, target = rows("smoothed_cross_entropy", output, target)
		all := output.LogSoftmax(-1).Mean().Neg()
		return dl.SoftmaxCrossEntropy(output, target).Mean().Mul(1 - smoothing).Add(all.Mul(smoothing))
	}
}

// SoftCrossEntropy is the mean of −Σ target·log softmax(output), for outputs
// [n, classes] without [Softmax] and targets [n, classes] that are
// probabilities.
func SoftCrossEntropy(output, target *dl.Tensor) *dl.Tensor {
	output, target = metrics.Aligned("soft_cross_entropy", output, target)
	return output.LogSoftmax(-1).Mul(target).Sum(-1).Mean().Neg()
}

// NegativeLogLikelihood is the mean of −output_target, for outputs [n, classes]
// of a model with [LogSoftmax] at its end and targets [n].
func NegativeLogLikelihood(output, target *dl.Tensor) *dl.Tensor {
	output, target = rows("negative_log_likelihood", output, target)
	hot := target.Cast(dl.Int64).OneHot(known(output, 1)).Cast(output.DType())
	return output.Mul(hot).Sum(1).Mean().Neg()
}

// FocalLoss is the mean of −(1−p)^gamma·log p with p = softmax(output)_target,
// which counts examples less that are right already: Lin and others (2017).
func FocalLoss(gamma float64) Loss {
	return func(output, target *dl.Tensor) *dl.Tensor {
		output, target = rows("focal_loss", output, target)
		l := dl.SoftmaxCrossEntropy(output, target)
		return l.Neg().Expm1().Neg().Pow(gamma).Mul(l).Mean()
	}
}

// BinaryCrossEntropy is the mean of −y·log p − (1−y)·log(1−p) with y the
// targets, 0 or 1, and p = sigmoid(output), for outputs [n] or [n, 1] of a
// model without [Sigmoid] at its end; see [dl.BinaryCrossEntropy].
func BinaryCrossEntropy(output, target *dl.Tensor) *dl.Tensor {
	output, target = metrics.Aligned("binary_cross_entropy", output, target)
	return dl.BinaryCrossEntropy(output, target).Mean()
}

// aligned makes a loss that is the mean of f over all elements.
func aligned(op string, output, target *dl.Tensor, f func(o, t *dl.Tensor) *dl.Tensor) *dl.Tensor {
	output, target = metrics.Aligned(op, output, target)
	return f(output, target).Mean()
}

// MeanSquaredError is the mean of (output − target)² over all elements.
func MeanSquaredError(output, target *dl.Tensor) *dl.Tensor {
	return metrics.MeanSquaredError.Of(output, target)
}

// MeanAbsoluteError is the mean of |output − target| over all elements.
func MeanAbsoluteError(output, target *dl.Tensor) *dl.Tensor {
	return metrics.MeanAbsoluteError.Of(output, target)
}

// Huber is the mean of d²/2 where d = |output − target| is at most delta, and
// delta·(d − delta/2) elsewhere: Huber (1964).
func Huber(delta float64) Loss {
	return func(output, target *dl.Tensor) *dl.Tensor {
		return aligned("huber", output, target, func(o, t *dl.Tensor) *dl.Tensor {
			d := o.Sub(t).Abs()
			near := d.Minimum(delta)
			return near.Square().Mul(0.5).Add(d.Sub(near).Mul(delta))
		})
	}
}

// LogCosh is the mean of log cosh(output − target) over all elements.
func LogCosh(output, target *dl.Tensor) *dl.Tensor {
	return aligned("log_cosh", output, target, func(o, t *dl.Tensor) *dl.Tensor {
		d := o.Sub(t)
		return d.Add(d.Mul(-2).Softplus()).Sub(math.Ln2)
	})
}

// Hinge is the mean of max(0, 1 − target·output), for targets −1 and 1.
func Hinge(output, target *dl.Tensor) *dl.Tensor {
	return aligned("hinge", output, target, func(o, t *dl.Tensor) *dl.Tensor { return dl.Sub(1, o.Mul(t)).ReLU() })
}

// SquaredHinge is the mean of max(0, 1 − target·output)², for targets −1 and 1.
func SquaredHinge(output, target *dl.Tensor) *dl.Tensor {
	return aligned("squared_hinge", output, target, func(o, t *dl.Tensor) *dl.Tensor { return dl.Sub(1, o.Mul(t)).ReLU().Square() })
}

// MultiMargin is the mean over examples of Σ_j max(0, margin − o_target + o_j)
// over the classes j other than the target, divided by the number of classes:
// Weston and Watkins (1999). Outputs are [n, classes], targets [n].
func MultiMargin(margin float64) Loss {
	return func(output, target *dl.Tensor) *dl.Tensor {
		output, target = rows("multi_margin", output, target)
		hot := target.Cast(dl.Int64).OneHot(known(output, 1)).Cast(output.DType())
		own := output.Mul(hot).Sum(1, dl.KeepDims)
		return output.Sub(own).Add(margin).ReLU().Mul(dl.Sub(1, hot)).Mean()
	}
}

// KLDivergence is the mean over examples of Σ target·(log target − output), for
// outputs [n, classes] that are logarithms of probabilities and targets that
// are probabilities; 0·log 0 counts as 0.
func KLDivergence(output, target *dl.Tensor) *dl.Tensor {
	output, target = metrics.Aligned("kl_divergence", output, target)
	return dl.XLogY(target, target).Sub(target.Mul(output)).Sum(-1).Mean()
}

// Poisson is the mean of exp(output) − target·output, for outputs that are
// logarithms of expected counts and targets that are counts.
func Poisson(output, target *dl.Tensor) *dl.Tensor {
	return aligned("poisson", output, target, func(o, t *dl.Tensor) *dl.Tensor { return o.Exp().Sub(t.Mul(o)) })
}

// CosineDistance is the mean over examples of 1 − cos of the angle between
// output and target, vectors along the last axis.
func CosineDistance(output, target *dl.Tensor) *dl.Tensor {
	return dl.Sub(1, metrics.CosineSimilarity.Of(output, target))
}

// GaussianLikelihood is the mean of (log v + (target − m)²/v)/2, for outputs
// [n, 2] that are a mean m and the logarithm of a variance v, and targets [n]:
// the negative logarithm of the density, but for a constant.
func GaussianLikelihood(output, target *dl.Tensor) *dl.Tensor {
	if output.Rank() != 2 || output.Shape()[1] != 2 {
		panic(misuse("gaussian_likelihood", output, "", "outputs of shape %s, want [n, 2]", graph.ShapeString(output.Shape())))
	}
	mean, logVariance := output.Slice(dl.All, 0), output.Slice(dl.All, 1)
	mean, target = metrics.Aligned("gaussian_likelihood", mean, target)
	return logVariance.Add(target.Sub(mean).Square().Mul(logVariance.Neg().Exp())).Mean().Mul(0.5)
}

// MeanAbsolutePercentageError is the mean of 100·|output − target|/|target| over
// all elements.
func MeanAbsolutePercentageError(output, target *dl.Tensor) *dl.Tensor {
	return aligned("mape", output, target, func(o, t *dl.Tensor) *dl.Tensor {
		return o.Sub(t).Abs().Div(t.Abs().Maximum(1e-7)).Mul(100)
	})
}

// MeanSquaredLogarithmicError is the mean of (log(1 + output) − log(1 + target))²
// over all elements, of which those below 0 count as 0.
func MeanSquaredLogarithmicError(output, target *dl.Tensor) *dl.Tensor {
	return aligned("msle", output, target, func(o, t *dl.Tensor) *dl.Tensor {
		return o.ReLU().Log1p().Sub(t.ReLU().Log1p()).Square()
	})
}

// QuantileLoss is the mean of max(q·d, (q − 1)·d) over all elements with d =
// target − output. It is least where the share q of the targets lies below the
// outputs: Koenker and Bassett, "Regression quantiles" (1978).
func QuantileLoss(q float64) Loss {
	if !(q > 0 && q < 1) {
		panic(misuse("nn", nil, "", "QuantileLoss(%g): want a share between 0 and 1", q))
	}
	return func(output, target *dl.Tensor) *dl.Tensor {
		return aligned("quantile_loss", output, target, func(o, t *dl.Tensor) *dl.Tensor {
			d := t.Sub(o)
			return d.Mul(q).Maximum(d.Mul(q - 1))
		})
	}
}

// DiceLoss is 1 − (2·Σp·target + 1)/(Σp + Σtarget + 1) with p = sigmoid(output),
// summed over all elements, for the outputs of a model without [Sigmoid] at its
// end that marks what belongs to something, and targets 0 and 1: Milletari, Navab
// and Ahmadi, "V-Net" (2016), without the squares.
func DiceLoss(output, target *dl.Tensor) *dl.Tensor {
	output, target = metrics.Aligned("dice_loss", output, target)
	p, t := output.Sigmoid(), target.Cast(output.DType())
	both := p.Mul(t).Sum().Mul(2).Add(1)
	return dl.Sub(1, both.Div(p.Sum().Add(t.Sum()).Add(1)))
}

// TripletMargin returns the mean over the examples of max(0, ‖anchor − like‖ −
// ‖anchor − unlike‖ + margin), for vectors along the last axis that a network
// gives for three examples: Schroff, Kalenichenko and Philbin, "FaceNet" (2015),
// without the squares, as in PyTorch.
func TripletMargin(anchor, like, unlike *dl.Tensor, margin float64) *dl.Tensor {
	apart := func(x *dl.Tensor) *dl.Tensor { return anchor.Sub(x).NormOf(2, -1) }
	return apart(like).Sub(apart(unlike)).Add(margin).ReLU().Mean()
}
