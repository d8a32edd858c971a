package nn

import (
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/metrics"
)

// A Loss returns one number, the mean loss over the examples, from the
// outputs of a model and the targets, both with one row an example.
type Loss func(output, target *dl.Tensor) *dl.Tensor

// SoftmaxCrossEntropy is the mean of −log softmax(output)_target, for outputs
// [n, classes] of a model without [Softmax] at its end, and targets [n], which
// are class numbers; see [dl.SoftmaxCrossEntropy].
func SoftmaxCrossEntropy(output, target *dl.Tensor) *dl.Tensor {
	return dl.SoftmaxCrossEntropy(output, target).Mean()
}

// BinaryCrossEntropy is the mean of −y·log p − (1−y)·log(1−p) with y the
// targets, 0 or 1, and p = sigmoid(output), for outputs [n] or [n, 1] of a
// model without [Sigmoid] at its end; see [dl.BinaryCrossEntropy].
func BinaryCrossEntropy(output, target *dl.Tensor) *dl.Tensor {
	output, target = metrics.Aligned("binary_cross_entropy", output, target)
	return dl.BinaryCrossEntropy(output, target).Mean()
}

// MeanSquaredError is the mean of (output − target)² over all elements.
func MeanSquaredError(output, target *dl.Tensor) *dl.Tensor {
	return metrics.MeanSquaredError.Of(output, target)
}
