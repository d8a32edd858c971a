package cpu

import (
	"fmt"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// benchmark runs the program once for each iteration. It reports operations
// and units by the second.
func (m *maker) benchmark(b *testing.B, k *Backend, flops, units float64, unit string) {
	b.Helper()
	x, err := k.Compile(&m.p)
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	var out []backend.Buffer
	for _, v := range m.p.Outputs {
		out = append(out, backend.NewBuffer(m.p.Values[v].DType, backend.Size(m.p.Values[v].Shape)))
	}
	run := func() {
		if err := x.Run(m.in, m.st, out, nil); err != nil {
			b.Fatal(err)
		}
	}
	run()
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		run()
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	if flops > 0 {
		b.ReportMetric(flops/seconds/1e9, "GFLOP/s")
	}
	if units > 0 {
		b.ReportMetric(units/seconds, unit)
	}
}

func BenchmarkMatMul(b *testing.B) {
	for _, s := range [][3]int{{64, 64, 64}, {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {32, 1000, 4096}, {4096, 1000, 32}, {128, 1000, 3200}, {128, 512, 3200}, {256, 1024, 1024}, {1024, 256, 1024}, {3200, 128, 512}, {1024, 1024, 256}} {
		for _, at := range []backend.MatMulAttrs{{}, {TransA: true}, {TransB: true}} {
			m, n, k := s[0], s[1], s[2]
			p := newMaker(1)
			x, y := []int{m, k}, []int{k, n}
			name := fmt.Sprintf("%dx%dx%d", m, n, k)
			if at.TransA {
				x, name = []int{k, m}, name+"/TransA"
			}
			if at.TransB {
				y, name = []int{n, k}, name+"/TransB"
			}
			p.output(p.op(backend.MatMul, at, []int{m, n}, p.input(backend.Float32, x...), p.input(backend.Float32, y...)))
			b.Run(name, func(b *testing.B) { p.benchmark(b, New(), 2*float64(m*n*k), 0, "") })
		}
	}
}
