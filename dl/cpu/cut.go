package cpu

import (
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/backend/reference"
)

// randomPart is the number of random elements that are drawn at a time. An
// element depends on its place alone, so any parts give the same numbers.
const randomPart = 4096

// random emits an instruction that draws random numbers.
func (b *builder) random(i backend.Instr) bool {
	switch i.Op {
	case backend.RandomUniform, backend.RandomNormal, backend.RandomBits:
	default:
		return false
	}
	fill := reference.Random(i, b.values[i.Out[0]])
	if fill == nil {
		return false
	}
	n, key, out := b.size(i.Out[0]), b.root[i.In[0]], b.root[i.Out[0]]
	b.emit(&step{
		name: string(i.Op), units: (n + randomPart - 1) / randomPart, cost: 10 * randomPart, alone: true,
		whole: []int{key}, out: []int{out},
		block: func(e *execution, _ *step, _ *worker, p piece) {
			fill(e.buffers[key], e.buffers[out], p.lo*randomPart, min(p.hi*randomPart, n))
		},
	})
	return true
}

// maxCuts is the number of parts into which an instruction without a fast
// kernel is cut, and cutSize the number of elements from which on that pays.
const (
	maxCuts = 16
	cutSize = 1 << 13
)

// rowwise reports whether row k of the result of i, along the first axis, needs
// row k of the operands alone.
func (b *builder) rowwise(i backend.Instr) bool {
	if len(b.shape(i.Out[0])) < 2 {
		return false
	}
	switch at := i.Attrs.(type) {
	case backend.AvgPoolAttrs, backend.PoolAttrs:
		return true
	case backend.CumulativeAttrs:
		return at.Axis > 0
	case backend.SortAttrs:
		return at.Axis > 0
	case backend.AxisAttrs:
		return at.Axis > 0 && (i.Op == backend.TakeAlong || i.Op == backend.AddAlong || i.Op == backend.Softmax || i.Op == backend.LogSoftmax)
	}
	switch i.Op {
	case backend.Cholesky, backend.Solve, backend.QR, backend.Eigh, backend.SVD:
		return len(b.shape(i.In[0])) > 2
	}
	return false
}

// cut emits an instruction without a fast kernel as parts of the first axis,
// which run side by side.
func (b *builder) cut(i backend.Instr) bool {
	if !b.rowwise(i) {
		return false
	}
	n := b.shape(i.Out[0])[0]
	size := b.size(i.Out[0])
	for _, v := range i.In {
		size = max(size, b.size(v))
		if s := b.shape(v); len(s) < 2 || s[0] != n {
			return false
		}
	}
	parts := min(n, maxCuts)
	if parts < 2 || size < cutSize {
		return false
	}
	// Kernels keep scratch space, so each part has its own.
	type part struct {
		run     func(in, out []backend.Buffer)
		in, out []backend.Buffer
		lo, hi  int
	}
	list := make([]part, parts)
	for k := range list {
		p := part{lo: k * n / parts, hi: (k + 1) * n / parts, in: make([]backend.Buffer, len(i.In)), out: make([]backend.Buffer, 1)}
		rows := func(ids []int) []backend.Value {
			vs := make([]backend.Value, len(ids))
			for j, v := range ids {
				vs[j] = backend.Value{DType: b.values[v].DType, Shape: append([]int{p.hi - p.lo}, b.shape(v)[1:]...)}
			}
			return vs
		}
		kernel, err := reference.Kernel(i, rows(i.In), rows(i.Out))
		if err != nil {
			return false
		}
		p.run = kernel
		list[k] = p
	}
	in, out := b.roots(i.In), b.roots(i.Out)
	rowBytes := func(v int) int { return b.size(v) / n * b.values[v].DType.Size() }
	var bytes []int
	for _, v := range i.In {
		bytes = append(bytes, rowBytes(v))
	}
	outBytes := rowBytes(i.Out[0])
	b.emit(&step{
		name: string(i.Op), units: parts, cost: 4 * size / parts, alone: true,
		whole: in, out: out,
		block: func(e *execution, _ *step, _ *worker, pc piece) {
			for k := pc.lo; k < pc.hi; k++ {
				p := &list[k]
				for j, v := range in {
					p.in[j] = e.buffers[v].Slice(p.lo*bytes[j], p.hi*bytes[j])
				}
				p.out[0] = e.buffers[out[0]].Slice(p.lo*outBytes, p.hi*outBytes)
				p.run(p.in, p.out)
			}
		},
	})
	return true
}
