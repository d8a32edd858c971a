package cpu

import (
	"github.com/fluxion-go/fluxion/dl/backend"
)

// A chain is a number of elementwise instructions over one shape that are
// computed in one pass: a block of elements at a time goes through all of
// them while it is in the first-level cache.
//
// A chain works on registers, which are blocks of float32: in memory where an
// operand or a result of the program lies just so, in scratch memory
// otherwise. Bools are held as 0 and 1.
type chain struct {
	shape     []int
	size      int
	units     int // into which it is cut
	block     int // elements
	registers []register
	slots     int // of block floats in scratch memory
	loads     []load
	ops       []chainOp
	stores    []store
	fused     []backend.Op // the instructions that it computes
	made      []int        // their results
}

// A register is in a slot of scratch memory (slot ≥ 0), or is the memory of
// the operand loads[load], or of the result stores[store].
type register struct {
	slot, load, store int
	lastUse           int // the op that reads it last
}

// A load is an operand that comes from outside.
type load struct {
	value     int     // −1 for a number
	number    float32 // where value is −1
	dtype     backend.DType
	walk      walk
	direct    bool // the operand has the chain's shape, and is float32
	aligned   bool // unit i needs only unit i of the operand
	cyclic    bool // a block is a run of the operand, which is float32
	lasting   bool // all blocks need the same content, as of a broadcast row
	register  int
	transient bool // only ops of kind scalarOp use it, and no register is needed
}

// A store is a result that is wanted outside.
type store struct {
	value    int
	dtype    backend.DType
	register int
	op       int // that computes it
}

type opKind uint8

const (
	unaryOp opKind = iota
	binaryOp
	scalarOp // a register and a single number
	scaledOp // a register and a number times another register
	chooseOp
)

type chainOp struct {
	kind      opKind
	name      backend.Op // of a binaryOp or scalarOp that scale looks for
	unary     unaryKernel
	binary    binaryKernel
	scalar    func(dst, x *float32, c float32, n int)
	negate    bool // the number
	number    int  // the load that is the number of a scalarOp; −1 for 1
	dst, a, b int  // registers
	c         int
}

const chainBlock = 1024

// unit is the number of elements of a unit.
func (c *chain) unit() int { return c.size / max(c.units, 1) }

func (o *chainOp) operands() []int {
	switch o.kind {
	case binaryOp, scaledOp:
		return []int{o.a, o.b}
	case chooseOp:
		return []int{o.a, o.b, o.c}
	}
	return []int{o.a}
}

// overwrites reports whether the result v may be computed in the memory of the
// operand u, which the chain must not need any more by then.
func (c *chain) overwrites(v, u int) bool {
	op := -1
	for _, s := range c.stores {
		if s.value == v && s.dtype == backend.Float32 && c.registers[s.register].store >= 0 {
			op = s.op
		}
	}
	if op < 0 {
		return false
	}
	for _, l := range c.loads {
		if l.value == u && (!l.direct || c.registers[l.register].lastUse > op) {
			return false
		}
	}
	return true
}

// emitChain adds c to the steps.
func (b *builder) emitChain(c *chain) {
	if c.size == 0 {
		return
	}
	s := &step{name: "elementwise", units: c.units, chain: c, block: c.run}
	s.scratch = c.slots * c.block
	for _, l := range c.loads {
		switch {
		case l.value < 0:
		case l.aligned:
			s.aligned = append(s.aligned, l.value)
		default:
			s.whole = append(s.whole, l.value)
		}
	}
	for _, t := range c.stores {
		s.out = append(s.out, t.value)
	}
	picoseconds := 300 * len(c.stores)
	for _, l := range c.loads {
		if l.direct {
			picoseconds += 300
		}
	}
	for _, o := range c.ops {
		picoseconds += o.time()
	}
	s.cost = picoseconds*c.unit()/1000 + 1
	s.early = c.size <= smallChain
	b.emit(s)
}

// smallChain is the size of a chain that is computed as soon as it can be, so
// that a product and what needs both can go together.
const smallChain = 1 << 14

// time is a rough estimate of picoseconds for an element.
func (o *chainOp) time() int {
	if o.kind == unaryOp {
		return 600
	}
	return 200
}

