package plan

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// values returns n arrays of 16 float32 each: 64 bytes.
func values(n int) []backend.Value {
	vs := make([]backend.Value, n)
	for i := range vs {
		vs[i] = backend.Value{DType: backend.Float32, Shape: []int{16}}
	}
	return vs
}

func TestPlans(t *testing.T) {
	unary := func(op backend.Op, in, out int) backend.Instr {
		return backend.Instr{Op: op, In: []int{in}, Out: []int{out}}
	}
	reshapes := Options{Alias: func(_ *backend.Program, i backend.Instr) bool { return i.Op == backend.Reshape }}
	for _, c := range []struct {
		name   string
		p      backend.Program
		o      Options
		size   int
		copies string
		staged string
	}{
		{"a chain of elementwise instructions needs one place",
			backend.Program{Values: values(5), Inputs: []int{0}, Outputs: []int{4},
				Instrs: []backend.Instr{unary(backend.Exp, 0, 1), unary(backend.Neg, 1, 2), unary(backend.Exp, 2, 3), unary(backend.Sum, 3, 4)}},
			Options{}, 64, "[]", "[]"},
		{"others alternate between two",
			backend.Program{Values: values(6), Inputs: []int{0}, Outputs: []int{5},
				Instrs: []backend.Instr{unary(backend.Transpose, 0, 1), unary(backend.Transpose, 1, 2), unary(backend.Transpose, 2, 3), unary(backend.Transpose, 3, 4), unary(backend.Sum, 4, 5)}},
			Options{}, 128, "[]", "[]"},
		{"an output that is an alias of an input is copied",
			backend.Program{Values: values(2), Inputs: []int{0}, Outputs: []int{1}, Instrs: []backend.Instr{unary(backend.Reshape, 0, 1)}},
			reshapes, 0, "[0]", "[]"},
		{"an output that is named twice is copied once",
			backend.Program{Values: values(2), Inputs: []int{0}, Outputs: []int{1, 1}, Instrs: []backend.Instr{unary(backend.Exp, 0, 1)}},
			Options{}, 0, "[1]", "[]"},
		{"states that change places are staged",
			backend.Program{Values: values(2), States: []int{0, 1}, Updates: []backend.Update{{State: 0, New: 1}, {State: 1, New: 0}}},
			Options{}, 128, "[]", "[0 64]"},
		{"a new value of a state stays until the end",
			backend.Program{Values: values(4), States: []int{0}, Outputs: []int{3}, Updates: []backend.Update{{State: 0, New: 1}},
				Instrs: []backend.Instr{unary(backend.Neg, 0, 1), unary(backend.Exp, 1, 2), unary(backend.Neg, 2, 3)}},
			Options{}, 128, "[]", "[-1]"},
	} {
		got := Make(&c.p, c.o)
		if got.Size != c.size || fmt.Sprint(got.Copies) != c.copies || fmt.Sprint(got.Staged) != c.staged {
			t.Errorf("%s: size %d, copies %v, staged %v; want %d, %s, %s", c.name, got.Size, got.Copies, got.Staged, c.size, c.copies, c.staged)
		}
	}
}

// TestNothingIsOverwritten runs random programs symbolically: each place
// remembers which value was written to it last, and each read must find its
// own.
func TestNothingIsOverwritten(t *testing.T) {
	ops := []backend.Op{backend.Exp, backend.Transpose, backend.Reshape, backend.Add}
	o := Options{
		Alias:   func(_ *backend.Program, i backend.Instr) bool { return i.Op == backend.Reshape },
		Scratch: func(_ *backend.Program, i backend.Instr) int { return len(i.In) * 100 },
	}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := &backend.Program{Values: values(2), Inputs: []int{0}, States: []int{1}}
		for range 1 + r.IntN(40) {
			v := backend.Value{DType: backend.Float32, Shape: []int{1 + r.IntN(200)}}
			i := backend.Instr{Op: ops[r.IntN(len(ops))], In: []int{r.IntN(len(p.Values))}, Out: []int{len(p.Values)}}
			if i.Op == backend.Add {
				i.In = append(i.In, r.IntN(len(p.Values)))
			}
			if i.Op == backend.Reshape || r.IntN(2) == 0 {
				v.Shape = p.Values[i.In[0]].Shape
			}
			p.Values, p.Instrs = append(p.Values, v), append(p.Instrs, i)
		}
		last := len(p.Values) - 1
		p.Outputs = []int{last, r.IntN(len(p.Values))}
		p.Updates = []backend.Update{{State: 0, New: r.IntN(len(p.Values))}}
		checkPlan(t, seed, p, Make(p, o), o)
	}
}

func checkPlan(t *testing.T, seed uint64, p *backend.Program, pl *Plan, o Options) {
	t.Helper()
	owner := make([]int, pl.Size) // by byte of the arena: 1 + the value written there
	source := make([]int, len(p.Values))
	bytes := func(id int) int { return p.Values[id].Shape[0] * 4 }
	for id := range source {
		source[id] = id
	}
	write := func(from, n, who int) {
		for b := from; b < from+n; b++ {
			owner[b] = who
		}
	}
	read := func(id int) {
		if place := pl.Places[id]; place.Kind == Arena {
			for b := place.Offset; b < place.Offset+bytes(source[id]); b++ {
				if owner[b] != 1+source[id] {
					t.Fatalf("seed %d: value %d finds value %d in its place", seed, id, owner[b]-1)
				}
			}
		}
	}
	for at, i := range p.Instrs {
		for _, id := range i.In {
			read(id)
		}
		out := i.Out[0]
		if s := pl.Scratch[at]; s >= 0 {
			write(s, len(i.In)*100, -1)
		}
		for _, id := range i.In { // scratch must not touch the operands
			read(id)
		}
		if o.Alias(p, i) {
			source[out] = source[i.In[0]]
		} else if place := pl.Places[out]; place.Kind == Arena {
			if s := pl.Scratch[at]; s >= 0 && s < place.Offset+bytes(out) && place.Offset < s+len(i.In)*100 {
				t.Fatalf("seed %d: scratch overlaps the result of instruction %d", seed, at)
			}
			write(place.Offset, bytes(out), 1+out)
		}
	}
	for _, id := range p.Outputs {
		read(id)
	}
	for _, u := range p.Updates {
		read(u.New)
	}
}

// TestPlanIsLinear: the memory of a long chain does not grow with it, and
// neither does the number of holes.
func TestPlanIsLinear(t *testing.T) {
	const n = 20000
	p := &backend.Program{Values: values(n + 1), Inputs: []int{0}, Outputs: []int{n}}
	for i := range n {
		p.Instrs = append(p.Instrs, backend.Instr{Op: backend.Transpose, In: []int{i}, Out: []int{i + 1}})
	}
	if got := Make(p, Options{}).Size; got != 128 {
		t.Errorf("%d bytes for a chain, want 128", got)
	}
}
