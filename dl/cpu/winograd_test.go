package cpu

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/backend/reference"
)

// apply returns m x.
func apply(m [][]float64, x []float64) []float64 {
	y := make([]float64, len(m))
	for i, row := range m {
		for k, c := range row {
			y[i] += c * x[k]
		}
	}
	return y
}

// TestToomCook compares what the matrices compute with the sums of products.
func TestToomCook(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for r, points := range winogradPoints {
		a, g, bt := toomCook(points, winogradSide, r)
		n := winogradSide + r - 1
		x, w := make([]float64, n), make([]float64, r)
		for i := range x {
			x[i] = random.NormFloat64()
		}
		for i := range w {
			w[i] = random.NormFloat64()
		}
		u, v := apply(g, w), apply(bt, x)
		for i := range u {
			u[i] *= v[i]
		}
		for i, got := range apply(transposed(a), u) {
			want := 0.0
			for k, tap := range w {
				want += tap * x[i+k]
			}
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("%d taps: result %d is %v, want %v", r, i, got, want)
			}
		}
	}
}

// TestWinogradTransforms compares the kernels with the matrices.
func TestWinogradTransforms(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, ks := range kernelSets() {
		for r, kernels := range ks.winograd {
			plain := plainWinogradOf(r)
			n := winogradSide + r - 1
			for _, c := range []struct {
				name      string
				got, want transformKernel
				rows, of  int
			}{
				{"source", kernels.source, plain.source, n, n},
				{"results", kernels.results, plain.results, winogradSide, n},
				{"gradients", kernels.grads, plain.grads, n, winogradSide},
			} {
				for _, length := range []int{1, 3, 4, 7, 8, 15, 16, 17, 32, 33, 50} {
					const times = 3
					ldx, ldd := length+5, times*(length+2)
					x := make([]float32, times*2*length+c.of*ldx)
					for i := range x {
						x[i] = float32(random.NormFloat64())
					}
					got := slices.Repeat([]float32{-7}, c.rows*ldd+times*(length+2))
					want := slices.Clone(got)
					c.got(&got[0], 4*ldd, &x[0], 4*ldx, length, times, 4*(length+2), 8*length)
					c.want(&want[0], 4*ldd, &x[0], 4*ldx, length, times, 4*(length+2), 8*length)
					for i, v := range got {
						if math.Abs(float64(v-want[i])) > 1e-4 {
							t.Fatalf("%s, filters of %d, %s, %d numbers: number %d is %v, want %v", ks.name, r, c.name, length, i, v, want[i])
						}
					}
				}
			}
		}
	}
}

// TestWinogradAccuracy holds the algorithm to the error that it is used with.
func TestWinogradAccuracy(t *testing.T) {
	for r := range winogradPoints {
		c := convCase{[]int{4, 48, 12, 12}, []int{32, 48, r, r}, backend.ConvAttrs{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}}
		m := c.maker(uint64(r))
		want, err := m.run(reference.Backend{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		for name, b := range backends() {
			got, err := m.run(b, 1)
			if err != nil {
				t.Fatal(err)
			}
			for i := range m.p.Outputs {
				var miss, size float64
				w := backend.View[float32](want.outputs[i])
				for k, v := range backend.View[float32](got.outputs[i]) {
					d := float64(v) - float64(w[k])
					miss, size = miss+d*d, size+float64(w[k])*float64(w[k])
				}
				if e := math.Sqrt(miss / size); e > 4e-6 {
					t.Errorf("%s, filters of %d, output %d: its error is %.2g of its size", name, r, i, e)
				}
			}
		}
	}
}
