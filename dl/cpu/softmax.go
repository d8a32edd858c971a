package cpu

import (
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// softmax emits softmax or log-softmax along the last axis.
func (b *builder) softmax(i backend.Instr) bool {
	x, y := b.root[i.In[0]], i.Out[0]
	shape := b.shape(i.In[0])
	axis := i.Attrs.(backend.AxisAttrs).Axis
	n := shape[axis]
	if axis != len(shape)-1 || b.size(x) == 0 {
		return false
	}
	units := b.unitsOf(shape[:axis], b.size(x)/n, x)
	s := &step{name: string(i.Op), units: units, cost: b.size(x)/units + 20, aligned: []int{x}, out: []int{y}, scratch: n}
	s.block = func(e *execution, s *step, w *worker, p piece) {
		from, to := e.part(w, s, x, p), e.part(w, s, y, p)
		for k := 0; k < len(from); k += n {
			row, d := from[k:k+n], to[k:k+n]
			if i.Op == backend.LogSoftmax {
				e.ks.addScalar(&d[0], &row[0], -e.logSumExp(row, s.scratchOf(w)), n)
				continue
			}
			_, sum := e.exponentials(d, row)
			e.ks.mulScalar(&d[0], &d[0], 1/sum, n)
		}
	}
	b.emit(s)
	return true
}

// exponentials writes exp(x_j − m), where m is the greatest x_j, and returns m
// and their sum.
func (e *execution) exponentials(dst, x []float32) (m, sum float32) {
	n := len(x)
	m = e.ks.maximumOf(&x[0], n)
	e.ks.addScalar(&dst[0], &x[0], -m, n)
	e.ks.unary[backend.Exp](&dst[0], &dst[0], n)
	return m, e.ks.total(&dst[0], n)
}

func (e *execution) logSumExp(x, scratch []float32) float32 {
	m, sum := e.exponentials(scratch, x)
	return m + float32(math.Log(float64(sum)))
}

// crossEntropy emits the cross-entropy of the softmax with labels, its gradient,
// or both. A label that names no class gives NaN.
func (b *builder) crossEntropy(i backend.Instr) bool {
	x, labels := b.root[i.In[0]], b.root[i.In[1]]
	rows, n := b.shape(i.In[0])[0], b.shape(i.In[0])[1]
	if rows*n == 0 {
		return false
	}
	d := b.values[labels].DType
	s := &step{name: string(i.Op), units: rows, cost: n + 40, aligned: []int{x, labels}, out: slices.Clone(i.Out)}
	if i.Op == backend.SoftmaxCrossEntropy {
		y := i.Out[0]
		s.scratch = n
		s.block = func(e *execution, s *step, w *worker, p piece) {
			from, to := e.part(w, s, x, p), e.part(w, s, y, p)
			for r := range to {
				row := from[r*n:][:n]
				to[r] = float32(math.NaN())
				if k := label(d, e.buffers[labels], p.lo+r); 0 <= k && k < n {
					to[r] = e.logSumExp(row, s.scratchOf(w)) - row[k]
				}
			}
		}
		b.emit(s)
		return true
	}
	g, y, both := b.root[i.In[2]], i.Out[len(i.Out)-1], i.Op == crossEntropyBoth
	s.aligned = append(s.aligned, g)
	s.block = func(e *execution, s *step, w *worker, p piece) {
		from, to, by := e.part(w, s, x, p), e.part(w, s, y, p), e.part(w, s, g, p)
		var losses []float32
		if both {
			losses = e.part(w, s, i.Out[0], p)
		}
		for r, f := range by {
			row, out := from[r*n:][:n], to[r*n:][:n]
			m, sum := e.exponentials(out, row)
			lse := float64(m) + math.Log(float64(sum))
			k := label(d, e.buffers[labels], p.lo+r)
			if k < 0 || k >= n {
				f, lse = float32(math.NaN()), math.NaN()
				k = 0
			}
			loss := lse - float64(row[k])
			e.ks.mulScalar(&out[0], &out[0], f/sum, n)
			// p_k − 1 without losing what p_k lacks to 1.
			out[k] = f * float32(math.Expm1(-loss))
			if both {
				losses[r] = float32(loss)
			}
		}
	}
	b.emit(s)
	return true
}

// label reads element i of an array of integers.
func label(d backend.DType, b backend.Buffer, i int) int {
	switch d {
	case backend.Int32:
		return int(backend.View[int32](b)[i])
	case backend.Int64:
		return int(backend.View[int64](b)[i])
	}
	return int(backend.View[uint8](b)[i])
}
