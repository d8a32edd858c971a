package cpu

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/backend/plan"
)

// Compile prepares p for running. Every operation and dtype of dl is known;
// what has no fast kernel runs on those of package reference.
func (k *Backend) Compile(p *backend.Program) (backend.Executable, error) {
	b := newBuilder(k.ks, k.fuse, p)
	b.patches = k.patches
	if err := b.emitAll(); err != nil {
		return nil, err
	}
	x := &executable{execution: execution{ks: k.ks}, given: len(p.Values), forms: b.forms}
	writes := b.inPlace()
	groups := schedule(b.steps, b.values, writes, b.kept(), false)
	x.layOut(b, groups, writes)
	return x, nil
}

func newBuilder(ks *kernelSet, fuse bool, p *backend.Program) *builder {
	tiles := inTiles(ks, p)
	p = lowered(p, func(i backend.Instr) bool { return tiles && tiled(p, i, fuse) })
	var forms map[int]int
	if fuse {
		p, forms = channelsLast(joinEntropies(joinPads(p)))
		p = joinBiases(ks, joinPools(ks, p))
	}
	b := &builder{ks: ks, fuse: fuse, p: p, forms: forms, values: slices.Clone(p.Values), packed: map[panelKey]int{}, wide: map[panelKey]int{}, maker: map[int]*step{}, floats: map[int]int{},
		tiles: tiles, halfRows: map[panelKey]int{}, halfPanels: map[panelKey]int{}}
	for v := range b.values {
		b.root = append(b.root, v)
		b.values[v].Const = copyOf(b.values[v])
	}
	return b
}

// copyOf returns a copy of a constant.
func copyOf(v backend.Value) backend.Buffer {
	if v.Const.IsNil() {
		return v.Const
	}
	c := backend.NewBuffer(v.DType, backend.Size(v.Shape))
	copy(c.Bytes(), v.Const.Bytes())
	return c
}

// kept tells which values are read after the last step.
func (b *builder) kept() []bool {
	keep := make([]bool, len(b.values))
	for _, v := range b.p.Outputs {
		keep[b.root[v]] = true
	}
	for _, u := range b.p.Updates {
		keep[b.root[u.New]] = true
	}
	return keep
}

// inPlace finds the new values of states that can be computed right in the
// state's memory, and returns for each of them the state.
func (b *builder) inPlace() map[int]int {
	if !b.fuse {
		return map[int]int{}
	}
	writes, news, keep := map[int]int{}, map[int]int{}, b.kept()
	for _, u := range b.p.Updates {
		news[b.root[u.New]]++
	}
	for _, v := range b.p.Outputs {
		news[b.root[v]]++
	}
	for _, s := range b.steps {
		if s.chain == nil {
			continue
		}
		for _, u := range b.p.Updates {
			v, state := b.root[u.New], b.p.States[u.State]
			if news[v] == 1 && !keep[state] && slices.Contains(s.out, v) && s.chain.overwrites(v, state) {
				writes[v] = state
			}
		}
	}
	return writes
}

// An executable is a compiled program.
type executable struct {
	execution
	groups  []*group
	scratch int // floats that each worker needs
	runs    int // since profiling began
	given   int // values of the program that was given; those behind are our own
	forms   map[int]int
	pace    pace
	arena   backend.Buffer
	size    int
	places  []plan.Place
	copies  []transfer // at the end: outputs that are not computed where they belong
	staged  []transfer // new states that must be saved before any state is written
	updates []transfer

	inputs, states, outputs []int // values that are in buffers of the caller's
	current                 *group
	ending                  *step // the reduction whose result is being made
	do, end                 func(w *worker, lo, hi int)
}

// A transfer copies a value to a buffer of the caller's, by way of a place in
// the arena where that is not −1.
type transfer struct{ from, to, via, bytes int }

