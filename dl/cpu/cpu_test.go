package cpu

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/backend/reference"
)

// backends lists this package's backend with every kernel set that the
// processor runs, with and without fusion.
func backends() map[string]*Backend {
	m := map[string]*Backend{}
	for _, ks := range kernelSets() {
		m[ks.name] = &Backend{ks: ks, fuse: true}
		m[ks.name+" unfused"] = &Backend{ks: ks}
		m[ks.name+" in patches"] = &Backend{ks: ks, fuse: true, patches: always}
	}
	return m
}

// A maker writes a program.
type maker struct {
	p   backend.Program
	rng *rand.Rand
	in  []backend.Buffer
	st  []backend.Buffer
}

func newMaker(seed uint64) *maker { return &maker{rng: rand.New(rand.NewPCG(seed, 1))} }

func (m *maker) add(v backend.Value) int {
	m.p.Values = append(m.p.Values, v)
	return len(m.p.Values) - 1
}

// numbers returns a buffer of normally distributed floats, or of small
// integers, or of bools.
func (m *maker) numbers(d backend.DType, shape []int) backend.Buffer {
	n := backend.Size(shape)
	b := backend.NewBuffer(d, n)
	for i := range n {
		switch d {
		case backend.Float32:
			backend.View[float32](b)[i] = float32(m.rng.NormFloat64())
		case backend.Float64:
			backend.View[float64](b)[i] = m.rng.NormFloat64()
		case backend.Int32:
			backend.View[int32](b)[i] = m.rng.Int32N(10)
		case backend.Int64:
			backend.View[int64](b)[i] = m.rng.Int64N(10)
		default:
			b.Bytes()[i] = byte(m.rng.IntN(2))
		}
	}
	return b
}

func (m *maker) input(d backend.DType, shape ...int) int {
	v := m.add(backend.Value{DType: d, Shape: shape})
	m.p.Inputs = append(m.p.Inputs, v)
	m.in = append(m.in, m.numbers(d, shape))
	return v
}

func (m *maker) state(shape ...int) int {
	v := m.add(backend.Value{DType: backend.Float32, Shape: shape})
	m.p.States = append(m.p.States, v)
	m.st = append(m.st, m.numbers(backend.Float32, shape))
	return v
}

func (m *maker) constant(x float32) int {
	c := backend.NewBuffer(backend.Float32, 1)
	backend.View[float32](c)[0] = x
	return m.add(backend.Value{DType: backend.Float32, Shape: []int{}, Const: c})
}

func (m *maker) instr(op backend.Op, attrs any, d backend.DType, shape []int, in ...int) int {
	v := m.add(backend.Value{DType: d, Shape: shape})
	m.p.Instrs = append(m.p.Instrs, backend.Instr{Op: op, Attrs: attrs, In: in, Out: []int{v}})
	return v
}

// op adds an instruction that gives float32.
func (m *maker) op(op backend.Op, attrs any, shape []int, in ...int) int {
	return m.instr(op, attrs, backend.Float32, shape, in...)
}

func (m *maker) output(v ...int) { m.p.Outputs = append(m.p.Outputs, v...) }

func (m *maker) update(state, v int) {
	for i, s := range m.p.States {
		if s == state {
			m.p.Updates = append(m.p.Updates, backend.Update{State: i, New: v})
		}
	}
}

func clones(bs []backend.Buffer) []backend.Buffer {
	var c []backend.Buffer
	for _, b := range bs {
		n := backend.NewBuffer(backend.Uint8, len(b.Bytes()))
		copy(n.Bytes(), b.Bytes())
		c = append(c, n)
	}
	return c
}

// A result is what a program left: its outputs and states.
type result struct{ outputs, states []backend.Buffer }

