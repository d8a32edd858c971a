package engine

import (
	"slices"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// reshape returns n in a shape, which may be its own.
func (b *builder) reshape(n *G.Node, shape tensor.Shape) *G.Node {
	if b.err != nil || slices.Equal(n.Shape(), shape) {
		return n
	}
	return b.lay("reshape", shape, nil, n)
}

// copy returns a node of its own with the value of n.
func (b *builder) copy(n *G.Node) *G.Node {
	if b.err != nil {
		return nil
	}
	return b.lay("copy", n.Shape().Clone(), nil, n)
}

// broadcast returns n in a shape of as many axes or more.
func (b *builder) broadcast(n *G.Node, to tensor.Shape) *G.Node {
	if b.err != nil || slices.Equal(n.Shape(), to) {
		return n
	}
	from := append(tensor.Shape{}, n.Shape()...)
	for len(from) < len(to) {
		from = append(tensor.Shape{1}, from...)
	}
	return b.lay("broadcast", to, func(i int) int {
		at, stride := 0, 1
		for a := len(to) - 1; a >= 0; a-- {
			if from[a] > 1 {
				at += i % to[a] * stride
				stride *= from[a]
			}
			i /= to[a]
		}
		return at
	}, n)
}

// permuted returns n with its axes in another order.
func (b *builder) permuted(n *G.Node, perm []int) *G.Node {
	if b.err != nil || slices.IsSorted(perm) {
		return n
	}
	shape := make(tensor.Shape, len(perm))
	for to, from := range perm {
		shape[to] = n.Shape()[from]
	}
	return b.native(func(in ...*G.Node) (*G.Node, error) { return G.Transpose(in[0], perm...) }, shape, n)
}

// axisLast is the order of axes in which one is behind all others.
func axisLast(rank, axis int) []int {
	perm := make([]int, 0, rank)
	for a := range rank {
		if a != axis {
			perm = append(perm, a)
		}
	}
	return append(perm, axis)
}

// inverse returns the order that undoes perm.
func inverse(perm []int) []int {
	back := make([]int, len(perm))
	for to, from := range perm {
		back[from] = to
	}
	return back
}
