package tf

import "github.com/fluxion-go/fluxion/dl"

// ReLU returns max(x, 0).
func ReLU(x *Tensor) *Tensor { return x.ReLU() }

// Softmax returns exp(x) over its sum along the last axis.
func Softmax(x *Tensor) *Tensor { return x.Softmax(-1) }

// BiasAdd returns x + b, with an element of b for each channel, the last axis.
func BiasAdd(x, b *Tensor) *Tensor { return x.Add(b) }

// SigmoidCrossEntropyWithLogits returns −t·log σ(x) − (1−t)·log(1−σ(x)), element
// by element, without overflow, for labels t and logits x.
func SigmoidCrossEntropyWithLogits(labels, logits *Tensor) *Tensor {
	return dl.BinaryCrossEntropy(logits, labels)
}

// SoftmaxCrossEntropyWithLogits returns −Σ t·log softmax(x) of each row, for
// labels t that are probabilities of the classes, such as [OneHot].
func SoftmaxCrossEntropyWithLogits(labels, logits *Tensor) *Tensor {
	return labels.Mul(logits.LogSoftmax(-1)).Sum(-1).Neg()
}

// SparseSoftmaxCrossEntropyWithLogits is the same for class numbers.
func SparseSoftmaxCrossEntropyWithLogits(labels, logits *Tensor) *Tensor {
	return dl.SoftmaxCrossEntropy(logits, labels)
}

// The paddings of convolutions and pooling.
const (
	SAME  = "SAME"  // ⌈size/stride⌉ rows and columns come out
	VALID = "VALID" // windows stay inside the picture
)

// images turns [n, rows, columns, channels] to dl's order, and back.
func images(x *Tensor) *Tensor { return x.Transpose(0, 3, 1, 2) }
func back(x *Tensor) *Tensor   { return x.Transpose(0, 2, 3, 1) }

// Conv2D returns the convolution of images x with filters [rows, columns,
// channels, filters]. strides has four numbers, as x has axes; the outer two are
// 1.
func Conv2D(x, filter *Tensor, strides [4]int, padding string) *Tensor {
	o := dl.ConvOptions{Strides: inner("conv2d", strides), Same: same("conv2d", padding)}
	return back(dl.Conv2D(images(x), filter.Transpose(3, 2, 0, 1), o))
}

// MaxPool returns the maxima of windows of the size ksize, moved by strides.
func MaxPool(x *Tensor, ksize, strides [4]int, padding string) *Tensor {
	o := dl.PoolOptions{Sizes: inner("max_pool", ksize), Strides: inner("max_pool", strides), Same: same("max_pool", padding)}
	return back(dl.MaxPool2D(images(x), 0, o))
}

func inner(op string, v [4]int) []int {
	if v[0] != 1 || v[3] != 1 {
		panic(&dl.Error{Op: op, Axis: -1, Msg: "a window that spans pictures or channels: the first and last number must be 1"})
	}
	return []int{v[1], v[2]}
}

func same(op, padding string) bool {
	if padding != SAME && padding != VALID {
		panic(&dl.Error{Op: op, Axis: -1, Msg: "padding " + padding + ", want SAME or VALID"})
	}
	return padding == SAME
}
