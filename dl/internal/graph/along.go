package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// AddAlongAttrs: (indices, values, like?) → zeros with values added along
// Axis, which has Size elements, or where Size is −1 as many as that of like.
type AddAlongAttrs struct{ Axis, Size int }

func alongType(c Call) (Type, *Error) {
	axis, x, at := c.Attrs.(backend.AxisAttrs).Axis, c.In[0].Shape, c.In[1].Shape
	if err := c.wantIndices(1); err != nil {
		return Type{}, err
	}
	if len(x) != len(at) {
		return Type{}, c.fail("the indices have shape %s, want as many axes as %s", ShapeString(at), ShapeString(x))
	}
	for a, d := range at {
		if a != axis && d != x[a] && d >= 0 && x[a] >= 0 {
			return Type{}, c.fail("the indices have shape %s, which differs from %s at axis %d", ShapeString(at), ShapeString(x), a).at(a)
		}
	}
	return Type{c.In[0].DType, at}, nil
}

func addAlongType(c Call) (Type, *Error) {
	at := c.Attrs.(AddAlongAttrs)
	if i, v := c.In[0].Shape, c.In[1].Shape; !slices.EqualFunc(i, v, func(d, e int) bool { return d == e || d < 0 || e < 0 }) {
		return Type{}, c.fail("indices of shape %s and values of shape %s, want equal shapes", ShapeString(i), ShapeString(v))
	}
	s := slices.Clone(c.In[1].Shape)
	s[at.Axis] = at.Size
	if at.Size < 0 {
		s[at.Axis] = c.In[2].Shape[at.Axis]
	}
	return Type{c.In[1].DType, s}, c.wantIndices(0)
}

func indexSetType(c Call) (Type, *Error) {
	axis, x, at, v := c.Attrs.(backend.AxisAttrs).Axis, c.In[0], c.In[1], c.In[2]
	if err := c.wantIndices(1); err != nil {
		return Type{}, err
	}
	if err := c.wantRank(1, 1, "one axis"); err != nil {
		return Type{}, err
	}
	if err := c.sameDType(x, v); err != nil {
		return Type{}, err
	}
	want := slices.Clone(x.Shape)
	want[axis] = at.Shape[0]
	if !slices.EqualFunc(v.Shape, want, func(d, e int) bool { return d == e || d < 0 || e < 0 }) {
		return Type{}, c.fail("the values have shape %s, want %s", ShapeString(v.Shape), ShapeString(want))
	}
	return x, nil
}

// indexSetGrad: the values of indices that come again later do not stay, and
// so get no gradient.
func indexSetGrad(n, g *Node, i int) *Node {
	at, indices, v := n.Attrs.(backend.AxisAttrs), n.In[1], n.In[2]
	nothing := func(t *Node) *Node { return likeShape(backend.BroadcastTo, Scalar(g.DType, 0), t) }
	switch i {
	case 0:
		return must(backend.IndexSet, at, g, indices, nothing(v))
	case 2:
		ones := likeShape(backend.BroadcastTo, Scalar(backend.Int64, 1), indices)
		order := must(backend.CumSum, backend.CumulativeAttrs{}, ones) // 1, 2, …
		// owner[k] is the number of the index that stays at element k.
		line := n.In[0]
		for a := range line.Shape {
			if a != at.Axis {
				r := wholeRanges(len(line.Shape))
				r[a] = Range{Start: 0, Stop: 1, Step: 1}
				line = must(backend.Slice, RangeAttrs{r}, line)
			}
		}
		blank := likeShape(backend.BroadcastTo, Scalar(backend.Int64, 0), must(backend.Reshape, ShapeAttrs{[]int{-1}}, line))
		owner := must(backend.IndexSet, backend.AxisAttrs{}, blank, indices, order)
		stays := must(backend.Equal, nil, must(backend.Gather, backend.AxisAttrs{}, owner, indices), order)
		target := slices.Repeat([]int{1}, len(v.Shape))
		target[at.Axis] = -1
		stays = must(backend.Reshape, ShapeAttrs{target}, stays)
		return must(backend.Where, nil, stays, must(backend.Gather, at, g, indices), Scalar(g.DType, 0))
	}
	return nil
}

func cumulativeType(c Call) (Type, *Error) {
	if d := c.In[0].DType; d == backend.Bool || d == backend.Uint8 {
		return Type{}, c.fail("dtype %s, want floats, int32 or int64", d).kind(ErrDType).help("convert it with Cast(dl.Int64)")
	}
	return c.In[0], nil
}

func recurType(c Call) (Type, *Error) {
	if err := c.wantFloat(); err != nil {
		return Type{}, err
	}
	if err := c.sameDType(c.In...); err != nil {
		return Type{}, err
	}
	a, b := c.In[0].Shape, c.In[1].Shape
	s, err := c.broadcast(c.In...)
	if err != nil || len(a) != len(b) || !slices.EqualFunc(a, b, func(d, e int) bool { return d == e || d < 0 || e < 0 }) {
		return Type{}, c.fail("factors of shape %s and terms of shape %s, want equal shapes", ShapeString(a), ShapeString(b))
	}
	return Type{c.In[0].DType, s}, nil
}

