package nn_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/metrics"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// irises returns a model, options to train it with, and the irises split in
// two. Everything follows from the seed.
func irises(seed int) (m *nn.Model, train, test nn.Examples, o nn.FitOptions) {
	dl.Seed(seed)
	a, b := data.Iris().Split(0.2, 1)
	train, test = nn.Examples{X: a.X(), Y: a.Y()}, nn.Examples{X: b.X(), Y: b.Y()}
	m = nn.Sequential(nn.Dense(16), nn.ReLU(), nn.Dense(3))
	return m, train, test, nn.FitOptions{
		Epochs: 40, Batch: 16, Seed: seed, Optimizer: opt.Adam(0.01),
		Metrics: []metrics.Metric{metrics.Accuracy}, Validation: test,
	}
}

func TestFitLearns(t *testing.T) {
	m, train, test, o := irises(1)
	h := m.Fit(train.X, train.Y, o)
	if h.Epochs() != 40 || h.Stopped != "" || len(h.Steps()["loss"]) != 40*8 || len(h.Series()["val_loss"]) != 40 {
		t.Errorf("%d epochs, %d steps, stopped %q", h.Epochs(), len(h.Steps()["loss"]), h.Stopped)
	}
	if want := []string{"loss", "accuracy", "val_loss", "val_accuracy"}; !reflect.DeepEqual(h.Names(), want) {
		t.Errorf("names %v, want %v", h.Names(), want)
	}
	got := m.Evaluate(test.X, test.Y, metrics.Accuracy, metrics.Metric{Name: "loss", Of: nn.SoftmaxCrossEntropy})
	if got["accuracy"] < 0.9 {
		t.Errorf("accuracy %v on irises not seen, want at least 0.9", got["accuracy"])
	}
	near(t, "the last validation loss", h.Last("val_loss"), got["loss"], 1e-6)
	near(t, "the last validation accuracy", h.Last("val_accuracy"), got["accuracy"], 1e-6)
	right := 0
	for i, class := range m.Predict(test.X).ArgMax(1).Ints() {
		if class == test.Y.Ints()[i] {
			right++
		}
	}
	near(t, "the accuracy of the predictions", float64(right)/30, got["accuracy"], 1e-6)
	if h != m.History() {
		t.Error("the model remembers another history")
	}
}

func TestFitFollowsFromSeeds(t *testing.T) {
	run := func(weights, order int) ([]float64, []float64) {
		m, train, _, o := irises(weights)
		o.Seed, o.Epochs = order, 3
		h := m.Fit(train.X, train.Y, o)
		return h.Steps()["loss"], m.Parameters()[0].Float64s()
	}
	loss, w := run(1, 1)
	againLoss, again := run(1, 1)
	if !reflect.DeepEqual(loss, againLoss) || !reflect.DeepEqual(w, again) {
		t.Error("the same seeds gave other numbers")
	}
	if other, _ := run(2, 1); other[0] == loss[0] {
		t.Error("dl.Seed does not change the weights")
	}
	if other, _ := run(1, 2); other[0] == loss[0] {
		t.Error("FitOptions.Seed does not change the order")
	}
}

// Fit in two calls is Fit in one, for a rule without a memory of its own.
func TestFitGoesOn(t *testing.T) {
	m, train, _, o := irises(1)
	o.Optimizer, o.KeepOrder, o.Epochs = opt.SGD(0.05), true, 4
	m.Fit(train.X, train.Y, o)
	n, _, _, _ := irises(1)
	o.Epochs = 2
	n.Fit(train.X, train.Y, o)
	n.Fit(train.X, train.Y, o)
	if !reflect.DeepEqual(m.Parameters()[2].Float64s(), n.Parameters()[2].Float64s()) {
		t.Error("two times two epochs differ from four")
	}
}

// Reports collects what a training run reports.
type reports struct {
	all  []cell.Progress
	each func(p cell.Progress)
}

func (r *reports) Report(p cell.Progress) {
	p.Values = slices.Clone(p.Values)
	r.all = append(r.all, p)
	if r.each != nil {
		r.each(p)
	}
}

func TestFitReports(t *testing.T) {
	r := &reports{}
	cell.Enter(context.Background(), nil, r, func() {
		m, train, _, o := irises(1)
		o.Epochs, o.Title = 2, "irises"
		m.Fit(train.X, train.Y, o)
	})
	if len(r.all) != 2*(8+1)+1 {
		t.Fatalf("%d reports, want 2 epochs of 8 steps and an end, and the end", len(r.all))
	}
	for i, p := range r.all {
		epoch, step := i/9+1, min(i%9+1, 8)
		last := i == len(r.all)-1
		if last {
			epoch, step = 2, 8
		}
		if p.Run != r.all[0].Run || p.Title != "irises" || p.Epoch != epoch || p.Epochs != 2 || p.Step != step || p.Steps != 8 ||
			p.EpochEnd != (i%9 == 8) || p.Done != last || p.Stopped != "" {
			t.Errorf("report %d is %+v", i, p)
		}
	}
	if v := r.all[8].Values; len(v) != 4 || v[2].Name != "val_loss" {
		t.Errorf("an epoch ends with %v", v)
	}
	first := r.all[0].Run
	cell.Enter(context.Background(), nil, r, func() {
		m, train, _, o := irises(1)
		m.Fit(train.X, train.Y, o)
	})
	if r.all[len(r.all)-1].Run == first {
		t.Error("two runs have one id")
	}
}

func TestFitInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var learned []float64
	m, train, _, o := irises(1)
	m.Apply(train.X)
	r := &reports{each: func(p cell.Progress) {
		if p.Epoch == 2 && p.Step == 3 && !p.Done {
			cancel()
			learned = m.Parameters()[0].Float64s()
		}
	}}
	cell.Enter(ctx, nil, r, func() {
		err := dl.Try(func() { m.Fit(train.X, train.Y, o) })
		if !errors.Is(err, dl.ErrInterrupted) || !strings.Contains(err.Error(), "fit: interrupted in epoch 2 of 40, after step 3 of 8") {
			t.Errorf("error %v", err)
		}
	})
	last := r.all[len(r.all)-1]
	if !last.Done || last.Stopped == "" || last.Epoch != 2 || last.Step != 3 {
		t.Errorf("the last report is %+v", last)
	}
	if h := m.History(); h.Epochs() != 1 || len(h.Steps()["loss"]) != 8+3 || !strings.Contains(h.String(), "stopped early: interrupted") {
		t.Errorf("history %v", h)
	}
	if !reflect.DeepEqual(m.Parameters()[0].Float64s(), learned) {
		t.Error("the parameters are not those of the last step")
	}
	before := m.History().Last("loss")
	if h := m.Fit(train.X, train.Y, o); h.Last("loss") >= before {
		t.Errorf("training on led from loss %v to %v", before, h.Last("loss"))
	}
}

// On true labels the network learns, on shuffled ones nothing that holds for
// other pictures.
func TestShuffledLabels(t *testing.T) {
	all, test := data.CIFAR10Sample()
	train := all.Subset(0, 1500)
	run := func(train *data.Images) float64 {
		dl.Seed(1)
		m := nn.Sequential(nn.Conv2D(8, 5, nn.Stride(2)), nn.ReLU(), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(10))
		m.Fit(train.X(), train.Y(), nn.FitOptions{Epochs: 4, Optimizer: opt.SGD(0.02, opt.Momentum(0.9)), Seed: 1})
		return m.Evaluate(test.X(), test.Y())["accuracy"]
	}
	if got := run(train); got < 0.25 {
		t.Errorf("accuracy %v after training on the labels, want at least 0.25", got)
	}
	if got := run(train.ShuffleLabels(1)); got < 0.07 || got > 0.13 {
		t.Errorf("accuracy %v after training on shuffled labels, want chance, 0.07 to 0.13", got)
	}
}

func TestLosses(t *testing.T) {
	// softplus(1) = log(1+e) and so on; computed by hand.
	for _, c := range []struct {
		name           string
		loss           nn.Loss
		output, target any
		want           float64
	}{
		{"softmax", nn.SoftmaxCrossEntropy, [][]float64{{0, 0}, {1, 0}}, []int{1, 0}, (math.Ln2 + math.Log1p(math.Exp(-1))) / 2},
		{"binary", nn.BinaryCrossEntropy, []float64{1, -2}, []float64{1, 1}, (math.Log1p(math.Exp(-1)) + math.Log1p(math.Exp(2))) / 2},
		{"binary, one unit", nn.BinaryCrossEntropy, [][]float64{{1}, {-2}}, []float64{1, 1}, (math.Log1p(math.Exp(-1)) + math.Log1p(math.Exp(2))) / 2},
		{"squares", nn.MeanSquaredError, [][]float64{{1, 2}, {3, 4}}, [][]float64{{0, 2}, {0, 0}}, 26.0 / 4},
	} {
		near(t, c.name, c.loss(dl.New(c.output), dl.New(c.target)).Item(), c.want, 1e-6)
	}
}

// A loss or metric may give one number in any shape.
func TestFitLossOfShapeOne(t *testing.T) {
	m, train, _, o := irises(1)
	o.Loss = func(output, target *dl.Tensor) *dl.Tensor { return nn.SoftmaxCrossEntropy(output, target).Reshape(1) }
	if h := m.Fit(train.X, train.Y, o); h.Last("loss") > h.Series()["loss"][0] {
		t.Error("nothing was learned")
	}
}

