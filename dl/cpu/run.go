package cpu

import (
	"time"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/backend/plan"
)

// Run implements [backend.Executable].
func (x *executable) Run(inputs, states, outputs []backend.Buffer, done <-chan struct{}) error {
	t := takeTeam()
	defer t.release()
	defer x.leaveArena()
	if t.size == 1 {
		return x.run(t, inputs, states, outputs, done)
	}
	timed, alone := x.pace.begin()
	if alone {
		t.size = 1 // until the team is taken again
	}
	if !timed {
		return x.run(t, inputs, states, outputs, done)
	}
	began := time.Now()
	err := x.run(t, inputs, states, outputs, done)
	x.pace.ended(alone, time.Since(began))
	return err
}

// run is Run with a team that was taken already.
func (x *executable) run(t *team, inputs, states, outputs []backend.Buffer, done <-chan struct{}) error {
	x.prepare(inputs, states, outputs)
	x.team, x.done = t, done
	for _, w := range t.workers {
		w.need(x.scratch)
	}
	t.backwards = !t.backwards
	for _, g := range x.groups {
		// From the first group on that writes states, a run goes through to its
		// end, so that no state is left half way.
		if !g.commit {
			select {
			case <-done:
				return backend.ErrInterrupted
			default:
			}
		} else {
			x.done = nil
		}
		x.current = g
		t.do(g.pieces, x.do)
		if x.failure != nil {
			err := x.failure
			x.failure = nil
			return err
		}
		for _, s := range g.steps {
			if s.finish == nil {
				continue
			}
			x.ending = s
			t.do(max(1, g.pieces*s.partialSize/finishPart), x.end)
		}
	}
	x.runs++
	for _, c := range x.copies {
		copy(outputs[c.to].Bytes(), x.buffers[c.from].Bytes())
	}
	for _, c := range x.staged {
		copy(x.arena.Slice(c.via, c.via+c.bytes).Bytes(), x.buffers[c.from].Bytes())
	}
	for _, c := range x.updates {
		from := x.buffers[c.from]
		if c.via >= 0 {
			from = x.arena.Slice(c.via, c.via+c.bytes)
		}
		copy(states[c.to].Bytes(), from.Bytes())
	}
	return nil
}

// finishPart is the number of floats of partial results that one goroutine adds
// up at a time.
const finishPart = 1 << 14

// finish makes some parts of the result of the reduction that is ending.
func (x *executable) finish(_ *worker, lo, hi int) {
	s, pieces := x.ending, x.current.pieces
	parts := max(1, pieces*s.partialSize/finishPart)
	lo, hi = lo*s.partialSize/parts, hi*s.partialSize/parts
	if x.spent != nil {
		x.finishTimed(s, pieces, lo, hi)
		return
	}
	s.finish(&x.execution, x.floats(s.partial), pieces, lo, hi)
}

// prepare finds the buffer of every value.
func (x *executable) prepare(inputs, states, outputs []backend.Buffer) {
	if x.buffers == nil {
		x.buffers = make([]backend.Buffer, len(x.values))
		for v, place := range x.places {
			if place.Kind == plan.Constant {
				x.buffers[v] = x.values[place.Index].Const
			}
		}
	}
	if x.arena.IsNil() {
		if x.size < largeArena {
			x.arena = backend.NewBuffer(backend.Uint8, x.size)
		} else {
			x.arena = takeArena(x.size)
		}
		for v, place := range x.places {
			if place.Kind == plan.Arena {
				n := backend.Size(x.values[v].Shape) * x.values[v].DType.Size()
				x.buffers[v] = x.arena.Slice(place.Offset, place.Offset+n)
			}
		}
	}
	for _, v := range x.inputs {
		x.buffers[v] = inputs[x.places[v].Index]
	}
	for _, v := range x.states {
		x.buffers[v] = states[x.places[v].Index]
	}
	for _, v := range x.outputs {
		x.buffers[v] = outputs[x.places[v].Index]
	}
}

// leaveArena gives a large arena back at the end of a run.
func (x *executable) leaveArena() {
	if x.size < largeArena || x.arena.IsNil() {
		return
	}
	for v, place := range x.places {
		if place.Kind == plan.Arena {
			x.buffers[v] = backend.Buffer{}
		}
	}
	giveArena(x.arena)
	x.arena = backend.Buffer{}
}

// Close releases the memory of the executable.
func (x *executable) Close() {
	x.arena, x.buffers = backend.Buffer{}, nil
}
