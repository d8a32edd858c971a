package dl

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
)

type celsius float64

func TestLiterals(t *testing.T) {
	for _, c := range []struct {
		data any
		want string // shape, dtype and elements
	}{
		{3, "[] int64 [3]"},
		{3.5, "[] float32 [3.5]"},
		{celsius(3.5), "[] float32 [3.5]"},
		{true, "[] bool [1]"},
		{[]float32{1, 2}, "[2] float32 [1 2]"},
		{[]float64{1, 2}, "[2] float32 [1 2]"},
		{[]int{1, 2}, "[2] int64 [1 2]"},
		{[]int32{1, 2}, "[2] int32 [1 2]"},
		{[]uint8{1, 255}, "[2] uint8 [1 255]"},
		{[]bool{true, false}, "[2] bool [1 0]"},
		{[2][3]int{{1, 2, 3}, {4, 5, 6}}, "[2 3] int64 [1 2 3 4 5 6]"},
		{[][][]float64{{{1}, {2}}}, "[1 2 1] float32 [1 2]"},
		{[][]float64{}, "[0 0] float32 []"},
		{[][]float64{{}, {}}, "[2 0] float32 []"},
	} {
		x := New(c.data)
		if got := fmt.Sprint(x.Shape(), " ", x.DType(), " ", x.Float64s()); got != c.want {
			t.Errorf("New(%v) = %s, want %s", c.data, got, c.want)
		}
	}
	if x := NewAs(Float64, 0.1); x.Item() != 0.1 {
		t.Errorf("float64 keeps %v of 0.1", x.Item())
	}
}

