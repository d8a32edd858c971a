package dl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A Plan says what a compiled function became for inputs of some shapes: which
// operations were fused, which run together, and where memory goes. It prints as
// a table.
type Plan struct {
	Steps  []PlanStep // in the order in which they run
	Memory int        // bytes in which all results between inputs and outputs live
	Apart  int        // bytes that these would take if none took the place of another
}

// A PlanStep is what one operation became, or several fused ones.
type PlanStep struct {
	Name   string
	Fused  []string // the elementwise operations that are done in one pass, if it is several
	Group  int      // steps of one group run together, piece by piece, so that results stay in the cache
	Pieces int      // into which the group's work is cut for the cores
	Shape  []int    // of the result; the backend may have turned its layout
	Bytes  int      // of the result
	Place  string   // "memory", "cache" (the group hands it on piece by piece), "output", "variable"
	Offset int      // in the memory, in bytes
}

// Trace returns the plan of f for arguments like these. It does not run f; if
// there is no version for their shapes yet it compiles one. It panics with an
// [Error] where the backend cannot tell.
func Trace(f *Func, args ...any) *Plan {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.check(args)
	f.read(args)
	p, ok := f.plan().Executable.(backend.Planner)
	clear(f.args)
	if !ok {
		panic(&Error{Op: "trace", Axis: -1, Msg: fmt.Sprintf("backend %s cannot tell how it compiles", Backend()), Help: `choose another with dl.Use("cpu")`})
	}
	made := p.Plan()
	out := &Plan{Memory: made.Memory, Apart: made.Apart}
	places := map[backend.Place]string{backend.InMemory: "memory", backend.InCache: "cache", backend.InOutput: "output", backend.InVariable: "variable"}
	for _, s := range made.Steps {
		t := PlanStep{Name: s.Name, Group: s.Group, Pieces: s.Pieces, Shape: slices.Clone(s.Shape), Bytes: s.Bytes, Place: places[s.Place], Offset: s.Offset}
		for _, op := range s.Fused {
			t.Fused = append(t.Fused, string(op))
		}
		out.Steps = append(out.Steps, t)
	}
	return out
}

// Trace returns the plan of the version of the function for arguments like
// these; see the function [Trace].
func (j *Jitted) Trace(args ...any) *Plan { return Trace(j.version(args), args...) }

// String returns a line for each step, with a mark at those that run together
// with the one above, and below them what the memory comes to.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-44s %-18s %9s  %s\n", "step", "result", "bytes", "place")
	last := -1
	for _, s := range p.Steps {
		name := s.Name
		if len(s.Fused) > 0 {
			name = strings.Join(s.Fused, " + ")
		}
		mark := "  "
		if s.Group == last {
			mark = "↳ "
		}
		last = s.Group
		place := s.Place
		if place == "memory" {
			place = fmt.Sprintf("memory at %d", s.Offset)
		}
		for i, line := range wrapped(name, 40) {
			if i == 0 {
				fmt.Fprintf(&b, "%s%-42s %-18s %9d  %s\n", mark, line, graph.ShapeString(s.Shape), s.Bytes, place)
			} else {
				fmt.Fprintf(&b, "    %s\n", line)
			}
		}
	}
	fmt.Fprintf(&b, "memory: %d bytes", p.Memory)
	if p.Apart > p.Memory {
		fmt.Fprintf(&b, ", where %d would be needed if no result took the place of another", p.Apart)
	}
	return b.String()
}

// wrapped cuts s into lines of about width characters at spaces.
func wrapped(s string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(s) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) > width:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}
