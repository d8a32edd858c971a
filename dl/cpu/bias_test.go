package cpu

import (
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// TestBiases: a row is added to a product where nothing else reads the product,
// and it is a row.
func TestBiases(t *testing.T) {
	const rows, n, k = 96, 45, 300 // the sums in two passes
	matrix := []int{rows, n}
	for name, c := range map[string]struct {
		build  func(m *maker, product int) int
		joined bool
	}{
		"a row":       {func(m *maker, p int) int { return m.op(backend.Add, nil, matrix, p, m.input(backend.Float32, n)) }, true},
		"a row first": {func(m *maker, p int) int { return m.op(backend.Add, nil, matrix, m.input(backend.Float32, 1, n), p) }, true},
		"reshaped": {func(m *maker, p int) int {
			wide := []int{4, rows / 4, n}
			return m.op(backend.Add, nil, wide, m.op(backend.Reshape, nil, wide, p), m.input(backend.Float32, n))
		}, true},
		"turned over": {func(m *maker, p int) int {
			other := []int{n, rows}
			return m.op(backend.Add, nil, other, m.op(backend.Reshape, nil, other, p), m.input(backend.Float32, rows))
		}, false},
		"a column": {func(m *maker, p int) int { return m.op(backend.Add, nil, matrix, p, m.input(backend.Float32, rows, 1)) }, false},
		"read elsewhere": {func(m *maker, p int) int {
			m.output(p)
			return m.op(backend.Add, nil, matrix, p, m.input(backend.Float32, n))
		}, false},
		"itself": {func(m *maker, p int) int { return m.op(backend.Add, nil, matrix, p, p) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMaker(1)
			p := m.op(backend.MatMul, backend.MatMulAttrs{}, matrix, m.input(backend.Float32, rows, k), m.input(backend.Float32, k, n))
			m.output(c.build(m, p))
			m.check(t, 1e-5)
			if got := joinBiases(&portable, &m.p) != &m.p; got != c.joined {
				t.Errorf("joined: %t, want %t", got, c.joined)
			}
		})
	}
}
