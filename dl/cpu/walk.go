package cpu

import "fmt"

// A walk goes through the elements of an array that is broadcast to a shape,
// in the shape's row-major order. Axes along which the array runs on evenly
// are joined.
type walk []axis

// maxRank is the greatest rank that fill takes.
const maxRank = 16

type axis struct{ size, stride int }

// newWalk returns the walk of an array of shape from, by numpy's rules.
func newWalk(from, to []int) walk {
	var w walk
	stride := 1
	for k := 1; k <= len(to); k++ {
		a := axis{to[len(to)-k], 0}
		if k <= len(from) {
			if n := from[len(from)-k]; n != 1 {
				a.stride = stride
				stride *= n
			}
		}
		if a.size == 1 {
			continue
		}
		if n := len(w); n > 0 && w[n-1].stride*w[n-1].size == a.stride {
			w[n-1].size *= a.size
			continue
		}
		w = append(w, a)
	}
	// The innermost axis goes last.
	for i, j := 0, len(w)-1; i < j; i, j = i+1, j-1 {
		w[i], w[j] = w[j], w[i]
	}
	return w
}

// plain reports whether the walk reads one element after another.
func (w walk) plain() bool { return len(w) == 0 || len(w) == 1 && w[0].stride == 1 }

// follows reports whether units of the given length, one after another, each
// need as many elements of the array, one after another, and no others.
func (w walk) follows(unit int) bool {
	if len(w) == 0 || w[0].stride == 0 {
		return false
	}
	inner := 1
	for _, a := range w[1:] {
		inner *= a.size
	}
	return unit%inner == 0
}

// cyclic reports whether the walk reads the array from one end to the other,
// again and again.
func (w walk) cyclic() bool { return len(w) == 2 && w[0].stride == 0 && w[1].stride == 1 }

// period returns after how many elements the walk begins again: 1 for a single
// number, 0 where it does not.
func (w walk) period() int {
	if len(w) > 0 && w[0].stride != 0 {
		return 0
	}
	n := 1
	for _, a := range w[min(1, len(w)):] {
		n *= a.size
	}
	return n
}

func (w walk) String() string { return fmt.Sprint([]axis(w)) }

// fill writes the elements of x from position start of the walk on.
func fill[T float32 | float64 | int32 | int64 | uint8](ks *kernelSet, dst []float32, x []T, w walk, start int) {
	if len(w) == 0 {
		ks.set(dst, float32(x[0]))
		return
	}
	var index [maxRank]int
	at, rest := 0, start
	for k := len(w) - 1; k >= 0; k-- {
		index[k] = rest % w[k].size
		rest /= w[k].size
		at += index[k] * w[k].stride
	}
	last := len(w) - 1
	inner := w[last]
	for len(dst) > 0 {
		n := min(inner.size-index[last], len(dst))
		from := x[at:]
		switch floats, ok := any(from).([]float32); {
		case inner.stride == 0:
			ks.set(dst[:n], float32(from[0]))
		case ok && inner.stride == 1:
			copy(dst[:n], floats)
		default:
			for i := range dst[:n] {
				dst[i] = float32(from[i*inner.stride])
			}
		}
		dst = dst[n:]
		// Go on to the next run.
		at -= index[last] * inner.stride
		index[last] = 0
		for k := last - 1; k >= 0; k-- {
			at += w[k].stride
			if index[k]++; index[k] < w[k].size {
				break
			}
			at -= index[k] * w[k].stride
			index[k] = 0
		}
	}
}

// broadcastOffsets returns for each element of shape to the offset of the
// element of an array of shape from that is broadcast there.
func broadcastOffsets(from, to []int) []int {
	n := 1
	for _, d := range to {
		n *= d
	}
	w := newWalk(from, to)
	offsets := make([]int, n)
	for i := range offsets {
		rest := i
		for k := len(w) - 1; k >= 0; k-- {
			offsets[i] += rest % w[k].size * w[k].stride
			rest /= w[k].size
		}
	}
	return offsets
}
