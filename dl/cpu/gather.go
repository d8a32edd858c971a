package cpu

import "github.com/fluxion-go/fluxion/dl/backend"

// rowIndex reads element i of an array of int32 or int64 as an index into n
// rows: a negative one counts from the end, one out of range is moved to the
// nearest row.
func rowIndex(d backend.DType, b backend.Buffer, i, n int) int {
	v := label(d, b, i)
	if v < 0 {
		v += n
	}
	return max(0, min(v, n-1))
}

// gather emits the rows of an array at indices, and reports whether i is that.
// Its units are those of the indices' first axis, so that what follows can go
// with it.
func (b *builder) gather(i backend.Instr) bool {
	x, at, y := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	if i.Attrs.(backend.AxisAttrs).Axis != 0 || b.size(y) == 0 {
		return false
	}
	n, count, d := b.shape(i.In[0])[0], b.size(i.In[1]), b.values[at].DType
	units := leading(b.shape(i.In[1]))
	perUnit, row := count/units, b.bytes(y)/count
	s := &step{name: string(i.Op), units: units, cost: perUnit * (row/16 + 5), whole: []int{x, at}, out: []int{y}}
	if b.values[y].DType == backend.Float32 {
		row /= 4
		s.block = func(e *execution, s *step, w *worker, p piece) {
			from, to := e.floats(x), e.part(w, s, y, p)
			for k := p.lo * perUnit; k < p.hi*perUnit; k++ {
				copy(to[:row], from[rowIndex(d, e.buffers[at], k, n)*row:])
				to = to[row:]
			}
		}
	} else {
		s.alone = true
		s.block = func(e *execution, _ *step, _ *worker, p piece) {
			in, out := e.buffers[x].Bytes(), e.buffers[y].Bytes()
			for k := p.lo * perUnit; k < p.hi*perUnit; k++ {
				copy(out[k*row:][:row], in[rowIndex(d, e.buffers[at], k, n)*row:])
			}
		}
	}
	b.emit(s)
	return true
}

// scatterAdd emits the sum of float32 rows at indices, and reports whether i is
// that. A piece looks at all indices and adds the rows that fall into its own,
// in their order.
func (b *builder) scatterAdd(i backend.Instr) bool {
	at, x, y := b.root[i.In[0]], b.root[i.In[1]], i.Out[0]
	if i.Attrs.(backend.AxisAttrs).Axis != 0 || b.size(i.In[1]) == 0 || b.size(y) == 0 {
		return false
	}
	n, count, d := b.shape(y)[0], b.size(i.In[0]), b.values[at].DType
	row := b.size(y) / n
	// A few pieces: each goes through the indices, at about 2 ns for one.
	units := max(1, min(n, 8, row/8))
	b.emit(&step{
		name: string(i.Op), units: units, cost: count*(row/10/units+2) + 1, alone: true,
		whole: []int{at, x}, out: []int{y},
		block: func(e *execution, _ *step, _ *worker, p piece) {
			lo, hi := p.lo*n/units, p.hi*n/units
			from, to := e.floats(x), e.floats(y)
			clear(to[lo*row : hi*row])
			for k := range count {
				r := rowIndex(d, e.buffers[at], k, n)
				switch {
				case r < lo || r >= hi:
				case row == 1: // a call takes longer
					to[r] += from[k]
				default:
					e.ks.binary[backend.Add](&to[r*row], &to[r*row], &from[k*row], row)
				}
			}
		},
	})
	return true
}
