package vm

import (
	"fmt"
	"testing"
)

// Benchmarks of cells. What the same code takes when it is compiled stands beside
// each: AMD EPYC (Zen 4), Go 1.26.8.
func benchmarkCell(b *testing.B, declarations, body string) {
	s := newSession(b)
	c, err := s.check(declarations + "\nfunc work() any {\n" + body + "\n}\nfunc cell() {}")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.machine.Run(b.Context(), c); err != nil {
		b.Fatal(err)
	}
	run, err := s.check("func cell() any { return work() }")
	if err != nil {
		b.Fatal(err)
	}
	entry, err := s.machine.add(run)
	if err != nil {
		b.Fatal(err)
	}
	r := s.machine.latest.Load()
	for b.Loop() {
		t := s.machine.thread(r)
		f := entry.enter(t)
		entry.call(t, f, 0)
		entry.leave(t, f)
		s.machine.release(t)
	}
}

func BenchmarkFib30(b *testing.B) { // 3.6 ms
	benchmarkCell(b, `func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }`, `return fib(30)`)
}

func BenchmarkSieve(b *testing.B) { // 1 ms
	benchmarkCell(b, ``, `s := make([]bool, 500000); n := 0
	for i := 2; i < len(s); i++ { if !s[i] { n++; for j := i * 2; j < len(s); j += i { s[j] = true } } }
	return n`)
}

func BenchmarkMatMul128(b *testing.B) { // 1.9 ms
	benchmarkCell(b, `func mul(a, b, c []float64, n int) {
		for i := 0; i < n; i++ { for j := 0; j < n; j++ {
			s := 0.0
			for k := 0; k < n; k++ { s += a[i*n+k] * b[k*n+j] }
			c[i*n+j] = s
		} } }`, `x := make([]float64, 128*128); mul(x, x, x, 128); return x[0]`)
}

func BenchmarkStrings(b *testing.B) {
	benchmarkCell(b, `import ("strings"; "strconv")`, `var sb strings.Builder
	for i := range 10000 { sb.WriteString(strconv.Itoa(i)); sb.WriteByte(' ') }
	return len(strings.Fields(sb.String()))`)
}

func BenchmarkMap(b *testing.B) {
	benchmarkCell(b, ``, `m := map[int]int{}; for i := range 10000 { m[i*7] += i }; return len(m)`)
}

func BenchmarkChannel1000(b *testing.B) {
	benchmarkCell(b, ``, `c := make(chan int); go func() { for i := range 1000 { c <- i }; close(c) }(); n := 0; for v := range c { n += v }; return n`)
}

// A thousand calls of a method of a compiled type.
func BenchmarkMethod1000(b *testing.B) {
	benchmarkCell(b, `import "math/big"`, `x, y := big.NewInt(3), big.NewInt(4); for range 1000 { x.Cmp(y) }; return nil`)
}

// A thousand calls of a compiled method that has no bridge: its parameter is a struct.
func BenchmarkReflectedMethod1000(b *testing.B) {
	benchmarkCell(b, `import "time"`, `t := time.Time{}; for range 1000 { t.Equal(t) }; return nil`)
}

// A thousand calls of interpreted code by compiled code.
func BenchmarkCallback(b *testing.B) {
	benchmarkCell(b, `import "strings"`, `s := strings.Repeat("x", 1000); return strings.IndexFunc(s, func(r rune) bool { return r == 'y' })`)
}

// A cell that uses what earlier cells declared, with type check and SSA.
func BenchmarkCell(b *testing.B) {
	s := newSession(b)
	for i := range 100 {
		if _, err := s.run(b.Context(), fmt.Sprintf("var v%d int; func f%d(n int) int { return v%d + n }; func cell() { v%d = %d }", i, i, i, i, i)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := s.run(b.Context(), "var x int; func cell() any { x = f7(v8); return x }"); err != nil {
			b.Fatal(err)
		}
	}
}
