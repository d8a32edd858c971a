package interp_test

import (
	"fmt"
	"runtime"
	"testing"
)

func heap() float64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

func TestTmpRedefine(t *testing.T) {
	for _, shape := range []string{"same", "changing"} {
		e := newEvaluator(t, "vm")
		for i := range 1001 {
			typ := "A int"
			if shape == "changing" && i%2 == 0 {
				typ = "A int; B string"
			}
			res := evaluate(t, e, i+1, fmt.Sprintf("type T struct { %s }\nfunc (t T) String() string { return \"T\" }\nfunc (t *T) Set(n int) { t.A = n + %d }\nfunc use() string { t := T{}; t.Set(3); return fmt.Sprint(t, t.A) }\nuse()", typ, i))
			_ = res
			if i%500 == 0 {
				t.Logf("%s %d: %.1f MB", shape, i, heap())
			}
		}
	}
}

func TestTmpSlices(t *testing.T) {
	e := newEvaluator(t, "vm")
	for i := range 101 {
		evaluate(t, e, i+1, "big := make([]float64, 1<<20)\nfor i := range big { big[i] = 1 }\nlen(big)")
		if i%20 == 0 {
			t.Logf("%d: %.1f MB", i, heap())
		}
	}
	for i := range 101 {
		evaluate(t, e, i+1, "func f() { b := make([]float64, 1<<20); for i := range b { b[i] = 1 }; _ = b[3] }\nf()\nbig := make([]float64, 1<<20)\nlen(big)")
		if i%20 == 0 {
			t.Logf("func %d: %.1f MB", i, heap())
		}
	}
}
