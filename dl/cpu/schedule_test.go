package cpu

import (
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// TestMemoryIsFreed: derivatives by the weights of many layers are computed as soon
// as what they are computed from is there, though the program has them at its
// end: the derivatives by the activations are not kept for all layers.
func TestMemoryIsFreed(t *testing.T) {
	const layers, rows, width = 12, 300, 200
	activation := []int{rows, width}
	m := newMaker(1)
	h := []int{m.input(backend.Float32, activation...)}
	var weights []int
	for range layers {
		weights = append(weights, m.input(backend.Float32, width, width))
		h = append(h, m.op(backend.Tanh, nil, activation, m.op(backend.MatMul, backend.MatMulAttrs{}, activation, h[len(h)-1], weights[len(weights)-1])))
	}
	d := []int{h[layers]}
	for i := layers - 1; i > 0; i-- {
		back := m.op(backend.MatMul, backend.MatMulAttrs{TransB: true}, activation, d[len(d)-1], weights[i])
		d = append(d, m.op(backend.Mul, nil, activation, back, h[i]))
	}
	for i, g := range d {
		m.output(m.op(backend.MatMul, backend.MatMulAttrs{TransA: true}, []int{width, width}, h[layers-1-i], g))
	}
	x, err := New().Compile(&m.p)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	// All activations, and a few more of their size.
	if size, most := x.(*executable).size, (layers+5)*4*rows*width; size > most {
		t.Errorf("%d bytes of memory, want at most %d", size, most)
	}
}
