package cntk_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
	"github.com/fluxion-go/fluxion/dl/styles/cntk"
)

// TestFigure7 is the paper's figure 7, with NumPy's cost after 100 steps; see
// tests/reference/regression.py.
func TestFigure7(t *testing.T) {
	var ref struct {
		Cost map[string]float64 `json:"cost_after_steps"`
	}
	b, err := os.ReadFile("../../nn/testdata/regression.json")
	if err == nil {
		err = json.Unmarshal(b, &ref)
	}
	if err != nil {
		t.Fatal(err)
	}
	const features = 784
	xs, ys := data.Regression(400, features, 1)
	start := make([]float64, features)
	for j := range start {
		start[j] = math.Sin(float64(j + 1))
	}

	input, label := cntk.InputVariable(features), cntk.InputVariable(1)
	w, bias := cntk.Parameter(start, features, 1), cntk.Parameter(0.0, 1)
	z := cntk.Sigmoid(cntk.Plus(cntk.Times(input, w), bias))
	loss := cntk.Plus(cntk.BinaryCrossEntropy(z, label), cntk.ElementTimes(0.01, cntk.ReduceSum(cntk.Square(w))))
	wrong := z.Greater(0.5).NotEqual(label.Greater(0.5)).Cast(dl.Float32)
	trainer := cntk.NewTrainer(z, loss, wrong, cntk.SGD(cntk.Parameters(z), 0.1))

	batch := cntk.Minibatch{input: xs, label: ys.Reshape(-1, 1)}
	for step := range 101 {
		trainer.TrainMinibatch(batch)
		if step == 0 || step == 100 {
			want := ref.Cost[map[int]string{0: "0", 100: "100"}[step]]
			if got := trainer.PreviousMinibatchLossAverage(); !(math.Abs(got-want) <= 1e-4*want) {
				t.Errorf("cost %g after %d steps, want %g", got, step, want)
			}
		}
	}
	if before, after := trainer.PreviousMinibatchEvaluationAverage(), trainer.TestMinibatch(batch); after > 0.5 || math.Abs(before-after) > 0.02 {
		t.Errorf("%g wrong, then %g", before, after)
	}
}

// TestFigure11 is the network of the paper's figure 11 at a small size, with
// both kinds of labels.
func TestFigure11(t *testing.T) {
	dl.Seed(1)
	sample, _ := data.CIFAR10Sample()
	pictures := sample.Subset(0, 100)
	input, class, oneHot := cntk.InputVariable(3, 32, 32), cntk.ClassVariable(), cntk.InputVariable(10)
	model := cntk.Sequential(
		cntk.Convolution([2]int{5, 5}, 4, cntk.Activation(cntk.ReLU), cntk.Pad(true)),
		cntk.MaxPooling([2]int{2, 2}, cntk.Strides(2, 2)),
		cntk.Convolution([2]int{5, 5}, 6, cntk.Activation(cntk.ReLU), cntk.Pad(true), cntk.Init(nn.HeNormal)),
		cntk.MaxPooling([2]int{2, 2}, cntk.Strides(2, 2)),
		cntk.Dense(32, cntk.Activation(cntk.ReLU)),
		cntk.Dense(10, cntk.Bias(true)),
	)
	z := model(input)
	if n := len(cntk.Parameters(z, model(input))); n != 8 {
		t.Errorf("%d parameters, want 8: a layer that is applied twice has the same ones", n)
	}
	for name, label := range map[string]*cntk.Variable{"class numbers": class, "one-hot": oneHot} {
		batch := cntk.Minibatch{input: pictures.X(), label: pictures.Y()}
		if label == oneHot {
			batch[label] = pictures.Y().OneHot(10).Cast(dl.Float32)
		}
		trainer := cntk.NewTrainer(z, cntk.CrossEntropyWithSoftmax(z, label), cntk.ClassificationError(z, label),
			cntk.LearnBy(opt.Adam(0.003), cntk.Parameters(z)))
		before := trainer.TestMinibatch(batch)
		for range 12 {
			trainer.TrainMinibatch(batch)
		}
		if after := trainer.TestMinibatch(batch); !(after < before-0.05) {
			t.Errorf("%s: %g wrong, then %g", name, before, after)
		}
	}
}

func TestErrors(t *testing.T) {
	x, y := cntk.InputVariable(2), cntk.InputVariable(1)
	z := cntk.Dense(1)(x)
	trainer := cntk.NewTrainer(z, cntk.SquaredError(z, y), cntk.SquaredError(z, y), cntk.MomentumSGD(cntk.Parameters(z), 0.1, 0.9))
	for what, f := range map[string]func(){
		"no minibatch": func() { trainer.PreviousMinibatchLossAverage() },
		"no labels":    func() { trainer.TrainMinibatch(cntk.Minibatch{x: dl.Ones(3, 2)}) },
		"no square":    func() { cntk.Convolution([2]int{3, 5}, 4) },
	} {
		if dl.Try(f) == nil {
			t.Errorf("%s: no error", what)
		}
	}
	if trainer.TrainMinibatch(cntk.Minibatch{x: dl.Ones(3, 2), y: dl.Ones(3, 1)}); trainer.PreviousMinibatchLossAverage() < 0 {
		t.Error("a negative squared error")
	}
}
