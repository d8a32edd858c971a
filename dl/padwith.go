package dl

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A PadMode says what [Tensor.PadWith] puts at the edges.
type PadMode int

// The modes, by numpy's names, with what they put around 1 2 3.
const (
	Edge      PadMode = iota // the last element again: 1 1 | 1 2 3 | 3 3
	Reflect                  // a mirror at the last element: 3 2 | 1 2 3 | 2 1
	Symmetric                // a mirror behind the last element: 2 1 | 1 2 3 | 3 2
	Wrap                     // the other end: 2 3 | 1 2 3 | 1 2
)

func (m PadMode) String() string {
	if m < Edge || m > Wrap {
		return fmt.Sprintf("PadMode(%d)", int(m))
	}
	return [...]string{"edge", "reflect", "symmetric", "wrap"}[m]
}

// at returns the index of the element at place i of an axis of n, which i may be
// outside of.
func (m PadMode) at(i, n int) int {
	period := func(p int) int { return ((i % p) + p) % p }
	switch {
	case m == Edge:
		return min(max(i, 0), n-1)
	case m == Wrap:
		return period(n)
	case m == Symmetric:
		if i = period(2 * n); i >= n {
			i = 2*n - 1 - i
		}
		return i
	case n == 1:
		return 0
	}
	if i = period(2*n - 2); i >= n {
		i = 2*n - 2 - i
	}
	return i
}

// PadWith returns t with elements of its own before and after each axis, as many
// as pads says; the lengths of axes that grow must be known. See [Tensor.Pad] for
// zeros and [Tensor.PadValue] for another number.
func (t *Tensor) PadWith(mode PadMode, pads ...[2]int) *Tensor {
	const op = "pad_with"
	t.check(op)
	if mode < Edge || mode > Wrap {
		panic(misuse(op, []*Tensor{t}, "there is no mode %d", int(mode)).kind(nil).help("use dl.Edge, dl.Reflect, dl.Symmetric or dl.Wrap"))
	}
	if len(pads) != t.Rank() {
		panic(misuse(op, []*Tensor{t}, "%d pairs for shape %s, want one for each axis", len(pads), graph.ShapeString(t.n.Shape)))
	}
	x := t
	for a, p := range pads {
		if p == [2]int{} {
			continue
		}
		if p[0] < 0 || p[1] < 0 {
			panic(misuse(op, []*Tensor{t}, "negative width %v at axis %d", p, a).at(a))
		}
		n := known(op, t, a)
		if n == 0 {
			panic(misuse(op, []*Tensor{t}, "axis %d of shape %s has no elements to repeat", a, graph.ShapeString(t.n.Shape)).at(a))
		}
		at := make([]int, 0, n+p[0]+p[1])
		for i := -p[0]; i < n+p[1]; i++ {
			at = append(at, mode.at(i, n))
		}
		x = x.Gather(at, a)
	}
	return x
}

// PadValue returns t with the number v before and after each axis, as often as
// pads says.
func (t *Tensor) PadValue(v any, pads ...[2]int) *Tensor {
	t.check("pad_value")
	outside := OnesLike(t).Pad(pads...).Equal(0)
	return Where(outside, v, t.Pad(pads...))
}
