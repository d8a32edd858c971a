package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// transpose emits an exchange of axes, by way of the transposes of whole
// matrices where it comes down to that.
func (b *builder) transpose(i backend.Instr) bool {
	x, y := b.root[i.In[0]], i.Out[0]
	shape, perm := b.shape(i.In[0]), i.Attrs.(backend.TransposeAttrs).Perm
	if b.size(x) == 0 || len(shape) > maxRank {
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
		b.permute(i, shape, perm)
		return true
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

// permute emits any exchange of axes: as copies of runs where the last axes
// stay, else as many transposes of small matrices.
func (b *builder) permute(i backend.Instr, shape, perm []int) {
	x, y := b.root[i.In[0]], i.Out[0]
	rank := len(shape)
	from, to := stridesOf(shape), stridesOf(b.shape(y))
	// The axes of the result that are the last ones of the operand too.
	kept := rank
	run := 1
	for kept > 0 && perm[kept-1] == kept-1 {
		kept--
		run *= shape[kept]
	}
	s := &step{name: "transpose", alone: true, whole: []int{x}, out: []int{y}}
	var outer nest
	if kept < rank {
		for k := range kept {
			outer = append(outer, loop{shape[perm[k]], from[perm[k]], to[k]})
		}
		s.units, s.cost = outer.count(), run/4+8
		s.block = func(e *execution, _ *step, _ *worker, p piece) {
			in, out := e.floats(x), e.floats(y)
			outer.each(p.lo, p.hi, func(a, b int) { copy(out[b:b+run], in[a:]) })
		}
		b.emit(s)
		return
	}
	// The operand's last axis is axis c of the result, and the result's last is
	// axis a of the operand: together they are a matrix that is transposed.
	a, c := perm[rank-1], 0
	for k := range rank - 1 {
		if perm[k] == rank-1 {
			c = k
			continue
		}
		outer = append(outer, loop{shape[perm[k]], from[perm[k]], to[k]})
	}
	rows, cols := shape[a], shape[rank-1]
	s.units, s.cost = outer.count(), rows*cols/2+8
	s.block = func(e *execution, _ *step, _ *worker, p piece) {
		in, out := e.floats(x), e.floats(y)
		outer.each(p.lo, p.hi, func(at, into int) {
			e.ks.transpose(out[into:], to[c], in[at:], from[a], rows, cols)
		})
	}
	b.emit(s)
}

// stridesOf returns how far apart neighbours along each axis are.
func stridesOf(shape []int) []int {
	s := make([]int, len(shape))
	n := 1
	for k := len(shape) - 1; k >= 0; k-- {
		s[k] = n
		n *= shape[k]
	}
	return s
}

// A nest goes through the places of two arrays together, in the order of the
// second.
type nest []loop

type loop struct{ size, from, to int }

func (n nest) count() int {
	c := 1
	for _, l := range n {
		c *= l.size
	}
	return c
}

// each calls f with the places from number lo to before hi.
func (n nest) each(lo, hi int, f func(from, to int)) {
	var index [maxRank]int
	from, to, rest := 0, 0, lo
	for k := len(n) - 1; k >= 0; k-- {
		index[k] = rest % n[k].size
		rest /= n[k].size
		from, to = from+index[k]*n[k].from, to+index[k]*n[k].to
	}
	for range hi - lo {
		f(from, to)
		for k := len(n) - 1; k >= 0; k-- {
			from, to = from+n[k].from, to+n[k].to
			if index[k]++; index[k] < n[k].size {
				break
			}
			from, to = from-index[k]*n[k].from, to-index[k]*n[k].to
			index[k] = 0
		}
	}
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
