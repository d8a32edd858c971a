package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

type conv2D struct {
	filters, size int
	options       options
	w, b          *dl.Tensor // [filters, channels, size, size] and [filters]
}

// Conv2D returns a convolution of images [n, channels, height, width] with
// filters of size×size; see [dl.Conv2D]. Its weights are [filters, channels,
// size, size], its biases [filters]. Options: [Same], [Pad], [Stride] (1 where
// not given), [Weights] ([HeNormal]), [Biases] ([Zeros]), [NoBias].
func Conv2D(filters, size int, given ...Option) Layer {
	l := &conv2D{filters: filters, size: size}
	l.options = collect(l.String(), given, append(windowOptions, parameterOptions...)...)
	if filters < 1 || size < 1 {
		panic(misuse("nn", nil, "", "%s: want at least 1 filter, of size at least 1", l))
	}
	return l
}

func (l *conv2D) String() string {
	return fmt.Sprintf("conv2d(%d, %d%s)", l.filters, l.size, window(l.options, 1))
}

// window describes the options of a convolution or pooling.
func window(o options, stride int) string {
	s := ""
	if o.same {
		s += ", same"
	}
	if o.pad > 0 {
		s += fmt.Sprintf(", pad %d", o.pad)
	}
	if o.stride > 0 && o.stride != stride {
		s += fmt.Sprintf(", stride %d", o.stride)
	}
	return s
}

func (l *conv2D) Apply(x *dl.Tensor) *dl.Tensor {
	checkImages(x)
	if l.w == nil {
		channels, area := known(x, 1), l.size*l.size
		in, out := channels*area, l.filters*area
		l.w = parameter(x, "weights", l.options.weights, in, out, l.filters, channels, l.size, l.size)
		if !l.options.noBias {
			l.b = parameter(x, "biases", l.options.biases, in, out, l.filters)
		}
	}
	y := dl.Conv2D(x, l.w, dl.ConvOptions{Stride: l.options.stride, Pad: l.options.pad, Same: l.options.same})
	if l.b != nil {
		y = y.Add(l.b.Reshape(l.filters, 1, 1))
	}
	return y
}

func (l *conv2D) Parameters() []*dl.Tensor { return present(l.w, l.b) }
func (l *conv2D) penalties() []*dl.Tensor  { return l.options.of(l.w) }

func checkImages(x *dl.Tensor) {
	if s := x.Shape(); len(s) != 4 {
		panic(misuse("input", x, "Reshape the images", "shape %s, want 4 axes, (examples, channels, height, width)", graph.ShapeString(s)))
	}
}

// MaxPool2D returns the layer of the maxima of windows of size×size in images
// [n, channels, height, width]; see [dl.MaxPool2D]. Options: [Stride] (the
// size where not given), [Pad], [Same].
func MaxPool2D(size int, given ...Option) Layer {
	name := fmt.Sprintf("maxpool2d(%d)", size)
	stride := Option{"Stride", func(o *options) { o.stride = max(size, 1) }}
	o := collect(name, append([]Option{stride}, given...), windowOptions...)
	if size < 1 {
		panic(misuse("nn", nil, "", "%s: want a size of at least 1", name))
	}
	return Func(fmt.Sprintf("maxpool2d(%d%s)", size, window(o, size)), func(x *dl.Tensor) *dl.Tensor {
		checkImages(x)
		return dl.MaxPool2D(x, size, dl.PoolOptions{Stride: o.stride, Pad: o.pad, Same: o.same})
	})
}
