package graph

import (
	"github.com/fluxion-go/fluxion/dl/backend"
)

// resolve returns the attributes with the padding that Same asks for, for
// images of h×w and a kernel of kh×kw. An unknown size is left without.
func (a ConvAttrs) resolve(h, w, kh, kw int) backend.ConvAttrs {
	c := a.ConvAttrs
	if a.Same && h >= 0 {
		c.Pad[0], c.Pad[1] = samePad(h, (kh-1)*c.Dilation[0]+1, c.Stride[0])
	}
	if a.Same && w >= 0 {
		c.Pad[2], c.Pad[3] = samePad(w, (kw-1)*c.Dilation[1]+1, c.Stride[1])
	}
	return c
}

func (a PoolAttrs) resolve(h, w int) backend.PoolAttrs {
	p := a.PoolAttrs
	if a.Same && h >= 0 {
		p.Pad[0], p.Pad[1] = samePad(h, p.Size[0], p.Stride[0])
	}
	if a.Same && w >= 0 {
		p.Pad[2], p.Pad[3] = samePad(w, p.Size[1], p.Stride[1])
	}
	return p
}

func convType(c Call) (Type, *Error) {
	at := c.Attrs.(ConvAttrs)
	if err := c.sameDType(c.In...); err != nil {
		return Type{}, err
	}
	if err := c.wantFloat(); err != nil {
		return Type{}, err
	}
	if err := c.wantRank(0, 4, "(n, channels, height, width)"); err != nil {
		return Type{}, err
	}
	if err := c.wantRank(1, 4, "(filters, channels, kernel height, kernel width)"); err != nil {
		return Type{}, err
	}
	x, w := c.In[0].Shape, c.In[1].Shape
	if x[1] >= 0 && w[1] >= 0 && x[1] != w[1]*at.Groups {
		return Type{}, c.fail("images %s have %d channels, but filters %s in %d group(s) want %d",
			ShapeString(x), x[1], ShapeString(w), at.Groups, w[1]*at.Groups).at(1).
			help("images are (n, channels, height, width), filters (filters, channels/groups, height, width); Transpose(0, 3, 1, 2) turns images with the channels last")
	}
	if w[0] >= 0 && w[0]%at.Groups != 0 {
		return Type{}, c.fail("%d filters do not divide into %d groups", w[0], at.Groups).at(0)
	}
	r := at.resolve(x[2], x[3], w[2], w[3])
	out := []int{x[0], w[0], 0, 0}
	for a := range 2 {
		if x[2+a] < 0 || w[2+a] < 0 {
			out[2+a] = -1
			continue
		}
		k := (w[2+a]-1)*r.Dilation[a] + 1
		out[2+a] = windows(x[2+a], r.Pad[2*a], r.Pad[2*a+1], k, r.Stride[a])
		if out[2+a] < 1 {
			return Type{}, c.fail("filters %s do not fit into images %s: axis %d needs at least %d, and has %d with its padding",
				ShapeString(w), ShapeString(x), 2+a, k, x[2+a]+r.Pad[2*a]+r.Pad[2*a+1]).at(2 + a)
		}
	}
	return Type{c.In[0].DType, out}, nil
}

// convGradType is the type of a gradient of a convolution: that of the
// operand it is for.
func convGradType(c Call) (Type, *Error) {
	if s := c.Attrs.(ConvGradAttrs).Shape; s != nil {
		return Type{c.In[0].DType, s}, nil
	}
	return Type{c.In[0].DType, c.In[len(c.In)-1].Shape}, nil
}

// convGradNode makes a gradient for the operand like.
func convGradNode(op backend.Op, at ConvAttrs, a, b, like *Node) *Node {
	if like.Known() {
		return must(op, ConvGradAttrs{at, like.Shape}, a, b)
	}
	return must(op, ConvGradAttrs{at, nil}, a, b, like)
}

func convGrad(n, g *Node, i int) *Node {
	at := n.Attrs.(ConvAttrs)
	if i == 0 {
		return convGradNode(backend.Conv2DGradInput, at, n.In[1], g, n.In[0])
	}
	return convGradNode(backend.Conv2DGradWeight, at, n.In[0], g, n.In[1])
}