// TestPromotion: what dtype operands of two dtypes meet in.
func TestPromotion(t *testing.T) {
	of := func(d DType) *Tensor { return NewAs(d, []float64{1, 2}) }
	for _, c := range []struct {
		a, b any
		want DType
	}{
		{of(Bool), of(Uint8), Uint8}, {of(Uint8), of(Int32), Int32}, {of(Int32), of(Int64), Int64},
		{of(Int64), of(Float32), Float32}, {of(Float32), of(Float64), Float64}, {of(Bool), of(Bool), Int64},
		{of(Float32), 0.5, Float32}, {of(Float64), 0.5, Float64}, {of(Float32), 2, Float32},
		{of(Int32), 2, Int32}, {of(Uint8), 2, Uint8}, {of(Int32), 0.5, Float32}, {of(Bool), 2, Int64},
		{of(Bool), 0.5, Float32}, {0.5, of(Float64), Float64}, {of(Float64), []float64{1, 2}, Float64},
		{of(Int32), []int{1, 2}, Int32}, {of(Float64), float32(0.5), Float64}, {1, 2, Int64}, {1, 2.5, Float32},
	} {
		if got := Add(c.a, c.b).DType(); got != c.want {
			t.Errorf("%v + %v has dtype %s, want %s", c.a, c.b, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		x    *Tensor
		want DType
	}{
		"exp of ints":    {of(Int64).Exp(), Float32},
		"int / int":      {of(Int64).Div(of(Int64)), Float32},
		"mean of bools":  {of(Bool).Mean(), Float32},
		"sum of bools":   {of(Bool).Sum(), Int64},
		"sum of bytes":   {of(Uint8).Sum(), Int64},
		"sum of float64": {of(Float64).Sum(), Float64},
		"max of int32":   {of(Int32).Max(), Int32},
		"argmax":         {of(Float32).ArgMax(0), Int64},
		"comparison":     {of(Float32).Greater(1), Bool},
	} {
		if c.x.DType() != c.want {
			t.Errorf("%s has dtype %s, want %s", name, c.x.DType(), c.want)
		}
	}
	three, tenth := 3.0, 0.1
	if got := NewAs(Float64, three).Mul(tenth).Item(); got != three*tenth {
		t.Errorf("a Go number beside float64 lost digits: %v", got)
	}
	if got := New(math.MaxInt64 - 1).Add(1).Ints()[0]; got != math.MaxInt64 {
		t.Errorf("a Go int beside int64 lost digits: %d", got)
	}
}

func TestCreation(t *testing.T) {
	for name, c := range map[string]struct {
		x    *Tensor
		want string
	}{
		"zeros":    {Zeros(2), "[0. 0.]  (2) float32"},
		"ones":     {Ones(1, 2), "[[1. 1.]]  (1, 2) float32"},
		"full":     {Full(2.5, 2), "[2.5 2.5]  (2) float32"},
		"arange":   {Arange(3), "[0 1 2]  (3) int64"},
		"from to":  {Arange(2, 5), "[2 3 4]  (3) int64"},
		"by":       {Arange(5, 2, -2), "[5 3]  (2) int64"},
		"floats":   {Arange(0, 1, 0.25), "[0.   0.25 0.5  0.75]  (4) float32"},
		"linspace": {Linspace(0, 1, 3), "[0.  0.5 1. ]  (3) float32"},
		"one":      {Linspace(2, 3, 1), "[2.]  (1) float32"},
		"eye":      {Eye(2), "[[1. 0.]\n [0. 1.]]  (2, 2) float32"},
		"triangle": {Tri(2, 3, 0), "[[1. 0. 0.]\n [1. 1. 0.]]  (2, 3) float32"},
		"full as":  {FullLike(New([]int{4, 5}), 7), "[7 7]  (2) int64"},
		"like":     {OnesLike(New([]int{4, 5})), "[1 1]  (2) int64"},
		"shaped":   {New([]int{1, 2, 3, 4}, 2, -1), "[[1 2]\n [3 4]]  (2, 2) int64"},
		"stacked":  {Stack(1, New([]int{1, 2}), New([]int{3, 4})), "[[1 3]\n [2 4]]  (2, 2) int64"},
		"flat":     {Ones(2, 3, 4).Flatten().Sum(1), "[12. 12.]  (2) float32"},
		"squeezed": {Ones(1, 2, 1).Squeeze(), "[1. 1.]  (2) float32"},
	} {
		if got := c.x.String(); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestSeed(t *testing.T) {
	draw := func() []float64 {
		return slices.Concat(Randn(3).Float64s(), Rand(3).Float64s(), RandInt(0, 100, 3).Float64s())
	}
	Seed(7)
	a := draw()
	b := draw()
	Seed(7)
	if c := draw(); !slices.Equal(a, c) || slices.Equal(a, b) {
		t.Errorf("seed 7 gave %v, then %v, and again %v", a, b, c)
	}
	x := Randn(100_000)
	if m, s := x.Mean().Item(), x.Std().Item(); math.Abs(m) > 0.02 || math.Abs(s-1) > 0.02 {
		t.Errorf("mean %g and deviation %g of normal numbers", m, s)
	}
	if u := Rand(100_000); u.Min().Item() < 0 || u.Max().Item() >= 1 || math.Abs(u.Mean().Item()-0.5) > 0.01 {
		t.Errorf("even numbers from %v to %v with mean %v", u.Min(), u.Max(), u.Mean())
	}
}

// TestMemory: 100,000 steps at once leave nothing behind.
func TestMemory(t *testing.T) {
	w, x := Variable(Ones(100), "w"), Randn(100)
	step := func() {
		loss := w.Mul(x).Square().Mean()
		w.Assign(w.Sub(Grad(loss, w).Mul(0.01)))
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	n := 100_000
	if testing.Short() {
		n = 10_000
	}
	for range 100 {
		step()
	}
	before := heap()
	for range n {
		step()
	}
	if after := heap(); after > before+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes in %d steps", before, after, n)
	}
}

func TestSharedMemory(t *testing.T) {
	x := New([]float64{1, 2})
	copied, shared := x.Float32s(), x.SharedFloat32s()
	copied[0] = 5
	if x.At(0) != 1 {
		t.Error("Float32s did not copy")
	}
	if &shared[0] != &x.SharedFloat32s()[0] {
		t.Error("SharedFloat32s copied")
	}
}
