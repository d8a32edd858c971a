package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

// AdaptiveAvgPool returns the layer that gives, of each channel of x [n,
// channels, …], so many means along each axis behind, whatever its length; see
// [dl.AdaptiveAvgPool].
func AdaptiveAvgPool(sizes ...int) Layer {
	return Func(fmt.Sprintf("adaptive_avgpool%v", sizes), func(x *dl.Tensor) *dl.Tensor { return dl.AdaptiveAvgPool(x, sizes...) })
}

// AdaptiveMaxPool is [AdaptiveAvgPool] with maxima.
func AdaptiveMaxPool(sizes ...int) Layer {
	return Func(fmt.Sprintf("adaptive_maxpool%v", sizes), func(x *dl.Tensor) *dl.Tensor { return dl.AdaptiveMaxPool(x, sizes...) })
}

// PixelShuffle returns the layer that makes images r times larger of r² times
// fewer channels; see [dl.PixelShuffle].
func PixelShuffle(r int) Layer {
	return Func(fmt.Sprintf("pixel_shuffle(%d)", r), func(x *dl.Tensor) *dl.Tensor { return dl.PixelShuffle(x, r) })
}

// Pad2D returns the layer that puts so many rows and columns around images, which
// hold elements of the images themselves; see [dl.Tensor.PadWith], and
// [ZeroPad2D] for zeros.
func Pad2D(mode dl.PadMode, top, bottom, left, right int) Layer {
	return Func(fmt.Sprintf("pad2d(%v, %d, %d, %d, %d)", mode, top, bottom, left, right), func(x *dl.Tensor) *dl.Tensor {
		checkAxes(x, 2)
		return x.PadWith(mode, [2]int{}, [2]int{}, [2]int{top, bottom}, [2]int{left, right})
	})
}

// LocalResponseNorm returns the layer
//
//	y_c = x_c / (bias + alpha/size · Σ x_k²)^beta
//
// where k goes through size channels around c, zeros beyond the first and last:
// Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep
// convolutional neural networks" (2012), with alpha divided by size as in PyTorch.
// TensorFlow's tutorial on CIFAR-10 of 2017 has size 9, alpha 9·0.001/9, beta 0.75
// and bias 1.
func LocalResponseNorm(size int, alpha, beta, bias float64) Layer {
	name := fmt.Sprintf("local_response_norm(%d)", size)
	if size < 1 {
		panic(misuse("nn", nil, "", "%s: want at least 1 channel", name))
	}
	return Func(name, func(x *dl.Tensor) *dl.Tensor {
		if x.Rank() < 3 {
			panic(misuse("input", x, "", "shape %v, want at least 3 axes, (examples, channels, …)", x.Shape()))
		}
		channels := known(x, 1)
		pads := make([][2]int, x.Rank())
		pads[1] = [2]int{size / 2, (size - 1) / 2}
		squares := x.Square().Pad(pads...)
		var sum *dl.Tensor
		for k := range size {
			if part := squares.Slice(dl.All, dl.Between(k, k+channels)); sum == nil {
				sum = part
			} else {
				sum = sum.Add(part)
			}
		}
		return x.Div(sum.Mul(alpha / float64(size)).Add(bias).Pow(beta))
	})
}
