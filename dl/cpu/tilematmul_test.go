package cpu

import (
	"fmt"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// tileBackends lists backends that compute products of bfloat16 in tiles, and
// withoutTiles is the one that they are compared with.
func tileBackends() map[string]*Backend {
	m := map[string]*Backend{}
	for name, ts := range tileSets() {
		ks := *kernelSets()[0]
		ks.tiles = ts
		m["tiles of "+name] = &Backend{ks: &ks, fuse: true, patches: never}
		m["tiles of "+name+", unfused"] = &Backend{ks: &ks}
	}
	return m
}

func withoutTiles() *Backend {
	ks := *kernelSets()[0]
	ks.tiles = nil
	return &Backend{ks: &ks, fuse: true, patches: never}
}

// checkTiles runs the program in bfloat16 in tiles and without, once and twice.
// As the products of numbers of 8 bits are exact, they differ by the order of
// sums alone: by less than 2⁻²⁴ for each of the terms, relative to the greatest
// result here.
func (m *maker) checkTiles(t *testing.T, terms int) {
	t.Helper()
	m.p.Precision = backend.BFloat16
	for times := 1; times <= 2; times++ {
		want, err := m.run(withoutTiles(), times)
		if err != nil {
			t.Fatal(err)
		}
		for name, b := range tileBackends() {
			got, err := m.run(b, times)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for i, v := range m.p.Outputs {
				if err := same(m.p.Values[v].DType, got.outputs[i], want.outputs[i], float64(terms+8)*0x1p-24); err != nil {
					t.Errorf("%s, run %d: output %d: %v", name, times, i, err)
				}
			}
			for i := range m.p.States {
				if err := same(backend.Float32, got.states[i], want.states[i], float64(terms+8)*0x1p-24); err != nil {
					t.Errorf("%s, run %d: state %d: %v", name, times, i, err)
				}
			}
		}
	}
}

func TestTileMatMul(t *testing.T) {
	for i, s := range [][3]int{
		{1, 1, 4097}, {1, 4100, 1}, {4100, 1, 1}, {1, 70, 200}, {70, 1, 200}, {16, 16, 16}, {17, 15, 33}, {32, 100, 300}, {33, 31, 65}, {64, 300, 40},
		{65, 32, 31}, {100, 1000, 27}, {37, 330, 512}, {300, 10, 32}, {145, 70, 520}, {257, 129, 65}, {130, 65, 1}, {67, 2100, 34}, {3, 0, 4}, {0, 5, 4}, {5, 4, 0},
	} {
		for _, at := range []backend.MatMulAttrs{{}, {TransA: true}, {TransB: true}, {TransA: true, TransB: true}} {
			m, n, k := s[0], s[1], s[2]
			t.Run(fmt.Sprintf("%dx%dx%d%+v", m, n, k, at), func(t *testing.T) {
				p := newMaker(uint64(i))
				a, b := []int{m, k}, []int{k, n}
				if at.TransA {
					a = []int{k, m}
				}
				if at.TransB {
					b = []int{n, k}
				}
				p.output(p.op(backend.MatMul, at, []int{m, n}, p.input(backend.Float32, a...), p.input(backend.Float32, b...)))
				p.checkTiles(t, k)
			})
		}
	}
	for i, c := range []struct {
		a, b, out []int
		at        backend.MatMulAttrs
	}{
		{[]int{3, 40, 51}, []int{3, 51, 16}, []int{3, 40, 16}, backend.MatMulAttrs{}},
		{[]int{3, 40, 51}, []int{51, 16}, []int{3, 40, 16}, backend.MatMulAttrs{}},
		{[]int{40, 51}, []int{2, 3, 51, 16}, []int{2, 3, 40, 16}, backend.MatMulAttrs{}},
		{[]int{2, 1, 51, 40}, []int{3, 36, 51}, []int{2, 3, 40, 36}, backend.MatMulAttrs{TransA: true, TransB: true}},
		{[]int{0, 40, 51}, []int{0, 51, 36}, []int{0, 40, 36}, backend.MatMulAttrs{}},
	} {
		t.Run(fmt.Sprint(c.a, c.b, c.at), func(t *testing.T) {
			p := newMaker(uint64(i))
			p.output(p.op(backend.MatMul, c.at, c.out, p.input(backend.Float32, c.a...), p.input(backend.Float32, c.b...)))
			p.checkTiles(t, 51)
		})
	}
}

// TestTileMatMulInParts has an update of a variable behind a product, of which
// a few rows are computed at a time, and the same operands in several products.
func TestTileMatMulInParts(t *testing.T) {
	for i, s := range [][3]int{{300, 200, 20}, {300, 700, 200}, {70, 1300, 60}} {
		m, n, k := s[0], s[1], s[2]
		p := newMaker(uint64(i))
		x, y, w := p.input(backend.Float32, k, m), p.input(backend.Float32, k, n), p.state(m, n)
		g := p.op(backend.MatMul, backend.MatMulAttrs{TransA: true}, []int{m, n}, x, y)
		p.output(p.op(backend.MatMul, backend.MatMulAttrs{TransB: true}, []int{k, m}, y, w), p.op(backend.MatMul, backend.MatMulAttrs{TransA: true}, []int{n, n}, y, y))
		p.update(w, p.op(backend.Sub, nil, []int{m, n}, w, p.op(backend.Mul, nil, []int{m, n}, g, p.constant(0.1))))
		t.Run(fmt.Sprint(s), func(t *testing.T) { p.checkTiles(t, 2000) })
	}
}
