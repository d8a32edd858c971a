package gorgonia

import (
	G "gorgonia.org/gorgonia"

	"github.com/fluxion-go/fluxion/dl"
)

// MatMul is the product of matrices, in place of gorgonia's Mul.
func MatMul(x, y *G.Node) (*G.Node, error) {
	return Lift("matmul", func(in ...*dl.Tensor) *dl.Tensor { return in[0].MatMul(in[1]) }, x, y)
}

// Conv2D is the convolution of images [n, c, h, w] with filters [o, c, kh, kw],
// in place of gorgonia's Conv2d.
func Conv2D(x, w *G.Node, o dl.ConvOptions) (*G.Node, error) {
	return Lift("conv2d", func(in ...*dl.Tensor) *dl.Tensor { return dl.Conv2D(in[0], in[1], o) }, x, w)
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
