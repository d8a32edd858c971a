package dl

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// Reshape returns the elements of t in another shape. One dimension may be −1,
// to be computed from the size.
func (t *Tensor) Reshape(shape ...int) *Tensor {
	t.check("reshape")
	for a, d := range shape {
		if d < -1 {
			panic(misuse("reshape", []*Tensor{t}, "dimension %d at axis %d of the new shape", d, a).at(a))
		}
	}
	return apply(backend.Reshape, graph.ShapeAttrs{Shape: append([]int{}, shape...)}, t)
}

// dims returns the shape of t as Reshape understands it also where dimensions
// are unknown.
func (t *Tensor) dims() []int {
	s := slices.Clone(t.n.Shape)
	for a := range s {
		if s[a] < 0 {
			s[a] = graph.Dim(a)
		}
	}
	return s
}

func (t *Tensor) reshaped(dims []int) *Tensor {
	return apply(backend.Reshape, graph.ShapeAttrs{Shape: dims}, t)
}

// Flatten returns t as a matrix with the first axis kept and all others joined
// into one; a tensor with one axis or none becomes a vector.
func (t *Tensor) Flatten() *Tensor {
	t.check("flatten")
	if t.Rank() < 2 {
		return t.Reshape(-1)
	}
	if rest := t.n.Shape[1:]; !slices.Contains(rest, -1) {
		return t.reshaped([]int{t.dims()[0], backend.Size(rest)})
	}
	return t.reshaped([]int{t.dims()[0], -1})
}

// ExpandDims returns t with an axis of length 1 put in, so that it is axis a
// of the result.
func (t *Tensor) ExpandDims(a int) *Tensor {
	a = axis("expand_dims", t.check("expand_dims"), a, t.Rank()+1)
	return t.reshaped(slices.Insert(t.dims(), a, 1))
}

// Squeeze returns t without the named axes, which must have length 1; without
// all axes of length 1 if none is named.
func (t *Tensor) Squeeze(list ...int) *Tensor {
	t.check("squeeze")
	drop := make([]bool, t.Rank())
	for _, a := range list {
		a = axis("squeeze", t, a, t.Rank())
		if d := t.n.Shape[a]; d != 1 {
			panic(misuse("squeeze", []*Tensor{t}, "axis %d of shape %s has length %d, want 1", a, graph.ShapeString(t.n.Shape), d).at(a))
		}
		drop[a] = true
	}
	kept := []int{}
	for a, d := range t.dims() {
		if !drop[a] && (len(list) > 0 || d != 1) {
			kept = append(kept, d)
		}
	}
	return t.reshaped(kept)
}

// BroadcastTo returns t repeated to a shape: the shapes are aligned at the
// right, and axes of length 1, or missing on the left, are repeated.
func (t *Tensor) BroadcastTo(shape ...int) *Tensor {
	t.check("broadcast_to")
	for a, d := range shape {
		if d < 0 {
			panic(misuse("broadcast_to", []*Tensor{t}, "dimension %d at axis %d of the new shape", d, a).at(a))
		}
	}
	return apply(backend.BroadcastTo, graph.ShapeAttrs{Shape: append([]int{}, shape...)}, t)
}

// Concat joins tensors along an axis; their other axes must agree.
func Concat(a int, ts ...*Tensor) *Tensor {
	if len(ts) == 0 {
		panic(&Error{Op: "concat", Axis: -1, Msg: "nothing to join"})
	}
	values := make([]any, len(ts))
	for i, t := range ts {
		values[i] = t
	}
	ts = together("concat", values...)
	a = axis("concat", ts[0], a, ts[0].Rank())
	return apply(backend.Concat, backend.AxisAttrs{Axis: a}, ts...)
}

// Stack joins tensors of one shape along a new axis a.
func Stack(a int, ts ...*Tensor) *Tensor {
	if len(ts) == 0 {
		panic(&Error{Op: "stack", Axis: -1, Msg: "nothing to join"})
	}
	a = axis("stack", ts[0].check("stack"), a, ts[0].Rank()+1)
	wide := make([]*Tensor, len(ts))
	for i, t := range ts {
		if t.check("stack").Rank() != ts[0].Rank() {
			panic(misuse("stack", ts, "operand 1 has shape %s, operand %d %s", graph.ShapeString(ts[0].n.Shape), i+1, graph.ShapeString(t.n.Shape)))
		}
		wide[i] = t.ExpandDims(a)
	}
	return Concat(a, wide...)
}

// Pad returns t with zeros around it: for each axis the number before and the
// number behind, as in x.Pad([2]int{1, 1}, [2]int{0, 2}).
func (t *Tensor) Pad(widths ...[2]int) *Tensor {
	t.check("pad")
	if len(widths) != t.Rank() {
		panic(misuse("pad", []*Tensor{t}, "%d pairs for shape %s, want one for each axis", len(widths), graph.ShapeString(t.n.Shape)))
	}
	var at backend.PadAttrs
	for a, w := range widths {
		if w[0] < 0 || w[1] < 0 {
			panic(misuse("pad", []*Tensor{t}, "negative width %v at axis %d", w, a).at(a))
		}
		at.Before, at.After = append(at.Before, w[0]), append(at.After, w[1])
	}
	return apply(backend.Pad, at, t)
}

// Gather returns the elements of t at indices along an axis, which is replaced
// by the axes of the indices. Negative indices count from the end. In a
// compiled function an index that is out of range reads the nearest element.
func (t *Tensor) Gather(indices any, a int) *Tensor {
	at := tensorOf("gather", indices)
	if d := at.n.DType; d == Uint8 {
		at = at.cast(Int64)
	}
	a = axis("gather", t.check("gather"), a, t.Rank())
	if n := t.n.Shape[a]; !at.n.Symbolic() && n >= 0 && !at.n.DType.IsFloat() {
		for _, i := range at.Ints() {
			if i < -n || i >= n {
				panic(misuse("gather", []*Tensor{t, at}, "index %d is out of range at axis %d of shape %s", i, a, graph.ShapeString(t.n.Shape)).at(a))
			}
		}
	}
	return apply(backend.Gather, backend.AxisAttrs{Axis: a}, t, at)
}

// OneHot returns a float32 tensor with one more axis of the given length,
// which is 1 at the class that each integer of t names and 0 elsewhere. A
// number that names no class gives zeros.
func (t *Tensor) OneHot(classes int) *Tensor {
	return apply(backend.OneHot, graph.OneHotAttrs{Classes: classes, DType: Float32}, t.check("one_hot"))
}
