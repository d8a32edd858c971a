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
	case backend.Gather:
		return b.gather(i)
	case backend.Slice:
		at := i.Attrs.(backend.SliceAttrs)
		if slices.ContainsFunc(at.Step, func(s int) bool { return s != 1 }) {
			return false
		}
		if b.sliceRows(i, at.Start) {
			return true
		}
		w := b.windowOf(i.In[0], i.Out[0], at.Start).cut()
		b.copies(i, w.runs.count(), w.run, func(in, out []byte, p piece) {
			at := p.lo * w.run
			w.runs.each(p.lo, p.hi, func(offset, _ int) {
				copy(out[at:at+w.run], in[w.first+offset:])
				at += w.run
			})
		})
		return true
	case backend.Pad:
		w := b.windowOf(i.Out[0], i.In[0], i.Attrs.(backend.PadAttrs).Before)
		b.copies(i, 1, b.bytes(i.Out[0]), func(in, out []byte, _ piece) {
			clear(out)
			w.runs.each(0, w.runs.count(), func(offset, _ int) {
				copy(out[w.first+offset:], in[:w.run])
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
	if b.concatRows(i, outer) {
		return
	}
	// A part is some of what an operand brings, so that there is work for all
	// where one brings nearly everything.
	type part struct{ value, run, from, to, bytes int }
	const most = 1 << 16
	var parts []part
	at := 0
	for _, v := range i.In {
		run := b.bytes(v) / outer
		for from := 0; from < run; from += most {
			parts = append(parts, part{b.root[v], run, from, at + from, min(most, run-from)})
		}
		at += run
	}
	b.emit(&step{
		name: string(i.Op), units: outer * len(parts), cost: line/len(parts)/16 + 1, alone: true,
		whole: b.roots(i.In), out: []int{y},
		block: func(e *execution, _ *step, _ *worker, p piece) {
			to := e.buffers[y].Bytes()
			for u := p.lo; u < p.hi; u++ {
				t, o := &parts[u%len(parts)], u/len(parts)
				copy(to[o*line+t.to:][:t.bytes], e.buffers[t.value].Bytes()[o*t.run+t.from:])
			}
		},
	})
}

// sliceRows emits a part of float32 columns, row by row, and reports whether i
// is one: what leads to the columns is taken whole.
func (b *builder) sliceRows(i backend.Instr, start []int) bool {
	x, y := b.root[i.In[0]], i.Out[0]
	from, to := b.shape(i.In[0]), b.shape(y)
	last := len(to) - 1
	if b.values[y].DType != backend.Float32 || last < 1 || !slices.Equal(from[:last], to[:last]) || backend.Size(to[:last]) < 2 {
		return false
	}
	line, run, first := from[last], to[last], start[last]
	b.emit(&step{
		name: string(i.Op), units: backend.Size(to[:last]), cost: run/8 + 1,
		aligned: []int{x}, out: []int{y},
		block: func(e *execution, s *step, w *worker, p piece) {
			in, out := e.part(w, s, x, p), e.part(w, s, y, p)
			for ; len(out) > 0; in, out = in[line:], out[run:] {
				copy(out[:run], in[first:])
			}
		},
	})
	return true
}

// concatRows emits the joining of float32 columns, row by row, and reports
// whether i is that. rows is how many there are.
func (b *builder) concatRows(i backend.Instr, rows int) bool {
	y := i.Out[0]
	if b.values[y].DType != backend.Float32 || rows < 2 {
		return false
	}
	line := b.size(y) / rows
	var roots, run, offset []int
	at := 0
	for _, v := range i.In {
		n := b.size(v) / rows
		if n == 0 {
			continue
		}
		roots, run, offset = append(roots, b.root[v]), append(run, n), append(offset, at)
		at += n
	}
	b.emit(&step{
		name: string(i.Op), units: rows, cost: line/8 + 1,
		aligned: slices.Clone(roots), out: []int{y},
		block: func(e *execution, s *step, w *worker, p piece) {
			to := e.part(w, s, y, p)
			for k, v := range roots {
				n := run[k]
				for d, from := to[offset[k]:], e.part(w, s, v, p); ; d, from = d[line:], from[n:] {
					copy(d[:n], from)
					if len(from) == n {
						break
					}
				}
			}
		},
	})
	return true
}

// A window is a box in an array, as runs of bytes that are together in memory.
type window struct {
	run   int  // bytes of a run
	first int  // where the first one begins
	runs  nest // from the places in the array
}

// longCopy is the bytes of a run from which on it is copied in parts.
const longCopy = 1 << 16

// cut returns the window with its runs in parts, where they are long and there
// are few of them for several goroutines.
func (w window) cut() window {
	if len(w.runs) > 0 {
		return w
	}
	for parts := min(16, w.run/longCopy); parts > 1; parts-- {
		if w.run%parts == 0 {
			w.run /= parts
			w.runs = nest{loop{size: parts, from: w.run}}
			break
		}
	}
	return w
}

// windowOf returns the box with the shape of value small that begins at start
// in the array with the shape of value large.
func (b *builder) windowOf(large, small int, start []int) window {
	outer, inner := b.shape(large), b.shape(small)
	w := window{run: b.values[small].DType.Size()}
	whole := true // the axes after this one are taken whole
	stride := w.run
	for a := len(inner) - 1; a >= 0; a-- {
		w.first += start[a] * stride
		if whole {
			w.run *= inner[a]
		} else if inner[a] != 1 {
			w.runs = append(w.runs, loop{size: inner[a], from: stride})
		}
		whole = whole && inner[a] == outer[a]
		stride *= outer[a]
	}
	slices.Reverse(w.runs)
	return w
}
