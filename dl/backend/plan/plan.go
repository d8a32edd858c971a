// Package plan decides before a program runs where each of its values will
// live, so that running it allocates nothing.
//
// A value lives from the instruction that computes it to the last one that
// reads it. Values whose lives do not overlap share memory in one arena; the
// outputs are computed right in the caller's buffers.
package plan

import "github.com/fluxion-go/fluxion/dl/backend"

// A Plan says where the values of one program live.
type Plan struct {
	Places []Place // by value number
	Size   int     // bytes of the arena
	// Scratch holds for each instruction the arena offset of the scratch space
	// that Options.Scratch asked for, −1 where that was none.
	Scratch []int
	// Copies lists the outputs (indexes into Program.Outputs) that are not
	// computed in place and must be copied from their value at the end.
	Copies []int
	// Staged holds for each update the arena offset to which its new value
	// must be copied before any state is written, because it lives in a state
	// itself; −1 where the value can be copied straight to its state.
	Staged []int
}

// A Place is where one value lives.
type Place struct {
	Kind   Kind
	Index  int // which input, state or output; the value number of a constant
	Offset int // bytes from the beginning of the arena
}

// A Kind is a kind of memory.
type Kind uint8

// The kinds of memory. A value that nothing computes and nothing feeds is
// Nowhere.
const (
	Nowhere Kind = iota
	Arena
	Input
	State
	Output
	Constant
)

// Options are what a backend knows about its kernels. Any of them may be nil.
type Options struct {
	// InPlace reports whether the result of i may overwrite its operand
	// number k; nil means Elementwise. It is asked only where both take
	// equally many bytes and nobody reads the operand later.
	InPlace func(p *backend.Program, i backend.Instr, k int) bool
	// Alias reports whether the result of i simply is the memory of its
	// operand 0, as in a reshape that moves nothing.
	Alias func(p *backend.Program, i backend.Instr) bool
	// Scratch returns the bytes that i needs while it runs.
	Scratch func(p *backend.Program, i backend.Instr) int
}

// align is the multiple in bytes at which everything in the arena begins.
const align = 64

// Make plans p.
func Make(p *backend.Program, o Options) *Plan {
	if o.InPlace == nil {
		o.InPlace = Elementwise
	}
	m := maker{p: p, o: o, root: make([]int, len(p.Values)), last: make([]int, len(p.Values)),
		plan: &Plan{Places: make([]Place, len(p.Values)), Scratch: make([]int, len(p.Instrs)), Staged: make([]int, len(p.Updates))}}
	m.find()
	m.place()
	m.finish()
	return m.plan
}

type maker struct {
	p    *backend.Program
	o    Options
	plan *Plan
	root []int // the value whose memory this value is: itself, unless it is an alias
	last []int // by root: the last instruction that reads it; len(Instrs) where it must outlive all
	free freeList
}

// find fixes the places that are given from outside and the life of the rest.
func (m *maker) find() {
	for id, v := range m.p.Values {
		m.root[id], m.last[id] = id, -1
		if !v.Const.IsNil() {
			m.plan.Places[id] = Place{Kind: Constant, Index: id}
		}
	}
	for i, id := range m.p.Inputs {
		m.plan.Places[id] = Place{Kind: Input, Index: i}
	}
	for i, id := range m.p.States {
		m.plan.Places[id] = Place{Kind: State, Index: i}
	}
	for at, i := range m.p.Instrs {
		if m.o.Alias != nil && m.o.Alias(m.p, i) {
			m.root[i.Out[0]] = m.root[i.In[0]]
		}
		for _, id := range i.In {
			m.last[m.root[id]] = at
		}
	}
	for i, id := range m.p.Outputs {
		m.last[m.root[id]] = len(m.p.Instrs)
		if place := &m.plan.Places[m.root[id]]; place.Kind == Nowhere {
			*place = Place{Kind: Output, Index: i}
		}
	}
	for _, u := range m.p.Updates {
		m.last[m.root[u.New]] = len(m.p.Instrs)
	}
}

