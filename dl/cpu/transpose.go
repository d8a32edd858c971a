package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// transpose emits an exchange of axes that comes down to the transposes of a
// number of matrices.
func (b *builder) transpose(i backend.Instr) bool {
	x, y := b.root[i.In[0]], i.Out[0]
	shape, perm := b.shape(i.In[0]), i.Attrs.(backend.TransposeAttrs).Perm
	if b.size(x) == 0 {
		return false
	}
	// Join axes that stay together. axes lists, in the result's order, runs of
	// operand axes.
	type run struct{ first, last, size int }
	var runs []run
	for _, a := range perm {
		if shape[a] == 1 {
			continue
		}
		if n := len(runs); n > 0 && follows(shape, runs[n-1].last, a) {
			runs[n-1].last = a
			runs[n-1].size *= shape[a]
			continue
		}
		runs = append(runs, run{a, a, shape[a]})
	}
	matrices := 1
	if len(runs) == 3 && runs[0].first < runs[1].first && runs[0].first < runs[2].first {
		matrices = runs[0].size
		runs = runs[1:]
	}
	switch {
	case len(runs) <= 1 && matrices == 1:
		b.root[y] = x // nothing moves
		return true
	case len(runs) != 2:
		return false
	}
	rows, cols := runs[1].size, runs[0].size // of an operand matrix
	size := rows * cols
	s := &step{name: "transpose", units: matrices, cost: size/2 + 1, aligned: []int{x}, out: []int{y}}
	if matrices > 1 {
		// Units of the leading axis hold several matrices each.
		s.units = leading(shape)
		s.cost = matrices/s.units*size/2 + 1
		s.block = func(e *execution, s *step, w *worker, p piece) {
			from, to := e.part(w, s, x, p), e.part(w, s, y, p)
			for k := 0; k < len(from); k += size {
				e.ks.transpose(to[k:k+size], rows, from[k:k+size], cols, rows, cols)
			}
		}
		b.emit(s)
		return true
	}
	// One matrix is cut into strips of 8 columns.
	s.alone = true
	s.units, s.cost = (cols+7)/8, rows*4+1
	s.block = func(e *execution, _ *step, _ *worker, p piece) {
		from, to := e.floats(x), e.floats(y)
		lo, hi := p.lo*8, min(p.hi*8, cols)
		e.ks.transpose(to[lo*rows:], rows, from[lo:], cols, rows, hi-lo)
	}
	b.emit(s)
	return true
}

// follows reports whether axis c is the next after a that is not 1.
func follows(shape []int, a, c int) bool {
	if c <= a {
		return false
	}
	for _, d := range shape[a+1 : c] {
		if d != 1 {
			return false
		}
	}
	return true
}
