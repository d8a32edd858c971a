package dl

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// ConvOptions are the options of convolutions. The zero value means stride 1,
// no padding, no dilation, one group. Where the axes of the images differ, the
// slices say it for each of them, in the order of the axes.
type ConvOptions struct {
	Stride   int  // how far the filters move; 0 means 1
	Pad      int  // zeros on every side
	Same     bool // pad so that stride 1 keeps the size: the result has ⌈size/stride⌉ elements on each axis
	Dilation int  // distance of the elements that a filter reads; 0 means 1
	Groups   int  // groups of channels that are convolved apart; 0 means 1

	Strides   []int    // in place of Stride
	Dilations []int    // in place of Dilation
	Pads      [][2]int // zeros before and behind, in place of Pad

	// Extra is for transposed convolutions alone: how many elements the result
	// has on each axis beyond the fewest that fit. It must be less than the
	// stride. PyTorch calls it output_padding.
	Extra []int
}

// A window is what a convolution or pooling does along one axis.
type window struct{ size, stride, dilation, before, behind, extra int }

// each returns v, or n times one where v is nil.
func each[T any](op, name string, x *Tensor, n int, v []T, one T) []T {
	if v == nil {
		return slices.Repeat([]T{one}, n)
	}
	if len(v) != n {
		panic(misuse(op, []*Tensor{x}, "%d %s for %d axes", len(v), name, n))
	}
	return v
}

// windows returns what o says for each of n axes.
func (o ConvOptions) windows(op string, x *Tensor, n int) []window {
	strides := each(op, "strides", x, n, o.Strides, max(o.Stride, 1))
	dilations := each(op, "dilations", x, n, o.Dilations, max(o.Dilation, 1))
	pads := each(op, "pads", x, n, o.Pads, [2]int{o.Pad, o.Pad})
	extra := each(op, "extra sizes", x, n, o.Extra, 0)
	ws := make([]window, n)
	for a := range ws {
		ws[a] = window{0, strides[a], dilations[a], pads[a][0], pads[a][1], extra[a]}
		if w := ws[a]; w.stride < 1 || w.dilation < 1 || w.before < 0 || w.behind < 0 {
			panic(misuse(op, []*Tensor{x}, "stride %d, dilation %d and padding %d, %d at axis %d; want at least 1, 1 and 0, 0", w.stride, w.dilation, w.before, w.behind, a+2).at(a + 2))
		}
	}
	return ws
}

func first[T any](list []T) T {
	var zero T
	if len(list) > 0 {
		return list[0]
	}
	return zero
}

// axisNames are the names of the axes behind the first two, by their number.
var axisNames = [...]string{1: "length", 2: "height, width", 3: "depth, height, width"}

// operands returns images and filters as floats of one dtype and checks their
// number of axes.
func (o *ConvOptions) operands(op, layout string, x, w *Tensor, n int) (*Tensor, *Tensor) {
	ts := together(op, x, w)
	for i, t := range ts {
		if t.Rank() != n+2 {
			want := "(" + [...]string{"n, channels", layout}[i] + ", " + axisNames[n] + ")"
			panic(misuse(op, ts, "operand %d has shape %s, want %s", i+1, graph.ShapeString(t.n.Shape), want))
		}
	}
	o.Groups = max(o.Groups, 1)
	c, want := ts[0].n.Shape[1], ts[1].n.Shape[1]*o.Groups
	if layout == transposedFilters {
		want = ts[1].n.Shape[0]
	}
	if n != 2 && c >= 0 && want >= 0 && c != want { // the operation itself says so for two axes
		panic(misuse(op, ts, "operand %s has %d channels, but filters %s in %d group(s) want %d",
			graph.ShapeString(ts[0].n.Shape), c, graph.ShapeString(ts[1].n.Shape), o.Groups, want).at(1).help("filters are (%s, %s)", layout, axisNames[n]))
	}
	return ts[0].float(), ts[1].float()
}

const (
	filters           = "filters, channels/groups"
	transposedFilters = "channels, filters/groups"
)

func convAttrs(v, h window, o ConvOptions) graph.ConvAttrs {
	return graph.ConvAttrs{Same: o.Same, ConvAttrs: backend.ConvAttrs{
		Stride: [2]int{v.stride, h.stride}, Pad: [4]int{v.before, v.behind, h.before, h.behind},
		Dilation: [2]int{v.dilation, h.dilation}, Groups: o.Groups,
	}}
}

