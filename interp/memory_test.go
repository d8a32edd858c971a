package interp_test

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

var soak = flag.Int("soak", 200, "how many cells of each kind TestMemory runs")

// What a session has come to does not depend on how many cells it has run, but on
// what these have left. The bounds are bytes a cell. The cell's own text, which
// %save can write, is among them.
func TestMemory(t *testing.T) {
	kinds := []struct {
		name  string
		cell  func(i int) string
		bound int
	}{
		{"variables", func(i int) string { return fmt.Sprintf("x%d := %d", i%50, i) }, 3000},
		{"expressions", func(i int) string { return fmt.Sprintf("x0 + %d", i) }, 3000},
		{"variables of each other", func(i int) string { return fmt.Sprintf("x%d := x%d + 1", i%50, (i+1)%50) }, 3000},
		{"prints", func(i int) string { return fmt.Sprintf("fmt.Println(%d, x0)", i) }, 3000},
		{"closures", func(i int) string { return fmt.Sprintf("h := func() int { return x0 + %d }\nh()", i) }, 3000},
		{"mistakes", func(i int) string { return fmt.Sprintf("y%d.z", i) }, 3000},
		{"functions", func(i int) string { return fmt.Sprintf("func f() int { return %d }\nf()", i) }, 3000},
		{"functions, then a call", func(i int) string {
			return []string{fmt.Sprintf("func f(a int) int { return a + %d }", i/10), "f(x0)"}[i%2]
		}, 3000},
		{"types", func(i int) string {
			return fmt.Sprintf("type T struct{ n int }\nfunc (t T) Get() int { return t.n + %d }\nfunc use() int { return T{1}.Get() }\nuse()", i)
		}, 3000},
		{"embedded types", func(i int) string {
			return fmt.Sprintf("type T struct{ n int }\nfunc (t T) Get() int { return t.n + %d }\ntype U struct{ T }\nvar g interface{ Get() int } = U{T{1}}\ng.Get()", i)
		}, 3000},
	}
	e := newEvaluator(t, "vm")
	run := func(code string) {
		e.Eval(context.Background(), cell.Request{Code: code}, &recorder{})
	}
	live := func() int {
		for range 4 { // what one collection finds dead, cleanups let go of
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	for _, k := range kinds {
		for i := range 100 {
			run(k.cell(i))
		}
		before := live()
		for i := range *soak {
			run(k.cell(i))
		}
		grown := (live() - before) / *soak
		t.Logf("%s: %d bytes a cell", k.name, grown)
		if grown > k.bound {
			t.Errorf("%s: %d bytes a cell stay, want at most %d", k.name, grown, k.bound)
		}
	}
}

// TestMemoryUnderLoad is TestMemory without a moment's rest, in which the collector
// could find what is not used any more.
func TestMemoryUnderLoad(t *testing.T) {
	e := newEvaluator(t, "vm")
	most := 0
	for i := range 2000 {
		e.Eval(context.Background(), cell.Request{Code: fmt.Sprintf(
			"type T struct{ n int }\nfunc (t T) Get() int { return t.n + %d }\nfunc use() int { return T{1}.Get() }\nuse()", i)}, &recorder{})
		if i%100 == 99 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if i < 500 {
				most = max(most, int(m.HeapAlloc))
			} else if now := int(m.HeapAlloc); now > 2*most+8<<20 {
				t.Fatalf("after %d cells the heap has %d bytes, in the first 500 it had %d", i+1, now, most)
			}
		}
	}
}
