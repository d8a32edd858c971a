package dl

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// along returns t sliced along one axis.
func (t *Tensor) along(a int, r Range) *Tensor {
	specs := make([]any, a+1)
	for i := range specs {
		specs[i] = All
	}
	specs[a] = r
	return t.Slice(specs...)
}

// Split cuts t along an axis into n parts of equal length.
func (t *Tensor) Split(n, a int) []*Tensor {
	a = axis("split", t.check("split"), a, t.Rank())
	d := known("split", t, a)
	if n < 1 || d%n != 0 {
		panic(misuse("split", []*Tensor{t}, "axis %d of shape %s does not divide into %d equal parts", a, graph.ShapeString(t.n.Shape), n).at(a).
			help("use SplitAt to say where to cut"))
	}
	places := make([]int, 0, n)
	for i := 1; i < n; i++ {
		places = append(places, i*d/n)
	}
	return t.SplitAt(a, places...)
}

// SplitAt cuts t along an axis before each of the given places, as numpy's
// split with a list does.
func (t *Tensor) SplitAt(a int, places ...int) []*Tensor {
	a = axis("split", t.check("split"), a, t.Rank())
	var parts []*Tensor
	from := 0
	for _, p := range places {
		parts = append(parts, t.along(a, Between(from, p)))
		from = p
	}
	return append(parts, t.along(a, From(from)))
}

// Unstack returns the parts of t along an axis, which they lose.
func (t *Tensor) Unstack(a int) []*Tensor {
	a = axis("unstack", t.check("unstack"), a, t.Rank())
	parts := make([]*Tensor, known("unstack", t, a))
	for i := range parts {
		parts[i] = t.along(a, Range{graph.Range{Start: i, Stop: i + 1, Step: 1}}).Squeeze(a)
	}
	return parts
}

// Flip returns t with the named axes, or all, walked backwards.
func (t *Tensor) Flip(list ...int) *Tensor {
	t.check("flip")
	specs := slices.Repeat([]any{All}, t.Rank())
	for _, a := range axes("flip", t, list) {
		specs[a] = All.By(-1)
	}
	return t.Slice(specs...)
}

// Roll returns t moved by shift places along an axis; what falls off the end
// comes back at the beginning.
func (t *Tensor) Roll(shift, a int) *Tensor {
	a = axis("roll", t.check("roll"), a, t.Rank())
	if d := t.n.Shape[a]; d > 0 {
		shift %= d
		if shift < 0 {
			shift += d
		}
	}
	if shift == 0 || t.n.Shape[a] == 0 {
		return t
	}
	// With an unknown length, a shift to the right cuts at the end.
	return Concat(a, t.along(a, From(-shift)), t.along(a, To(-shift)))
}

// Tile returns t repeated as a whole, reps[i] times along axis i. With fewer
// numbers than axes they are for the last ones; with more, t gets axes in front.
func (t *Tensor) Tile(reps ...int) *Tensor {
	t.check("tile")
	for len(reps) < t.Rank() {
		reps = append([]int{1}, reps...)
	}
	x := t
	for x.Rank() < len(reps) {
		x = x.ExpandDims(0)
	}
	for a, n := range reps {
		switch {
		case n < 0:
			panic(misuse("tile", []*Tensor{t}, "%d repetitions along axis %d", n, a).at(a))
		case n == 0:
			x = x.along(a, To(0))
		case n > 1:
			x = x.copies(n, a).joined(a)
		}
	}
	return x
}

// Repeat returns t with every element repeated n times along an axis.
func (t *Tensor) Repeat(n, a int) *Tensor {
	a = axis("repeat", t.check("repeat"), a, t.Rank())
	if n < 1 {
		panic(misuse("repeat", []*Tensor{t}, "%d repetitions, want at least 1", n))
	}
	return t.copies(n, a+1).joined(a)
}

// copies returns t with a new axis a of n equal parts.
func (t *Tensor) copies(n, a int) *Tensor {
	x := t.ExpandDims(a)
	if !x.n.Known() {
		return Concat(a, slices.Repeat([]*Tensor{x}, n)...)
	}
	shape := x.Shape()
	shape[a] = n
	return x.BroadcastTo(shape...)
}

// MoveAxis returns t with axis from moved to place to.
func (t *Tensor) MoveAxis(from, to int) *Tensor {
	from = axis("move_axis", t.check("move_axis"), from, t.Rank())
	to = axis("move_axis", t, to, t.Rank())
	order := make([]int, 0, t.Rank())
	for a := range t.Rank() {
		if a != from {
			order = append(order, a)
		}
	}
	return t.Transpose(slices.Insert(order, to, from)...)
}

// SwapAxes returns t with two axes exchanged.
func (t *Tensor) SwapAxes(a, b int) *Tensor {
	a, b = axis("swap_axes", t.check("swap_axes"), a, t.Rank()), axis("swap_axes", t, b, t.Rank())
	order := make([]int, t.Rank())
	for i := range order {
		order[i] = i
	}
	order[a], order[b] = b, a
	return t.Transpose(order...)
}

// Rot90 returns t turned by k quarter turns in the plane of two axes, from the
// first towards the second.
func (t *Tensor) Rot90(k, a, b int) *Tensor {
	a, b = axis("rot90", t.check("rot90"), a, t.Rank()), axis("rot90", t, b, t.Rank())
	if a == b {
		panic(misuse("rot90", []*Tensor{t}, "axis %d is named twice", a).at(a))
	}
	switch (k%4 + 4) % 4 {
	case 1:
		return t.Flip(b).SwapAxes(a, b)
	case 2:
		return t.Flip(a, b)
	case 3:
		return t.SwapAxes(a, b).Flip(b)
	}
	return t
}

// Ravel returns the elements of t as a vector, in row-major order.
func (t *Tensor) Ravel() *Tensor { return t.check("ravel").Reshape(-1) }
