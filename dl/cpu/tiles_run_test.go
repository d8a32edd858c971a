package cpu

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func smallNetwork() *maker {
	m := network{batch: 8, size: 16, channels: 3, filters1: 16, filters2: 32, dense: 300, classes: 10}.train(0.1, 0.9)
	m.p.Precision = backend.BFloat16
	return m
}

// TestTileThreads runs the same steps on one to five goroutines: every bit must
// agree.
func TestTileThreads(t *testing.T) {
	loop := recurrence(6, 33, 40, true, "", true)
	loop.p.Precision = backend.BFloat16
	for kind, m := range map[string]*maker{"network": smallNetwork(), "loop": loop} {
		for name, b := range tileBackends() {
			var first []byte
			for threads := 1; threads <= 5; threads++ {
				old := runtime.GOMAXPROCS(threads)
				r, err := m.run(b, 2)
				runtime.GOMAXPROCS(old)
				if err != nil {
					t.Fatal(err)
				}
				var all []byte
				for _, b := range append(r.outputs, r.states...) {
					all = append(all, b.Bytes()...)
				}
				if first == nil {
					first = all
				}
				if !slices.Equal(all, first) {
					t.Errorf("%s, %s: %d threads give other numbers than 1", kind, name, threads)
				}
			}
		}
	}
}

// TestTileTraining compares the losses of training in tiles and without. They
// drift apart, as a sum in another order may be rounded to another bfloat16.
func TestTileTraining(t *testing.T) {
	m := smallNetwork()
	loss := func(b *Backend, steps int) float64 {
		r, err := m.run(b, steps)
		if err != nil {
			t.Fatal(err)
		}
		return float64(backend.View[float32](r.outputs[0])[0])
	}
	for name, b := range tileBackends() {
		for steps := 1; steps <= 8; steps += 7 {
			got, want := loss(b, steps), loss(withoutTiles(), steps)
			if math.Abs(got-want) > 0.01*want {
				t.Errorf("%s: the loss of step %d is %v, want %v", name, steps, got, want)
			}
		}
	}
}

// TestTileRandomPrograms runs random programs in bfloat16. A last bit may decide
// to which of two neighbours a number is rounded, which are 2⁻⁸ apart.
func TestTileRandomPrograms(t *testing.T) {
	for seed := range uint64(30) {
		m := newMaker(seed)
		m.random(5 + int(seed))
		m.p.Precision = backend.BFloat16
		want, err := m.run(withoutTiles(), 2)
		if err != nil {
			t.Fatal(err)
		}
		for name, b := range tileBackends() {
			got, err := m.run(b, 2)
			if err != nil {
				t.Fatalf("seed %d, %s: %v", seed, name, err)
			}
			for i, v := range m.p.Outputs {
				if err := same(m.p.Values[v].DType, got.outputs[i], want.outputs[i], 0.03); err != nil {
					t.Errorf("seed %d, %s: output %d: %v", seed, name, i, err)
				}
			}
		}
	}
}

// spoil makes some numbers of input k infinite or NaN.
func (m *maker) spoil(k int) {
	x := backend.View[float32](m.in[k])
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		x[m.rng.IntN(len(x))] = float32(bad)
	}
}

// TestTileSpecial has NaN and infinities in the operands: they must reach the
// results that are computed from them, and no others.
func TestTileSpecial(t *testing.T) {
	for i, s := range [][3]int{{33, 47, 35}, {100, 70, 31}, {20, 300, 700}, {1, 130, 99}} {
		for _, at := range []backend.MatMulAttrs{{}, {TransA: true}, {TransB: true}} {
			m, n, k := s[0], s[1], s[2]
			a, b := []int{m, k}, []int{k, n}
			if at.TransA {
				a = []int{k, m}
			}
			if at.TransB {
				b = []int{n, k}
			}
			p := newMaker(uint64(i))
			p.output(p.op(backend.MatMul, at, []int{m, n}, p.input(backend.Float32, a...), p.input(backend.Float32, b...)))
			p.spoil(i % 2)
			t.Run(fmt.Sprint(s, at), func(t *testing.T) { p.checkTiles(t, k) })
		}
	}
	for i, c := range convCases() {
		if backend.Size(c.x) < 20 || backend.Size(c.result()) < 20 {
			continue
		}
		p := c.maker(uint64(i))
		p.spoil(0)
		p.p.Outputs = []int{p.p.Outputs[0], p.p.Outputs[2]} // those computed from x
		t.Run(fmt.Sprint(c), func(t *testing.T) { p.checkTiles(t, 2000) })
		p = c.maker(uint64(i))
		p.spoil(2)
		p.p.Outputs = p.p.Outputs[1:2] // that by dy
		t.Run(fmt.Sprint(c), func(t *testing.T) { p.checkTiles(t, 2000) })
	}
}

// TestTileLoops has products in the steps of loops, by examples and by the whole
// batch. Steps round again what differs in a last bit.
func TestTileLoops(t *testing.T) {
	for name, m := range map[string]*maker{
		"apart":        recurrence(6, 33, 40, true, "", false),
		"summed":       recurrence(6, 33, 40, false, "", true),
		"one example":  recurrence(3, 1, 80, false, "", false),
		"many":         recurrence(3, 130, 40, false, "h", true),
		"large matrix": recurrence(2, 40, 800, false, "", false),
	} {
		t.Run(name, func(t *testing.T) { m.checkTiles(t, 1<<16) })
	}
}
