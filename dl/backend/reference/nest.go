package reference

// A nest is a loop nest over the elements of an array in row-major order,
// which steps through some other arrays at the same time: strides[j][a] is
// how far array j moves with one step along axis a, 0 where it is broadcast.
type nest struct {
	shape   []int
	strides [][]int
	index   []int
	offsets []int
}

// newNest returns a nest whose axes are as few as can be: axes of length 1
// are dropped, and neighbours that all arrays step through as one are merged.
func newNest(shape []int, strides ...[]int) *nest {
	n := &nest{strides: make([][]int, len(strides)), offsets: make([]int, len(strides))}
	for a, d := range shape {
		if d == 1 {
			continue
		}
		last := len(n.shape) - 1
		merge := last >= 0
		for j := range strides {
			merge = merge && n.strides[j][last] == strides[j][a]*d
		}
		if merge {
			n.shape[last] *= d
		} else {
			n.shape = append(n.shape, d)
			last++
		}
		for j := range strides {
			if merge {
				n.strides[j][last] = strides[j][a]
			} else {
				n.strides[j] = append(n.strides[j], strides[j][a])
			}
		}
	}
	if len(n.shape) == 0 {
		n.shape = []int{1}
		for j := range strides {
			n.strides[j] = []int{0}
		}
	}
	n.index = make([]int, len(n.shape))
	return n
}

// length returns the elements of an innermost row.
func (n *nest) length() int { return n.shape[len(n.shape)-1] }

// step returns how far array j moves from one element of a row to the next.
func (n *nest) step(j int) int { return n.strides[j][len(n.shape)-1] }

// rows calls f for each innermost row in order, with the place of each array
// at its beginning; the slice is reused.
func (n *nest) rows(f func(offsets []int)) {
	for _, d := range n.shape {
		if d == 0 {
			return
		}
	}
	clear(n.index)
	clear(n.offsets)
	for {
		f(n.offsets)
		a := len(n.shape) - 2
		for ; a >= 0; a-- {
			n.index[a]++
			for j, s := range n.strides {
				n.offsets[j] += s[a]
			}
			if n.index[a] < n.shape[a] {
				break
			}
			n.index[a] = 0
			for j, s := range n.strides {
				n.offsets[j] -= s[a] * n.shape[a]
			}
		}
		if a < 0 {
			return
		}
	}
}

// rowMajor returns the strides of a row-major array.
func rowMajor(shape []int) []int {
	s, n := make([]int, len(shape)), 1
	for a := len(shape) - 1; a >= 0; a-- {
		s[a] = n
		n *= shape[a]
	}
	return s
}

// broadcastStrides returns the strides with which a row-major array of shape
// from is read as one of shape to: by numpy's rules from is filled up with
// ones on the left, and axes of length 1 are repeated.
func broadcastStrides(from, to []int) []int {
	own, s := rowMajor(from), make([]int, len(to))
	for a := range from {
		if from[a] != 1 {
			s[len(to)-len(from)+a] = own[a]
		}
	}
	return s
}
