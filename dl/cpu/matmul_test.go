package cpu

import (
	"fmt"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func TestMatMul(t *testing.T) {
	sizes := [][3]int{
		{1, 1, 1}, {1, 7, 5}, {7, 1, 5}, {5, 7, 1}, {3, 4, 0}, {0, 4, 3}, {3, 0, 4}, {6, 16, 8}, {12, 32, 9}, {13, 33, 257}, {32, 100, 300}, {64, 200, 40},
		{40, 330, 810}, {100, 1000, 270}, {37, 1030, 512}, {300, 10, 32}, {400, 1, 784}, {1, 784, 400}, {300, 65, 30}, {145, 70, 520}, {33, 1000, 10}, {257, 129, 65},
		{16, 16, 256}, {23, 47, 300}, {300, 40, 259}, {600, 20, 300},
	}
	for i, s := range sizes {
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
				p.check(t, 1e-5)
			})
		}
	}
}

func TestBatchedMatMul(t *testing.T) {
	for i, c := range []struct {
		a, b, out []int
		at        backend.MatMulAttrs
	}{
		{[]int{3, 4, 5}, []int{3, 5, 6}, []int{3, 4, 6}, backend.MatMulAttrs{}},
		{[]int{3, 4, 5}, []int{5, 6}, []int{3, 4, 6}, backend.MatMulAttrs{}},
		{[]int{4, 5}, []int{2, 3, 5, 6}, []int{2, 3, 4, 6}, backend.MatMulAttrs{}},
		{[]int{2, 1, 5, 4}, []int{3, 6, 5}, []int{2, 3, 4, 6}, backend.MatMulAttrs{TransA: true, TransB: true}},
		{[]int{2, 70, 33}, []int{2, 33, 50}, []int{2, 70, 50}, backend.MatMulAttrs{}},
		{[]int{0, 4, 5}, []int{0, 5, 6}, []int{0, 4, 6}, backend.MatMulAttrs{}},
		{[]int{5, 1, 5}, []int{5, 5, 1}, []int{5, 1, 1}, backend.MatMulAttrs{}},
	} {
		t.Run(fmt.Sprint(c.a, c.b, c.at), func(t *testing.T) {
			p := newMaker(uint64(i))
			p.output(p.op(backend.MatMul, c.at, c.out, p.input(backend.Float32, c.a...), p.input(backend.Float32, c.b...)))
			p.check(t, 1e-5)
		})
	}
}

// TestProductInParts has elementwise instructions behind a product of many
// rows, which is then computed a few rows at a time.
func TestProductInParts(t *testing.T) {
	for i, s := range [][3]int{{300, 200, 20}, {300, 700, 200}, {300, 1300, 60}} {
		m, n, k := s[0], s[1], s[2]
		p := newMaker(uint64(i))
		x, y, w := p.input(backend.Float32, k, m), p.input(backend.Float32, k, n), p.state(m, n)
		g := p.op(backend.MatMul, backend.MatMulAttrs{TransA: true}, []int{m, n}, x, y)
		p.update(w, p.op(backend.Sub, nil, []int{m, n}, w, p.op(backend.Mul, nil, []int{m, n}, g, p.constant(0.1))))
		t.Run(fmt.Sprint(s), func(t *testing.T) { p.check(t, 1e-5) })
	}
}
