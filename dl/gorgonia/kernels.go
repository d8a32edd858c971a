package gorgonia

import (
	G "gorgonia.org/gorgonia"

	"github.com/fluxion-go/fluxion/dl"
)

// MatMul is the product of matrices, in place of gorgonia's Mul.
func MatMul(x, y *G.Node) (*G.Node, error) {
	return Lift("matmul", func(in ...*dl.Tensor) *dl.Tensor { return in[0].MatMul(in[1]) }, x, y)
}

// Linear is x·w + b, a dense layer, for x [n, in], w [in, out] and b [out]: in
// place of gorgonia's Mul and BroadcastAdd.
func Linear(x, w, b *G.Node) (*G.Node, error) {
	return Lift("linear", func(in ...*dl.Tensor) *dl.Tensor { return in[0].MatMul(in[1]).Add(in[2]) }, x, w, b)
}

// LinearReLU is max(x·w + b, 0), a dense layer with its activation: in place of
// gorgonia's Mul, BroadcastAdd and Rectify.
func LinearReLU(x, w, b *G.Node) (*G.Node, error) {
	return Lift("linear_relu", func(in ...*dl.Tensor) *dl.Tensor { return in[0].MatMul(in[1]).Add(in[2]).ReLU() }, x, w, b)
}

// Conv2D is the convolution of images [n, c, h, w] with filters [o, c, kh, kw],
// in place of gorgonia's Conv2d.
func Conv2D(x, w *G.Node, o dl.ConvOptions) (*G.Node, error) {
	return Lift("conv2d", func(in ...*dl.Tensor) *dl.Tensor { return dl.Conv2D(in[0], in[1], o) }, x, w)
}

// ConvReLUPool2D is a convolution as of [Conv2D] with biases b [o], its
// activation max(·, 0), and the maximum of windows of size × size elements,
// without overlap: in place of gorgonia's Conv2d, BroadcastAdd, Rectify and
// MaxPool2D.
func ConvReLUPool2D(x, w, b *G.Node, o dl.ConvOptions, size int) (*G.Node, error) {
	return Lift("conv_relu_pool2d", func(in ...*dl.Tensor) *dl.Tensor {
		return dl.MaxPool2D(dl.Conv2D(in[0], in[1], o).Add(in[2].Reshape(-1, 1, 1)).ReLU(), size)
	}, x, w, b)
}

// MaxPool2D is the maximum of windows of size × size elements, without overlap,
// in place of gorgonia's.
func MaxPool2D(x *G.Node, size int) (*G.Node, error) {
	return Lift("maxpool2d", func(in ...*dl.Tensor) *dl.Tensor { return dl.MaxPool2D(in[0], size) }, x)
}

// ReLU is max(x, 0), in place of gorgonia's Rectify.
func ReLU(x *G.Node) (*G.Node, error) {
	return Lift("relu", func(in ...*dl.Tensor) *dl.Tensor { return in[0].ReLU() }, x)
}

// SoftmaxCrossEntropy is the mean over the rows of −Σ targets·log softmax(logits),
// for logits and targets [n, classes], where a row of targets has a one in the
// column of its class: in place of gorgonia's SoftMax, Log, HadamardProd, Sum,
// Mean and Neg. It does not overflow, as their product may.
func SoftmaxCrossEntropy(logits, targets *G.Node) (*G.Node, error) {
	return Lift("softmax_cross_entropy", func(in ...*dl.Tensor) *dl.Tensor {
		return in[0].LogSoftmax(-1).Mul(in[1]).Sum(-1).Mean().Neg()
	}, logits, targets)
}
