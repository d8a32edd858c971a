package vm

import (
	"fmt"
	"testing"
)

// Phis that could share a place by mistake: values that are swapped, rotated, kept for
// later or read while they change. The results are those of compiled Go.
func TestPlaces(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`a, b := 1, 2; for range 5 { a, b = b, a }; return []int{a, b}`, "[2 1]"},
		{`a, b, c := 1, 2, 3; for i := range 4 { a, b, c = b, c, a+i }; return []int{a, b, c}`, "[3 5 4]"},
		{`n, last := 0, 0; for i := range 6 { last = n; if i%2 == 0 { n += i } }; return []int{n, last}`, "[6 6]"},
		{`n, m := 0, 0; for i := range 6 { if i%2 == 0 { m = n; n++ } else { n = m } }; return []int{n, m}`, "[0 0]"},
		{`n := 0; var all []int; for i := range 5 { before := n; if i > 1 { n += i }; all = append(all, before, n) }; return all`, "[0 0 0 0 0 2 2 5 5 9]"},
		{`a, b := 0, 1; for range 10 { if a > 20 { break }; a, b = b, a+b }; return []int{a, b}`, "[21 34]"},
		{`x := 3; for i := range 3 { y := x; for j := range 2 { if j == i { x = y + 1 } else { y = x } }; if y > 4 { x = y } }; return x`, "5"},
		{`s, t := "a", "b"; for i := range 3 { if i == 1 { s, t = t, s } else { t += s } }; return s + t`, "baaba"},
		{`var p, q []int; for i := range 4 { if i%2 == 0 { p = append(p, i) } else { q, p = p, nil } }; return fmt(p, q)`, "[[] [2]]"},
		{`v := make([]int, 2); for range 2 { for range v { if len(v) < 9 { v = append(v, 1) } } }; return len(v)`, "8"},
		{`n := 1; for n < 100 { m := n; for m%3 != 0 { m++; if m > n+5 { break } }; if n++; m > n { n = m } }; return n`, "100"},
	} {
		s := newSession(t)
		mustRun(t, s, `func fmt(x ...[]int) [][]int { for i, v := range x { if v == nil { x[i] = []int{} } }; return x }; func cell() {}`)
		if got := fmt.Sprint(mustRun(t, s, `func f() any { `+c.body+` }; func cell() any { return f() }`)); got != c.want {
			t.Errorf("%s gives %s, want %s", c.body, got, c.want)
		}
	}
}
