package cpu

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// chainOf compiles instrs, which are elementwise instructions over one shape
// in an order in which they can run. wanted tells which results are read
// outside.
func (b *builder) chainOf(instrs []backend.Instr, wanted func(v int) bool) *chain {
	c := &chain{shape: b.shape(instrs[0].Out[0])}
	c.size = backend.Size(c.shape)
	x := chainBuilder{b: b, c: c, byValue: map[int]int{}, byLoad: map[loadKey]int{}}
	for _, i := range instrs {
		x.instr(i)
		c.fused = append(c.fused, i.Op)
		c.made = append(c.made, i.Out[0])
		if v := i.Out[0]; wanted(v) {
			r := x.byValue[v]
			c.stores = append(c.stores, store{value: b.root[v], dtype: b.values[v].DType, register: r})
		}
	}
	if b.fuse {
		c.scale()
	}
	var operands []int
	for _, l := range c.loads {
		if l.value >= 0 {
			operands = append(operands, l.value)
		}
	}
	c.units = b.unitsOf(c.shape, c.size/max(last(c.shape), 1), operands...)
	for k := range c.loads {
		if l := &c.loads[k]; l.value >= 0 {
			l.aligned = l.walk.plain() || l.dtype == backend.Float32 && l.walk.follows(c.unit())
		}
	}
	x.allot()
	return c
}

// last returns the length of the innermost axis.
func last(shape []int) int {
	if len(shape) == 0 {
		return 1
	}
	return shape[len(shape)-1]
}

type loadKey struct {
	value  int
	number float32
	walk   string
}

type chainBuilder struct {
	b       *builder
	c       *chain
	byValue map[int]int // registers of values of the program
	byLoad  map[loadKey]int
}

func (x *chainBuilder) newRegister() int {
	x.c.registers = append(x.c.registers, register{slot: -1, load: -1, store: -1, lastUse: -1})
	return len(x.c.registers) - 1
}

// operand returns the register that holds value v.
func (x *chainBuilder) operand(v int) int {
	if r, ok := x.byValue[v]; ok {
		return r
	}
	r := x.load(x.loadOf(v))
	x.byValue[v] = r
	return r
}

// loadOf describes value v as an operand from outside.
func (x *chainBuilder) loadOf(v int) load {
	v = x.b.floatsOf(v)
	d := x.b.values[v]
	l := load{value: x.b.root[v], dtype: d.DType, walk: newWalk(d.Shape, x.c.shape)}
	l.direct = l.dtype == backend.Float32 && l.walk.plain()
	l.cyclic = l.dtype == backend.Float32 && l.walk.cyclic()
	return l
}

func (x *chainBuilder) load(l load) int {
	key := loadKey{l.value, l.number, l.walk.String()}
	if r, ok := x.byLoad[key]; ok {
		return r
	}
	r := x.newRegister()
	l.register = r
	x.c.registers[r].load = len(x.c.loads)
	x.c.loads = append(x.c.loads, l)
	x.byLoad[key] = r
	return r
}

// number returns a register full of f.
func (x *chainBuilder) number(f float32) int {
	return x.load(load{value: -1, number: f, walk: newWalk(nil, x.c.shape)})
}

func (x *chainBuilder) op(o chainOp) int {
	o.dst = x.newRegister()
	x.c.ops = append(x.c.ops, o)
	return o.dst
}

// instr adds the ops of one instruction.
func (x *chainBuilder) instr(i backend.Instr) {
	ks := x.b.ks
	var r int
	switch i.Op {
	case backend.BroadcastTo:
		r = x.operand(i.In[0])
		if x.c.isLoad(r) { // a result needs an op that computes it
			r = x.op(chainOp{kind: scalarOp, scalar: ks.mulScalar, a: r, number: -1})
		}
	case backend.Where:
		r = x.op(chainOp{kind: chooseOp, a: x.operand(i.In[0]), b: x.operand(i.In[1]), c: x.operand(i.In[2])})
	case backend.Cast:
		r = x.operand(i.In[0])
		from, to := x.b.values[i.In[0]].DType, x.b.values[i.Out[0]].DType
		if to == backend.Bool && from != backend.Bool {
			r = x.op(chainOp{kind: binaryOp, binary: ks.binary[backend.NotEqual], a: r, b: x.number(0)})
		} else {
			r = x.op(chainOp{kind: scalarOp, scalar: ks.mulScalar, a: r, number: -1})
		}
	case backend.Not:
		r = x.op(chainOp{kind: binaryOp, binary: ks.binary[backend.Sub], a: x.number(1), b: x.operand(i.In[0])})
	default:
		if len(i.In) == 1 {
			r = x.op(chainOp{kind: unaryOp, unary: ks.unaryFor(i.Op), a: x.operand(i.In[0])})
			break
		}
		if o, ok := x.scalar(i); ok {
			r = x.op(o)
			break
		}
		f, swap := ks.binaryFor(i.Op)
		a, b := x.operand(i.In[0]), x.operand(i.In[1])
		if swap {
			a, b = b, a
		}
		r = x.op(chainOp{kind: binaryOp, name: i.Op, binary: f, a: a, b: b})
	}
	x.byValue[i.Out[0]] = r
}

