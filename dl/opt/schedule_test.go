package opt_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// The rates of PyTorch's schedulers, in testdata/optimizers.json, from
// tests/reference/optimizers.py.
func TestSchedulesAgainstTorch(t *testing.T) {
	schedules := map[string]opt.Schedule{
		"step": opt.StepDecay(5, 0.5), "multistep": opt.MultiStep(0.3, 3, 7, 20), "exponential": opt.Exponential(0.9),
		"linear": opt.Linear(0.25, 1, 8), "polynomial": opt.Polynomial(2, 20), "cosine": opt.Cosine(29, 0.1),
		"restarts": opt.CosineRestarts(4, 2, 0.1), "onecycle": opt.OneCycle(30),
	}
	var ref struct{ Schedules map[string][]float64 }
	b, err := os.ReadFile("testdata/optimizers.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &ref); err != nil {
		t.Fatal(err)
	}
	if len(ref.Schedules) != len(schedules) {
		t.Errorf("%d schedules in the file, %d here", len(ref.Schedules), len(schedules))
	}
	for name, rates := range ref.Schedules {
		for step, want := range rates {
			if got := schedules[name](step); math.Abs(got-want) > 1e-9 {
				t.Errorf("%s at %d is %v, want %v", name, step, got, want)
			}
		}
	}
}

func ExampleWarmUp() {
	s := opt.WarmUp(3, opt.InverseRoot(1))
	for t := range 6 {
		fmt.Printf("%.3f ", s(t))
	}
	fmt.Println(opt.ConstantRate()(7))
	// Output: 0.250 0.500 0.750 1.000 0.707 0.577 1
}

func ExampleRule_Scale() {
	rule := opt.SGD(0.5)
	fade := opt.Linear(1, 0, 4)
	for t := range 5 {
		rule.Scale(fade(t))
		fmt.Print(rule.LearningRate(), " ")
	}
	// Output: 0.5 0.375 0.25 0.125 0
}

func ExampleGroups() {
	w, b := dl.Variable([][]float64{{1, 1}}, "w"), dl.Variable([]float64{1}, "b")
	rule := opt.Groups(opt.SGD(0.1, opt.WeightDecay(1)), opt.Group{Rule: opt.SGD(0.1), Match: opt.Vectors})
	cost := w.Sum().Add(b.Sum()).Mul(0) // no gradient: only the decay is left
	dl.Function(nil, nil, opt.Minimize(rule, cost, w, b)...).Call()
	fmt.Println(w.Float64s()[0] < 1, b.Float64s())
	// Output: true [1]
}

func ExampleClipNorm() {
	w := dl.Variable([]float64{3, 4}, "w")
	rule := opt.ClipNorm(opt.SGD(1), 0.5)
	dl.Function(nil, nil, opt.Minimize(rule, w.Square().Sum().Div(2), w)...).Call() // the gradient is w itself
	fmt.Printf("%.2f\n", w.Float64s())
	// Output: [2.70 3.60]
}

// What a rule remembers, given to another, makes it go on in the same way.
func TestStateGoesOn(t *testing.T) {
	for name, make := range rules {
		run := func(w *dl.Tensor, rule opt.Optimizer, steps int) {
			f := dl.Function(nil, nil, opt.Minimize(rule, w.Sub(3).Square().Sum().Add(w.Mul(5).Cos().Sum()), w)...)
			for range steps {
				f.Call()
			}
		}
		w, first := dl.Variable([]float64{1, -2}, "w"), make()
		run(w, first, 7)
		v, second := dl.Variable(w, "w"), make()
		from, to := first.(opt.Stateful).State([]*dl.Tensor{w}), second.(opt.Stateful).State([]*dl.Tensor{v})
		if len(from) != len(to) {
			t.Fatalf("%s remembers %d variables, then %d", name, len(from), len(to))
		}
		for i := range from {
			to[i].Assign(from[i])
		}
		run(w, first, 5)
		run(v, second, 5)
		for i, want := range w.Float64s() {
			if got := v.Float64s()[i]; got != want {
				t.Errorf("%s: element %d is %v, want %v", name, i, got, want)
			}
		}
	}
}

func TestMisuse(t *testing.T) {
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { opt.SGD(0.1, opt.Betas(0.9, 0.9)) }, "opt: sgd has no option Betas"},
		{func() { opt.Adam(0.1, opt.Momentum(0.9)) }, "opt: adam has no option Momentum"},
		{func() { opt.ClipNorm(opt.SGD(1), 0) }, "opt: ClipNorm with the limit 0, want more than 0"},
		{func() { opt.Groups(opt.SGD(1), opt.Group{}) }, "opt: group 1 needs a Rule and a Match"},
		{func() { opt.ClipValue(signs{1}, 1).Scale(2) }, "opt: a schedule needs rules with a method Scale(factor float64), opt_test.signs has none"},
	} {
		if err := dl.Try(c.f); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}