// A convolution is linear in x and in w, so the gradients of its gradients
// are convolutions and gradients of convolutions again.
func convGradInputGrad(n, g *Node, i int) *Node {
	at, w, dy := n.Attrs.(ConvGradAttrs).ConvAttrs, n.In[0], n.In[1]
	switch i {
	case 0:
		return convGradNode(backend.Conv2DGradWeight, at, g, dy, w)
	case 1:
		return must(backend.Conv2D, at, g, w)
	}
	return nil
}

func convGradWeightGrad(n, g *Node, i int) *Node {
	at, x, dy := n.Attrs.(ConvGradAttrs).ConvAttrs, n.In[0], n.In[1]
	switch i {
	case 0:
		return convGradNode(backend.Conv2DGradInput, at, g, dy, x)
	case 1:
		return must(backend.Conv2D, at, x, g)
	}
	return nil
}

func poolType(c Call) (Type, *Error) {
	if err := c.wantFloat(); err != nil {
		return Type{}, err
	}
	if err := c.wantRank(0, 4, "(n, channels, height, width)"); err != nil {
		return Type{}, err
	}
	x := c.In[0].Shape
	r := c.Attrs.(PoolAttrs).resolve(x[2], x[3])
	out := []int{x[0], x[1], 0, 0}
	for a := range 2 {
		out[2+a] = windows(x[2+a], r.Pad[2*a], r.Pad[2*a+1], r.Size[a], r.Stride[a])
		if out[2+a] == 0 {
			return Type{}, c.fail("a window of %d×%d does not fit into images %s: axis %d has %d with its padding",
				r.Size[0], r.Size[1], ShapeString(x), 2+a, x[2+a]+r.Pad[2*a]+r.Pad[2*a+1]).at(2 + a).
				help("strides and poolings before it left this; pool less, or pad")
		}
	}
	return Type{c.In[0].DType, out}, nil
}

// lowerConv and its like fill in the padding, now that sizes are known.
func lowerConv(b *builder, c Call, ids []int) int {
	at, x, w := c.Attrs.(ConvAttrs), c.In[0].Shape, c.In[1].Shape
	return b.emit(backend.Conv2D, at.resolve(x[2], x[3], w[2], w[3]), c.Out, ids...)
}

func lowerConvGrad(b *builder, c Call, ids []int) int {
	x, w := c.Out.Shape, c.In[0].Shape
	if c.Op.Name == backend.Conv2DGradWeight {
		x, w = w, x
	}
	return b.emit(c.Op.Name, c.Attrs.(ConvGradAttrs).resolve(x[2], x[3], w[2], w[3]), c.Out, ids[:2]...)
}

func lowerPool(b *builder, c Call, ids []int) int {
	x := c.In[0].Shape
	return b.emit(c.Op.Name, c.Attrs.(PoolAttrs).resolve(x[2], x[3]), c.Out, ids...)
}

func init() {
	add(
		Op{Name: backend.Conv2D, Arity: 2, Doc: "convolution of images with filters", Infer: convType, lower: lowerConv, Grad: convGrad},
		Op{Name: backend.Conv2DGradInput, Arity: -3, Doc: "gradient of conv2d by the images", Infer: convGradType, lower: lowerConvGrad, Grad: convGradInputGrad},
		Op{Name: backend.Conv2DGradWeight, Arity: -3, Doc: "gradient of conv2d by the filters", Infer: convGradType, lower: lowerConvGrad, Grad: convGradWeightGrad},
		Op{Name: backend.MaxPool2D, Arity: 1, Doc: "maximum of each window", Infer: poolType, lower: lowerPool,
			Grad: func(n, g *Node, _ int) *Node { return must(backend.MaxPool2DGrad, n.Attrs, n.In[0], g) }},
		Op{Name: backend.MaxPool2DGrad, Arity: 2, Doc: "gradient of maxpool2d", Infer: sameType, lower: lowerPool,
			Grad: func(n, g *Node, i int) *Node {
				if i == 0 {
					return nil
				}
				return must(backend.MaxPool2DPick, n.Attrs, n.In[0], g)
			}},
		Op{Name: backend.MaxPool2DPick, Arity: 2, Doc: "the elements of v where x has the maxima of its windows", Infer: poolType, lower: lowerPool,
			Grad: func(n, g *Node, i int) *Node {
				if i == 0 {
					return nil
				}
				return must(backend.MaxPool2DGrad, n.Attrs, n.In[0], g)
			}},
	)
}
