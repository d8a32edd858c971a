package cpu

import (
	"math"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// TestRoundBF16 holds the kernels to the definition: the nearest number with 8
// significant bits, the even one of two.
func TestRoundBF16(t *testing.T) {
	xs := append([]float32{}, special...)
	for u := uint32(0); u < 1<<20; u += 37 {
		xs = append(xs, math.Float32frombits(0x3f800000+u), math.Float32frombits(0xc0000000+u))
	}
	for _, ks := range kernelSets() {
		got := make([]float32, len(xs))
		ks.unaryFor(roundBF16)(&got[0], &xs[0], len(xs))
		for i, x := range xs {
			// Rounded by arithmetic on numbers, not bits.
			f, exponent := math.Frexp(float64(x))
			want := float32(math.Ldexp(math.RoundToEven(math.Ldexp(f, 8)), exponent-8))
			if math.Abs(float64(x)) < 0x1p-126 || x != x || math.IsInf(float64(x), 0) {
				continue // subnormal numbers have fewer bits
			}
			if got[i] != want {
				t.Fatalf("%s: %v is rounded to %v, want %v", ks.name, x, got[i], want)
			}
		}
		for i, x := range xs {
			if x != x && got[i] == got[i] || math.IsInf(float64(x), 0) && got[i] != x {
				t.Errorf("%s: %v is rounded to %v", ks.name, x, got[i])
			}
		}
	}
}

// TestBFloat16Products compares products and convolutions of that precision
// with those of operands that were rounded before.
func TestBFloat16Products(t *testing.T) {
	m := newMaker(1)
	f := backend.Float32
	round := func(v int) int {
		b := backend.View[float32](m.in[len(m.in)-1])
		for i := range b {
			b[i] = roundedBF16(b[i])
		}
		return v
	}
	conv := backend.ConvAttrs{Stride: [2]int{1, 1}, Pad: [4]int{1, 1, 1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
	build := func(seed uint64, round func(int) int) *maker {
		m = newMaker(seed)
		a, b := round(m.input(f, 33, 70)), round(m.input(f, 70, 50))
		x, w, dy := round(m.input(f, 2, 3, 6, 5)), round(m.input(f, 4, 3, 3, 3)), round(m.input(f, 2, 4, 6, 5))
		m.output(m.op(backend.MatMul, backend.MatMulAttrs{}, []int{33, 50}, a, b),
			m.op(backend.Conv2D, conv, []int{2, 4, 6, 5}, x, w),
			m.op(backend.Conv2DGradInput, conv, []int{2, 3, 6, 5}, w, dy),
			m.op(backend.Conv2DGradWeight, conv, []int{4, 3, 3, 3}, x, dy))
		return m
	}
	for name, b := range backends() {
		want, err := build(1, round).run(b, 1)
		if err != nil {
			t.Fatal(err)
		}
		plain := build(1, func(v int) int { return v })
		full, err := plain.run(b, 1)
		if err != nil {
			t.Fatal(err)
		}
		plain.p.Precision = backend.BFloat16
		got, err := plain.run(b, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want.outputs {
			tolerance := 0.0
			if b.ks.tiles != nil { // sums of up to 70 terms in another order
				tolerance = 80 * 0x1p-24
			}
			if err := same(f, got.outputs[i], want.outputs[i], tolerance); err != nil {
				t.Errorf("%s: output %d: %v", name, i, err)
			}
			if same(f, got.outputs[i], full.outputs[i], 1e-4) == nil {
				t.Errorf("%s: output %d is that of full precision", name, i)
			}
			if err := same(f, got.outputs[i], full.outputs[i], 2e-2); err != nil {
				t.Errorf("%s: output %d is far from that of full precision: %v", name, i, err)
			}
		}
	}
}
