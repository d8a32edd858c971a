package nn_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// The reference values come from NumPy and PyTorch; see tests/reference.
func reference(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
		t.Errorf("%s is %.9g, want %.9g to %g relative", what, got, want, tolerance)
	}
}

// The program of the paper's figure 4.
func TestRegressionAgainstNumPy(t *testing.T) {
	var ref struct {
		Cost map[string]float64 `json:"cost_after_steps"`
	}
	reference(t, "regression.json", &ref)
	const n, features = 400, 784
	xs, ys := data.Regression(n, features, 1)
	start := make([]float64, features)
	for j := range start {
		start[j] = math.Sin(float64(j + 1))
	}

	x := dl.Placeholder("x", dl.Float32, -1, features)
	y := dl.Placeholder("y", dl.Float32, -1)
	w := dl.Variable(start, "w")
	b := dl.Variable(0.0, "b")
	p := dl.Div(1, dl.Add(1, dl.Exp(x.MatMul(w).Neg().Sub(b))))
	xent := y.Neg().Mul(p.Log()).Sub(dl.Sub(1, y).Mul(dl.Log(dl.Sub(1, p))))
	cost := xent.Mean().Add(w.Square().Sum().Mul(0.01))
	g := dl.Grads(cost, w, b)
	train := dl.Function([]*dl.Tensor{x, y}, []*dl.Tensor{cost},
		dl.Set(w, w.Sub(g.Of(w).Mul(0.1))), dl.Set(b, b.Sub(g.Of(b).Mul(0.1))))

	costs := map[string]float64{}
	for step := range 10000 {
		c := train.Call(xs, ys)[0]
		switch step {
		case 0:
			costs["0"] = c.Item()
		case 100:
			costs["100"] = c.Item()
		}
	}
	costs["10000"] = dl.Eval(cost, dl.Feed{x: xs, y: ys}).Item()
	for steps, want := range ref.Cost {
		near(t, "the cost after "+steps+" steps", costs[steps], want, 1e-4)
	}
}

// The CIFAR-10 network of the paper on one batch.
func TestCNNAgainstTorch(t *testing.T) {
	var ref struct {
		Loss       float64
		Logits     []float64 `json:"logits_of_first_picture"`
		Parameters []struct {
			Shape   []int
			First   float64
			Norm    float64   `json:"gradient_norm"`
			At      []int     `json:"gradient_at"`
			Entries []float64 `json:"gradient_entries"`
		}
	}
	reference(t, "cnn.json", &ref)
	train, _ := data.CIFAR10Sample()
	batch := train.Subset(0, 32)
	xs, ys := batch.X(), batch.Y()

	model := nn.Sequential(
		nn.Conv2D(32, 5, nn.Same()), nn.ReLU(), nn.MaxPool2D(2),
		nn.Conv2D(64, 5, nn.Same()), nn.ReLU(), nn.MaxPool2D(2),
		nn.Flatten(),
		nn.Dense(1000), nn.ReLU(),
		nn.Dense(1000), nn.ReLU(),
		nn.Dense(10),
	)
	x := dl.Placeholder("x", dl.Float32, -1, 3, 32, 32)
	y := dl.Placeholder("y", dl.Int64, -1)
	logits := model.Apply(x)
	parameters := model.Parameters()
	if len(parameters) != len(ref.Parameters) {
		t.Fatalf("%d parameters, want %d", len(parameters), len(ref.Parameters))
	}
	for i, p := range parameters {
		p.Assign(formula(i, p.Shape()))
		near(t, "the first of "+p.Name(), p.Float64s()[0], ref.Parameters[i].First, 0)
	}
	loss := nn.SoftmaxCrossEntropy(logits, y)
	outputs := []*dl.Tensor{loss, logits}
	g := dl.Grads(loss, parameters...)
	for _, p := range parameters {
		outputs = append(outputs, g.Of(p), g.Of(p).Norm())
	}
	out := dl.Function([]*dl.Tensor{x, y}, outputs).Call(xs, ys)

	near(t, "the loss", out[0].Item(), ref.Loss, 1e-4)
	for k, want := range ref.Logits {
		if got := out[1].At(0, k); math.Abs(got-want) > 1e-4 {
			t.Errorf("logit %d of the first picture is %v, want %v", k, got, want)
		}
	}
	for i, p := range parameters {
		want := ref.Parameters[i]
		near(t, "the gradient's norm of "+p.Name(), out[3+2*i].Item(), want.Norm, 1e-4)
		grads := out[2+2*i].Float64s()
		for k, at := range want.At {
			// Entries differ in size; those near 0 are sums of large terms.
			if got := grads[at]; math.Abs(got-want.Entries[k]) > 1e-4*(math.Abs(want.Entries[k])+want.Norm/math.Sqrt(float64(len(grads)))) {
				t.Errorf("entry %d of the gradient of %s is %v, want %v", at, p.Name(), got, want.Entries[k])
			}
		}
	}
}

// formula returns the elements of parameter i that tests/reference/cnn.py
// states.
func formula(i int, shape []int) *dl.Tensor {
	limit := 0.1
	switch len(shape) {
	case 2:
		limit = math.Sqrt(6 / float64(shape[0]))
	case 4:
		limit = math.Sqrt(6 / float64(shape[1]*shape[2]*shape[3]))
	}
	n := 1
	for _, d := range shape {
		n *= d
	}
	v := make([]float32, n)
	for k := range v {
		h := uint32(k) + uint32(i)*0x9e3779b9
		h ^= h >> 16
		h *= 0x85ebca6b
		h ^= h >> 13
		h *= 0xc2b2ae35
		h ^= h >> 16
		v[k] = float32((float64(h)/(1<<32) - 0.5) * 2 * limit)
	}
	return dl.New(v, shape...)
}

// What Fit does is what the rules of opt do by hand.
func TestFitIsThePlainLoop(t *testing.T) {
	dl.Seed(3)
	xs, ys := dl.Randn(70, 4), dl.RandInt(0, 3, 70)
	make2 := func() *nn.Model {
		dl.Seed(4)
		m := nn.Sequential(nn.Dense(5), nn.Tanh(), nn.Dense(3))
		m.Apply(xs)
		return m
	}
	a, b := make2(), make2()
	h := a.Fit(xs, ys, nn.FitOptions{Epochs: 2, Batch: 32, KeepOrder: true, L2: 0.01, Optimizer: opt.SGD(0.1)})

	var losses []float64
	for range 2 {
		for _, r := range [][2]int{{0, 32}, {32, 64}, {64, 70}} {
			x, y := xs.Slice(dl.Between(r[0], r[1])), ys.Slice(dl.Between(r[0], r[1]))
			loss := nn.SoftmaxCrossEntropy(b.Apply(x), y)
			losses = append(losses, loss.Item())
			p := b.Parameters()
			cost := loss.Add(p[0].Square().Sum().Add(p[2].Square().Sum()).Mul(0.01))
			g := dl.Grads(cost, p...)
			for _, w := range p {
				w.Assign(w.Sub(g.Of(w).Mul(0.1)))
			}
		}
	}
	for i, want := range losses {
		near(t, "a step's loss", h.Steps()["loss"][i], want, 1e-5)
	}
	near(t, "the first epoch's loss", h.Series()["loss"][0], (losses[0]*32+losses[1]*32+losses[2]*6)/70, 1e-5)
	for i, p := range a.Parameters() {
		for k, got := range p.Float64s() {
			if want := b.Parameters()[i].Float64s()[k]; math.Abs(got-want) > 1e-5 {
				t.Errorf("%s[%d] is %v, want %v", p.Name(), k, got, want)
			}
		}
	}
}
