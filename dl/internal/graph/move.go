package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// Operations on shapes that exist only in graphs, because a dimension may be
// unknown.
const (
	SumTo   backend.Op = "sum_to"  // ShapeAttrs: sum over the axes along which the result is repeated in the operand
	Unslice backend.Op = "unslice" // UnsliceAttrs: the gradient of Slice
	Part    backend.Op = "part"    // PartAttrs: the gradient of Concat
)

// targetShape returns the shape that ShapeAttrs give.
func (c Call) targetShape() []int {
	if s := c.Attrs.(ShapeAttrs).Shape; s != nil || len(c.In) == 1 {
		return s
	}
	return c.In[1].Shape
}

func reshapeType(c Call) (Type, *Error) {
	if len(c.In) == 2 && !c.In[1].Known() { // its −1 are no dimensions to compute
		return Type{c.In[0].DType, c.In[1].Shape}, nil
	}
	s, err := c.resolveReshape(c.In[0].Shape, c.targetShape())
	return Type{c.In[0].DType, s}, err
}

func broadcastToType(c Call) (Type, *Error) {
	to, from := c.targetShape(), c.In[0].Shape
	t := Type{c.In[0].DType, to}
	if len(from) > len(to) {
		return t, c.fail("shape %s has more axes than %s", ShapeString(from), ShapeString(to))
	}
	for a, d := range from {
		if e := to[len(to)-len(from)+a]; d != e && d != 1 && d >= 0 && e >= 0 {
			return t, c.fail("shape %s cannot be repeated to %s: axis %d is %d, want 1 or %d", ShapeString(from), ShapeString(to), a, d, e).at(a)
		}
	}
	return t, nil
}

// sumToAxes returns the axes of from along which an array of shape to would
// be repeated.
func sumToAxes(from, to []int) []int {
	var axes []int
	for a, d := range from {
		k := a - len(from) + len(to)
		if k < 0 || to[k] == 1 && d != 1 {
			axes = append(axes, a)
		}
	}
	return axes
}

func concatType(c Call) (Type, *Error) {
	axis, first := c.Attrs.(backend.AxisAttrs).Axis, c.In[0]
	if err := c.sameDType(c.In...); err != nil {
		return Type{}, err
	}
	out := slices.Clone(first.Shape)
	for i, t := range c.In[1:] {
		if len(t.Shape) != len(out) {
			return Type{}, c.fail("operand 1 has shape %s, operand %d %s: the number of axes differs", ShapeString(first.Shape), i+2, ShapeString(t.Shape))
		}
		for a, d := range t.Shape {
			switch {
			case a == axis && (d < 0 || out[a] < 0):
				out[a] = -1
			case a == axis:
				out[a] += d
			case out[a] < 0:
				out[a] = d
			case d >= 0 && d != out[a]:
				return Type{}, c.fail("operand 1 has shape %s, operand %d %s: axis %d is %d, not %d", ShapeString(first.Shape), i+2, ShapeString(t.Shape), a, d, out[a]).at(a)
			}
		}
	}
	return Type{first.DType, out}, nil
}

// partGrad is the gradient of Concat for operand i: a slice where the sizes
// are known, else a Part.
func partGrad(n, g *Node, i int) *Node {
	axis := n.Attrs.(backend.AxisAttrs).Axis
	start := 0
	for _, x := range n.In[:i+1] {
		if x.Shape[axis] < 0 {
			return must(Part, PartAttrs{axis, i}, append([]*Node{g}, n.In...)...)
		}
		start += x.Shape[axis]
	}
	r := wholeRanges(len(g.Shape))
	r[axis] = Range{Start: start - n.In[i].Shape[axis], Stop: start, Step: 1}
	return must(backend.Slice, RangeAttrs{r}, g)
}

// WholeRange takes all of an axis.
var WholeRange = Range{Step: 1, FromStart: true, ToEnd: true}

func wholeRanges(rank int) []Range {
	r := make([]Range, rank)
	for a := range r {
		r[a] = WholeRange
	}
	return r
}

func gatherType(c Call) (Type, *Error) {
	axis, x, at := c.Attrs.(backend.AxisAttrs).Axis, c.In[0].Shape, c.In[1].Shape
	return Type{c.In[0].DType, slices.Concat(x[:axis], at, x[axis+1:])}, c.wantIndices(1)
}

func (c Call) wantIndices(i int) *Error {
	if d := c.In[i].DType; d != backend.Int32 && d != backend.Int64 {
		return c.fail("the indices have dtype %s, want int32 or int64", d).kind(ErrDType).help("convert them with Cast(dl.Int64)")
	}
	return nil
}

