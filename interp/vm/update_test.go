package vm

import (
	"fmt"
	"testing"
)

// Assignments with an operator. The results are those of compiled Go.
func TestUpdate(t *testing.T) {
	s := newSession(t)
	mustRun(t, s, `type point struct { n int; f float32; b [3]int8; next *point }; func try(f func()) (r any) { defer func() { if e := recover(); e != nil { r = e } }(); f(); return "no panic" }; func cell() {}`)
	for _, c := range []struct{ body, want string }{
		{`m := map[float64]int{}; zero := 0.0; nan := zero/zero; m[nan] += 2; m[nan] += 2; m[1] += 3; m[1] -= 1; return []int{len(m), m[1]}`, "[3 2]"},
		{`var m map[string]int; return try(func() { m["a"] += 1 })`, "assignment to entry in nil map"},
		{`m := map[any]int{}; var k any = []int{1}; return try(func() { m[k] += 1 })`, "runtime error: hash of unhashable type []int"},
		{`m := map[string]int{"a": 1}; f := func() int { m["a"] = 10; return 5 }; m["a"] += f(); return m["a"]`, "15"},
		{`m := map[int]uint8{}; for i := range 300 { m[i%3] += uint8(i); m[i%3] *= 3 }; return m`, "map[0:210 1:138 2:66]"},
		{`m := map[string]string{}; m["a"] += "x"; m["a"] += "y"; return m`, "map[a:xy]"},
		{`x := []int{1, 2, 3}; x[0] += x[1] * 2; x[1] -= x[2]; x[2] *= x[0]; return x`, "[5 -1 15]"},
		{`x := []int{1, 2, 3}; i := 5; return try(func() { x[i] += 1 })`, "runtime error: index out of range [5] with length 3"},
		{`x := []float32{1, 2}; y := []float32{0.1, 0.2}; for i := range x { x[i] += 0.5 * y[i]; x[i] -= y[1-i] }; return x`, "[0.84999996 1.9999999]"},
		{`p := &point{n: 5, f: 1}; p.n -= 7; p.f *= 0.25; p.b[1] += 100; p.b[1] += 100; p.next = p; p.next.next.n += 1; return *p.next == *p && p.n == -1 && p.b[1] == -56 && p.f == 0.25`, "true"},
		{`var p *point; return try(func() { p.n += 1 })`, "runtime error: invalid memory address or nil pointer dereference"},
		{`a := make([]float64, 12); for i := range a { a[i] = float64(i) }; n := 4; s := 0.0; for i := 0; i < 3; i++ { for j := 0; j < n; j++ { s += a[i*n+j] * a[(2-i)*n+j] } }; return s`, "250"},
		{`x := make([]int8, 3); for i := 0; i < len(x); i += 2 { x[i] = -1 }; return x`, "[-1 0 -1]"},
		{`x := make([]string, 2); return try(func() { for i := 0; i < 3; i++ { x[i] = "s" } })`, "runtime error: index out of range [2] with length 2"},
	} {
		if got := fmt.Sprint(mustRun(t, s, `func f() any { `+c.body+` }; func cell() any { return f() }`)); got != c.want {
			t.Errorf("%s gives %s, want %s", c.body, got, c.want)
		}
	}
}
