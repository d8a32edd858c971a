package slices

import (
	"cmp"
	"sort"
)

// Sort sorts x.
func Sort[S ~[]E, E cmp.Ordered](x S) {
	switch s := any([]E(x)).(type) { // what compiled code can sort
	case []int:
		sort.Ints(s)
	case []float64:
		sort.Float64s(s)
	case []string:
		sort.Strings(s)
	default:
		mergeSort(x, cmp.Compare[E])
	}
}

// SortFunc sorts x in the order of cmp.
func SortFunc[S ~[]E, E any](x S, cmp func(a, b E) int) { mergeSort(x, cmp) }

// SortStableFunc sorts x in the order of cmp; equal elements keep theirs.
func SortStableFunc[S ~[]E, E any](x S, cmp func(a, b E) int) { mergeSort(x, cmp) }

// mergeSort is stable and of all usual methods calls cmp least, which is what
// costs when cmp is interpreted.
func mergeSort[E any](x []E, cmp func(a, b E) int) {
	const run = 8
	for lo := 0; lo < len(x); lo += run {
		insertionSort(x[lo:min(lo+run, len(x))], cmp)
	}
	if len(x) <= run {
		return
	}
	half := make([]E, 0, len(x))
	for width := run; width < len(x); width *= 2 {
		for lo := 0; lo+width < len(x); lo += 2 * width {
			merge(x[lo:min(lo+2*width, len(x))], width, half, cmp)
		}
	}
}

func insertionSort[E any](x []E, cmp func(a, b E) int) {
	for i := 1; i < len(x); i++ {
		v := x[i]
		j := i
		for j > 0 && cmp(v, x[j-1]) < 0 {
			x[j] = x[j-1]
			j--
		}
		x[j] = v
	}
}

// merge joins the sorted x[:mid] and x[mid:]; buf has room for x[:mid].
func merge[E any](x []E, mid int, buf []E, cmp func(a, b E) int) {
	if cmp(x[mid], x[mid-1]) >= 0 {
		return
	}
	left := append(buf[:0], x[:mid]...)
	i, j, k := 0, mid, 0
	for i < len(left) && j < len(x) {
		if cmp(x[j], left[i]) < 0 {
			x[k] = x[j]
			j++
		} else {
			x[k] = left[i]
			i++
		}
		k++
	}
	copy(x[k:], left[i:])
}

// IsSorted reports whether x is in order.
func IsSorted[S ~[]E, E cmp.Ordered](x S) bool { return IsSortedFunc(x, cmp.Compare[E]) }

// IsSortedFunc reports whether x is in the order of cmp.
func IsSortedFunc[S ~[]E, E any](x S, cmp func(a, b E) int) bool {
	for i := 1; i < len(x); i++ {
		if cmp(x[i], x[i-1]) < 0 {
			return false
		}
	}
	return true
}

// Min returns the least element, NaN where there is one.
func Min[S ~[]E, E cmp.Ordered](x S) E {
	if len(x) == 0 {
		panic("slices.Min: empty list")
	}
	m := x[0]
	for _, v := range x[1:] {
		m = min(m, v)
	}
	return m
}

// Max returns the greatest element, NaN where there is one.
func Max[S ~[]E, E cmp.Ordered](x S) E {
	if len(x) == 0 {
		panic("slices.Max: empty list")
	}
	m := x[0]
	for _, v := range x[1:] {
		m = max(m, v)
	}
	return m
}

// MinFunc returns the first of the least elements in the order of cmp.
func MinFunc[S ~[]E, E any](x S, cmp func(a, b E) int) E {
	if len(x) == 0 {
		panic("slices.MinFunc: empty list")
	}
	m := x[0]
	for _, v := range x[1:] {
		if cmp(v, m) < 0 {
			m = v
		}
	}
	return m
}

// MaxFunc returns the first of the greatest elements in the order of cmp.
func MaxFunc[S ~[]E, E any](x S, cmp func(a, b E) int) E {
	if len(x) == 0 {
		panic("slices.MaxFunc: empty list")
	}
	m := x[0]
	for _, v := range x[1:] {
		if cmp(v, m) > 0 {
			m = v
		}
	}
	return m
}

// BinarySearch finds target in the sorted x: where it is or would be, and whether
// it is there.
func BinarySearch[S ~[]E, E cmp.Ordered](x S, target E) (int, bool) {
	return BinarySearchFunc(x, target, cmp.Compare[E])
}

// BinarySearchFunc is BinarySearch in the order of cmp.
func BinarySearchFunc[S ~[]E, E, T any](x S, target T, cmp func(E, T) int) (int, bool) {
	lo, hi := 0, len(x)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if cmp(x[mid], target) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(x) && cmp(x[lo], target) == 0
}