// scalar returns the op of an addition, subtraction or multiplication with a
// single number, which then needs no register.
func (x *chainBuilder) scalar(i backend.Instr) (chainOp, bool) {
	o := chainOp{kind: scalarOp, name: i.Op}
	switch i.Op {
	case backend.Add:
		o.scalar = x.b.ks.addScalar
	case backend.Sub:
		o.scalar, o.negate = x.b.ks.addScalar, true
	case backend.Mul:
		o.scalar = x.b.ks.mulScalar
	default:
		return o, false
	}
	single := func(v int) bool {
		_, inside := x.byValue[v]
		return !inside && x.b.size(v) == 1 && x.c.size > 1 && x.b.values[v].DType == backend.Float32
	}
	a, b := i.In[0], i.In[1]
	if !single(b) {
		if o.negate || !single(a) {
			return o, false
		}
		a, b = b, a
	}
	o.a = x.operand(a)
	l := x.loadOf(b)
	l.transient = true
	o.number = len(x.c.loads)
	x.c.loads = append(x.c.loads, l)
	return o, true
}

// computes returns the op whose result is register r.
func (c *chain) computes(r int) int {
	for k, o := range c.ops {
		if o.dst == r {
			return k
		}
	}
	return -1
}

func (c *chain) isLoad(r int) bool { return c.registers[r].load >= 0 }

// scale joins a multiplication by a number with the addition or subtraction
// that alone needs its result.
func (c *chain) scale() {
	uses := make([]int, len(c.registers))
	maker := make([]int, len(c.registers))
	for i := range maker {
		maker[i] = -1
	}
	for k, o := range c.ops {
		maker[o.dst] = k
		for _, r := range o.operands() {
			uses[r]++
		}
	}
	for _, s := range c.stores {
		uses[s.register]++
	}
	dead := make([]bool, len(c.ops))
	for k := range c.ops {
		o := &c.ops[k]
		if o.kind != binaryOp || o.name != backend.Add && o.name != backend.Sub {
			continue
		}
		scaled := func(r int) bool {
			m := maker[r]
			return m >= 0 && uses[r] == 1 && c.ops[m].kind == scalarOp && c.ops[m].name == backend.Mul
		}
		switch {
		case scaled(o.b):
		case o.name == backend.Add && scaled(o.a):
			o.a, o.b = o.b, o.a
		default:
			continue
		}
		m := maker[o.b]
		dead[m] = true
		o.kind, o.b, o.number, o.negate = scaledOp, c.ops[m].a, c.ops[m].number, o.name == backend.Sub
	}
	var ops []chainOp
	for k, o := range c.ops {
		if !dead[k] {
			ops = append(ops, o)
		}
	}
	c.ops = ops
}

// allot decides where each register is.
func (x *chainBuilder) allot() {
	c := x.c
	for k, o := range c.ops {
		for _, r := range o.operands() {
			c.registers[r].lastUse = k
		}
	}
	for k := range c.stores {
		s := &c.stores[k]
		s.op = c.computes(s.register)
		if r := &c.registers[s.register]; s.dtype == backend.Float32 && r.store < 0 && r.load < 0 {
			r.store = k
		} else {
			r.lastUse = len(c.ops)
		}
	}
	c.block = chainBlock
	for _, l := range c.loads {
		if n := l.walk.period(); !l.direct && 1 < n && n <= chainBlock {
			c.block = chainBlock / n * n
			break
		}
	}
	var free []int
	take := func(r *register) {
		if len(free) > 0 {
			r.slot = free[len(free)-1]
			free = free[:len(free)-1]
			return
		}
		r.slot = c.slots
		c.slots++
	}
	give := func(r *register) {
		if r.slot >= 0 {
			free = append(free, r.slot)
		}
	}
	// Blocks begin at multiples of the unit, which is a multiple of the period
	// of whatever repeats along the inner axes.
	for k := range c.loads {
		l := &c.loads[k]
		n := l.walk.period()
		l.lasting = n > 0 && c.block%n == 0 && c.unit()%n == 0
		if !l.direct && !l.transient {
			take(&c.registers[l.register])
		}
	}
	for k, o := range c.ops {
		// The result may take the place of an operand that is read here last.
		for i, r := range o.operands() {
			reg := &c.registers[r]
			lasting := reg.load >= 0 && c.loads[reg.load].lasting
			if reg.lastUse == k && !lasting && !slices.Contains(o.operands()[:i], r) {
				give(reg)
			}
		}
		d := &c.registers[o.dst]
		if d.store < 0 {
			take(d)
			if d.lastUse < 0 {
				give(d)
			}
		}
	}
}