func init() {
	add(
		Op{Name: backend.Reshape, Arity: -2, Doc: "the same elements in another shape", Infer: reshapeType, alias: true,
			lower: func(b *builder, c Call, ids []int) int { return b.reshape(ids[0], c.Out.Shape) },
			Grad: func(n, g *Node, i int) *Node {
				if i > 0 {
					return nil
				}
				return likeShape(backend.Reshape, g, n.In[0])
			}},
		Op{Name: backend.BroadcastTo, Arity: -2, Doc: "x repeated to a shape", Infer: broadcastToType,
			lower: func(b *builder, c Call, ids []int) int { return b.broadcastTo(ids[0], c.Out.Shape) },
			Grad: func(n, g *Node, i int) *Node {
				if i > 0 {
					return nil
				}
				return unbroadcast(g, n.In[0])
			}},
		Op{Name: SumTo, Arity: -2, Doc: "x summed to a shape that can be repeated to its own",
			Infer: func(c Call) (Type, *Error) { return Type{c.In[0].DType, c.targetShape()}, nil },
			lower: func(b *builder, c Call, ids []int) int {
				s := b.sum(ids[0], sumToAxes(c.In[0].Shape, c.Out.Shape))
				return b.reshape(s, c.Out.Shape)
			},
			Grad: func(n, g *Node, i int) *Node {
				if i > 0 {
					return nil
				}
				return likeShape(backend.BroadcastTo, g, n.In[0])
			}},
		Op{Name: backend.Transpose, Arity: 1, Doc: "x with its axes in another order",
			Infer: func(c Call) (Type, *Error) {
				perm := c.Attrs.(backend.TransposeAttrs).Perm
				s := make([]int, len(perm))
				for i, a := range perm {
					s[i] = c.In[0].Shape[a]
				}
				return Type{c.In[0].DType, s}, nil
			},
			Grad: func(n, g *Node, _ int) *Node {
				back := inverted(n.Attrs.(backend.TransposeAttrs).Perm)
				return must(backend.Transpose, backend.TransposeAttrs{Perm: back}, g)
			}},
		Op{Name: backend.Slice, Arity: 1, Doc: "a range of elements on each axis",
			Infer: func(c Call) (Type, *Error) {
				s := slices.Clone(c.In[0].Shape)
				for a, r := range c.Attrs.(RangeAttrs).Ranges {
					if s[a] >= 0 {
						_, s[a] = r.bounds(s[a])
					}
				}
				return Type{c.In[0].DType, s}, nil
			},
			lower: func(b *builder, c Call, ids []int) int {
				var at backend.SliceAttrs
				for a, r := range c.Attrs.(RangeAttrs).Ranges {
					start, _ := r.bounds(c.In[0].Shape[a])
					at.Start, at.Step = append(at.Start, start), append(at.Step, r.Step)
				}
				return b.slice(ids[0], at, c.Out.Shape)
			},
			Grad: func(n, g *Node, _ int) *Node {
				at := UnsliceAttrs{Ranges: n.Attrs.(RangeAttrs).Ranges}
				if x := n.In[0]; !x.Known() {
					return must(Unslice, at, g, x)
				}
				at.Shape = n.In[0].Shape
				return must(Unslice, at, g)
			}},
		Op{Name: Unslice, Arity: -2, Doc: "zeros with x at the places that a slice reads",
			Infer: func(c Call) (Type, *Error) {
				if s := c.Attrs.(UnsliceAttrs).Shape; s != nil {
					return Type{c.In[0].DType, s}, nil
				}
				return Type{c.In[0].DType, c.In[1].Shape}, nil
			},
			lower: lowerUnslice,
			Grad: func(n, g *Node, i int) *Node {
				if i > 0 {
					return nil
				}
				return must(backend.Slice, RangeAttrs{n.Attrs.(UnsliceAttrs).Ranges}, g)
			}},
		Op{Name: backend.Pad, Arity: 1, Doc: "x with zeros before and behind on each axis",
			Infer: func(c Call) (Type, *Error) {
				at, s := c.Attrs.(backend.PadAttrs), slices.Clone(c.In[0].Shape)
				for a := range s {
					if s[a] >= 0 {
						s[a] += at.Before[a] + at.After[a]
					}
				}
				return Type{c.In[0].DType, s}, nil
			},
			Grad: func(n, g *Node, _ int) *Node {
				at := n.Attrs.(backend.PadAttrs)
				r := make([]Range, len(at.Before))
				for a := range r {
					r[a] = Range{Start: at.Before[a], Stop: -at.After[a], Step: 1, ToEnd: at.After[a] == 0}
				}
				return must(backend.Slice, RangeAttrs{r}, g)
			}},
		Op{Name: backend.Concat, Arity: -2, Doc: "arrays joined along an axis", Infer: concatType, Grad: partGrad},
		Op{Name: Part, Arity: -3, Doc: "the part of x that one operand of a concatenation fills",
			Infer: func(c Call) (Type, *Error) {
				return Type{c.In[0].DType, c.In[1+c.Attrs.(PartAttrs).Index].Shape}, nil
			},
			lower: func(b *builder, c Call, ids []int) int {
				at, rank := c.Attrs.(PartAttrs), len(c.Out.Shape)
				s := backend.SliceAttrs{Start: make([]int, rank), Step: slices.Repeat([]int{1}, rank)}
				for _, t := range c.In[1 : 1+at.Index] {
					s.Start[at.Axis] += t.Shape[at.Axis]
				}
				return b.slice(ids[0], s, c.Out.Shape)
			},
			Grad: partPlace},
		Op{Name: backend.Gather, Arity: 2, Doc: "the elements of x at indices along an axis", Infer: gatherType,
			Grad: func(n, g *Node, i int) *Node {
				if i > 0 {
					return nil
				}
				axis, x := n.Attrs.(backend.AxisAttrs).Axis, n.In[0]
				if x.Shape[axis] < 0 {
					return must(backend.ScatterAdd, ScatterAttrs{axis, -1}, n.In[1], g, x)
				}
				return must(backend.ScatterAdd, ScatterAttrs{axis, x.Shape[axis]}, n.In[1], g)
			}},
		Op{Name: backend.ScatterAdd, Arity: -3, Doc: "zeros with values added at indices along an axis",
			Infer: func(c Call) (Type, *Error) {
				at := c.Attrs.(ScatterAttrs)
				size := at.Size
				if size < 0 {
					size = c.In[2].Shape[at.Axis]
				}
				v := c.In[1]
				s := slices.Concat(v.Shape[:at.Axis], []int{size}, v.Shape[at.Axis+len(c.In[0].Shape):])
				return Type{v.DType, s}, c.wantIndices(0)
			},
			lower: func(b *builder, c Call, ids []int) int {
				return b.emit(backend.ScatterAdd, backend.AxisAttrs{Axis: c.Attrs.(ScatterAttrs).Axis}, c.Out, ids[:2]...)
			},
			Grad: func(n, g *Node, i int) *Node {
				if i != 1 {
					return nil
				}
				return must(backend.Gather, backend.AxisAttrs{Axis: n.Attrs.(ScatterAttrs).Axis}, g, n.In[0])
			}},
		Op{Name: backend.OneHot, Arity: 1, Doc: "1 at the index of the class, else 0", Grad: zero,
			Infer: func(c Call) (Type, *Error) {
				at := c.Attrs.(OneHotAttrs)
				return Type{at.DType, append(slices.Clone(c.In[0].Shape), at.Classes)}, c.wantInt(0)
			},
			lower: func(b *builder, c Call, ids []int) int { return b.emit(backend.OneHot, nil, c.Out, ids...) }},
	)
}

