package opt_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/opt"
)

var rules = map[string]func() opt.Optimizer{
	"sgd":               func() opt.Optimizer { return opt.SGD(0.05) },
	"momentum":          func() opt.Optimizer { return opt.SGD(0.05, opt.Momentum(0.9)) },
	"nesterov":          func() opt.Optimizer { return opt.SGD(0.05, opt.Momentum(0.9), opt.Nesterov()) },
	"sgd weight decay":  func() opt.Optimizer { return opt.SGD(0.05, opt.Momentum(0.9), opt.WeightDecay(0.1)) },
	"adam":              func() opt.Optimizer { return opt.Adam(0.05) },
	"adam betas":        func() opt.Optimizer { return opt.Adam(0.02, opt.Betas(0.8, 0.95), opt.Epsilon(1e-3)) },
	"adam weight decay": func() opt.Optimizer { return opt.Adam(0.05, opt.WeightDecay(0.1)) },
	"amsgrad":           func() opt.Optimizer { return opt.Adam(0.05, opt.AMSGrad()) },
	"adamw":             func() opt.Optimizer { return opt.AdamW(0.05, opt.WeightDecay(0.1)) },
	"adamax":            func() opt.Optimizer { return opt.Adamax(0.05, opt.WeightDecay(0.1)) },
	"nadam":             func() opt.Optimizer { return opt.NAdam(0.05) },
	"radam":             func() opt.Optimizer { return opt.RAdam(0.05, opt.Betas(0.9, 0.9)) },
	"rmsprop":           func() opt.Optimizer { return opt.RMSProp(0.02) },
	"rmsprop centered":  func() opt.Optimizer { return opt.RMSProp(0.01, opt.Rho(0.9), opt.Momentum(0.5), opt.Centered()) },
	"adagrad":           func() opt.Optimizer { return opt.Adagrad(0.3) },
	"adadelta":          func() opt.Optimizer { return opt.Adadelta(1, opt.WeightDecay(0.1)) },
	"rprop":             func() opt.Optimizer { return opt.RProp(0.05) },
	"clip value":        func() opt.Optimizer { return opt.ClipValue(opt.SGD(0.05, opt.Momentum(0.9)), 0.5) },
	"clip norm":         func() opt.Optimizer { return opt.ClipNorm(opt.Adam(0.05), 0.7) },
	"groups": func() opt.Optimizer {
		return opt.Groups(opt.SGD(0.05), opt.Group{
			Rule: opt.SGD(0.01, opt.Momentum(0.9), opt.WeightDecay(0.1)), Match: func(p *dl.Tensor) bool { return p.Name() == "v" }})
	},
}

// testdata/optimizers.json was written by tests/reference/optimizers.py with
// PyTorch.
func TestRulesAgainstTorch(t *testing.T) {
	var ref struct {
		A, C, Start []float64
		AfterSteps  map[string]map[string][]float64 `json:"after_steps"`
	}
	b, err := os.ReadFile("testdata/optimizers.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &ref); err != nil {
		t.Fatal(err)
	}
	if len(ref.AfterSteps) != len(rules) {
		t.Errorf("%d rules in the file, %d here", len(ref.AfterSteps), len(rules))
	}
	for name, paths := range ref.AfterSteps {
		if rules[name] == nil {
			t.Errorf("no rule is called %q here", name)
			continue
		}
		for _, dtype := range []dl.DType{dl.Float64, dl.Float32} {
			// Two parameters, for the groups: the first two elements and the others.
			w := dl.Variable(dl.NewAs(dtype, ref.Start[:2]), "w")
			v := dl.Variable(dl.NewAs(dtype, ref.Start[2:]), "v")
			both := dl.Concat(0, w, v)
			x := both.Sub(dl.NewAs(dtype, ref.C)).Square().Mul(dl.NewAs(dtype, ref.A)).Sum().Div(2)
			cost := x.Add(both.Mul(3).Cos().Sum())
			step := dl.Function(nil, nil, opt.Minimize(rules[name](), cost, w, v)...)
			seen := 0
			tolerance := 2e-6 // the learning rate is a float32
			if dtype == dl.Float32 {
				tolerance = 2e-4 // steps of Rprop and signs amplify rounding
			}
			for k := 1; k <= 50; k++ {
				step.Call()
				want, ok := paths[strconv.Itoa(k)]
				if !ok {
					continue
				}
				seen++
				for i, got := range append(w.Float64s(), v.Float64s()...) {
					if math.Abs(got-want[i]) > tolerance*(1+math.Abs(want[i])) {
						t.Errorf("%s, %v: element %d after %d steps is %.9g, want %.9g", name, dtype, i, k, got, want[i])
					}
				}
			}
			if seen != len(paths) {
				t.Errorf("%s: %d of %d reference points were reached", name, seen, len(paths))
			}
		}
	}
}

func TestRuleRememberedAcrossFunctions(t *testing.T) {
	run := func(functions int) float64 {
		w := dl.Variable(1.0, "w")
		rule := opt.SGD(0.1, opt.Momentum(0.9))
		cost := w.Square().Sum()
		var f *dl.Func
		for k := range 6 {
			if k%(6/functions) == 0 {
				f = dl.Function(nil, nil, opt.Minimize(rule, cost, w)...)
			}
			f.Call()
		}
		return w.Item()
	}
	if one, two := run(1), run(2); one != two {
		t.Errorf("six steps in one function give %v, in two %v", one, two)
	}
}

func ExampleMinimize() {
	w := dl.Variable(5.0, "w")
	cost := w.Sub(2).Square()
	train := dl.Function(nil, []*dl.Tensor{cost}, opt.Minimize(opt.SGD(0.25), cost, w)...)
	for range 4 {
		fmt.Println("cost", train.Call()[0].Item(), "then w", w.Item())
	}
	// Output:
	// cost 9 then w 3.5
	// cost 2.25 then w 2.75
	// cost 0.5625 then w 2.375
	// cost 0.140625 then w 2.1875
}

func ExampleRule_SetLearningRate() {
	w := dl.Variable(0.0, "w")
	rule := opt.SGD(1)
	climb := dl.Function(nil, nil, opt.Minimize(rule, w.Neg(), w)...)
	climb.Call()
	rule.SetLearningRate(0.5)
	climb.Call()
	fmt.Println(w.Item())
	// Output: 1.5
}

// signs is a rule as a user would write it: it looks at the signs of the
// gradients only.
type signs struct{ step float64 }

func (s signs) Updates(parameters, gradients []*dl.Tensor) []dl.Update {
	var updates []dl.Update
	for i, w := range parameters {
		updates = append(updates, dl.Set(w, w.Sub(gradients[i].Sign().Mul(s.step))))
	}
	return updates
}

func ExampleOptimizer() {
	w := dl.Variable([]float64{3, -100}, "w")
	train := dl.Function(nil, nil, opt.Minimize(signs{0.5}, w.Square().Sum(), w)...)
	train.Call()
	fmt.Println(w.Float64s())
	// Output: [2.5 -99.5]
}
