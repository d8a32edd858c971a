package nn_test

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/metrics"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

var update = flag.Bool("update", false, "write testdata/mistakes.txt anew")

// mistakes are what people do wrong when they train networks.
func mistakes(dir string) []struct {
	what string
	f    func()
} {
	x, y := dl.Ones(8, 4), dl.New([]int{0, 1, 2, 0, 1, 2, 0, 1})
	pictures := dl.Ones(2, 3, 8, 8)
	net := func() *nn.Model { return nn.Sequential(nn.Dense(5), nn.ReLU(), nn.Dense(3)) }
	fit := func(m *nn.Model, x, y *dl.Tensor, o nn.FitOptions) func() { return func() { m.Fit(x, y, o) } }
	p := dl.Placeholder("x", dl.Float32, -1, 4)
	q := dl.Placeholder("labels", dl.Int64, -1)
	w := dl.Variable(dl.Ones(4, 3), "w")
	saved := filepath.Join(dir, "net.safetensors")
	if err := net().Build([]int{4}).Save(saved); err != nil {
		panic(err)
	}
	must := func(f func() error) func() {
		return func() {
			if err := f(); err != nil {
				panic(err)
			}
		}
	}
	nan := dl.New([]float64{1, math.NaN(), 3, 4})
	return []struct {
		what string
		f    func()
	}{
		{"pictures go into a dense layer without Flatten", func() {
			nn.Sequential(nn.Conv2D(4, 3), nn.Dense(10)).Fit(pictures, dl.New([]int{0, 1}), nn.FitOptions{})
		}},
		{"pictures without the axis of examples", func() { nn.Sequential(nn.Conv2D(4, 3)).Apply(dl.Ones(3, 8, 8)) }},
		{"pictures with the channels last", func() { nn.Sequential(nn.Conv2D(4, 3)).Build([]int{3, 8, 8}).Apply(dl.Ones(2, 8, 8, 3)) }},
		{"a window larger than what is left of a picture", func() { nn.Sequential(nn.Conv2D(4, 3), nn.MaxPool2D(8)).Apply(pictures) }},
		{"other features than the model was built for", func() { m := net().Build([]int{4}); m.Predict(dl.Ones(2, 5)) }},
		{"one example without the axis of examples", func() { net().Build([]int{4}).Predict(dl.Ones(4)) }},
		{"fewer targets than examples", fit(net(), x, dl.New([]int{0, 1}), nn.FitOptions{})},
		{"a label beyond the classes", fit(net(), x, y.Add(1), nn.FitOptions{})},
		{"labels as one-hot vectors", fit(net(), x, y.OneHot(3), nn.FitOptions{})},
		{"labels as floats", fit(net(), x, y.Cast(dl.Float32), nn.FitOptions{})},
		{"targets of another shape than the outputs", fit(nn.Sequential(nn.Dense(2)), x, dl.Ones(8, 3), nn.FitOptions{Loss: nn.MeanSquaredError})},
		{"a negative number of epochs", fit(net(), x, y, nn.FitOptions{Epochs: -1})},
		{"an unknown name for a callback", fit(net(), x, y, nn.FitOptions{Callbacks: []nn.Callback{nn.EarlyStopping("val_los", 2)}})},
		{"validation data of another shape", fit(net(), x, y, nn.FitOptions{Validation: nn.Examples{X: dl.Ones(2, 5), Y: dl.New([]int{0, 1})}})},
		{"a resumed run without a checkpoint", fit(net(), x, y, nn.FitOptions{Resume: true})},
		{"a sum as the loss of each example", fit(net(), x, y, nn.FitOptions{Loss: func(o, t *dl.Tensor) *dl.Tensor { return dl.SoftmaxCrossEntropy(o, t) }})},
		{"a loss that reads values", fit(net(), x, y, nn.FitOptions{Loss: func(o, t *dl.Tensor) *dl.Tensor { return dl.Scalar(o.Mean().Item()) }})},
		{"a loss that forgets the outputs", fit(net(), x, y, nn.FitOptions{Loss: func(_, t *dl.Tensor) *dl.Tensor { return t.Cast(dl.Float32).Mean() }})},
		{"class weights for too few classes", fit(net(), x, y, nn.FitOptions{ClassWeights: []float64{1, 2}})},
		{"a negative learning rate", func() { opt.SGD(-0.1) }},
		{"an option that a layer does not have", func() { nn.Dense(3, nn.Stride(2)) }},
		{"a dense layer of no units", func() { nn.Dense(0) }},
		{"a rate of dropout in percent", func() { nn.Dropout(50) }},
		{"words as floats beyond the table", func() { nn.Sequential(nn.Embedding(10, 4)).Apply(dl.New([][]int{{1, 12}})) }},
		{"a recurrent layer behind one that gives the last step only", func() { nn.Sequential(nn.LSTM(3, nn.Last()), nn.LSTM(3)).Apply(dl.Ones(2, 5, 4)) }},
		{"heads that do not divide the size", func() { nn.Sequential(nn.MultiHeadAttention(3)).Apply(dl.Ones(2, 5, 4)) }},
		{"groups that do not divide the channels", func() { nn.Sequential(nn.GroupNorm(2)).Apply(pictures) }},
		{"a residual block that changes the shape", func() { nn.Sequential(nn.Residual(nn.Dense(3))).Apply(x) }},
		{"joined branches of different shapes", func() {
			a := nn.Input("a", 4)
			nn.Functional(nn.Nodes{a}, nn.Nodes{nn.Join(nn.Add(), a.Then(nn.Dense(2)), a.Then(nn.Dense(3)))}).Predict(x)
		}},
		{"a file of another model", must(func() error { return nn.Sequential(nn.Dense(9), nn.Dense(3)).Build([]int{4}).Load(saved) })},
		{"a file of a model with fewer layers", must(func() error {
			return nn.Sequential(nn.Dense(5), nn.ReLU(), nn.Dense(3), nn.Dense(2)).Build([]int{4}).Load(saved)
		})},
		{"a model that is loaded before it is built", must(func() error { return net().Load(saved) })},
		{"a file that is not there", must(func() error { return net().Build([]int{4}).Load(filepath.Join(dir, "nett.safetensors")) })},
		{"a placeholder that is not fed", func() { dl.Eval(p.MatMul(w), dl.Feed{q: []int{1}}) }},
		{"arguments in the wrong order", func() {
			f := dl.Function([]*dl.Tensor{p, q}, []*dl.Tensor{nn.SoftmaxCrossEntropy(p.MatMul(w), q)})
			f.Call(y, x)
		}},
		{"a gradient of what does not depend on the weights", func() { dl.Grad(p.Sum(), w) }},
		{"a gradient of a class number", func() { dl.Grad(p.MatMul(w).ArgMax(), w) }},
		{"a weight of the wrong orientation", func() { p.MatMul(w.T()) }},
		{"a shape that a traced function branches on", func() {
			dl.Jit(func(x *dl.Tensor) *dl.Tensor {
				if x.Sum().Item() > 0 {
					return x
				}
				return x.Neg()
			}).Call(x)
		}},
		{"a mask that only the call knows", func() { p.Slice(p.Greater(0)) }},
		{"a metric of other shapes", func() { metrics.Accuracy.Of(dl.Ones(4, 3), dl.New([]int{1, 2})) }},
		{"inputs that are no numbers, with TerminateOnNaN", func() {
			h := nn.Sequential(nn.Dense(1)).Fit(nan.Reshape(4, 1), dl.Ones(4, 1), nn.FitOptions{Loss: nn.MeanSquaredError, Callbacks: []nn.Callback{nn.TerminateOnNaN()}})
			panic(errors.New(h.Stopped))
		}},
		{"labels with an axis too many", func() { dl.SoftmaxCrossEntropy(p.MatMul(w), dl.New([]float64{1, 2}).ExpandDims(1)) }},
		{"a variable that is read as a number on the way", func() { dl.Grad(dl.Scalar(w.Sum().Item()).Mul(p.Sum()), w) }},
	}
}

// TestMistakes compares what people are told with testdata/mistakes.txt, which is
// meant to be read: each message names the place, what was wanted and what was
// given, and what to do.
func TestMistakes(t *testing.T) {
	dl.Seed(1)
	var b strings.Builder
	dir := t.TempDir()
	for _, m := range mistakes(dir) {
		fmt.Fprintf(&b, "# %s\n", m.what)
		err := attempt(m.f)
		if err == nil {
			b.WriteString("no error\n\n")
			continue
		}
		fmt.Fprintln(&b, strings.ReplaceAll(err.Error(), dir, "DIR"))
		var e *dl.Error
		if errors.As(err, &e) && e.Hint() != "" {
			fmt.Fprintln(&b, "hint: "+e.Hint())
		}
		b.WriteString("\n")
	}
	const path = "testdata/mistakes.txt"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, expected := strings.Split(b.String(), "\n\n"), strings.Split(string(want), "\n\n")
	for i := range max(len(got), len(expected)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(expected) {
			w = expected[i]
		}
		if g != w {
			t.Errorf("got\n%s\nwant\n%s", g, w)
		}
	}
}

// attempt returns the error that f panics with.
func attempt(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(error)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	f()
	return nil
}