// run compiles the program and runs it a number of times.
func (m *maker) run(b backend.Backend, times int) (result, error) {
	x, err := b.Compile(&m.p)
	if err != nil {
		return result{}, err
	}
	defer x.Close()
	r := result{states: clones(m.st)}
	for _, v := range m.p.Outputs {
		r.outputs = append(r.outputs, backend.NewBuffer(m.p.Values[v].DType, backend.Size(m.p.Values[v].Shape)))
	}
	if own, ok := x.(*executable); ok {
		// What another program left in the memory must not matter: not numbers.
		own.prepare(m.in, r.states, r.outputs)
		for b := own.arena.Bytes(); len(b) > 0; b = b[1:] {
			b[0] = 0xff
		}
	}
	for range times {
		if err := x.Run(m.in, r.states, r.outputs, nil); err != nil {
			return result{}, err
		}
	}
	return r, nil
}

// backends lists those that may compute m in different ways.
func (m *maker) backends() map[string]*Backend {
	all := backends()
	if slices.ContainsFunc(m.p.Instrs, func(i backend.Instr) bool { return i.Op == backend.Conv2D }) {
		return all
	}
	maps.DeleteFunc(all, func(_ string, b *Backend) bool { return b.patches == always })
	return all
}

// check runs the program on the reference and on all backends here, once and
// twice, as a second run finds the memory as the first one left it. tolerance
// is relative to the greatest number of an array.
func (m *maker) check(t *testing.T, tolerance float64) {
	t.Helper()
	for times := 1; times <= 2; times++ {
		want, err := m.run(reference.Backend{}, times)
		if err != nil {
			t.Fatal(err)
		}
		for name, b := range m.backends() {
			got, err := m.run(b, times)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for i, v := range m.p.Outputs {
				if err := same(m.p.Values[v].DType, got.outputs[i], want.outputs[i], tolerance); err != nil {
					t.Errorf("%s, run %d: output %d: %v", name, times, i, err)
				}
			}
			for i := range m.p.States {
				if err := same(backend.Float32, got.states[i], want.states[i], tolerance); err != nil {
					t.Errorf("%s, run %d: state %d: %v", name, times, i, err)
				}
			}
		}
	}
}

func same(d backend.DType, got, want backend.Buffer, tolerance float64) error {
	if d != backend.Float32 {
		if string(got.Bytes()) != string(want.Bytes()) {
			return fmt.Errorf("bytes differ: %v, want %v", head(got.Bytes()), head(want.Bytes()))
		}
		return nil
	}
	g, w := backend.View[float32](got), backend.View[float32](want)
	if len(g) != len(w) {
		return fmt.Errorf("%d elements, want %d", len(g), len(w))
	}
	scale := 1e-30
	for _, v := range w {
		if a := math.Abs(float64(v)); a > scale && !math.IsInf(a, 0) {
			scale = a
		}
	}
	for i, v := range g {
		if v == w[i] || v != v && w[i] != w[i] {
			continue
		}
		if e := math.Abs(float64(v)-float64(w[i])) / scale; !(e <= tolerance) {
			return fmt.Errorf("element %d is %v, want %v (error %.2g of the greatest)", i, v, w[i], e)
		}
	}
	return nil
}

func head[T any](x []T) []T { return x[:min(len(x), 20)] }

func TestNewWith(t *testing.T) {
	for _, kernels := range Kernels() {
		b, err := NewWith(kernels)
		if err != nil {
			t.Fatal(err)
		}
		if b.Kernels() != kernels || b.Name() != "cpu "+kernels {
			t.Errorf("%q with the kernels %q, want those for %q", b.Name(), b.Kernels(), kernels)
		}
	}
	if best := New(); best.Kernels() != Kernels()[0] || best.Name() != "cpu" {
		t.Errorf("%q with the kernels %q, want the best, those for %q", best.Name(), best.Kernels(), Kernels()[0])
	}
	if b, err := NewWith("abacus"); err == nil {
		t.Errorf("kernels %q for an abacus, want an error", b.Kernels())
	}
}