// place walks through the instructions and gives each result its memory.
func (m *maker) place() {
	for at, i := range m.p.Instrs {
		for _, id := range i.Out {
			if m.root[id] != id || m.plan.Places[id].Kind != Nowhere {
				continue
			}
			if k := m.overwritten(at, i, id); k >= 0 {
				from := m.root[i.In[k]]
				m.plan.Places[id] = m.plan.Places[from]
				m.last[from] = -1 // its memory goes on under another number
				continue
			}
			m.plan.Places[id] = Place{Kind: Arena, Offset: m.free.take(m.bytes(id))}
		}
		m.plan.Scratch[at] = -1
		if m.o.Scratch != nil {
			if n := m.o.Scratch(m.p, i); n > 0 {
				m.plan.Scratch[at] = m.free.take(n)
				m.free.give(m.plan.Scratch[at], n)
			}
		}
		for _, id := range i.In {
			if r := m.root[id]; m.last[r] == at {
				m.release(r)
			}
		}
		for _, id := range i.Out {
			if r := m.root[id]; r == id && m.last[r] < 0 { // nobody reads it
				m.release(r)
			}
		}
	}
}

func (m *maker) release(id int) {
	if m.plan.Places[id].Kind == Arena {
		m.free.give(m.plan.Places[id].Offset, m.bytes(id))
	}
	m.last[id] = -1
}

// overwritten returns the operand of i in whose memory its result can be
// computed, or −1.
func (m *maker) overwritten(at int, i backend.Instr, result int) int {
	if len(i.Out) != 1 {
		return -1
	}
	for k, id := range i.In {
		r := m.root[id]
		if m.plan.Places[r].Kind == Arena && m.last[r] == at && m.bytes(id) == m.bytes(result) && m.o.InPlace(m.p, i, k) {
			return k
		}
	}
	return -1
}

// finish fills in what happens at the end of a run.
func (m *maker) finish() {
	for id := range m.p.Values {
		m.plan.Places[id] = m.plan.Places[m.root[id]]
	}
	for i, id := range m.p.Outputs {
		if m.plan.Places[id] != (Place{Kind: Output, Index: i}) {
			m.plan.Copies = append(m.plan.Copies, i)
		}
	}
	for i, u := range m.p.Updates {
		m.plan.Staged[i] = -1
		if m.plan.Places[u.New].Kind == State {
			m.plan.Staged[i] = m.free.take(m.bytes(u.New))
		}
	}
	m.plan.Size = m.free.end
}

func (m *maker) bytes(id int) int {
	v := m.p.Values[id]
	return backend.Size(v.Shape) * v.DType.Size()
}

// Elementwise reports whether i computes its result element by element, from
// an operand k of the same shape up to axes of length 1, so that it can
// overwrite that operand.
func Elementwise(p *backend.Program, i backend.Instr, k int) bool {
	switch i.Op {
	case backend.Neg, backend.Abs, backend.Sign, backend.Square, backend.Sqrt, backend.Reciprocal,
		backend.Exp, backend.Expm1, backend.Log, backend.Log1p, backend.Sin, backend.Cos, backend.Tan,
		backend.Tanh, backend.Sigmoid, backend.Softplus, backend.ReLU, backend.Floor, backend.Ceil,
		backend.Round, backend.Erf, backend.GELU, backend.GELUGrad, backend.Add, backend.Sub, backend.Mul, backend.Div, backend.Pow,
		backend.Mod, backend.Maximum, backend.Minimum, backend.And, backend.Or, backend.Not,
		backend.Equal, backend.NotEqual, backend.Less, backend.LessEqual, backend.Greater,
		backend.GreaterEqual, backend.Where, backend.Cast, backend.Reshape:
		in, out := p.Values[i.In[k]], p.Values[i.Out[0]]
		return in.DType.Size() == out.DType.Size() && backend.Size(in.Shape) == backend.Size(out.Shape)
	}
	return false
}