// run computes the units of p.
func (c *chain) run(e *execution, s *step, w *worker, p piece) {
	lo, hi := p.lo*c.size/s.units, p.hi*c.size/s.units
	scratch := s.scratchOf(w)
	if len(w.pointers) < len(c.registers) {
		w.pointers = make([]*float32, len(c.registers))
	}
	at := w.pointers
	for start := lo; start < hi; start += c.block {
		n := min(c.block, hi-start)
		for i := range c.registers {
			switch r := &c.registers[i]; {
			case r.slot >= 0:
				at[i] = &scratch[r.slot*c.block]
			case r.store >= 0:
				at[i] = e.element(w, c.stores[r.store].value, start, lo)
			case r.load >= 0 && c.loads[r.load].direct:
				at[i] = e.element(w, c.loads[r.load].value, start, lo)
			}
		}
		for i := range c.loads {
			l := &c.loads[i]
			if l.direct || l.transient || l.lasting && start > lo {
				continue
			}
			if l.cyclic && !l.lasting {
				if x := e.floats(l.value); start%len(x)+n <= len(x) {
					at[l.register] = &x[start%len(x)]
					continue
				}
			}
			length := n
			if l.lasting {
				length = min(c.block, hi-lo)
			}
			l.fill(e, s, w, p, floats(at[l.register], length), start, lo)
		}
		for i := range c.ops {
			o := &c.ops[i]
			switch o.kind {
			case unaryOp:
				o.unary(at[o.dst], at[o.a], n)
			case binaryOp:
				o.binary(at[o.dst], at[o.a], at[o.b], n)
			case chooseOp:
				e.ks.choose(at[o.dst], at[o.a], at[o.b], at[o.c], n)
			case scaledOp:
				e.ks.addScaled(at[o.dst], at[o.a], at[o.b], c.single(e, o), n)
			case scalarOp:
				o.scalar(at[o.dst], at[o.a], c.single(e, o), n)
			}
		}
		for i := range c.stores {
			t := &c.stores[i]
			if c.registers[t.register].store == i {
				continue
			}
			from := floats(at[t.register], n)
			if t.dtype == backend.Float32 {
				copy(e.part(w, s, t.value, p)[start-lo:], from)
				continue
			}
			to := backend.View[uint8](e.buffers[t.value])[start:][:n]
			for j, v := range from {
				to[j] = 0
				if v != 0 {
					to[j] = 1
				}
			}
		}
	}
}

// element returns where element i is of a value of the chain's shape, of which lo
// is the first in this part.
func (e *execution) element(w *worker, v, i, lo int) *float32 {
	if at := e.local[v]; at >= 0 {
		return &w.scratch[at+i-lo]
	}
	return &e.floats(v)[i]
}

// single returns the number of a scalarOp or scaledOp.
func (c *chain) single(e *execution, o *chainOp) float32 {
	if o.number < 0 {
		return 1
	}
	x := e.floats(c.loads[o.number].value)[0]
	if o.negate {
		return -x
	}
	return x
}

// fill writes the elements from start on that l broadcasts to the shape. The
// units of p begin with element lo.
func (l *load) fill(e *execution, s *step, w *worker, p piece, dst []float32, start, lo int) {
	switch {
	case l.value < 0:
		e.ks.set(dst, l.number)
	case l.dtype == backend.Float32 && l.aligned:
		fill(e.ks, dst, e.part(w, s, l.value, p), l.walk, start-lo)
	case l.dtype == backend.Float32:
		fill(e.ks, dst, e.floats(l.value), l.walk, start)
	case l.dtype == backend.Float64:
		fill(e.ks, dst, backend.View[float64](e.buffers[l.value]), l.walk, start)
	case l.dtype == backend.Int32:
		fill(e.ks, dst, backend.View[int32](e.buffers[l.value]), l.walk, start)
	case l.dtype == backend.Int64:
		fill(e.ks, dst, backend.View[int64](e.buffers[l.value]), l.walk, start)
	default:
		fill(e.ks, dst, backend.View[uint8](e.buffers[l.value]), l.walk, start)
	}
}
