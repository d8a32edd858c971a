package graph

import (
	"github.com/fluxion-go/fluxion/dl/backend"
)

// ConvTranspose2D exists in graphs only: programs compute it as the gradient of
// the convolution with the same attributes by its images.
const ConvTranspose2D backend.Op = "conv_transpose2d" // (x [n,c,h,w], w [c,o/groups,kh,kw]), ConvTransposeAttrs

// ConvTransposeAttrs: the attributes of the convolution that is transposed, and
// how many rows and columns the result has beyond the least that fits.
type ConvTransposeAttrs struct {
	ConvAttrs
	Extra [2]int
}

func convTransposeType(c Call) (Type, *Error) {
	at := c.Attrs.(ConvTransposeAttrs)
	if err := c.sameDType(c.In...); err != nil {
		return Type{}, err
	}
	if err := c.wantFloat(); err != nil {
		return Type{}, err
	}
	if err := c.wantRank(0, 4, "(n, channels, height, width)"); err != nil {
		return Type{}, err
	}
	if err := c.wantRank(1, 4, "(channels, filters/groups, kernel height, kernel width)"); err != nil {
		return Type{}, err
	}
	x, w := c.In[0].Shape, c.In[1].Shape
	if x[1] >= 0 && w[0] >= 0 && x[1] != w[0] {
		return Type{}, c.fail("images %s have %d channels, but filters %s want %d", ShapeString(x), x[1], ShapeString(w), w[0]).at(1).
			help("filters of a transposed convolution are (channels, filters/groups, height, width)")
	}
	if w[0] >= 0 && w[0]%at.Groups != 0 {
		return Type{}, c.fail("%d channels do not divide into %d groups", w[0], at.Groups).at(0)
	}
	out := []int{x[0], -1, -1, -1}
	if w[1] >= 0 {
		out[1] = w[1] * at.Groups
	}
	for a := range 2 {
		if x[2+a] < 0 || w[2+a] < 0 {
			continue
		}
		out[2+a] = (x[2+a]-1)*at.Stride[a] + (w[2+a]-1)*at.Dilation[a] + 1 - at.Pad[2*a] - at.Pad[2*a+1] + at.Extra[a]
		if out[2+a] < 1 {
			return Type{}, c.fail("the padding of axis %d takes all of the result away", 2+a).at(2 + a)
		}
		if e := at.Extra[a]; e < 0 || e >= at.Stride[a] && e >= at.Dilation[a] {
			return Type{}, c.fail("%d more elements along axis %d, want fewer than the stride %d", e, 2+a, at.Stride[a]).at(2 + a)
		}
	}
	return Type{c.In[0].DType, out}, nil
}

func init() {
	add(Op{Name: ConvTranspose2D, Arity: 2, Doc: "transposed convolution of images with filters", Infer: convTransposeType,
		lower: func(b *builder, c Call, ids []int) int {
			return b.emit(backend.Conv2DGradInput, c.Attrs.(ConvTransposeAttrs).ConvAttrs.ConvAttrs, c.Out, ids[1], ids[0])
		},
		Grad: func(n, g *Node, i int) *Node {
			at, x, w := n.Attrs.(ConvTransposeAttrs).ConvAttrs, n.In[0], n.In[1]
			if i == 0 {
				return must(backend.Conv2D, at, g, w)
			}
			return convGradNode(backend.Conv2DGradWeight, at, g, x, w)
		}})
}
