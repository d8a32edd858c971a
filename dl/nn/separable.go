package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

type separable struct {
	parent
	filters, size int
}

// SeparableConv2D returns a convolution of each channel of images by itself with
// one filter of size×size, and then one of all channels with filters of 1×1,
// which takes about size² times fewer multiplications than [Conv2D] where there
// are many filters: Chollet, "Xception" (2017). Only the second has biases.
// Options: [Same], [Pad], [Stride], [Dilation].
func SeparableConv2D(filters, size int, given ...Option) Layer {
	l := &separable{filters: filters, size: size}
	collect(l.String(), given, append([]string{"Dilation"}, windowOptions...)...)
	l.parent = parent{
		names:  []string{"depthwise", "pointwise"},
		layers: []Layer{DepthwiseConv2D(1, size, append([]Option{NoBias()}, given...)...), Conv2D(filters, 1)},
	}
	return l
}

func (l *separable) String() string {
	return fmt.Sprintf("separable_conv2d(%d, %d)", l.filters, l.size)
}

func (l *separable) Apply(x *dl.Tensor) *dl.Tensor { return l.ApplyIn(Evaluation(), x) }

func (l *separable) ApplyIn(p *Pass, x *dl.Tensor) *dl.Tensor {
	return p.Apply(l.layers[1], p.Apply(l.layers[0], x))
}