// along1 is what happens along the axis of length 1 that makes a sequence an
// image.
var along1 = window{stride: 1, dilation: 1}

// Conv2D convolves images x [n, channels, height, width] with filters w
// [filters, channels/groups, kernel height, kernel width]. As everywhere in
// deep learning the filters are not mirrored:
//
//	y[n,o,i,j] = Σ_{c,p,q} x[n, c, i·stride+p·dilation−pad, j·stride+q·dilation−pad] · w[o,c,p,q]
func Conv2D(x, w *Tensor, options ...ConvOptions) *Tensor {
	o := first(options)
	x, w = o.operands("conv2d", filters, x, w, 2)
	ws := o.windows("conv2d", x, 2)
	return apply(backend.Conv2D, convAttrs(ws[0], ws[1], o), x, w)
}

// Conv1D convolves sequences x [n, channels, length] with filters w [filters,
// channels/groups, kernel length]:
//
//	y[n,o,i] = Σ_{c,p} x[n, c, i·stride+p·dilation−pad] · w[o,c,p]
func Conv1D(x, w *Tensor, options ...ConvOptions) *Tensor {
	o := first(options)
	x, w = o.operands("conv1d", filters, x, w, 1)
	ws := o.windows("conv1d", x, 1)
	if n, k := x.n.Shape[2], w.n.Shape[2]; n >= 0 && k >= 0 && !o.Same {
		if span := (k-1)*ws[0].dilation + 1; n+ws[0].before+ws[0].behind < span {
			panic(misuse("conv1d", []*Tensor{x, w}, "filters that span %d do not fit into a length of %d with its padding", span, n).at(2))
		}
	}
	return apply(backend.Conv2D, convAttrs(along1, ws[0], o), x.ExpandDims(2), w.ExpandDims(2)).Squeeze(2)
}

// Conv3D convolves volumes x [n, channels, depth, height, width] with filters w
// [filters, channels/groups, kernel depth, height and width]. It is the sum
// over the depth of the kernel of two-dimensional convolutions.
func Conv3D(x, w *Tensor, options ...ConvOptions) *Tensor {
	const op = "conv3d"
	o := first(options)
	x, w = o.operands(op, filters, x, w, 3)
	ws := o.windows(op, x, 3)
	depth := ws[0]
	depth.size = known(op, w, 2)
	span := (depth.size-1)*depth.dilation + 1
	if o.Same {
		d := known(op, x, 2)
		total := max(0, ((d+depth.stride-1)/depth.stride-1)*depth.stride+span-d)
		depth.before, depth.behind = total/2, total-total/2
	}
	x = x.Transpose(0, 2, 1, 3, 4).Pad([2]int{}, [2]int{depth.before, depth.behind}, [2]int{}, [2]int{}, [2]int{})
	if d := x.n.Shape[1]; d >= 0 && d < span {
		panic(misuse(op, []*Tensor{x, w}, "a kernel that spans %d does not fit into a depth of %d with its padding", span, d).at(2))
	}
	var sum *Tensor
	for p := range depth.size {
		r := graph.Range{Start: p * depth.dilation, Stop: -(span - 1 - p*depth.dilation), Step: depth.stride}
		r.ToEnd = r.Stop == 0
		part := x.Slice(All, Range{r})
		y := apply(backend.Conv2D, convAttrs(ws[1], ws[2], o), part.joined(0), w.Slice(All, All, p)).splitLike(part)
		if sum == nil {
			sum = y
		} else {
			sum = sum.Add(y)
		}
	}
	return sum.Transpose(0, 2, 1, 3, 4)
}

// known returns the length of an axis that must be known.
func known(op string, t *Tensor, a int) int {
	d := t.n.Shape[a]
	if d < 0 {
		panic(misuse(op, []*Tensor{t}, "axis %d of shape %s must be known", a, graph.ShapeString(t.n.Shape)).at(a).
			help("give the placeholder its size along this axis"))
	}
	return d
}

// joined returns t with axes a and a+1 made one.
func (t *Tensor) joined(a int) *Tensor {
	dims := t.dims()
	d := -1
	if m, n := t.n.Shape[a], t.n.Shape[a+1]; m >= 0 && n >= 0 {
		d = m * n
	}
	return t.reshaped(slices.Replace(dims, a, a+2, d))
}

