package nn

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

// pooling returns a layer of windows of size elements on each axis.
func pooling(name string, axes, size int, given []Option, f func(x *dl.Tensor, size int, o ...dl.PoolOptions) *dl.Tensor) Layer {
	short := fmt.Sprintf("%s(%d)", name, size)
	stride := Option{"Stride", func(o *options) { o.stride = max(size, 1) }}
	o := collect(short, append([]Option{stride}, given...), windowOptions...)
	if size < 1 {
		panic(misuse("nn", nil, "", "%s: want a size of at least 1", short))
	}
	return Func(fmt.Sprintf("%s(%d%s)", name, size, window(o, size)), func(x *dl.Tensor) *dl.Tensor {
		checkAxes(x, axes)
		return f(x, size, dl.PoolOptions{Stride: o.stride, Pad: o.pad, Same: o.same})
	})
}

// MaxPool1D returns the layer of the maxima of windows of size elements in
// sequences [n, channels, length]. It has the options of [MaxPool2D].
func MaxPool1D(size int, given ...Option) Layer {
	return pooling("maxpool1d", 1, size, given, dl.MaxPool1D)
}

// MaxPool2D returns the layer of the maxima of windows of size×size in images
// [n, channels, height, width]; see [dl.MaxPool2D]. Options: [Stride] (the
// size where not given), [Pad], [Same].
func MaxPool2D(size int, given ...Option) Layer {
	return pooling("maxpool2d", 2, size, given, dl.MaxPool2D)
}

// MaxPool3D returns the layer of the maxima of windows of size×size×size in
// volumes [n, channels, depth, height, width]. It has the options of
// [MaxPool2D].
func MaxPool3D(size int, given ...Option) Layer {
	return pooling("maxpool3d", 3, size, given, dl.MaxPool3D)
}

// AvgPool1D returns the layer of the means of windows of size elements in
// sequences [n, channels, length]. It has the options of [AvgPool2D].
func AvgPool1D(size int, given ...Option) Layer {
	return pooling("avgpool1d", 1, size, given, dl.AvgPool1D)
}

// AvgPool2D returns the layer of the means of windows of size×size in images
// [n, channels, height, width], of the elements that are there where a window
// reaches over the edge; see [dl.AvgPool2D]. Options: [Stride] (the size where
// not given), [Pad], [Same].
func AvgPool2D(size int, given ...Option) Layer {
	return pooling("avgpool2d", 2, size, given, dl.AvgPool2D)
}

// AvgPool3D returns the layer of the means of windows of size×size×size in
// volumes [n, channels, depth, height, width]. It has the options of
// [AvgPool2D].
func AvgPool3D(size int, given ...Option) Layer {
	return pooling("avgpool3d", 3, size, given, dl.AvgPool3D)
}

// GlobalAvgPool returns the layer of the mean of each channel, from [n,
// channels, …] to [n, channels].
func GlobalAvgPool() Layer { return Func("global_avgpool", dl.GlobalAvgPool) }

// GlobalMaxPool returns the layer of the maximum of each channel, from [n,
// channels, …] to [n, channels].
func GlobalMaxPool() Layer { return Func("global_maxpool", dl.GlobalMaxPool) }

// Upsample returns the layer that makes the axes behind the channels longer by
// a whole factor; see [dl.Upsample].
func Upsample(factor int, how dl.Interpolation) Layer {
	return Func(fmt.Sprintf("upsample(%d)", factor), func(x *dl.Tensor) *dl.Tensor { return dl.Upsample(x, factor, how) })
}