// Metrics that are no means come out the same in batches as in one piece.
func TestEvaluateInBatches(t *testing.T) {
	dl.Seed(1)
	x, y := dl.Randn(700, 3), dl.RandInt(0, 2, 700)
	m := nn.Sequential(nn.Dense(1))
	out := m.Apply(x)
	for _, metric := range []metrics.Metric{metrics.F1, metrics.Precision, metrics.R2, metrics.RootMeanSquaredError} {
		near(t, metric.Name, m.Evaluate(x, y, metric)[metric.Name], metric.Value(out, y), 1e-5)
	}
}

// each forgets to take the mean.
func each(output, target *dl.Tensor) *dl.Tensor { return dl.SoftmaxCrossEntropy(output, target) }

func TestMisuse(t *testing.T) {
	x, y := dl.Zeros(6, 4), dl.New([]int{0, 1, 2, 0, 1, 2})
	fit := func(m *nn.Model, o nn.FitOptions) func() { return func() { m.Fit(x, y, o) } }
	mlp := func() *nn.Model { return nn.Sequential(nn.Dense(5), nn.ReLU(), nn.Dense(3)) }
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { mlp().Fit(x, dl.New([]int{1, 2}), nn.FitOptions{}) }, "fit: 6 examples in x of shape (6, 4), but 2 targets in y of shape (2)"},
		{func() { mlp().Fit(dl.Zeros(0, 4), dl.Zeros(0), nn.FitOptions{}) }, "fit: x of shape (0, 4) holds no examples"},
		{func() { mlp().Fit(x, nil, nn.FitOptions{}) }, "fit: y is nil"},
		{func() { mlp().Fit(dl.Placeholder("x", dl.Float32, 6, 4), y, nn.FitOptions{}) }, "fit: x is symbolic"},
		{fit(mlp(), nn.FitOptions{Epochs: -1}), "fit: -1 epochs, batches of 0, L1 0, L2 0; none may be negative"},
		{fit(nn.Sequential(nn.ReLU()), nn.FitOptions{}), "fit: the model has no parameters"},
		{fit(mlp(), nn.FitOptions{Validation: nn.Examples{X: x}}), "fit: validation: y is nil"},
		{fit(mlp(), nn.FitOptions{Metrics: []metrics.Metric{metrics.BinaryAccuracy}}), "binary accuracy: outputs of shape (?, 3) for targets of shape (?)"},
		{fit(mlp(), nn.FitOptions{Metrics: []metrics.Metric{metrics.Accuracy, metrics.Accuracy}}), `fit: two metrics are called "accuracy"`},
		{fit(mlp(), nn.FitOptions{Loss: each}), "loss: it has shape (?), want one number for all the examples"},
		{fit(mlp(), nn.FitOptions{Metrics: []metrics.Metric{{Name: "m", Of: func(o, y *dl.Tensor) *dl.Tensor { return nil }}}}), "m: it returned nil, want one number"},
		{func() { mlp().Predict(dl.Zeros(2, 4, 1, 1)) }, "layer 1, dense(5): input: shape (?, 4, 1, 1), want 2 axes, (examples, inputs), or 3, (examples, steps, inputs)"},
		{func() { m := mlp(); m.Apply(x); m.Apply(dl.Zeros(2, 3)) }, "layer 1, dense(5): input: 3 numbers an example, but the layer was made for 4"},
		{func() { nn.Sequential(nn.Flatten(), mlp()).Apply(dl.Placeholder("x", dl.Float32, -1, -1)) },
			"layer 2, model of 3 layers: layer 1, dense(5): input: axis 1 of shape (?, ?) is unknown, but the size of the parameters depends on it"},
		{func() { nn.Sequential(nn.Conv2D(2, 3)).Apply(x) }, "layer 1, conv2d(2, 3): input: shape (6, 4), want 4 axes, (examples, channels, height, width)"},
		{func() { nn.Sequential(nn.ReLU(), nn.MaxPool2D(3)).Apply(dl.Zeros(1, 1, 2, 2)) }, "layer 2, maxpool2d(3): maxpool2d: "},
		{func() { nn.Sequential(nn.Dense(3), nil) }, "nn: layer 2 of Sequential is nil"},
		{func() { nn.Dense(0) }, "nn: dense(0): want at least 1 unit"},
		{func() { nn.Dense(3, nn.Same()) }, "nn: dense(3) has no option Same"},
		{func() { nn.Conv2D(0, 3) }, "nn: conv2d(0, 3): want at least 1 filter, of size at least 1"},
		{func() { nn.Conv2D(1, 3, nn.Stride(0)) }, "nn: conv2d(1, 3) with stride 0 and padding 0; want a stride of at least 1 and no negative padding"},
		{func() { nn.MaxPool2D(2, nn.NoBias()) }, "nn: maxpool2d(2) has no option NoBias"},
		{func() { nn.MaxPool2D(0) }, "nn: maxpool2d(0): want a size of at least 1"},
	} {
		if err := dl.Try(c.f); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}
