package graph

import (
	"encoding/binary"
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/backend/reference"
)

// A builder writes a program. Every shape is known here. It never writes the
// same instruction twice, computes what depends on constants alone, and
// simplifies what it is given (simplify.go).
type builder struct {
	p     backend.Program
	def   []int          // by value: the instruction that computes it, −1 for none
	seen  map[string]int // instructions and constants by their key
	key   []byte
	lists []int // room for more
	err   error // the first failure of a constant computation

	owner []*Node // by value: the node that it was emitted for; nil where nobody asks

	random  int    // the input that holds the key of random numbers, −1 where there is none
	streams uint32 // of random numbers so far
}

func newBuilder() *builder { return &builder{seen: map[string]int{}, random: -1} }

// grow makes room for about n more values.
func (b *builder) grow(n int) {
	b.p.Values = slices.Grow(b.p.Values, n)
	b.p.Instrs = slices.Grow(b.p.Instrs, n)
	b.def = slices.Grow(b.def, n)
	b.seen = make(map[string]int, n)
}

func (b *builder) value(t Type) int {
	b.p.Values = append(b.p.Values, backend.Value{DType: t.DType, Shape: t.Shape})
	b.def = append(b.def, -1)
	return len(b.p.Values) - 1
}

func (b *builder) typeOf(id int) Type {
	v := b.p.Values[id]
	return Type{v.DType, v.Shape}
}

func (b *builder) shape(id int) []int { return b.p.Values[id].Shape }

func (b *builder) input(t Type) int {
	id := b.value(t)
	b.p.Inputs = append(b.p.Inputs, id)
	return id
}

func (b *builder) state(t Type) int {
	id := b.value(t)
	b.p.States = append(b.p.States, id)
	return id
}

// constant returns a value with fixed elements. Small equal ones are one value.
func (b *builder) constant(t Type, buf backend.Buffer) int {
	small := len(buf.Bytes()) <= 64
	if small {
		b.key = append(b.key[:0], "constant"...)
		b.key = appendInts(append(b.key, byte(t.DType)), t.Shape)
		b.key = append(b.key, buf.Bytes()...)
		if id, ok := b.seen[string(b.key)]; ok {
			return id
		}
	}
	id := b.value(t)
	b.p.Values[id].Const = buf
	if small {
		b.seen[string(b.key)] = id
	}
	return id
}

// number returns a constant without axes.
func (b *builder) number(d backend.DType, v float64) int {
	n := Scalar(d, v)
	return b.constant(n.Type, n.Value)
}

func (b *builder) isConstant(id int) bool { return !b.p.Values[id].Const.IsNil() }

// single returns the number that a constant of one element holds.
func (b *builder) single(id int) (v float64, ok bool) {
	c := b.p.Values[id]
	if c.Const.IsNil() || backend.Size(c.Shape) != 1 {
		return 0, false
	}
	return element(c.DType, c.Const, 0), true
}

// made returns the instruction that computes id, if it is an op.
func (b *builder) made(id int, op backend.Op) (backend.Instr, bool) {
	if b.def[id] < 0 || b.p.Instrs[b.def[id]].Op != op {
		return backend.Instr{}, false
	}
	return b.p.Instrs[b.def[id]], true
}

// emit returns the value that op computes, with an instruction only where
// there is no simpler way.
func (b *builder) emit(op backend.Op, attrs any, out Type, in ...int) int {
	if id := b.simplify(op, attrs, out, in); id >= 0 {
		return id
	}
	return b.append(op, attrs, out, in)
}

// list returns ids in memory of the builder's: a program has very many such
// short lists.
func (b *builder) list(ids ...int) []int {
	if len(b.lists) < len(ids) {
		b.lists = make([]int, max(len(ids), min(4096, 16+4*len(b.p.Instrs))))
	}
	l := b.lists[:len(ids):len(ids)]
	b.lists = b.lists[len(ids):]
	copy(l, ids)
	return l
}

func (b *builder) append(op backend.Op, attrs any, out Type, in []int) int {
	ids := in
	if commutes[op] && in[0] > in[1] {
		ids = []int{in[1], in[0]}
	}
	b.key = append(append(b.key[:0], op...), 0)
	for _, id := range ids {
		b.key = binary.AppendVarint(b.key, int64(id))
	}
	b.key = appendInts(append(b.key, byte(out.DType)), out.Shape)
	b.key = appendAttrs(b.key, attrs)
	if id, ok := b.seen[string(b.key)]; ok {
		return id
	}
	key := string(b.key)
	id := b.fold(op, attrs, out, in)
	if id < 0 {
		id = b.value(out)
		b.def[id] = len(b.p.Instrs)
		b.p.Instrs = append(b.p.Instrs, backend.Instr{Op: op, Attrs: attrs, In: b.list(in...), Out: b.list(id)})
	}
	b.seen[key] = id
	return id
}

