package dl

import (
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// Softmax returns exp(t)/Σexp(t), summed along an axis.
func (t *Tensor) Softmax(a int) *Tensor { return t.softmax(backend.Softmax, a) }

// LogSoftmax returns the logarithm of Softmax, exact also where that rounds
// to 0.
func (t *Tensor) LogSoftmax(a int) *Tensor { return t.softmax(backend.LogSoftmax, a) }

func (t *Tensor) softmax(op backend.Op, a int) *Tensor {
	a = axis(string(op), t.check(string(op)), a, t.Rank())
	return apply(op, backend.AxisAttrs{Axis: a}, t.float())
}

// SoftmaxCrossEntropy returns the n losses −log softmax(logits)_label, for
// logits [n, classes] and n labels, which are class numbers from 0. The loss
// of a label that names no class is not a number.
func SoftmaxCrossEntropy(logits *Tensor, labels any) *Tensor {
	const op = "softmax_cross_entropy"
	ls := tensorOf(op, labels)
	if logits.check(op).Rank() == 2 && ls.n.DType.IsFloat() && ls.Rank() == 2 {
		panic(misuse(op, []*Tensor{logits, ls}, "labels of shape %s and dtype %s, want class numbers [n]", graph.ShapeString(ls.n.Shape), ls.n.DType).kind(ErrDType).
			help("of a row for each label, ArgMax(-1) gives the number of the class; nn.SoftCrossEntropy takes rows of probabilities"))
	}
	return apply(backend.SoftmaxCrossEntropy, nil, logits.float(), ls)
}

// BinaryCrossEntropy returns the losses −y·log p − (1−y)·log(1−p) with
// p = sigmoid(logits), element by element and without overflow.
func BinaryCrossEntropy(logits *Tensor, targets any) *Tensor {
	ts := together("binary_cross_entropy", logits, targets)
	z, y := ts[0].float(), ts[1].float()
	return z.Softplus().Sub(z.Mul(y))
}
