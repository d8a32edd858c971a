package cpu

import (
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/backend/reference"
)

// A builder turns the instructions of a program into steps.
type builder struct {
	ks     *kernelSet
	fuse   bool
	p      *backend.Program
	values []backend.Value // those of p and those that the steps need besides
	forms  map[int]int     // by value of p that is another's in channels-last form: that one
	root   []int           // by value of p: the value whose memory it is; a reshape moves nothing
	steps  []*step
	maker  map[int]*step    // by value: the step that computes it unit by unit
	floats map[int]int      // by constant of bools: the value that holds it as numbers
	packed map[panelKey]int // values that hold operands as panels
	wide   map[panelKey]int // values that hold operands with spaced rows

	patches patching

	tiles                bool             // whether products of float32 are computed in tiles of bfloat16
	halfRows, halfPanels map[panelKey]int // values that hold operands packed for those

	// Of the body of a loop.
	same []bool // by value: whether it is the same in all steps; nil elsewhere
	rows int    // examples of the batch, where the steps should be cut by those; 0 elsewhere
}

func (b *builder) shape(v int) []int { return b.values[v].Shape }
func (b *builder) size(v int) int    { return backend.Size(b.values[v].Shape) }

// value adds a float32 value that only the steps know.
func (b *builder) value(shape ...int) int {
	b.values = append(b.values, backend.Value{DType: backend.Float32, Shape: shape})
	b.root = append(b.root, len(b.values)-1)
	if b.same != nil {
		b.same = append(b.same, false)
	}
	return len(b.values) - 1
}

// like adds a value of the dtype and shape of v.
func (b *builder) like(v int) int {
	c := b.value(b.shape(v)...)
	b.values[c].DType = b.values[v].DType
	return c
}

// floatsOf returns v, or for a constant of bools the value that holds it as 0
// and 1, as chains read it.
func (b *builder) floatsOf(v int) int {
	c := b.values[v]
	if c.DType != backend.Bool || c.Const.IsNil() {
		return v
	}
	if f, ok := b.floats[v]; ok {
		return f
	}
	f := b.value(c.Shape...)
	b.floats[v] = f
	b.values[f].Const = backend.NewBuffer(backend.Float32, backend.Size(c.Shape))
	numbers := backend.View[float32](b.values[f].Const)
	for i, x := range c.Const.Bytes() {
		numbers[i] = float32(x)
	}
	if b.same != nil {
		b.same[f] = true
	}
	return f
}

// emit adds s to the steps.
func (b *builder) emit(s *step) {
	for _, ids := range [][]int{s.aligned, s.whole, s.out, s.late} {
		for i, v := range ids {
			ids[i] = b.root[v]
		}
	}
	b.steps = append(b.steps, s)
	for _, v := range s.out {
		b.maker[v] = s
	}
	if b.same != nil && b.unchanging(s) {
		for _, v := range append(append([]int{}, s.out...), s.late...) {
			b.same[v] = true
		}
	}
}

// unchanging reports whether s does the same in all steps of a loop.
func (b *builder) unchanging(s *step) bool {
	for _, v := range append(append([]int{}, s.aligned...), s.whole...) {
		if !b.same[v] {
			return false
		}
	}
	return true
}

// reduction adds a step that sums n floats over its units into the value out.
// add adds a piece to a partial sum.
func (b *builder) reduction(s *step, n, out int, add func(e *execution, s *step, w *worker, p piece, sum []float32)) {
	s.partialSize = roundUp(n, 16)
	s.late = []int{out}
	out = b.root[out]
	s.block = func(e *execution, s *step, w *worker, p piece) {
		sum := e.floats(s.partial)[p.index*s.partialSize:][:n]
		if p.lo == p.start {
			clear(sum)
		}
		add(e, s, w, p, sum)
	}
	s.finish = func(e *execution, partial []float32, pieces, lo, hi int) {
		y := e.floats(out)[lo:min(hi, n)]
		if pieces == 0 || len(y) == 0 {
			clear(y)
			return
		}
		copy(y, partial[lo:])
		for i := 1; i < pieces; i++ {
			e.ks.binary[backend.Add](&y[0], &y[0], &partial[i*roundUp(n, 16)+lo], len(y))
		}
	}
	b.emit(s)
}

