package cpu

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// leading returns the length of the axis along which work on an array of this
// shape is cut: the first that is not 1.
func leading(shape []int) int {
	for _, d := range shape {
		if d != 1 {
			return d
		}
	}
	return 1
}

// unitsOf returns into how many units work on an array of the given shape, of
// that many rows, is cut: as many as the step has that computes an operand, so
// that the two can go piece by piece together, or along the leading axis.
func (b *builder) unitsOf(shape []int, rows int, operands ...int) int {
	units := leading(shape)
	if b.rows > 0 {
		return units
	}
	for _, v := range operands {
		if s := b.maker[b.root[v]]; s != nil && !s.alone && s.units > units && rows%s.units == 0 {
			return s.units
		}
	}
	return units
}

// A span is a run of axes that are all reduced or all kept.
type span struct {
	size    int
	reduced bool
}

// spansOf joins the axes of shape, without those of length 1.
func spansOf(shape, reduced []int) []span {
	var spans []span
	for a, d := range shape {
		if d == 1 {
			continue
		}
		r := slices.Contains(reduced, a)
		if n := len(spans); n > 0 && spans[n-1].reduced == r {
			spans[n-1].size *= d
			continue
		}
		spans = append(spans, span{d, r})
	}
	return spans
}

// sum emits the steps of a sum of float32, and reports whether it could.
func (b *builder) sum(i backend.Instr) bool {
	shape := b.shape(i.In[0])
	x, y := b.root[i.In[0]], i.Out[0]
	spans := spansOf(shape, i.Attrs.(backend.ReduceAttrs).Axes)
	if b.size(x) == 0 || len(spans) > 3 {
		return false
	}
	var pattern string
	for _, s := range spans {
		pattern += map[bool]string{true: "r", false: "k"}[s.reduced]
	}
	units := leading(shape)
	if pattern == "rk" || pattern == "kr" || pattern == "krk" {
		units = b.unitsOf(shape, spans[0].size, x)
	}
	in := b.size(x) / max(units, 1) // elements of a unit
	s := &step{name: "sum", units: units, cost: in/4 + 1, aligned: []int{x}}
	last := 1
	if len(spans) > 0 {
		last = spans[len(spans)-1].size
	}
	switch pattern {
	case "", "k": // nothing is added up
		b.root[y] = x
	case "r":
		b.reduction(s, 1, y, func(e *execution, s *step, w *worker, p piece, sum []float32) {
			v := e.part(w, s, x, p)
			sum[0] += e.ks.total(&v[0], len(v))
		})
	case "rk":
		b.reduction(s, last, y, func(e *execution, s *step, w *worker, p piece, sum []float32) {
			e.sumRows(sum, e.part(w, s, x, p))
		})
	case "rkr":
		b.reduction(s, spans[1].size, y, func(e *execution, s *step, w *worker, p piece, sum []float32) {
			v := e.part(w, s, x, p)
			for k := 0; len(v) > 0; k = (k + 1) % len(sum) {
				sum[k] += e.ks.total(&v[0], last)
				v = v[last:]
			}
		})
	case "kr":
		s.out = []int{y}
		s.block = func(e *execution, s *step, w *worker, p piece) {
			v := e.part(w, s, x, p)
			d := e.part(w, s, y, p)
			for k := range d {
				d[k] = e.ks.total(&v[k*last], last)
			}
		}
		b.emit(s)
	case "krk":
		s.out = []int{y}
		s.block = func(e *execution, s *step, w *worker, p piece) {
			v, d := e.part(w, s, x, p), e.part(w, s, y, p)
			clear(d)
			rows := spans[1].size * last
			for ; len(d) > 0; d, v = d[last:], v[rows:] {
				e.sumRows(d[:last], v[:rows])
			}
		}
		b.emit(s)
	default:
		return false
	}
	return true
}

// sumRows adds the rows of v, which are as long as sum, to sum.
func (e *execution) sumRows(sum, v []float32) {
	n := len(sum)
	for len(v) > 0 {
		rows := min(len(v)/n, len(ones))
		e.ks.addRows(sum, v, n, ones[:rows], n)
		v = v[rows*n:]
	}
}

var ones = func() (x [64]float32) {
	for i := range x {
		x[i] = 1
	}
	return x
}()