// shifted returns x moved by one place along the direction of at, or against
// it where back is set, with fill in the place that is left free.
func shifted(x *Node, at backend.CumulativeAttrs, back bool, fill float64) *Node {
	r, edge := wholeRanges(len(x.Shape)), wholeRanges(len(x.Shape))
	first := at.Reverse == back // the free place is the first along the axis
	edge[at.Axis] = Range{Start: 0, Stop: 1, Step: 1}
	r[at.Axis] = Range{Start: 1, Step: 1, ToEnd: true}
	if first {
		r[at.Axis] = Range{Step: 1, FromStart: true, Stop: -1}
	}
	free := likeShape(backend.BroadcastTo, Scalar(x.DType, fill), must(backend.Slice, RangeAttrs{edge}, x))
	rest := must(backend.Slice, RangeAttrs{r}, x)
	if first {
		return must(backend.Concat, backend.AxisAttrs{Axis: at.Axis}, free, rest)
	}
	return must(backend.Concat, backend.AxisAttrs{Axis: at.Axis}, rest, free)
}

// recurGrad: with y_i = a_i·y_{i−1} + b_i and gradients g, those of b are
// r_i = g_i + a_{i+1}·r_{i+1}, a recurrence in the other direction, and those
// of a are r_i·y_{i−1}.
func recurGrad(n, g *Node, i int) *Node {
	at := n.Attrs.(backend.CumulativeAttrs)
	r := must(backend.Recur, backend.CumulativeAttrs{Axis: at.Axis, Reverse: !at.Reverse}, shifted(n.In[0], at, true, 0), g)
	if i == 1 {
		return r
	}
	return mul(r, shifted(n, at, false, 0))
}

// otherProducts returns for each element of x along an axis the product of all
// others.
func otherProducts(x *Node, axis int) *Node {
	side := func(reverse bool) *Node {
		at := backend.CumulativeAttrs{Axis: axis, Reverse: reverse}
		// p_i = x_{i−1}·p_{i−1}, and 1 at first.
		a := shifted(x, at, false, 0)
		b := shifted(likeShape(backend.BroadcastTo, Scalar(x.DType, 0), x), at, false, 1)
		return must(backend.Recur, at, a, b)
	}
	return mul(side(false), side(true))
}

// prodGrad is right also where elements are 0. The reduced axes become one.
func prodGrad(n, g *Node, _ int) *Node {
	at, x := n.Attrs.(backend.ReduceAttrs), n.In[0]
	perm, back := make([]int, 0, len(x.Shape)), make([]int, len(x.Shape))
	for a := range x.Shape {
		if !slices.Contains(at.Axes, a) {
			perm = append(perm, a)
		}
	}
	kept := len(perm)
	perm = append(perm, at.Axes...)
	for i, a := range perm {
		back[a] = i
	}
	moved := must(backend.Transpose, backend.TransposeAttrs{Perm: perm}, x)
	joined := make([]int, kept+1)
	for a := range kept {
		joined[a] = Dim(a)
	}
	joined[kept] = -1
	line := must(backend.Reshape, ShapeAttrs{joined}, moved)
	others := likeShape(backend.Reshape, otherProducts(line, kept), moved)
	others = must(backend.Transpose, backend.TransposeAttrs{Perm: back}, others)
	return mul(keepAxes(g, x, at), others)
}

func init() {
	add(
		Op{Name: backend.ArgSort, Arity: 1, Doc: "the indices that sort x along an axis", Grad: zero,
			Infer: func(c Call) (Type, *Error) { return Type{backend.Int64, c.In[0].Shape}, nil }},
		Op{Name: backend.TakeAlong, Arity: 2, Doc: "the elements of x at indices along an axis, row by row", Infer: alongType,
			Grad: func(n, g *Node, i int) *Node {
				if i > 0 {
					return nil
				}
				axis, x := n.Attrs.(backend.AxisAttrs).Axis, n.In[0]
				if x.Shape[axis] < 0 {
					return must(backend.AddAlong, AddAlongAttrs{axis, -1}, n.In[1], g, x)
				}
				return must(backend.AddAlong, AddAlongAttrs{axis, x.Shape[axis]}, n.In[1], g)
			}},
		Op{Name: backend.AddAlong, Arity: -3, Doc: "zeros with values added at indices along an axis, row by row", Infer: addAlongType,
			lower: func(b *builder, c Call, ids []int) int {
				return b.emit(backend.AddAlong, backend.AxisAttrs{Axis: c.Attrs.(AddAlongAttrs).Axis}, c.Out, ids[:2]...)
			},
			Grad: func(n, g *Node, i int) *Node {
				if i != 1 {
					return nil
				}
				return must(backend.TakeAlong, backend.AxisAttrs{Axis: n.Attrs.(AddAlongAttrs).Axis}, g, n.In[0])
			}},
		Op{Name: backend.IndexSet, Arity: 3, Doc: "x with values put at indices along an axis; of equal indices the last counts",
			Infer: indexSetType, Grad: indexSetGrad},
		Op{Name: backend.CumSum, Arity: 1, Doc: "sums of the elements up to each along an axis", Infer: cumulativeType,
			Grad: func(n, g *Node, _ int) *Node {
				at := n.Attrs.(backend.CumulativeAttrs)
				return must(backend.CumSum, backend.CumulativeAttrs{Axis: at.Axis, Reverse: !at.Reverse}, g)
			}},
		Op{Name: backend.Recur, Arity: 2, Doc: "yᵢ = aᵢ·yᵢ₋₁ + bᵢ along an axis, with y₋₁ = 0", Infer: recurType, Grad: recurGrad},
	)
}