// layOut decides where values are.
func (x *executable) layOut(b *builder, groups []*group, writes map[int]int) {
	x.groups = groups
	for _, g := range groups {
		g.cut(b.values)
		for _, s := range g.steps {
			if s.finish != nil {
				s.partial = b.value(g.pieces * s.partialSize)
			}
		}
	}
	x.values = b.values
	x.local = make([]int, len(x.values))
	x.sizes = make([]int, len(x.values))
	for v := range x.local {
		x.local[v], x.sizes[v] = -1, backend.Size(x.values[v].Shape)
	}
	x.placeLocals(b)
	p, at := x.planned(b, writes)
	made := plan.Make(p, plan.Options{InPlace: func(_ *backend.Program, i backend.Instr, k int) bool {
		g := groups[at(i)]
		return len(g.steps) == 1 && g.steps[0].chain != nil && g.steps[0].chain.overwrites(i.Out[0], i.In[k])
	}})
	x.places, x.size = made.Places, made.Size
	for v, state := range writes {
		x.places[v] = x.places[state]
	}
	bytes := func(v int) int { return backend.Size(x.values[v].Shape) * x.values[v].DType.Size() }
	for _, i := range made.Copies {
		x.copies = append(x.copies, transfer{p.Outputs[i], i, -1, bytes(p.Outputs[i])})
	}
	for i, u := range p.Updates {
		t := transfer{u.New, u.State, made.Staged[i], bytes(u.New)}
		x.updates = append(x.updates, t)
		if t.via >= 0 {
			x.staged = append(x.staged, t)
		}
	}
	for v, place := range x.places {
		switch place.Kind {
		case plan.Input:
			x.inputs = append(x.inputs, v)
		case plan.State:
			x.states = append(x.states, v)
		case plan.Output:
			x.outputs = append(x.outputs, v)
		}
	}
	x.do = func(w *worker, lo, hi int) { x.current.run(&x.execution, w, lo, hi) }
	x.end = x.finish
}

// placeLocals puts values that live within one part of a group, and the
// scratch space of steps, into the scratch memory of workers.
func (x *executable) placeLocals(b *builder) {
	const nobody, several = -1, -2
	keep := b.kept()
	home := make([]int, len(x.values)) // the only group that touches a value
	for v := range home {
		home[v] = nobody
		if keep[v] {
			home[v] = several
		}
	}
	touch := func(g int, ids []int) {
		for _, v := range ids {
			if home[v] == nobody {
				home[v] = g
			} else if home[v] != g {
				home[v] = several
			}
		}
	}
	for i, g := range x.groups {
		for _, s := range g.steps {
			touch(i, s.aligned)
			touch(i, s.out)
			for _, v := range append(append([]int{}, s.whole...), s.late...) {
				home[v] = several
			}
		}
	}
	for i, g := range x.groups {
		at := 0
		for _, s := range g.steps {
			s.scratchAt = at
			at += roundUp(s.scratch, 16)
			for _, v := range s.out {
				if home[v] == i && len(g.steps) > 1 && x.values[v].DType == backend.Float32 {
					x.local[v] = at
					at += roundUp(backend.Size(x.values[v].Shape)/max(g.units, 1)*g.height, 16)
				}
			}
		}
		x.scratch = max(x.scratch, at)
	}
}

// planned returns the program whose instructions are the groups, and the
// function that finds a group by its instruction.
func (x *executable) planned(b *builder, writes map[int]int) (*backend.Program, func(backend.Instr) int) {
	p := &backend.Program{Values: append([]backend.Value{}, x.values...), Inputs: b.p.Inputs, States: b.p.States, Outputs: b.roots(b.p.Outputs)}
	byOut := map[int]int{}
	for n, g := range x.groups {
		var i backend.Instr
		made := map[int]bool{}
		for _, s := range g.steps {
			for _, v := range append(append([]int{}, s.out...), s.late...) {
				if _, ok := writes[v]; !ok && x.local[v] < 0 && !made[v] {
					i.Out = append(i.Out, v)
					byOut[v] = n
				}
				made[v] = true
			}
			if s.finish != nil {
				i.Out = append(i.Out, s.partial)
				made[s.partial] = true
			}
		}
		for _, s := range g.steps {
			for _, v := range append(append([]int{}, s.aligned...), s.whole...) {
				if !made[v] && !slices.Contains(i.In, v) {
					i.In = append(i.In, v)
				}
			}
		}
		p.Instrs = append(p.Instrs, i)
	}
	for _, u := range b.p.Updates {
		if _, ok := writes[b.root[u.New]]; !ok {
			p.Updates = append(p.Updates, backend.Update{State: u.State, New: b.root[u.New]})
		}
	}
	return p, func(i backend.Instr) int { return byOut[i.Out[0]] }
}
