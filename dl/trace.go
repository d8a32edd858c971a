package dl

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

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
	Bodies []PlanBody
}

// A PlanBody is the plan of what a loop does in each step, or of a branch of a
// condition, which has a memory of its own.
type PlanBody struct {
	Name string // "each step", "while", "if true", "if false"
	Plan
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
	program, err := f.f.Program(f.shapes)
	raise("trace", err)
	out := planOf(p.Plan(), program)
	return &out
}

// planOf returns a plan that a backend made of a program, with those of its
// loops and conditions.
func planOf(made backend.Plan, program *backend.Program) Plan {
	places := map[backend.Place]string{backend.InMemory: "memory", backend.InCache: "cache", backend.InOutput: "output", backend.InVariable: "variable"}
	controls := map[string][]backend.Instr{} // by operation, in the order in which they run
	for _, i := range program.Instrs {
		if i.Parts() != nil {
			controls[string(i.Op)] = append(controls[string(i.Op)], i)
		}
	}
	out := Plan{Memory: made.Memory, Apart: made.Apart}
	for _, s := range made.Steps {
		t := PlanStep{Name: s.Name, Group: s.Group, Pieces: s.Pieces, Shape: slices.Clone(s.Shape), Bytes: s.Bytes, Place: places[s.Place], Offset: s.Offset}
		for _, op := range s.Fused {
			t.Fused = append(t.Fused, string(op))
		}
		if is := controls[s.Name]; len(is) > 0 {
			controls[s.Name] = is[1:]
			t.Bodies = bodiesOf(is[0], program.Precision)
		}
		out.Steps = append(out.Steps, t)
	}
	return out
}

// bodiesOf compiles the programs of a loop or condition for their plans.
func bodiesOf(i backend.Instr, precision Precision) []PlanBody {
	var bodies []PlanBody
	for _, part := range i.Parts() {
		q := *part.Program
		q.Precision = precision
		x, err := graph.InUse().Compile(&q)
		raise("trace", err)
		if p, ok := x.(backend.Planner); ok {
			bodies = append(bodies, PlanBody{part.Name, planOf(p.Plan(), &q)})
		}
		x.Close()
	}
	return bodies
}

// Trace returns the plan of the version of the function for arguments like
// these; see the function [Trace].
func (j *Jitted) Trace(args ...any) *Plan { return Trace(j.version(args), args...) }

// String returns a line for each step, with a mark at those that run together
// with the one above, and below them what the memory comes to. What a loop does in
// each step, and the branches of a condition, stand indented below it.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-44s %-18s %9s  %s\n", "step", "result", "bytes", "place")
	p.write(&b, "")
	return strings.TrimSuffix(b.String(), "\n")
}

// write writes the steps and the memory behind a margin.
func (p *Plan) write(b *strings.Builder, margin string) {
	width := 44 - utf8.RuneCountInString(margin)
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
		for i, line := range wrapped(name, width-4) {
			if i == 0 {
				fmt.Fprintf(b, "%s%s%-*s %-18s %9d  %s\n", margin, mark, width-2, line, graph.ShapeString(s.Shape), s.Bytes, place)
			} else {
				fmt.Fprintf(b, "%s    %s\n", margin, line)
			}
		}
		for _, body := range s.Bodies {
			fmt.Fprintf(b, "%s    %s:\n", margin, body.Name)
			body.write(b, margin+"    │ ")
		}
	}
	fmt.Fprintf(b, "%smemory: %d bytes", margin, p.Memory)
	if p.Apart > p.Memory {
		fmt.Fprintf(b, ", where %d would be needed if no result took the place of another", p.Apart)
	}
	b.WriteByte('\n')
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
