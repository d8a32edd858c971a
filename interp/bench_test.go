package interp_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

// The cost of a small cell must not grow with the session.
func BenchmarkCell(b *testing.B) {
	for _, declarations := range []int{0, 200, 2000} {
		b.Run(fmt.Sprint(declarations), func(b *testing.B) {
			e := newEvaluator(b, "vm")
			for i := range declarations {
				evaluate(b, e, i+1, fmt.Sprintf("v%d := %d\nfunc f%d(n int) int { return n + v%d }", i, i, i, i))
			}
			b.ResetTimer()
			for b.Loop() {
				res := e.Eval(context.Background(), cell.Request{Code: "x := 3\nx + 1", Count: 1}, &recorder{})
				if res.Err != nil {
					b.Fatal(res.Err)
				}
			}
		})
	}
}
