package cpu

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// clock is what steps are timed by.
var clock = func() time.Duration { return time.Since(began) }

var began = time.Now()

// Profile implements [backend.Profiler].
func (x *executable) Profile(on bool) {
	x.spent, x.runs = nil, 0
	if !on {
		return
	}
	n := 0
	for _, g := range x.groups {
		for _, s := range g.steps {
			s.index = n
			n++
		}
	}
	x.spent = make([]atomic.Int64, n)
}

// Timings implements [backend.Profiler].
func (x *executable) Timings() []backend.Timing {
	var ts []backend.Timing
	peak := 0.0 // of products in tiles
	for _, g := range x.groups {
		for _, s := range g.steps {
			t := backend.Timing{Name: s.name, Runs: x.runs, Flops: s.flops * s.units, Values: x.givenBy(s, 0)}
			if s.tiles {
				if peak == 0 {
					peak = tilePeak(x.ks)
				}
				t.Peak = peak
			}
			if x.spent != nil {
				t.Time = time.Duration(x.spent[s.index].Load())
			}
			if out := append(append([]int{}, s.out...), s.late...); len(out) > 0 {
				t.Shape = x.values[out[0]].Shape
			}
			ts = append(ts, t)
		}
	}
	return ts
}

// givenBy returns the values of the program that was given that s computes, or
// that the steps compute which read what s makes.
func (x *executable) givenBy(s *step, depth int) []int {
	made := slices.Concat(s.out, s.late, s.inside)
	if s.chain != nil {
		made = s.chain.made
	}
	var values []int
	for _, v := range made {
		if form, ok := x.forms[v]; ok {
			v = form
		}
		if v < x.given && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	if len(values) > 0 || depth == 4 { // a layout, panels and spaced rows at most
		return values
	}
	for _, g := range x.groups {
		for _, reader := range g.steps {
			if slices.ContainsFunc(made, reader.reads) {
				values = append(values, x.givenBy(reader, depth+1)...)
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// runTimed computes part p of a piece of g with a look at the clock after each
// step.
func (g *group) runTimed(e *execution, w *worker, p piece) {
	before := clock()
	for _, s := range g.steps {
		s.block(e, s, w, p)
		now := clock()
		e.spent[s.index].Add(int64(now - before))
		before = now
	}
}

func (x *executable) finishTimed(s *step, pieces, lo, hi int) {
	before := clock()
	s.finish(&x.execution, x.floats(s.partial), pieces, lo, hi)
	x.spent[s.index].Add(int64(clock() - before))
}
