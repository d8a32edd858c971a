package graph

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// broadcast returns the shape to which operands are broadcast by numpy's
// rules: shapes are aligned at the right, and an axis of length 1 is repeated.
// An unknown dimension fits all, and is taken to be what it meets if that is
// not 1.
func (c Call) broadcast(in ...Type) ([]int, *Error) {
	rank := 0
	for _, t := range in {
		rank = max(rank, len(t.Shape))
	}
	out := make([]int, rank)
	for a := range out {
		out[a] = 1
		for _, t := range in {
			k := a - rank + len(t.Shape)
			if k < 0 {
				continue
			}
			switch d := t.Shape[k]; {
			case d == out[a] || d == 1:
			case out[a] == 1 || out[a] == -1:
				out[a] = d
			case d != -1:
				return nil, c.fail("shapes %s do not broadcast: aligned at the right, axis %d is %d in one and %d in another",
					shapeList(in), a, out[a], d).at(a)
			}
		}
	}
	return out, nil
}

func shapeList(in []Type) string {
	s := ""
	for i, t := range in {
		switch {
		case i > 0 && i == len(in)-1:
			s += " and "
		case i > 0:
			s += ", "
		}
		s += ShapeString(t.Shape)
	}
	return s
}

// sameDType checks that the operands have one dtype. Package dl converts
// them, so this fails only where it cannot.
func (c Call) sameDType(in ...Type) *Error {
	for _, t := range in[1:] {
		if t.DType != in[0].DType {
			return c.fail("dtypes differ: %s and %s", in[0].DType, t.DType).kind(ErrDType).help("convert one with Cast")
		}
	}
	return nil
}

func (c Call) wantFloat() *Error {
	if d := c.In[0].DType; !d.IsFloat() {
		return c.fail("dtype %s, want float32 or float64", d).kind(ErrDType).help("convert it with Cast(dl.Float32)")
	}
	return nil
}

func (c Call) wantInt(i int) *Error {
	if d := c.In[i].DType; d.IsFloat() || d == backend.Bool {
		return c.fail("operand %d has dtype %s, want integers", i+1, d).kind(ErrDType).help("convert it with Cast(dl.Int64)")
	}
	return nil
}

func (c Call) wantRank(i, rank int, layout string) *Error {
	if s := c.In[i].Shape; len(s) != rank {
		return c.fail("operand %d has shape %s, want %s", i+1, ShapeString(s), layout)
	}
	return nil
}

// resolveReshape returns the shape that a reshape to target gives, with −1
// where that is not known yet.
func (c Call) resolveReshape(from, target []int) ([]int, *Error) {
	out := slices.Clone(target)
	free, rest := -1, 1
	unknown := slices.Contains(from, -1)
	for i, d := range target {
		switch {
		case d == -1 && free >= 0:
			return nil, c.fail("two dimensions of %s are −1; only one can be computed", ShapeString(target)).at(i)
		case d == -1:
			free = i
			continue
		case d < -1:
			out[i] = from[-2-d]
		}
		rest *= out[i]
		unknown = unknown || out[i] < 0
	}
	if unknown {
		return out, nil
	}
	n := backend.Size(from)
	if free >= 0 {
		if rest == 0 || n%rest != 0 {
			return nil, c.fail("%d elements of shape %s do not fit into %s", n, ShapeString(from), ShapeString(target)).at(free)
		}
		out[free] = n / rest
	} else if rest != n {
		return nil, c.fail("%d elements of shape %s do not fit into %s, which has %d", n, ShapeString(from), ShapeString(target), rest)
	}
	return out, nil
}

// bounds returns the first element and the number of elements of r on an axis
// of n elements. Bounds beyond the ends are moved to them, as in numpy.
func (r Range) bounds(n int) (start, count int) {
	fit := func(i, low, high int) int {
		if i < 0 {
			i += n
		}
		return max(low, min(i, high))
	}
	if r.Step > 0 {
		start, stop := 0, n
		if !r.FromStart {
			start = fit(r.Start, 0, n)
		}
		if !r.ToEnd {
			stop = fit(r.Stop, 0, n)
		}
		return start, max(0, (stop-start+r.Step-1)/r.Step)
	}
	start, stop := n-1, -1
	if !r.FromStart {
		start = fit(r.Start, -1, n-1)
	}
	if !r.ToEnd {
		stop = fit(r.Stop, -1, n-1)
	}
	return start, max(0, (start-stop-r.Step-1)/-r.Step)
}

// samePad returns the zeros before and after an axis of n elements so that a
// window of size w (with its dilation) moved by stride gives ⌈n/stride⌉ places.
func samePad(n, w, stride int) (before, after int) {
	total := max(0, ((n+stride-1)/stride-1)*stride+w-n)
	return total / 2, total - total/2
}

// windows returns how many places a window has on a padded axis, −1 where n
// is unknown. It is below 1 where the window does not fit.
func windows(n, before, after, w, stride int) int {
	if n < 0 {
		return -1
	}
	if n+before+after < w {
		return 0
	}
	return (n+before+after-w)/stride + 1
}