var commutes = map[backend.Op]bool{
	backend.Add: true, backend.Mul: true, backend.Maximum: true, backend.Minimum: true,
	backend.Equal: true, backend.NotEqual: true, backend.And: true, backend.Or: true,
}

// foldLimit is the number of elements up to which constants are computed even
// if the result is larger than the operands.
const foldLimit = 1024

// fold computes what depends on constants alone, unless that would take much
// more room in the program than the operands do. It returns −1 otherwise.
func (b *builder) fold(op backend.Op, attrs any, out Type, in []int) int {
	size := 0
	for _, id := range in {
		if !b.isConstant(id) {
			return -1
		}
		size += backend.Size(b.shape(id))
	}
	if n := out.Size(); n > size && (n > foldLimit || op == backend.BroadcastTo) {
		return -1 // a repeated number is simpler than an array: see narrow
	}
	vs, bufs := make([]backend.Value, len(in)), make([]backend.Buffer, len(in))
	for i, id := range in {
		vs[i], bufs[i] = b.p.Values[id], b.p.Values[id].Const
	}
	k, err := reference.Kernel(backend.Instr{Op: op, Attrs: attrs}, vs, []backend.Value{{DType: out.DType, Shape: out.Shape}})
	if err != nil {
		if b.err == nil {
			b.err = err
		}
		return -1
	}
	r := backend.NewBuffer(out.DType, out.Size())
	k(bufs, []backend.Buffer{r})
	return b.constant(out, r)
}

// appendAll emits an instruction with several results, and returns their
// values. It is neither merged with others nor computed ahead.
func (b *builder) appendAll(op backend.Op, attrs any, outs []Type, in []int) []int {
	ids := make([]int, len(outs))
	for i, t := range outs {
		ids[i] = b.value(t)
		b.def[ids[i]] = len(b.p.Instrs)
	}
	b.p.Instrs = append(b.p.Instrs, backend.Instr{Op: op, Attrs: attrs, In: slices.Clone(in), Out: slices.Clone(ids)})
	return ids
}

// node emits the instructions for one operation on values ids.
func (b *builder) node(c Call, ids []int) int {
	if c.Op.lower != nil {
		return c.Op.lower(b, c, ids)
	}
	return b.emit(c.Op.Name, c.Attrs, c.Out, ids...)
}

// finish drops instructions and values that nothing needs and returns the
// program. Inputs and states keep their places.
func (b *builder) finish() *backend.Program {
	needed := make([]bool, len(b.p.Values))
	for _, ids := range [][]int{b.p.Outputs, b.p.Inputs, b.p.States} {
		for _, id := range ids {
			needed[id] = true
		}
	}
	for _, u := range b.p.Updates {
		needed[u.New] = true
	}
	instrs := make([]backend.Instr, 0, len(b.p.Instrs))
	for _, i := range slices.Backward(b.p.Instrs) {
		if slices.ContainsFunc(i.Out, func(id int) bool { return needed[id] }) {
			if i.Op == backend.Scan {
				i = onlyStacks(i, func(id int) bool { return needed[id] })
			}
			for _, id := range i.Out {
				needed[id] = true
			}
			instrs = append(instrs, i)
			for _, id := range i.In {
				needed[id] = true
			}
		}
	}
	slices.Reverse(instrs)
	for b.owner != nil && len(b.owner) < len(b.p.Values) {
		b.owner = append(b.owner, nil)
	}
	number := make([]int, len(b.p.Values)) // old to new
	values := make([]backend.Value, 0, len(b.p.Values))
	for id, v := range b.p.Values {
		if needed[id] {
			number[id] = len(values)
			values = append(values, v)
			if b.owner != nil {
				b.owner[number[id]] = b.owner[id]
			}
		}
	}
	renumber := func(ids []int) {
		for i, id := range ids {
			ids[i] = number[id]
		}
	}
	for _, i := range instrs {
		renumber(i.In)
		renumber(i.Out)
	}
	renumber(b.p.Inputs)
	renumber(b.p.States)
	renumber(b.p.Outputs)
	for i, u := range b.p.Updates {
		b.p.Updates[i].New = number[u.New]
	}
	b.p.Values, b.p.Instrs = values, instrs
	return &b.p
}
