package nn

import (
	"fmt"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A conv is a convolution over sequences, images or volumes.
type conv struct {
	name          string // "conv2d"
	axes          int    // behind the examples and the channels
	filters, size int
	depthwise     bool // filters are so many for each channel
	transposed    bool
	options       options
	w, b          *dl.Tensor
}

var convOptions = append([]string{"Dilation", "Groups"}, append(windowOptions, parameterOptions...)...)

func newConv(c conv, given []Option, allowed ...string) Layer {
	l := &c
	l.options = collect(l.String(), given, allowed...)
	if l.filters < 1 || l.size < 1 {
		panic(misuse("nn", nil, "", "%s: want at least 1 filter, of size at least 1", l))
	}
	return l
}

// Conv1D returns a convolution of sequences [n, channels, length]; see
// [dl.Conv1D]. Its weights are [filters, channels/groups, size]. It has the
// options of [Conv2D].
func Conv1D(filters, size int, given ...Option) Layer {
	return newConv(conv{name: "conv1d", axes: 1, filters: filters, size: size}, given, convOptions...)
}

// Conv2D returns a convolution of images [n, channels, height, width] with
// filters of size×size; see [dl.Conv2D]. Its weights are [filters,
// channels/groups, size, size], its biases [filters]. Options: [Same], [Pad],
// [Stride] (1 where not given), [Dilation], [Groups], [Weights] ([HeNormal]),
// [Biases] ([Zeros]), [NoBias], [Penalise].
func Conv2D(filters, size int, given ...Option) Layer {
	return newConv(conv{name: "conv2d", axes: 2, filters: filters, size: size}, given, convOptions...)
}

// Conv3D returns a convolution of volumes [n, channels, depth, height, width];
// see [dl.Conv3D]. It has the options of [Conv2D].
func Conv3D(filters, size int, given ...Option) Layer {
	return newConv(conv{name: "conv3d", axes: 3, filters: filters, size: size}, given, convOptions...)
}

// DepthwiseConv2D returns the convolution of each channel of images by itself,
// with as many filters of size×size for each as the multiplier says. It has the
// options of [Conv2D] but Groups.
func DepthwiseConv2D(multiplier, size int, given ...Option) Layer {
	allowed := append([]string{"Dilation"}, append(windowOptions, parameterOptions...)...)
	return newConv(conv{name: "depthwise_conv2d", axes: 2, filters: multiplier, size: size, depthwise: true}, given, allowed...)
}

var transposedOptions = append([]string{"Stride", "Pad", "Extra", "Dilation", "Groups"}, parameterOptions...)

// ConvTranspose1D returns the transpose of [Conv1D]; see [ConvTranspose2D].
func ConvTranspose1D(filters, size int, given ...Option) Layer {
	return newConv(conv{name: "conv_transpose1d", axes: 1, filters: filters, size: size, transposed: true}, given, transposedOptions...)
}

// ConvTranspose2D returns the transpose of [Conv2D], also called
// deconvolution: with a stride of s it makes images s times larger. See
// [dl.ConvTranspose2D]. Its weights are [channels, filters/groups, size, size].
// Options: [Stride], [Pad], [Extra], [Dilation], [Groups], [Weights], [Biases],
// [NoBias], [Penalise].
func ConvTranspose2D(filters, size int, given ...Option) Layer {
	return newConv(conv{name: "conv_transpose2d", axes: 2, filters: filters, size: size, transposed: true}, given, transposedOptions...)
}

// ConvTranspose3D returns the transpose of [Conv3D]; see [ConvTranspose2D].
func ConvTranspose3D(filters, size int, given ...Option) Layer {
	return newConv(conv{name: "conv_transpose3d", axes: 3, filters: filters, size: size, transposed: true}, given, transposedOptions...)
}

func (l *conv) String() string {
	return fmt.Sprintf("%s(%d, %d%s)", l.name, l.filters, l.size, window(l.options, 1))
}

// window describes the options of a convolution or pooling.
func window(o options, stride int) string {
	s := ""
	if o.same {
		s += ", same"
	}
	for _, n := range []struct {
		name         string
		value, usual int
	}{{"pad", o.pad, 0}, {"stride", o.stride, stride}, {"dilation", o.dilation, 1}, {"groups", o.groups, 1}, {"extra", o.extra, 0}} {
		if n.value > 0 && n.value != n.usual {
			s += fmt.Sprintf(", %s %d", n.name, n.value)
		}
	}
	return s
}

func (l *conv) Apply(x *dl.Tensor) *dl.Tensor {
	checkAxes(x, l.axes)
	o := l.options
	filters := l.filters
	if l.depthwise {
		o.groups = known(x, 1)
		filters *= o.groups
	}
	if l.w == nil {
		l.make(x, known(x, 1), filters, max(o.groups, 1))
	}
	with := dl.ConvOptions{Stride: o.stride, Pad: o.pad, Same: o.same, Dilation: o.dilation, Groups: o.groups}
	if o.extra > 0 {
		with.Extra = slices.Repeat([]int{o.extra}, l.axes)
	}
	f := [...]func(x, w *dl.Tensor, o ...dl.ConvOptions) *dl.Tensor{dl.Conv1D, dl.Conv2D, dl.Conv3D}
	if l.transposed {
		f = [...]func(x, w *dl.Tensor, o ...dl.ConvOptions) *dl.Tensor{dl.ConvTranspose1D, dl.ConvTranspose2D, dl.ConvTranspose3D}
	}
	y := f[l.axes-1](x, l.w, with)
	if l.b != nil {
		y = y.Add(alongChannels(l.b, y.Rank()))
	}
	return y
}

// make makes the parameters.
func (l *conv) make(x *dl.Tensor, channels, filters, groups int) {
	if channels%groups != 0 || filters%groups != 0 {
		panic(misuse("input", x, "", "%d channels and %d filters do not fall into %d groups", channels, filters, groups))
	}
	shape := []int{filters, channels / groups}
	if l.transposed {
		shape = []int{channels, filters / groups}
	}
	area := 1
	for range l.axes {
		shape = append(shape, l.size)
		area *= l.size
	}
	in, out := channels/groups*area, filters/groups*area
	l.w = parameter(x, "weights", l.options.weights, in, out, shape...)
	if !l.options.noBias {
		l.b = parameter(x, "biases", l.options.biases, in, out, filters)
	}
}

func (l *conv) Parameters() []*dl.Tensor { return present(l.w, l.b) }
func (l *conv) penalties() []*dl.Tensor  { return l.options.of(l.w) }

// checkAxes panics unless x has so many axes behind the examples and channels.
func checkAxes(x *dl.Tensor, axes int) {
	if s := x.Shape(); len(s) != axes+2 {
		kind, names := [...]string{"sequences", "images", "volumes"}[axes-1], [...]string{"length", "height, width", "depth, height, width"}[axes-1]
		help := "Reshape the " + kind
		if len(s) == axes+1 {
			help = oneExample
		}
		panic(misuse("input", x, help, "shape %s, want %d axes, (examples, channels, %s)", graph.ShapeString(s), axes+2, names))
	}
}
