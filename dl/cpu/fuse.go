package cpu

import (
	"github.com/fluxion-go/fluxion/dl/backend"
)

// maxChain is the greatest number of instructions in a chain.
const maxChain = 48

// A cluster is a number of elementwise instructions that may still grow. No
// open cluster reads another open one.
type cluster struct {
	instrs []backend.Instr
	shape  []int
	closed bool
}

// fuser emits the instructions of a program, elementwise ones as chains.
type fuser struct {
	b      *builder
	inside map[int]*cluster // the open cluster that computes a value
	open   []*cluster
	closed func(c *cluster)
	other  func(i backend.Instr) error // takes what is not elementwise
}

// fuse goes through instrs, and ends with all clusters closed.
func (f *fuser) fuse(instrs []backend.Instr) error {
	f.inside = map[int]*cluster{}
	for _, i := range instrs {
		if err := f.instr(i); err != nil {
			return err
		}
	}
	for _, c := range f.open {
		f.close(c)
	}
	return nil
}

// clusters returns the instructions of each cluster that instrs has.
func (b *builder) clusters(instrs []backend.Instr) [][]backend.Instr {
	var found [][]backend.Instr
	f := fuser{b: b, closed: func(c *cluster) { found = append(found, c.instrs) }, other: func(backend.Instr) error { return nil }}
	f.fuse(instrs)
	return found
}

// emitAll emits all instructions of the program.
func (b *builder) emitAll() error {
	instrs := b.p.Instrs
	if b.fuse {
		instrs = b.recompute(readReLU(b.p))
	}
	uses := make([]int, len(b.values)) // with outputs and updates
	for _, i := range instrs {
		for _, v := range i.In {
			uses[v]++
		}
	}
	for _, v := range b.p.Outputs {
		uses[v]++
	}
	for _, u := range b.p.Updates {
		uses[u.New]++
	}
	f := fuser{b: b, other: b.emitOther}
	f.closed = func(c *cluster) {
		within := map[int]int{}
		for _, i := range c.instrs {
			for _, v := range i.In {
				within[v]++
			}
		}
		b.emitChain(b.chainOf(c.instrs, func(v int) bool { return uses[v] > within[v] }))
	}
	return f.fuse(instrs)
}

// emitOther emits what is not part of a chain.
func (b *builder) emitOther(i backend.Instr) error {
	if i.Op == backend.Reshape {
		b.root[i.Out[0]] = b.root[i.In[0]]
		return nil
	}
	return b.instr(i)
}

// readReLU replaces x > 0 by relu(x) > 0 where relu(x) is there, which is the
// same: then x itself need not be kept for the gradient.
func readReLU(p *backend.Program) []backend.Instr {
	relu := map[int]int{}
	instrs := make([]backend.Instr, 0, len(p.Instrs))
	for _, i := range p.Instrs {
		if i.Op == backend.ReLU {
			relu[i.In[0]] = i.Out[0]
		}
		if i.Op == backend.Greater && isZero(p.Values[i.In[1]]) {
			if r, ok := relu[i.In[0]]; ok {
				i.In = []int{r, i.In[1]}
			}
		}
		instrs = append(instrs, i)
	}
	return instrs
}

func isZero(v backend.Value) bool {
	return !v.Const.IsNil() && v.DType == backend.Float32 && backend.Size(v.Shape) == 1 && backend.View[float32](v.Const)[0] == 0
}

func (f *fuser) instr(i backend.Instr) error {
	out := i.Out[0]
	if !f.b.chainable(i) {
		for _, v := range i.In {
			f.closeMaker(v)
		}
		return f.other(i)
	}
	var into *cluster
	for _, v := range i.In {
		c := f.inside[v]
		switch {
		case c == nil || c == into:
		case !equalShapes(c.shape, f.b.shape(out)) || len(c.instrs) >= maxChain:
			f.close(c)
		case into == nil:
			into = c
		case len(into.instrs)+len(c.instrs) >= maxChain:
			f.close(c)
		default:
			f.join(into, c)
		}
	}
	if into == nil {
		into = &cluster{shape: f.b.shape(out)}
		f.open = append(f.open, into)
	}
	into.instrs = append(into.instrs, i)
	f.inside[out] = into
	if !f.b.fuse {
		f.close(into)
	}
	return nil
}

// join moves the instructions of c, which do not read a, to a.
func (f *fuser) join(a, c *cluster) {
	for _, i := range c.instrs {
		f.inside[i.Out[0]] = a
	}
	a.instrs = append(a.instrs, c.instrs...)
	c.closed = true
}

func (f *fuser) closeMaker(v int) {
	if c := f.inside[v]; c != nil {
		f.close(c)
	}
}

// close emits c.
func (f *fuser) close(c *cluster) {
	if c.closed {
		return
	}
	c.closed = true
	for _, i := range c.instrs {
		delete(f.inside, i.Out[0])
	}
	f.closed(c)
}

func equalShapes(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// chainable reports whether i can be part of a chain: its numbers are float32,
// or bools, which a chain holds as float32.
func (b *builder) chainable(i backend.Instr) bool {
	d := b.values[i.Out[0]].DType
	if d != backend.Float32 && d != backend.Bool || len(b.shape(i.Out[0])) > maxRank {
		return false
	}
	switch i.Op {
	case backend.Cast:
		return true
	case backend.BroadcastTo, backend.Where, backend.Not:
	default:
		f, _ := b.ks.binaryFor(i.Op)
		if f == nil && b.ks.unaryFor(i.Op) == nil {
			return false
		}
	}
	for _, v := range i.In {
		if d := b.values[v].DType; d != backend.Float32 && d != backend.Bool {
			return false
		}
	}
	return true
}
