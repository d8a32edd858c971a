package cpu

import (
	"slices"
	"sync/atomic"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// A scanLoop runs a Scan. What its steps would all compute alike, such as weights as
// panels, is computed once before them.
//
// Where the examples of a batch go through the steps apart from one another, as
// in recurrent layers, each goroutine takes some of them through all steps, and
// nobody waits for anybody before the end.
type scanLoop struct {
	at     backend.ScanAttrs
	once   *executable // computes shared from the operands after the carries; nil for nothing
	step   *executable // of the body's inputs and shared
	shared []backend.Value
	memory []backend.Buffer // of shared
	place  []int            // by output of the body: which of the outputs of step it is
	rows   int              // of the batch; 0 where a step is done by the whole team
	spare  [2][]backend.Buffer
	ins    []backend.Buffer // of step
	outs   []backend.Buffer
	inAt   []int // which values the inputs and the outputs are
	outAt  []int
	number []int       // 0, 1, 2, …
	parts  []execution // one for each goroutine
	take   func(w *worker, lo, hi int)
	in     []backend.Buffer // of the present run
	out    []backend.Buffer
	cut    atomic.Bool // interrupted
}

// partRows is how many examples a goroutine takes at least.
const partRows = 4

// scan emits a Scan.
func (b *builder) scan(i backend.Instr) error {
	l, err := b.loopOf(i)
	if err != nil {
		return err
	}
	b.emitWhole(i, func(e *execution, in, out []backend.Buffer) { e.failure = l.run(e, in, out) })
	return nil
}

// loopOf compiles a Scan.
func (b *builder) loopOf(i backend.Instr) (*scanLoop, error) {
	at := i.Attrs.(backend.ScanAttrs)
	body := *at.Body
	body.Precision = b.p.Precision
	l := &scanLoop{at: at}
	// An output that the body has twice, which usually is a carry that is
	// stacked too, is computed once: straight in its row of the stack.
	body.Outputs = nil
	for _, v := range at.Body.Outputs {
		k := slices.Index(body.Outputs, v)
		if k < 0 {
			k = len(body.Outputs)
			body.Outputs = append(body.Outputs, v)
		}
		l.place = append(l.place, k)
	}
	given := at.Sequences + at.Carries
	c := newBuilder(b.ks, b.fuse, &body)
	c.patches = b.patches
	c.same = make([]bool, len(c.values))
	for v := range c.same {
		c.same[v] = !c.values[v].Const.IsNil()
	}
	for _, v := range body.Inputs[given:] {
		c.same[v] = true
	}
	if at.Carries > 0 {
		if shape := body.Values[body.Inputs[at.Sequences]].Shape; len(shape) > 1 {
			c.rows = shape[0]
		}
	}
	if err := c.emitAll(); err != nil {
		return nil, err
	}
	l.divide(c, &body, given)
	l.ins = make([]backend.Buffer, len(body.Inputs)+len(l.shared))
	l.outs = make([]backend.Buffer, len(body.Outputs))
	l.inAt, l.outAt = body.Inputs, c.roots(body.Outputs)
	for k := range len(l.ins) + len(l.outs) {
		l.number = append(l.number, k)
	}
	for k := range l.spare {
		for _, v := range body.Inputs[at.Sequences:given] {
			l.spare[k] = append(l.spare[k], backend.NewBuffer(body.Values[v].DType, backend.Size(body.Values[v].Shape)))
		}
	}
	l.take = func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			l.part(w, i)
		}
	}
	return l, nil
}

