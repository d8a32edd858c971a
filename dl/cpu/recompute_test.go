package cpu

import (
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// TestRecompute: of what an activation computes on the way, only its result is
// written, and what its derivative needs is computed anew from the operand.
func TestRecompute(t *testing.T) {
	bias := func(m *maker, s []int, x int, shape ...int) int {
		return m.op(backend.Add, nil, s, x, m.input(backend.Float32, shape...))
	}
	for name, c := range map[string]struct {
		operand func(m *maker, s []int, x int) int
		keep    bool // what is between operand and result is an output
		size    int
		stores  int // of the first chain
	}{
		"an array":   {func(m *maker, s []int, x int) int { return x }, false, 256, 1},
		"a row":      {func(m *maker, s []int, x int) int { return bias(m, s, x, s[1]) }, false, 256, 1},
		"a column":   {func(m *maker, s []int, x int) int { return bias(m, s, x, s[0], 1) }, false, 256, 3},
		"two arrays": {func(m *maker, s []int, x int) int { return bias(m, s, x, s...) }, false, 256, 3},
		"outputs":    {func(m *maker, s []int, x int) int { return x }, true, 256, 3},
		"small":      {func(m *maker, s []int, x int) int { return x }, false, 8, 3},
	} {
		t.Run(name, func(t *testing.T) {
			m, shape := newMaker(1), []int{c.size, c.size}
			weights := m.input(backend.Float32, shape...)
			product := func(x int) int {
				return m.op(backend.MatMul, backend.MatMulAttrs{}, shape, x, weights)
			}
			u := m.op(backend.Tanh, nil, shape, c.operand(m, shape, product(m.input(backend.Float32, shape...))))
			v := m.op(backend.Square, nil, shape, u)
			y := product(m.op(backend.Add, nil, shape, u, v))
			m.output(m.op(backend.Mul, nil, shape, m.op(backend.Mul, nil, shape, y, u), v))
			if c.keep {
				m.output(u, v)
			}
			m.check(t, 1e-4) // products of numbers around 16 are summed in another order

			b := newBuilder(&portable, true, &m.p)
			if err := b.emitAll(); err != nil {
				t.Fatal(err)
			}
			for _, s := range b.steps {
				if s.chain != nil {
					if got := len(s.chain.stores); got != c.stores {
						t.Errorf("the first chain writes %d arrays, want %d", got, c.stores)
					}
					break
				}
			}
		})
	}
}
