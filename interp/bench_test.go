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

// The first completion of a session reads the types of packages; later ones have
// them.
func BenchmarkComplete(b *testing.B) {
	codes := []string{"http.", "x := strings.To", "fmt.Prin", "m := nn.", "t := dl.New([]int{1})\nt.", "import \"enc", "for i := range 10 {\n\tma", "w := http.Client{Time"}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			e := newEvaluator(b, "vm")
			b.StartTimer()
			e.Complete("t := dl.New([]int{1})\nt.", 24)
		}
	})
	e := newEvaluator(b, "vm")
	for i := range 200 {
		evaluate(b, e, i+1, fmt.Sprintf("v%d := %d\nfunc f%d(n int) int { return n + v%d }", i, i, i, i))
	}
	for _, code := range codes {
		e.Complete(code, len(code))
		b.Run(code, func(b *testing.B) {
			for b.Loop() {
				if len(e.Complete(code, len(code)).Items) == 0 {
					b.Fatal("nothing found")
				}
			}
		})
	}
}

// What a cell that does next to nothing costs.
func BenchmarkAssign(b *testing.B) {
	e := newEvaluator(b, "vm")
	for b.Loop() {
		if res := e.Eval(context.Background(), cell.Request{Code: "x := 3", Count: 1}, &recorder{}); res.Err != nil {
			b.Fatal(res.Err)
		}
	}
}