// inverted returns the order of axes that undoes perm.
func inverted(perm []int) []int {
	back := make([]int, len(perm))
	for i, a := range perm {
		back[a] = i
	}
	return back
}

// partPlace is the gradient of Part: g at its place among zeros, written as a
// concatenation with the other operands' zeros.
func partPlace(n, g *Node, i int) *Node {
	if i > 0 {
		return nil
	}
	at := n.Attrs.(PartAttrs)
	parts := make([]*Node, len(n.In)-1)
	for k, x := range n.In[1:] {
		parts[k] = g
		if k != at.Index {
			parts[k] = likeShape(backend.BroadcastTo, Scalar(g.DType, 0), x)
		}
	}
	return must(backend.Concat, backend.AxisAttrs{Axis: at.Axis}, parts...)
}

// lowerUnslice pads on the axes where the slice has step 1 and scatters on
// the others.
func lowerUnslice(b *builder, c Call, ids []int) int {
	id, shape := ids[0], slices.Clone(c.In[0].Shape)
	before, after := make([]int, len(shape)), make([]int, len(shape))
	for a, r := range c.Attrs.(UnsliceAttrs).Ranges {
		start, count := r.bounds(c.Out.Shape[a])
		if r.Step == 1 {
			before[a], after[a] = start, c.Out.Shape[a]-start-count
			continue
		}
		index := backend.NewBuffer(backend.Int64, count)
		for i := range count {
			backend.View[int64](index)[i] = int64(start + i*r.Step)
		}
		shape[a] = c.Out.Shape[a]
		at := b.constant(Type{backend.Int64, []int{count}}, index)
		id = b.emit(backend.ScatterAdd, backend.AxisAttrs{Axis: a}, Type{c.Out.DType, slices.Clone(shape)}, at, id)
	}
	if slices.Equal(shape, c.Out.Shape) {
		return id
	}
	return b.emit(backend.Pad, backend.PadAttrs{Before: before, After: after}, c.Out, id)
}
