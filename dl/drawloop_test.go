package dl

import (
	"slices"
	"strings"
	"testing"
)

// TestRandomNumbersInLoops: each step draws numbers of its own, the gradient uses
// those of the forward loop, and a compiled loop draws anew at each call.
func TestRandomNumbersInLoops(t *testing.T) {
	Seed(5)
	const steps = 6
	loop := func(xs, w *Tensor) (out, noise *Tensor) {
		r := Scan(func(x, s *Tensor) (next, noise *Tensor) {
			noise = RandnLike(x)
			return s.Add(x.Mul(w).Mul(noise)), noise
		}, ScanOptions{Sequences: []Sequence{{X: xs}}, States: []State{{Initial: Zeros(3)}}})
		return r[0].Index(-1), r[1]
	}
	check := func(how string, slope, noise *Tensor) {
		t.Helper()
		closeTo(t, how, slope, noise.Sum(0).Float64s(), 1e-5) // ∂/∂w Σ x·w·noise with x = 1
		all := noise.Float64s()
		slices.Sort(all)
		if n := len(slices.Compact(all)); n != 3*steps {
			t.Errorf("%s: %d different numbers, want %d", how, n, 3*steps)
		}
	}
	w := Variable(Ones(3), "w")
	y, noise := loop(Ones(steps, 3), w)
	check("concrete", Grad(y.Sum(), w), noise)
	for how, shape := range map[string][]int{"known": {steps, 3}, "unknown": {-1, 3}} {
		x := Placeholder("x", Float32, shape...)
		y, noise := loop(x, w)
		f := Function([]*Tensor{x}, []*Tensor{Grad(y.Sum(), w), noise})
		a, b := f.Call(Ones(steps, 3)), f.Call(Ones(steps, 3))
		check(how, a[0], a[1])
		check(how, b[0], b[1])
		if slices.Equal(a[1].Float64s(), b[1].Float64s()) {
			t.Errorf("%s: two calls draw the same numbers", how)
		}
	}

	p := Placeholder("p", Float32)
	c := Cond(p.Greater(0), func() (a, b *Tensor) {
		r := RandLike(p)
		return r.Mul(w).Sum(), r
	}, func() (a, b *Tensor) { return w.Sum(), Scalar(0.0) })
	f := Function([]*Tensor{p}, []*Tensor{Grad(c[0], w), c[1]})
	a, b := f.Call(1.0), f.Call(1.0)
	closeTo(t, "cond", a[0], slices.Repeat(a[1].Float64s(), 3), 0)
	if a[1].Item() == b[1].Item() || a[1].Item() == 0 {
		t.Errorf("cond: two calls draw %v and %v", a[1], b[1])
	}
	err := Try(func() {
		While(func(x *Tensor) *Tensor { return x.Less(1) }, func(x *Tensor) *Tensor { return x.Add(RandLike(x)) }, []any{0.0})
	})
	if err == nil || !strings.Contains(err.Error(), "draws random numbers") {
		t.Errorf("while: %v", err)
	}
}
