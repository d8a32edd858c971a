package dl

import (
	"runtime"
	"testing"
)

// TestEagerMemoryIsFlat: 100,000 steps of training without a compiled function
// leave nothing behind, and neither do loops, whose programs are made anew each
// time.
func TestEagerMemoryIsFlat(t *testing.T) {
	w := Variable([]float64{1, 2, 3}, "w")
	step := func(i int) {
		loss := w.Square().Sum()
		if i%100 == 0 {
			loss = Scan(func(x, s *Tensor) *Tensor { return s.Add(x.Square()) },
				ScanOptions{Sequences: []Sequence{{X: w}}, States: []State{{Initial: 0}}})[0].Index(-1)
		}
		w.Assign(w.Sub(Grad(loss, w).Mul(1e-5)))
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early uint64
	for i := range 100_000 {
		step(i)
		if i == 10_000 {
			early = heap()
		}
	}
	if late := heap(); late > early+1<<19 {
		t.Errorf("the heap grew from %d to %d bytes in 90,000 steps", early, late)
	}
}

// TestFunctionsShareMemory: compiled functions that are kept take the memory of
// their results between inputs and outputs only while they run, and leave
// nothing behind when they are dropped.
func TestFunctionsShareMemory(t *testing.T) {
	const n, bytes = 1024, 4 << 20 // of one result
	x := Randn(n, n)
	heap := func() uint64 {
		var m runtime.MemStats
		for range 6 { // what no run uses is kept for some collections
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	var kept []*Func
	for range 20 {
		in := Placeholder("x", Float32, n, n)
		f := Function([]*Tensor{in}, []*Tensor{in.MatMul(in).MatMul(in).Sum()})
		f.Call(x)
		kept = append(kept, f)
	}
	if after := heap(); after > before+4*bytes {
		t.Errorf("the heap grew from %d to %d bytes with 20 functions", before, after)
	}
	runtime.KeepAlive(kept)
}
