package opt_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// TestAccumulate: steps of three batches are steps of one batch that is three
// times as large, for a rule with a memory too; in between nothing changes.
func TestAccumulate(t *testing.T) {
	dl.Seed(1)
	xs, ys := dl.Randn(36, 2), dl.Randn(36)
	run := func(rule opt.Optimizer, batch int) (path [][]float64) {
		w := dl.Variable(dl.New([]float64{1, -1}), "w")
		x, y := dl.Placeholder("x", dl.Float32, batch, 2), dl.Placeholder("y", dl.Float32, batch)
		step := dl.Function([]*dl.Tensor{x, y}, nil, opt.Minimize(rule, x.MatMul(w).Sub(y).Square().Mean(), w)...)
		for lo := 0; lo < 36; lo += batch {
			r := dl.Between(lo, lo+batch)
			step.Call(xs.Slice(r), ys.Slice(r))
			path = append(path, w.Float64s())
		}
		return path
	}
	for name, rule := range map[string]func() opt.Optimizer{
		"momentum": func() opt.Optimizer { return opt.SGD(0.1, opt.Momentum(0.9)) },
		"adam":     func() opt.Optimizer { return opt.Adam(0.1) },
	} {
		large, small := run(rule(), 12), run(opt.Accumulate(rule(), 3), 4)
		for i, got := range small {
			want := []float64{1, -1}
			if i >= 2 {
				want = large[(i-2)/3]
			}
			for k := range want {
				if math.Abs(got[k]-want[k]) > 1e-5 {
					t.Errorf("%s: after %d small batches element %d is %v, want %v", name, i+1, k, got[k], want[k])
				}
			}
		}
	}
}

// TestAverage: the average follows by its formula, and swapping twice is nothing.
func TestAverage(t *testing.T) {
	w := dl.Variable(dl.NewAs(dl.Float64, []float64{1, 2}), "w")
	rule := opt.Average(opt.SGD(0.25), 0.5)
	step := dl.Function(nil, nil, opt.Minimize(rule, w.Square().Sum(), w)...)
	value, mean := 1.0, 1.0
	for range 5 {
		step.Call()
		value *= 0.5 // w − 0.25·2w
		mean = 0.5*mean + 0.5*value
	}
	rule.Swap(w)
	if got := w.Float64s(); math.Abs(got[0]-mean) > 1e-6 || math.Abs(got[1]-2*mean) > 1e-6 {
		t.Errorf("the average is %v, want %v and twice that", got, mean)
	}
	rule.Swap(w)
	if got := w.Float64s()[0]; math.Abs(got-value) > 1e-6 {
		t.Errorf("after swapping back the parameter is %v, want %v", got, value)
	}
}

func ExampleAccumulate() {
	w := dl.Variable(1.0, "w")
	rule := opt.Accumulate(opt.SGD(0.5), 2)
	step := dl.Function(nil, nil, opt.Minimize(rule, w.Mul(0.5), w)...)
	for range 4 {
		step.Call()
		fmt.Println(w)
	}
	// Output:
	// 1
	// 0.75
	// 0.75
	// 0.5
}

func ExampleAverage() {
	w := dl.Variable(1.0, "w")
	rule := opt.Average(opt.SGD(0.5), 0.5)
	dl.Function(nil, nil, opt.Minimize(rule, w, w)...).Call()
	fmt.Println(w)
	rule.Swap(w)
	fmt.Println(w)
	// Output:
	// 0.5
	// 0.75
}
