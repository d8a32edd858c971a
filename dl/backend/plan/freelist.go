package plan

import "slices"

// A freeList hands out pieces of an arena that grows as needed.
type freeList struct {
	holes []hole // free pieces below end, by offset; no two touch
	end   int
}

type hole struct{ offset, size int }

func roundUp(n int) int { return (max(n, 1) + align - 1) / align * align }

// take returns the offset of n free bytes: the smallest hole that holds them,
// else space at the end, which begins in the last hole where that reaches it.
func (f *freeList) take(n int) int {
	n = roundUp(n)
	best := -1
	for i, h := range f.holes {
		if h.size >= n && (best < 0 || h.size < f.holes[best].size) {
			best = i
		}
	}
	if best >= 0 {
		h := &f.holes[best]
		at := h.offset
		h.offset += n
		h.size -= n
		if h.size == 0 {
			f.holes = slices.Delete(f.holes, best, best+1)
		}
		return at
	}
	at := f.end
	if k := len(f.holes) - 1; k >= 0 && f.holes[k].offset+f.holes[k].size == f.end {
		at = f.holes[k].offset
		f.holes = f.holes[:k]
	}
	f.end = at + n
	return at
}

// give returns n bytes at offset to the list.
func (f *freeList) give(offset, n int) {
	n = roundUp(n)
	i, _ := slices.BinarySearchFunc(f.holes, offset, func(h hole, at int) int { return h.offset - at })
	f.holes = slices.Insert(f.holes, i, hole{offset, n})
	if i+1 < len(f.holes) && offset+n == f.holes[i+1].offset {
		f.holes[i].size += f.holes[i+1].size
		f.holes = slices.Delete(f.holes, i+1, i+2)
	}
	if i > 0 && f.holes[i-1].offset+f.holes[i-1].size == offset {
		f.holes[i-1].size += f.holes[i].size
		f.holes = slices.Delete(f.holes, i, i+1)
	}
}