// divide makes executables of the steps of a body: of those that are the same
// each time, and of the others.
func (l *scanLoop) divide(c *builder, body *backend.Program, given int) {
	var once, each []*step
	made := map[int]bool{}
	for _, s := range c.steps {
		if !c.unchanging(s) {
			each = append(each, s)
			continue
		}
		once = append(once, s)
		for _, v := range append(append([]int{}, s.out...), s.late...) {
			made[v] = true
		}
	}
	var shared []int
	share := func(v int) {
		if made[v] && !slices.Contains(shared, v) {
			shared = append(shared, v)
			l.shared = append(l.shared, c.values[v])
		}
	}
	for _, s := range each {
		for _, v := range append(append([]int{}, s.aligned...), s.whole...) {
			share(v)
		}
	}
	for _, v := range body.Outputs {
		share(c.root[v])
	}
	if len(once) > 0 {
		l.once = c.part(&backend.Program{Inputs: body.Inputs[given:], Outputs: shared}, once, false)
	}
	inputs := slices.Concat(body.Inputs, shared)
	l.step = c.part(&backend.Program{Inputs: inputs, Outputs: body.Outputs}, each, c.rows > 1)
	if c.rows > 1 && l.step.apart(c, body.Inputs[l.at.Sequences:given]) {
		l.rows = c.rows
	}
}

// part returns the executable of some of the steps of b.
func (b *builder) part(p *backend.Program, steps []*step, together bool) *executable {
	c := *b
	p.Values, c.p, c.steps, c.values, c.root = b.p.Values, p, steps, slices.Clone(b.values), slices.Clone(b.root)
	x := &executable{execution: execution{ks: b.ks}}
	writes := map[int]int{}
	groups := schedule(steps, c.values, writes, c.kept(), together)
	for _, g := range groups {
		g.whole = together
	}
	x.layOut(&c, groups, writes)
	return x
}

// apart reports whether the examples can go through the steps one by one: that
// there is one group, which is cut by examples, and none of its steps looks at
// all examples of a carry.
func (x *executable) apart(b *builder, carries []int) bool {
	if len(x.groups) != 1 || len(x.copies) > 0 || x.groups[0].units != b.rows {
		return false
	}
	for _, s := range x.groups[0].steps {
		if s.alone || s.finish != nil {
			return false
		}
		for _, v := range carries {
			if slices.Contains(s.whole, b.root[v]) {
				return false
			}
		}
	}
	return true
}

// run runs the loop with the team of the program that it is part of.
func (l *scanLoop) run(e *execution, in, out []backend.Buffer) error {
	given := l.at.Sequences + l.at.Carries
	if l.memory == nil {
		for _, v := range l.shared {
			l.memory = append(l.memory, backend.NewBuffer(v.DType, backend.Size(v.Shape)))
		}
	}
	if l.once != nil {
		if err := l.once.run(e.team, in[given:], nil, l.memory, e.done); err != nil {
			return err
		}
	}
	copy(l.ins[given:], in[given:])
	copy(l.ins[len(in):], l.memory)
	l.in, l.out = in, out
	defer func() { l.in, l.out = nil, nil }()
	if l.rows > 0 {
		return l.runApart(e)
	}
	for t := range l.at.Steps {
		l.bind(t, l.ins, l.number, l.outs, l.number)
		select {
		case <-e.done:
			return backend.ErrInterrupted
		default:
		}
		if err := l.step.run(e.team, l.ins, nil, l.outs, e.done); err != nil {
			return err
		}
	}
	l.end()
	return nil
}

// row returns which row of the sequences step t is about.
func (l *scanLoop) row(t int) int {
	if l.at.Reverse {
		return l.at.Steps - 1 - t
	}
	return t
}

func rowOf(b backend.Buffer, i, n int) backend.Buffer {
	size := len(b.Bytes()) / n
	return b.Slice(i*size, (i+1)*size)
}

// carried returns what carry k is after step t, of −1 for the first.
func (l *scanLoop) carried(k, t int) backend.Buffer {
	if t < 0 {
		return l.in[l.at.Sequences+k]
	}
	c := l.at.Carries
	if i := slices.Index(l.place[c:], l.place[k]); i >= 0 {
		return rowOf(l.out[c+i], l.row(t), l.at.Steps)
	}
	return l.spare[t&1][slices.Index(l.place, l.place[k])]
}

