package dl

import (
	"math"
	"runtime"
	"slices"
	"testing"
)

// moments returns mean and standard deviation of the elements.
func moments(x *Tensor) (mean, std float64) { return x.Mean().Item(), x.Std().Item() }

func TestDistributions(t *testing.T) {
	Seed(1)
	const n = 40_000
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.02 {
			t.Errorf("%s is %g, want %g", what, got, want)
		}
	}
	for _, d := range []DType{Float32, Float64} {
		zero := Zeros(n).Cast(d)
		for _, c := range []struct {
			name            string
			x               *Tensor
			mean, std       float64
			least, greatest float64
		}{
			{"rand", RandLike(zero), 0.5, 1 / math.Sqrt(12), 0, 1},
			{"uniform", Uniform(zero.Sub(1), 2), 0.5, 3 / math.Sqrt(12), -1, 2},
			{"randn", RandnLike(zero), 0, 1, math.Inf(-1), math.Inf(1)},
			{"normal", Normal(3, zero.Add(2)), 3, 2, math.Inf(-1), math.Inf(1)},
			// The standard deviation of the normal distribution cut at ±2.
			{"truncated normal", TruncatedNormal(zero, 1), 0, 0.87963, -2, 2},
			{"gumbel", Gumbel(zero), 0.57722, math.Pi / math.Sqrt(6), math.Inf(-1), math.Inf(1)},
			{"bernoulli", Bernoulli(zero.Add(0.3)).Cast(d), 0.3, math.Sqrt(0.21), 0, 1},
		} {
			if c.x.DType() != d {
				t.Errorf("%s has dtype %s, want %s", c.name, c.x.DType(), d)
			}
			mean, std := moments(c.x)
			near(c.name+": mean", mean, c.mean)
			near(c.name+": standard deviation", std, c.std)
			if low, high := c.x.Min().Item(), c.x.Max().Item(); low < c.least || high > c.greatest || high == 1 && c.name == "rand" {
				t.Errorf("%s: from %g to %g", c.name, low, high)
			}
		}
	}
	classes := Categorical(New([]float64{math.Log(0.2), math.Log(0.5), math.Log(0.3)}), n)
	for k, p := range []float64{0.2, 0.5, 0.3} {
		near("the share of a class", classes.Equal(k).Mean().Item(), p)
	}
}

func TestPermutation(t *testing.T) {
	p := Permutation(100).Ints()
	sorted := slices.Sorted(slices.Values(p))
	for i, v := range sorted {
		if v != i {
			t.Fatalf("element %d is missing from %v", i, p)
		}
	}
	if slices.Equal(p, sorted) {
		t.Error("the order is not random")
	}
	x := Placeholder("x", Float32, -1, 2)
	f := Function([]*Tensor{x}, []*Tensor{x.Shuffle()})
	y := f.Call(Arange(20).Reshape(10, 2))[0]
	if got := y.Sort(0); !slices.Equal(got.Ints(), Arange(20).Ints()) || slices.Equal(y.Ints(), Arange(20).Ints()) {
		t.Errorf("shuffled rows: %v", y)
	}
}

// TestDraws: every call of a compiled function draws new numbers, two draws in
// one function differ, and so do two functions.
func TestDraws(t *testing.T) {
	x := Placeholder("x", Float32, -1)
	build := func() *Func { return Function([]*Tensor{x}, []*Tensor{RandLike(x), RandLike(x)}) }
	f, g := build(), build()
	zeros := Zeros(8)
	Seed(7)
	var all [][]float32
	for range 2 {
		for _, h := range []*Func{f, g} {
			for _, y := range h.Call(zeros) {
				all = append(all, y.Float32s())
			}
		}
	}
	all = append(all, RandLike(zeros).Float32s(), RandLike(zeros).Float32s())
	for i := range all {
		for j := range i {
			if slices.Equal(all[i], all[j]) {
				t.Errorf("draws %d and %d are equal", j, i)
			}
		}
	}
	Seed(7)
	procs := runtime.GOMAXPROCS(1)
	again := f.Call(zeros)
	runtime.GOMAXPROCS(procs)
	if !slices.Equal(again[1].Float32s(), all[1]) {
		t.Error("the same seed gives other numbers on one thread")
	}
	state := RandomState()
	want, wantEager := f.Call(zeros)[0].Float32s(), Randn(3).Float32s()
	f.Call(zeros)
	SetRandomState(state)
	if got := f.Call(zeros)[0].Float32s(); !slices.Equal(got, want) {
		t.Errorf("after SetRandomState %v, want %v", got, want)
	}
	if got := Randn(3).Float32s(); !slices.Equal(got, wantEager) {
		t.Errorf("Randn after SetRandomState gives %v, want %v", got, wantEager)
	}
	if err := Try(func() { SetRandomState([]byte("x")) }); err == nil {
		t.Error("a wrong state is taken")
	}
}

func TestDropout(t *testing.T) {
	x := Placeholder("x", Float64, -1)
	w := Variable(Full(2.0, 1000), "w")
	y := Dropout(x, 0.25)
	f := Function([]*Tensor{x}, []*Tensor{y, Grad(y.Square().Sum(), x), Dropout(w, 0.25)})
	ones := Ones(1000)
	first := f.Call(ones)
	out := first[0].Float64s()
	kept := 0
	for i, g := range first[1].Float64s() {
		if out[i] != 0 {
			kept++
		}
		if want := 2 * out[i] / 0.75; math.Abs(g-want) > 1e-12 {
			t.Fatalf("element %d: derivative %g at output %g, want %g", i, g, out[i], want)
		}
	}
	if kept < 700 || kept > 800 {
		t.Errorf("%d of 1000 elements kept, want about 750", kept)
	}
	second := f.Call(ones)
	if slices.Equal(second[0].Float64s(), out) || slices.Equal(second[2].Float64s(), first[2].Float64s()) {
		t.Error("two calls drop the same elements")
	}
	// At once, with the gradient of the same mask.
	z := Dropout(w, 0.5)
	if d := Grad(z.Sum(), w).Mul(w); !slices.Equal(d.Float64s(), z.Float64s()) {
		t.Error("the gradient of dropout on a variable has another mask")
	}
	for _, rate := range []float64{-0.1, 1.5, math.NaN()} {
		if Try(func() { Dropout(x, rate) }) == nil {
			t.Errorf("rate %g is taken", rate)
		}
	}
	if got := Dropout(ones, 1.0).Sum().Item(); got != 0 {
		t.Errorf("rate 1 leaves %g", got)
	}
	rate := Placeholder("rate", Float32)
	g := Function([]*Tensor{rate}, []*Tensor{Dropout(Ones(1000).Add(rate.Mul(0)), rate)})
	if got := g.Call(0.9)[0].Greater(0).Sum().Item(); got < 50 || got > 150 {
		t.Errorf("%g of 1000 elements kept at rate 0.9", got)
	}
}
