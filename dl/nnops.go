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
	return apply(backend.SoftmaxCrossEntropy, nil, logits.check(op).float(), tensorOf(op, labels))
}

// BinaryCrossEntropy returns the losses −y·log p − (1−y)·log(1−p) with
// p = sigmoid(logits), element by element and without overflow.
func BinaryCrossEntropy(logits *Tensor, targets any) *Tensor {
	ts := together("binary_cross_entropy", logits, targets)
	z, y := ts[0].float(), ts[1].float()
	return z.Softplus().Sub(z.Mul(y))
}

// ConvOptions are the options of [Conv2D]. The zero value means stride 1, no
// padding, no dilation, one group.
type ConvOptions struct {
	Stride   int  // how far the filters move; 0 means 1
	Pad      int  // rows and columns of zeros on every side
	Same     bool // pad so that stride 1 keeps the size: the result has ⌈size/stride⌉ rows and columns
	Dilation int  // distance of the elements that a filter reads; 0 means 1
	Groups   int  // groups of channels that are convolved apart; 0 means 1
}

// Conv2D convolves images x [n, channels, height, width] with filters w
// [filters, channels/groups, kernel height, kernel width]. As everywhere in
// deep learning the filters are not mirrored:
//
//	y[n,o,i,j] = Σ_{c,p,q} x[n, c, i·stride+p·dilation−pad, j·stride+q·dilation−pad] · w[o,c,p,q]
func Conv2D(x, w *Tensor, options ...ConvOptions) *Tensor {
	var o ConvOptions
	if len(options) > 0 {
		o = options[0]
	}
	o.Stride, o.Dilation, o.Groups = max(o.Stride, 1), max(o.Dilation, 1), max(o.Groups, 1)
	ts := together("conv2d", x, w)
	return apply(backend.Conv2D, graph.ConvAttrs{Same: o.Same, ConvAttrs: backend.ConvAttrs{
		Stride: [2]int{o.Stride, o.Stride}, Pad: [4]int{o.Pad, o.Pad, o.Pad, o.Pad},
		Dilation: [2]int{o.Dilation, o.Dilation}, Groups: o.Groups,
	}}, ts[0].float(), ts[1].float())
}

// PoolOptions are the options of [MaxPool2D]. The zero value means windows
// side by side, no padding.
type PoolOptions struct {
	Stride int  // how far the window moves; 0 means its size
	Pad    int  // rows and columns on every side, which never are the maximum
	Same   bool // pad so that the result has ⌈size/stride⌉ rows and columns
}

// MaxPool2D returns the maxima of windows of size×size in images [n, channels,
// height, width]. The gradient goes to the first maximum of a window.
func MaxPool2D(x *Tensor, size int, options ...PoolOptions) *Tensor {
	var o PoolOptions
	if len(options) > 0 {
		o = options[0]
	}
	if size < 1 {
		panic(misuse("maxpool2d", []*Tensor{x}, "window size %d, want at least 1", size))
	}
	if o.Stride < 1 {
		o.Stride = size
	}
	return apply(backend.MaxPool2D, graph.PoolAttrs{Same: o.Same, PoolAttrs: backend.PoolAttrs{
		Size: [2]int{size, size}, Stride: [2]int{o.Stride, o.Stride}, Pad: [4]int{o.Pad, o.Pad, o.Pad, o.Pad},
	}}, x.check("maxpool2d").float())
}
