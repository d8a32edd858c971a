package theano_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/styles/theano"
)

// TestFigure4 is the paper's figure 4, with NumPy's cost after 100 steps; see
// tests/reference/regression.py.
func TestFigure4(t *testing.T) {
	var ref struct {
		Cost map[string]float64 `json:"cost_after_steps"`
	}
	read(t, "../../nn/testdata/regression.json", &ref)
	const feats, steps = 784, 100
	features, answers := data.Regression(400, feats, 1)
	start := make([]float64, feats)
	for j := range start {
		start[j] = math.Sin(float64(j + 1))
	}

	x, y := theano.Matrix("x"), theano.Vector("y")
	w, b := theano.Shared(start, "w"), theano.Shared(0.0, "b")
	p1 := theano.Div(1, theano.Add(1, theano.Exp(theano.Sub(theano.Neg(theano.Dot(x, w)), b))))
	prediction := p1.Greater(0.5)
	xent := theano.Sub(theano.Mul(theano.Neg(y), theano.Log(p1)), theano.Mul(theano.Sub(1, y), theano.Log(theano.Sub(1, p1))))
	cost := theano.Add(xent.Mean(), theano.Mul(0.01, theano.Sqr(w).Sum()))
	g := theano.Grad(cost, w, b)
	train := theano.Function(theano.Inputs{x, y}, theano.Outputs{prediction, xent, cost},
		theano.Updates{{w, theano.Sub(w, theano.Mul(0.1, g[0]))}, {b, theano.Sub(b, theano.Mul(0.1, g[1]))}})
	predict := theano.Function(theano.Inputs{x}, theano.Outputs{prediction})

	for range steps {
		train.Call(features, answers)
	}
	last := train.Call(features, answers)
	if got, want := last[2].Item(), ref.Cost["100"]; !(math.Abs(got-want) <= 1e-4*want) {
		t.Errorf("cost %g after %d steps, want %g", got, steps, want)
	}
	if right := predict.Call(features)[0].Equal(answers.Greater(0.5)).Cast(dl.Float32).Mean().Item(); right < 0.5 {
		t.Errorf("%g of the answers are right", right)
	}
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestFigure5 is the paper's figure 5, an Elman network by scan, compared with
// PyTorch's outputs; see tests/reference/recurrent.py.
func TestFigure5(t *testing.T) {
	type array struct {
		Shape []int
		Data  []float64
	}
	var ref struct {
		Elman struct {
			X, Outputs array
			Parameters map[string]array
		}
	}
	read(t, "../../testdata/recurrent.json", &ref)
	shared := func(name string) *theano.Variable {
		a := ref.Elman.Parameters[name]
		return theano.Shared(dl.New(a.Data, a.Shape...), name)
	}
	wx, wh, bh := shared("wx"), shared("wh"), theano.Shared(theano.GetValue(shared("bx")).Add(shared("bh")), "b")

	x := theano.Tensor3("x")
	step := func(xt, before, wx, wh, bh *theano.Variable) *theano.Variable {
		return theano.Tanh(theano.Add(theano.Add(theano.Dot(xt, wx), theano.Dot(before, wh)), bh))
	}
	o := theano.Scan(step, theano.ScanOptions{
		Sequences:    []dl.Sequence{{X: x}},
		OutputsInfo:  []dl.State{{Initial: dl.Zeros(3, 5)}},
		NonSequences: []*theano.Variable{wx, wh, bh},
	})[0]
	last := o.Index(-1)
	run := theano.Function(theano.Inputs{x}, theano.Outputs{o, last})

	out := run.Call(dl.New(ref.Elman.X.Data, ref.Elman.X.Shape...))
	for i, got := range out[0].Float64s() {
		if want := ref.Elman.Outputs.Data[i]; math.Abs(got-want) > 1e-5 {
			t.Fatalf("element %d is %g, want %g", i, got, want)
		}
	}
	if got, want := out[1].At(2, 4), out[0].At(6, 2, 4); got != want {
		t.Errorf("the last state has %g, want %g", got, want)
	}
}

// TestFigure9 is the paper's figure 9 at a small size: the Network class on
// CIFAR-10 pictures, with batches by givens and weight decay.
func TestFigure9(t *testing.T) {
	dl.Seed(1)
	train, test := data.CIFAR10Sample()
	part := func(d *data.Images, n int) theano.Data {
		d = d.Subset(0, n)
		return theano.SharedData(d.X().Flatten(), d.Y())
	}
	net := theano.NewNetwork([]theano.Layer{
		theano.ConvPoolLayer{FilterShape: [4]int{4, 3, 5, 5}, ImageShape: [3]int{3, 32, 32}, Activation: theano.ReLU},
		theano.ConvPoolLayer{FilterShape: [4]int{6, 4, 5, 5}, ImageShape: [3]int{4, 16, 16}, Activation: theano.ReLU},
		theano.FullyConnectedLayer{In: 6 * 8 * 8, Out: 32, Activation: theano.ReLU},
		theano.SoftmaxLayer{In: 32, Out: 10},
	}, 20)
	epochs := net.SGD(part(train, 200), part(test, 100), theano.Options{Epochs: 10, Eta: 0.15, Lambda: 0.01})
	first, last := epochs[0], epochs[len(epochs)-1]
	if len(net.Params()) != 8 || !(last.Cost < 0.95*first.Cost) || last.Validation < 0.1 {
		t.Errorf("%d parameters; the epochs went %v", len(net.Params()), epochs)
	}
}

// TestConv2D: Theano turns the filters by 180°.
func TestConv2D(t *testing.T) {
	x := dl.Arange(9).Cast(dl.Float32).Reshape(1, 1, 3, 3)
	w := dl.New([]float64{1, 0, 0, 0}, 1, 1, 2, 2)
	for mode, want := range map[string][]float64{theano.Valid: {4, 5, 7, 8}} {
		got := theano.Conv2D(x, w, mode).Float64s()
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", mode, got, want)
			}
		}
	}
	for mode, want := range map[string]int{theano.Valid: 2, theano.Half: 4, theano.Full: 4} {
		if got := theano.Conv2D(x, w, mode).Shape()[2]; got != want {
			t.Errorf("%s: %d rows, want %d", mode, got, want)
		}
	}
}
