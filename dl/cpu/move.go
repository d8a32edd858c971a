package cpu

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// move emits an instruction that copies runs of memory, of any dtype, and
// reports whether i is one.
func (b *builder) move(i backend.Instr) bool {
	if b.size(i.Out[0]) == 0 {
		return false
	}
	switch i.Op {
	case backend.Concat:
		b.concat(i)
		return true
	case backend.Slice:
		at := i.Attrs.(backend.SliceAttrs)
		if slices.ContainsFunc(at.Step, func(s int) bool { return s != 1 }) {
			return false
		}
		x := b.root[i.In[0]]
		w := b.windowOf(x, i.Out[0], at.Start)
		b.copies(i, w.count(), w.run, func(in, out []byte, p piece) {
			at := p.lo * w.run
			w.each(p.lo, p.hi, func(offset int) {
				copy(out[at:at+w.run], in[offset:])
				at += w.run
			})
		})
		return true
	case backend.Pad:
		w := b.windowOf(i.Out[0], i.In[0], i.Attrs.(backend.PadAttrs).Before)
		b.copies(i, 1, b.bytes(i.Out[0]), func(in, out []byte, _ piece) {
			clear(out)
			w.each(0, len(in)/max(w.run, 1), func(offset int) {
				copy(out[offset:], in[:w.run])
				in = in[w.run:]
			})
		})
		return true
	}
	return false
}

func (b *builder) bytes(v int) int { return b.size(v) * b.values[v].DType.Size() }

// copies emits a step that copies from i's operand to its result. bytes is how
// much a unit moves.
func (b *builder) copies(i backend.Instr, units, bytes int, block func(in, out []byte, p piece)) {
	x, y := b.root[i.In[0]], i.Out[0]
	b.emit(&step{
		name: string(i.Op), units: units, cost: bytes/16 + 1, alone: true,
		whole: []int{x}, out: []int{y},
		block: func(e *execution, _ *step, _ *worker, p piece) {
			block(e.buffers[x].Bytes(), e.buffers[y].Bytes(), p)
		},
	})
}

// concat emits the joining of arrays. For each index of the axes before the one
// along which they are joined, each brings one run.
func (b *builder) concat(i backend.Instr) {
	axis := i.Attrs.(backend.AxisAttrs).Axis
	y := i.Out[0]
	outer := backend.Size(b.shape(y)[:axis])
	line := b.bytes(y) / outer
	var roots, run, offset []int
	at := 0
	for _, v := range i.In {
		n := b.bytes(v) / outer
		roots, run, offset = append(roots, b.root[v]), append(run, n), append(offset, at)
		at += n
	}
	count := len(roots)
	b.emit(&step{
		name: string(i.Op), units: outer * count, cost: line/count/16 + 1, alone: true,
		whole: slices.Clone(roots), out: []int{y},
		block: func(e *execution, _ *step, _ *worker, p piece) {
			to := e.buffers[y].Bytes()
			for u := p.lo; u < p.hi; u++ {
				k, o := u%count, u/count
				copy(to[o*line+offset[k]:][:run[k]], e.buffers[roots[k]].Bytes()[o*run[k]:])
			}
		},
	})
}

// A memoryWindow is a box in an array, as runs of bytes that are together in
// memory.
type memoryWindow struct {
	run    int   // bytes of a run
	first  int   // where the first one begins
	sizes  []int // of the axes whose indices tell the runs apart
	stride []int // bytes, by axis
}

// windowOf returns the box with the shape of value small that begins at start
// in the array with the shape of value large.
func (b *builder) windowOf(large, small int, start []int) memoryWindow {
	outer, inner := b.shape(large), b.shape(small)
	w := memoryWindow{run: b.values[small].DType.Size()}
	whole := true // the axes after this one are taken whole
	stride := w.run
	for a := len(inner) - 1; a >= 0; a-- {
		w.first += start[a] * stride
		if whole {
			w.run *= inner[a]
		} else if inner[a] != 1 {
			w.sizes, w.stride = append(w.sizes, inner[a]), append(w.stride, stride)
		}
		whole = whole && inner[a] == outer[a]
		stride *= outer[a]
	}
	slices.Reverse(w.sizes)
	slices.Reverse(w.stride)
	return w
}

// count is the number of runs.
func (w *memoryWindow) count() int { return backend.Size(w.sizes) }

// each calls f with the beginnings of the runs from number lo to before hi.
func (w *memoryWindow) each(lo, hi int, f func(offset int)) {
	var index [maxRank]int
	at, rest := w.first, lo
	for a := len(w.sizes) - 1; a >= 0; a-- {
		index[a] = rest % w.sizes[a]
		rest /= w.sizes[a]
		at += index[a] * w.stride[a]
	}
	for range hi - lo {
		f(at)
		for a := len(w.sizes) - 1; a >= 0; a-- {
			at += w.stride[a]
			if index[a]++; index[a] < w.sizes[a] {
				break
			}
			at -= index[a] * w.stride[a]
			index[a] = 0
		}
	}
}