// bind sets the inputs and outputs of step t that change from step to step:
// input k is ins[inAt[k]].
func (l *scanLoop) bind(t int, ins []backend.Buffer, inAt []int, outs []backend.Buffer, outAt []int) {
	q, c := l.at.Sequences, l.at.Carries
	for k := range q {
		ins[inAt[k]] = rowOf(l.in[k], l.row(t), l.at.Steps)
	}
	for k := range c {
		ins[inAt[q+k]] = l.carried(k, t-1)
		outs[outAt[l.place[k]]] = l.carried(k, t)
	}
	for k, b := range l.out[c:] {
		outs[outAt[l.place[c+k]]] = rowOf(b, l.row(t), l.at.Steps)
	}
}

// end writes the last carries.
func (l *scanLoop) end() {
	for k := range l.at.Carries {
		copy(l.out[k].Bytes(), l.carried(k, l.at.Steps-1).Bytes())
	}
}

// runApart takes the examples through all steps, some on each goroutine.
func (l *scanLoop) runApart(e *execution) error {
	l.bind(0, l.ins, l.number, l.outs, l.number)
	l.step.prepare(l.ins, nil, l.outs)
	parts := max(1, min(e.team.size, l.rows/partRows))
	for len(l.parts) < parts {
		l.parts = append(l.parts, execution{ks: l.step.ks, values: l.step.values, sizes: l.step.sizes, local: l.step.local})
	}
	l.parts = l.parts[:parts]
	for k := range l.parts {
		p := &l.parts[k]
		p.buffers = append(p.buffers[:0], l.step.buffers...)
		p.done = e.done
	}
	for _, w := range e.team.workers {
		w.need(l.step.scratch)
	}
	l.cut.Store(false)
	e.team.do(parts, l.take)
	if l.cut.Load() {
		return backend.ErrInterrupted
	}
	l.end()
	return nil
}

// part takes part i of the examples through all steps.
func (l *scanLoop) part(w *worker, i int) {
	e, g := &l.parts[i], l.step.groups[0]
	p := piece{index: i, lo: i * l.rows / len(l.parts), hi: (i + 1) * l.rows / len(l.parts)}
	p.start = p.lo
	for t := range l.at.Steps {
		select {
		case <-e.done:
			l.cut.Store(true)
			return
		default:
		}
		l.bind(t, e.buffers, l.inAt, e.buffers, l.outAt)
		for _, s := range g.steps {
			s.block(e, s, w, p)
		}
	}
}

// maxRowPanels is the number of floats of a matrix up to which each goroutine
// reads all of it in each step, for its own examples.
const maxRowPanels = 1 << 20

// rowProduct emits a product of rows, of which there is one for each example,
// with a matrix that is the same in all steps; it reports whether it could.
func (b *builder) rowProduct(p *product, batch, x, y, z int) bool {
	if b.rows < 2 || p.m != b.rows || batch != 1 || p.transA || p.k == 0 || !b.same[y] || p.k*p.n > maxRowPanels {
		return false
	}
	packed := b.panels(p, y)
	b.emit(&step{
		name: "matmul", units: p.m, cost: multiplyTime(p.n * p.k), flops: 2 * p.n * p.k,
		aligned: []int{x}, whole: p.withBias(packed), out: []int{z}, inside: p.inside,
		scratch: p.ks.tileRows*p.ks.tileCols + panelRows*packedA(p.depth()),
		block: func(e *execution, s *step, w *worker, pc piece) {
			a, c := e.part(w, s, x, pc), e.part(w, s, z, pc)
			for lo := 0; lo < pc.hi-pc.lo; lo += panelRows {
				hi := min(lo+panelRows, pc.hi-pc.lo)
				p.rows(s.scratchOf(w), a, e.floats(packed), c[lo*p.n:], p.biasOf(e), lo, hi)
			}
		},
	})
	return true
}
