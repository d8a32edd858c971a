package dl

import (
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// PoolOptions are the options of pooling. The zero value means windows side by
// side, no padding. Where the axes of the images differ, the slices say it for
// each of them, in the order of the axes.
type PoolOptions struct {
	Stride int  // how far the window moves; 0 means its size
	Pad    int  // elements on every side, which never are the maximum
	Same   bool // pad so that the result has ⌈size/stride⌉ elements on each axis

	Sizes   []int    // of the window, in place of the size that all axes have
	Strides []int    // in place of Stride
	Pads    [][2]int // before and behind, in place of Pad

	// CountPad is for averages alone: whether padding counts as zeros. Without
	// it a mean is that of the elements of the window that are there.
	CountPad bool
}

func (o PoolOptions) windows(op string, x *Tensor, size, n int) []window {
	if x.check(op).Rank() != n+2 {
		panic(misuse(op, []*Tensor{x}, "shape %s, want (n, channels, %s)", graph.ShapeString(x.n.Shape), axisNames[n]))
	}
	sizes := each(op, "sizes", x, n, o.Sizes, size)
	pads := each(op, "pads", x, n, o.Pads, [2]int{o.Pad, o.Pad})
	strides := o.Strides
	if strides == nil && o.Stride < 1 {
		strides = sizes
	}
	strides = each(op, "strides", x, n, strides, o.Stride)
	ws := make([]window, n)
	for a := range ws {
		if sizes[a] < 1 {
			panic(misuse(op, []*Tensor{x}, "window size %d, want at least 1", sizes[a]).at(a + 2))
		}
		ws[a] = window{sizes[a], strides[a], 1, pads[a][0], pads[a][1], 0}
		if w := ws[a]; w.stride < 1 || w.before < 0 || w.behind < 0 || max(w.before, w.behind) >= w.size {
			panic(misuse(op, []*Tensor{x}, "stride %d and padding %d, %d of a window of %d at axis %d; want at least 1, and less than the window", w.stride, w.before, w.behind, w.size, a+2).at(a + 2))
		}
	}
	return ws
}

func poolAttrs(v, h window, o PoolOptions) graph.PoolAttrs {
	return graph.PoolAttrs{Same: o.Same, PoolAttrs: backend.PoolAttrs{
		Size: [2]int{v.size, h.size}, Stride: [2]int{v.stride, h.stride}, Pad: [4]int{v.before, v.behind, h.before, h.behind},
	}}
}

// alone is a window of one element.
var alone = window{size: 1, stride: 1, dilation: 1}

func maximum2(x *Tensor, v, h window, o PoolOptions) *Tensor {
	return apply(backend.MaxPool2D, poolAttrs(v, h, o), x)
}

func average2(x *Tensor, v, h window, o PoolOptions) *Tensor {
	return apply(backend.AvgPool2D, graph.AvgPoolAttrs{PoolAttrs: poolAttrs(v, h, o), CountPad: o.CountPad}, x)
}

type pool2 func(x *Tensor, v, h window, o PoolOptions) *Tensor

func pooled(op string, p pool2, x *Tensor, size, n int, options []PoolOptions) *Tensor {
	o := first(options)
	ws := o.windows(op, x, size, n)
	x = x.float()
	switch n {
	case 1:
		return p(x.ExpandDims(2), alone, ws[0], o).Squeeze(2)
	case 2:
		return p(x, ws[0], ws[1], o)
	}
	// First along height and width, then along depth.
	c, d := known(op, x, 1), known(op, x, 2)
	y := p(x.joined(1), ws[1], ws[2], o)
	h, w := known(op, y, 2), known(op, y, 3)
	z := p(y.reshaped([]int{y.dims()[0], c, d, h * w}), ws[0], alone, o)
	return z.reshaped(append(z.dims()[:3], h, w))
}

// MaxPool1D returns the maxima of windows of size elements in sequences [n,
// channels, length].
func MaxPool1D(x *Tensor, size int, options ...PoolOptions) *Tensor {
	return pooled("maxpool1d", maximum2, x, size, 1, options)
}

// MaxPool2D returns the maxima of windows of size×size in images [n, channels,
// height, width]. The gradient goes to the first maximum of a window.
func MaxPool2D(x *Tensor, size int, options ...PoolOptions) *Tensor {
	return pooled("maxpool2d", maximum2, x, size, 2, options)
}

// MaxPool3D returns the maxima of windows of size×size×size in volumes [n,
// channels, depth, height, width].
func MaxPool3D(x *Tensor, size int, options ...PoolOptions) *Tensor {
	return pooled("maxpool3d", maximum2, x, size, 3, options)
}

// AvgPool1D returns the means of windows of size elements in sequences [n,
// channels, length].
func AvgPool1D(x *Tensor, size int, options ...PoolOptions) *Tensor {
	return pooled("avgpool1d", average2, x, size, 1, options)
}

// AvgPool2D returns the means of windows of size×size in images [n, channels,
// height, width].
func AvgPool2D(x *Tensor, size int, options ...PoolOptions) *Tensor {
	return pooled("avgpool2d", average2, x, size, 2, options)
}

// AvgPool3D returns the means of windows of size×size×size in volumes [n,
// channels, depth, height, width].
func AvgPool3D(x *Tensor, size int, options ...PoolOptions) *Tensor {
	return pooled("avgpool3d", average2, x, size, 3, options)
}

// spatial returns the axes behind the first two.
func spatial(op string, x *Tensor) []int {
	if x.check(op).Rank() < 3 {
		panic(misuse(op, []*Tensor{x}, "shape %s, want n, channels and more axes", graph.ShapeString(x.n.Shape)))
	}
	var list []int
	for a := 2; a < x.Rank(); a++ {
		list = append(list, a)
	}
	return list
}

// GlobalAvgPool returns the mean of each channel of x [n, channels, …], as a
// matrix [n, channels].
func GlobalAvgPool(x *Tensor) *Tensor { return x.Mean(spatial("global_avgpool", x)...) }

// GlobalMaxPool returns the maximum of each channel of x [n, channels, …], as a
// matrix [n, channels].
func GlobalMaxPool(x *Tensor) *Tensor { return x.float().Max(spatial("global_maxpool", x)...) }

// sizesOf checks the sizes that the axes behind the first two shall have; one
// size stands for all.
func sizesOf(op string, x *Tensor, sizes []int) (list, want []int) {
	list = spatial(op, x)
	if len(sizes) == 1 {
		sizes = slices.Repeat(sizes, len(list))
	}
	if len(sizes) != len(list) {
		panic(misuse(op, []*Tensor{x}, "%d sizes for the %d axes of shape %s behind the first two", len(sizes), len(list), graph.ShapeString(x.n.Shape)))
	}
	for i, s := range sizes {
		if s < 1 {
			panic(misuse(op, []*Tensor{x}, "size %d at axis %d, want at least 1", s, i+2).at(i + 2))
		}
	}
	return list, sizes
}

// mixed returns x with the elements along axis a replaced by the sums that the
// rows of weights [out][in] say.
func (t *Tensor) mixed(a int, weights [][]float64) *Tensor {
	m := NewAs(t.n.DType, weights)
	if a == t.Rank()-1 {
		return t.MatMul(m.T())
	}
	dims := t.dims()
	y := m.MatMul(t.reshaped(append(slices.Clone(dims[:a+1]), -1)))
	return y.reshaped(append(y.dims()[:a+1], t.n.Shape[a+1:]...))
}

// AdaptiveAvgPool returns means over x [n, channels, …] so that the axes behind
// the first two get the given sizes: element i is the mean of the elements from
// ⌊i·in/out⌋ to before ⌈(i+1)·in/out⌉. One size stands for all axes.
func AdaptiveAvgPool(x *Tensor, sizes ...int) *Tensor {
	const op = "adaptive_avgpool"
	list, sizes := sizesOf(op, x, sizes)
	x = x.float()
	for _, a := range list {
		known(op, x, a)
	}
	for i, a := range list {
		in, out := x.n.Shape[a], sizes[i]
		if in == out {
			continue
		}
		weights := make([][]float64, out)
		for k := range weights {
			weights[k] = make([]float64, in)
			lo, hi := k*in/out, ((k+1)*in+out-1)/out
			for j := lo; j < hi; j++ {
				weights[k][j] = 1 / float64(hi-lo)
			}
		}
		x = x.mixed(a, weights)
	}
	return x
}

// AdaptiveMaxPool is [AdaptiveAvgPool] with maxima in place of means.
func AdaptiveMaxPool(x *Tensor, sizes ...int) *Tensor {
	const op = "adaptive_maxpool"
	list, sizes := sizesOf(op, x, sizes)
	x = x.float()
	for i, a := range list {
		in, out := known(op, x, a), sizes[i]
		parts := make([]*Tensor, out)
		for k := range parts {
			parts[k] = x.along(a, Between(k*in/out, ((k+1)*in+out-1)/out)).Max(a, KeepDims)
		}
		x = Concat(a, parts...)
	}
	return x
}

// PixelShuffle returns images [n, c, h·r, w·r] made of [n, c·r², h, w]: of each
// group of r² channels the r×r pixels of a block (Shi and others, 2016).
func PixelShuffle(x *Tensor, r int) *Tensor {
	const op = "pixel_shuffle"
	if x.check(op).Rank() != 4 {
		panic(misuse(op, []*Tensor{x}, "shape %s, want (n, channels, height, width)", graph.ShapeString(x.n.Shape)))
	}
	c, h, w := known(op, x, 1), known(op, x, 2), known(op, x, 3)
	if r < 1 || c%(r*r) != 0 {
		panic(misuse(op, []*Tensor{x}, "%d channels do not divide into blocks of %d×%d", c, r, r).at(1))
	}
	y := x.reshaped([]int{x.dims()[0], c / (r * r), r, r, h, w}).Transpose(0, 1, 4, 2, 5, 3)
	return y.reshaped([]int{y.dims()[0], c / (r * r), h * r, w * r})
}

// An Interpolation says how [Resize] makes new elements.
type Interpolation int

// The interpolations.
const (
	Nearest Interpolation = iota // element ⌊i·in/out⌋
	Linear                       // between the two neighbours on each axis: bilinear for images
)

// Resize returns x [n, channels, …] with the axes behind the first two resized;
// one size stands for all. Elements are taken to lie at the middle of equal
// cells, as PyTorch's interpolate does without align_corners: element i of the
// result is at (i + ½)·in/out − ½ of x.
func Resize(x *Tensor, how Interpolation, sizes ...int) *Tensor {
	const op = "resize"
	list, sizes := sizesOf(op, x, sizes)
	for _, a := range list {
		known(op, x, a)
	}
	for i, a := range list {
		in, out := x.n.Shape[a], sizes[i]
		switch {
		case in == out:
		case how == Nearest:
			at := make([]int, out)
			for k := range at {
				at[k] = k * in / out
			}
			x = x.Gather(at, a)
		default:
			weights := make([][]float64, out)
			for k := range weights {
				weights[k] = make([]float64, in)
				place := max(0, (float64(k)+0.5)*float64(in)/float64(out)-0.5)
				below := min(int(math.Floor(place)), in-1)
				part := place - float64(below)
				weights[k][below] += 1 - part
				weights[k][min(below+1, in-1)] += part
			}
			x = x.float().mixed(a, weights)
		}
	}
	return x
}

// Upsample returns x [n, channels, …] with the axes behind the first two made
// longer by a whole factor; see [Resize].
func Upsample(x *Tensor, factor int, how Interpolation) *Tensor {
	const op = "upsample"
	if factor < 1 {
		panic(misuse(op, []*Tensor{x}, "factor %d, want at least 1", factor))
	}
	var sizes []int
	for _, a := range spatial(op, x) {
		sizes = append(sizes, known(op, x, a)*factor)
	}
	return Resize(x, how, sizes...)
}