// splitLike makes the first axis of t the first two of like again.
func (t *Tensor) splitLike(like *Tensor) *Tensor {
	m, n := like.n.Shape[0], like.n.Shape[1]
	if m < 0 && n < 0 {
		panic(misuse("reshape", []*Tensor{like}, "axes 0 and 1 of shape %s are both unknown", graph.ShapeString(like.n.Shape)).
			help("give the placeholder its size along one of them"))
	}
	return t.reshaped(append([]int{m, n}, t.dims()[1:]...))
}

// ConvTranspose2D is the transpose of [Conv2D], also called deconvolution: it
// moves each number of x [n, channels, height, width] to where a convolution
// with the same options read from, weighted by the filters w [channels,
// filters/groups, kernel height, kernel width]:
//
//	y[n, o, i·stride+p·dilation−pad, j·stride+q·dilation−pad] += x[n,c,i,j] · w[c,o,p,q]
//
// The result has (size−1)·stride + (kernel−1)·dilation + 1 − 2·pad + extra
// elements on an axis.
func ConvTranspose2D(x, w *Tensor, options ...ConvOptions) *Tensor {
	o := first(options)
	x, w = o.operands("conv_transpose2d", transposedFilters, x, w, 2)
	ws := o.transposedWindows("conv_transpose2d", x, 2)
	return transposeConv(x, w, ws[0], ws[1], o)
}

func (o ConvOptions) transposedWindows(op string, x *Tensor, n int) []window {
	if o.Same {
		panic(misuse(op, []*Tensor{x}, "Same is not defined for a transposed convolution").kind(nil).help("use Pad and Extra"))
	}
	return o.windows(op, x, n)
}

func transposeConv(x, w *Tensor, v, h window, o ConvOptions) *Tensor {
	return apply(graph.ConvTranspose2D, graph.ConvTransposeAttrs{ConvAttrs: convAttrs(v, h, o), Extra: [2]int{v.extra, h.extra}}, x, w)
}

// ConvTranspose1D is the transpose of [Conv1D]; see [ConvTranspose2D].
func ConvTranspose1D(x, w *Tensor, options ...ConvOptions) *Tensor {
	o := first(options)
	x, w = o.operands("conv_transpose1d", transposedFilters, x, w, 1)
	ws := o.transposedWindows("conv_transpose1d", x, 1)
	return transposeConv(x.ExpandDims(2), w.ExpandDims(2), along1, ws[0], o).Squeeze(2)
}

// ConvTranspose3D is the transpose of [Conv3D]; see [ConvTranspose2D].
func ConvTranspose3D(x, w *Tensor, options ...ConvOptions) *Tensor {
	const op = "conv_transpose3d"
	o := first(options)
	x, w = o.operands(op, transposedFilters, x, w, 3)
	ws := o.transposedWindows(op, x, 3)
	depth := ws[0]
	size, d := known(op, w, 2), known(op, x, 2)
	span := (size-1)*depth.dilation + 1
	whole := (d-1)*depth.stride + span + depth.extra
	if whole-depth.before-depth.behind < 1 || depth.extra < 0 || depth.extra >= max(depth.stride, depth.dilation) {
		panic(misuse(op, []*Tensor{x, w}, "the padding or the extra size of axis 2 does not fit its %d elements", whole).at(2))
	}
	x = x.Transpose(0, 2, 1, 3, 4)
	var sum *Tensor
	for p := range size {
		y := transposeConv(x.joined(0), w.Slice(All, All, p), ws[1], ws[2], o).splitLike(x)
		// Its slices of depth go stride apart, and p·dilation further down.
		y = y.ExpandDims(2).Pad([2]int{}, [2]int{}, [2]int{0, depth.stride - 1}, [2]int{}, [2]int{}, [2]int{}).joined(1)
		y = y.Slice(All, To((d-1)*depth.stride+1))
		before := p * depth.dilation
		y = y.Pad([2]int{}, [2]int{before, whole - before - (d-1)*depth.stride - 1}, [2]int{}, [2]int{}, [2]int{})
		if sum == nil {
			sum = y
		} else {
			sum = sum.Add(y)
		}
	}
	return sum.Slice(All, Between(depth.before, whole-depth.behind)).Transpose(0, 2, 1, 3, 4)
}