// instr emits the steps of one instruction that is not fused with others.
func (b *builder) instr(i backend.Instr) error {
	if found, err := b.control(i); found || err != nil {
		return err
	}
	if len(b.shape(i.Out[0])) <= maxRank && b.move(i) {
		return nil
	}
	if b.values[i.Out[0]].DType == backend.Float32 && b.fast(i) {
		return nil
	}
	if b.random(i) || b.cut(i) {
		return nil
	}
	return b.plain(i)
}

// fast emits an instruction on float32, and reports whether there is a fast
// kernel for it.
func (b *builder) fast(i backend.Instr) bool {
	switch i.Op {
	case backend.MatMul:
		if at, _ := i.Attrs.(backend.MatMulAttrs); b.tiles && tiledMatMul(at, b.shape(i.In[0]), b.shape(i.Out[0])) {
			b.tileMatMul(i)
			return true
		}
		b.matMul(i)
		return true
	case matMulBias:
		b.matMul(i)
		return true
	case backend.Sum:
		return b.sum(i)
	case backend.Softmax, backend.LogSoftmax:
		return b.softmax(i)
	case backend.SoftmaxCrossEntropy, backend.SoftmaxCrossEntropyGrad, crossEntropyBoth:
		return b.crossEntropy(i)
	case backend.ScatterAdd:
		return b.scatterAdd(i)
	case backend.Transpose:
		return b.transpose(i)
	case convLast:
		b.conv2D(i)
		return true
	case convGradInputLast:
		b.convGradInput(i)
		return true
	case convGradWeightLast:
		b.convGradWeight(i)
		return true
	case maxPoolLast:
		b.maxPool(i)
		return true
	case maxPoolGradLast:
		b.maxPoolGrad(i)
		return true
	case maxPoolWhichGradLast:
		b.maxPoolWhichGrad(i)
		return true
	}
	return false
}

func (b *builder) specs(ids []int) []backend.Value {
	vs := make([]backend.Value, len(ids))
	for k, id := range ids {
		vs[k] = b.values[id]
	}
	return vs
}

// plain emits an instruction that has no fast kernel.
func (b *builder) plain(i backend.Instr) error {
	kernel, err := reference.Kernel(i, b.specs(i.In), b.specs(i.Out))
	if err != nil {
		if u, ok := err.(*backend.Unsupported); ok {
			return &backend.Unsupported{Backend: name, Op: u.Op, Why: u.Why}
		}
		return err
	}
	b.emitWhole(i, func(_ *execution, in, out []backend.Buffer) { kernel(in, out) })
	return nil
}

// emitWhole emits a step that one goroutine does in one go.
func (b *builder) emitWhole(i backend.Instr, do func(e *execution, in, out []backend.Buffer)) {
	in, out := make([]backend.Buffer, len(i.In)), make([]backend.Buffer, len(i.Out))
	rootsIn, rootsOut := b.roots(i.In), b.roots(i.Out)
	b.emit(&step{
		name: string(i.Op), units: 1, alone: true,
		whole: rootsIn, out: rootsOut,
		block: func(e *execution, _ *step, _ *worker, _ piece) {
			for k, v := range rootsIn {
				in[k] = e.buffers[v]
			}
			for k, v := range rootsOut {
				out[k] = e.buffers[v]
			}
			do(e, in, out)
			clear(in) // the memory is not theirs after the run
			clear(out)
		},
	})
}

func (b *builder) roots(ids []int) []int {
	r := make([]int, len(ids))
	for i, v := range ids {
		r[i] = b.root[v]
	}
	return r
}
