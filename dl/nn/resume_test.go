package nn_test

import (
	"context"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/metrics"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// noisy is a model with state and with random numbers in training, options to
// train it with, and examples.
func noisy() (m *nn.Model, x, y *dl.Tensor, o nn.FitOptions) {
	dl.Seed(5)
	x, y = dl.Randn(70, 6), dl.RandInt(0, 3, 70)
	m = nn.Sequential(nn.Dense(8), nn.BatchNorm(), nn.ReLU(), nn.Dropout(0.3), nn.Dense(3, nn.Penalise(nn.L2(1e-3))))
	return m, x, y, nn.FitOptions{
		Epochs: 6, Batch: 16, Seed: 3, Optimizer: opt.ClipNorm(opt.Adam(0.02, opt.AMSGrad()), 1),
		Metrics: []metrics.Metric{metrics.Accuracy, metrics.MacroF1(3)}, Validation: nn.Examples{X: x, Y: y},
		Callbacks: []nn.Callback{nn.EveryStep(opt.WarmUp(5, opt.Cosine(20, 0)))},
	}
}

func variables(m *nn.Model) [][]float64 {
	var all [][]float64
	for _, v := range append(m.Parameters(), m.State()...) {
		all = append(all, v.Float64s())
	}
	return all
}

// A run that is stopped after any epoch and goes on from its checkpoint, in
// another process so to speak, ends in the same bits as one that is not.
func TestResumeIsExact(t *testing.T) {
	m, x, y, o := noisy()
	whole := m.Fit(x, y, o)
	want := variables(m)
	for stop := 1; stop < 6; stop++ {
		path := filepath.Join(t.TempDir(), "run")
		m, x, y, o := noisy()
		o.Checkpoint, o.Resume, o.Epochs = path, true, stop
		m.Fit(x, y, o)
		dl.Seed(1234) // whatever was drawn meanwhile
		n, _, _, o := noisy()
		dl.Rand(17)
		o.Checkpoint, o.Resume = path, true
		h := n.Fit(x, y, o)
		if !reflect.DeepEqual(variables(n), want) {
			t.Errorf("stopped after epoch %d, the run ends elsewhere", stop)
		}
		if !reflect.DeepEqual(h.Series(), whole.Series()) || !reflect.DeepEqual(h.Steps(), whole.Steps()) {
			t.Errorf("stopped after epoch %d, the history differs", stop)
		}
	}
}

// A run that is interrupted in the middle of an epoch goes on from the epoch
// before, to the same bits.
func TestResumeAfterInterrupt(t *testing.T) {
	m, x, y, o := noisy()
	m.Fit(x, y, o)
	want := variables(m)

	n, x, y, o := noisy()
	o.Checkpoint = filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	before := runtime.NumGoroutine()
	cell.Enter(ctx, nil, &reports{each: func(p cell.Progress) {
		if p.Epoch == 3 && p.Step == 2 {
			cancel()
		}
	}}, func() {
		if err := dl.Try(func() { n.Fit(x, y, o) }); !errors.Is(err, dl.ErrInterrupted) {
			t.Errorf("error %v", err)
		}
	})
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines after the interrupt, %d before", now, before)
	}
	o.Resume = true
	n.Fit(x, y, o)
	if !reflect.DeepEqual(variables(n), want) {
		t.Error("the run ends elsewhere")
	}
}

func TestResumeRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run")
	m, x, y, o := noisy()
	o.Checkpoint, o.Epochs = path, 1
	m.Fit(x, y, o)
	o.Resume = true
	n := nn.Sequential(nn.Dense(9), nn.BatchNorm(), nn.Dense(3))
	err := dl.Try(func() { n.Fit(x, y, o) })
	if err == nil || !strings.Contains(err.Error(), `cannot be resumed: "model/1.weights" has shape [6 8], want [6 9]`) {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(path, []byte("rubbish"), 0o644); err != nil {
		t.Fatal(err)
	}
	m, x, y, o = noisy()
	o.Checkpoint, o.Resume = path, true
	if err := dl.Try(func() { m.Fit(x, y, o) }); err == nil || !strings.Contains(err.Error(), "7 bytes are too few") {
		t.Errorf("error %v", err)
	}
}

// Printing a loss at every step changes no number.
func TestLookingChangesNothing(t *testing.T) {
	m, x, y, o := noisy()
	m.Fit(x, y, o)
	n, x, y, o := noisy()
	looked := 0
	o.Callbacks = append(o.Callbacks, func(e *nn.Event) error {
		if e.Moment == nn.StepEnded {
			_ = e.Model.Predict(x).String()
			_ = e.Model.Evaluate(x, y)
			_ = e.Model.Summary()
			looked++
		}
		return nil
	})
	n.Fit(x, y, o)
	if !reflect.DeepEqual(variables(m), variables(n)) {
		t.Error("a run that was looked at ends elsewhere")
	}
	if looked != 6*5 {
		t.Errorf("%d steps were seen, want 30", looked)
	}
}

func TestSaveAndLoad(t *testing.T) {
	m, x, y, o := noisy()
	o.Epochs = 1
	m.Fit(x, y, o)
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	n, _, _, _ := noisy()
	if err := n.Load(path); err == nil || !strings.Contains(err.Error(), "call Build") {
		t.Errorf("error %v", err)
	}
	n.Build([]int{6})
	if err := n.Load(path); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m.Predict(x).Float64s(), n.Predict(x).Float64s()) {
		t.Error("the loaded model predicts something else")
	}
	other := nn.Sequential(nn.Dense(8)).Build([]int{6})
	if err := other.Load(path); err == nil || !strings.Contains(err.Error(), `nothing here is called "2.running mean"`) {
		t.Errorf("error %v", err)
	}
}

// Names within a model do not depend on what the model is part of.
func TestNamesOfNestedModels(t *testing.T) {
	encoder := nn.Sequential(nn.Dense(3), nn.Tanh())
	whole := nn.Sequential(encoder, nn.Dense(2))
	whole.Build([]int{4})
	path := filepath.Join(t.TempDir(), "encoder")
	if err := encoder.Save(path); err != nil {
		t.Fatal(err)
	}
	alone := nn.Sequential(nn.Dense(3), nn.Tanh()).Build([]int{4})
	if err := alone.Load(path); err != nil {
		t.Error(err)
	}
	var names []string
	for _, p := range whole.Parameters() {
		names = append(names, p.Name())
	}
	if want := []string{"1.1.weights", "1.1.biases", "2.weights", "2.biases"}; !reflect.DeepEqual(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
}

// fitted trains a small model on a line, with a loss that goes as losses say.
func fitted(t *testing.T, epochs int, rule opt.Optimizer, callbacks ...nn.Callback) (*nn.Model, *nn.History) {
	t.Helper()
	m := nn.Sequential(nn.Dense(1, nn.Weights(nn.Zeros), nn.NoBias()))
	x, y := dl.New([][]float64{{1}, {2}}), dl.New([][]float64{{2}, {4}})
	h := m.Fit(x, y, nn.FitOptions{Epochs: epochs, Loss: nn.MeanSquaredError, Optimizer: rule, KeepOrder: true,
		Validation: nn.Examples{X: x, Y: y}, Callbacks: callbacks})
	return m, h
}

func TestEarlyStopping(t *testing.T) {
	// The learning rate grows until the loss does.
	grow := nn.EveryEpoch(opt.Exponential(2))
	_, h := fitted(t, 50, opt.SGD(0.02), grow)
	s := h.Series()["val_loss"]
	best := 0
	for i, v := range s {
		if v < s[best] {
			best = i
		}
	}
	m, h := fitted(t, 50, opt.SGD(0.02), grow, nn.EarlyStopping("val_loss", 2), nn.BestWeights("val_loss"))
	if h.Epochs() != best+1+2 || !strings.HasPrefix(h.Stopped, "val_loss was best in epoch ") {
		t.Errorf("it ran for %d epochs and stopped as %q; the best was %d", h.Epochs(), h.Stopped, best+1)
	}
	x, y := dl.New([][]float64{{1}, {2}}), dl.New([][]float64{{2}, {4}})
	near(t, "the loss with the best weights", nn.MeanSquaredError(m.Predict(x), y).Item(), s[best], 1e-6)
}

func TestCheckpointBest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "best")
	_, h := fitted(t, 20, opt.SGD(0.02), nn.EveryEpoch(opt.Exponential(2)), nn.CheckpointBest("val_loss", path))
	least := math.Inf(1)
	for _, v := range h.Series()["val_loss"] {
		least = min(least, v)
	}
	m := nn.Sequential(nn.Dense(1, nn.NoBias())).Build([]int{1})
	if err := m.Load(path); err != nil {
		t.Fatal(err)
	}
	x, y := dl.New([][]float64{{1}, {2}}), dl.New([][]float64{{2}, {4}})
	near(t, "the loss of the checkpoint", nn.MeanSquaredError(m.Predict(x), y).Item(), least, 1e-6)
}

func TestSchedulesInFit(t *testing.T) {
	var rates []float64
	rule := opt.SGD(0.1)
	see := func(e *nn.Event) error {
		if e.Moment == nn.StepEnded {
			rates = append(rates, rule.LearningRate())
		}
		return nil
	}
	fitted(t, 3, rule, nn.EveryEpoch(opt.Exponential(0.5)), see)
	for i, want := range []float64{0.1, 0.05, 0.025} {
		near(t, "a rate by epoch", rates[i], want, 1e-6)
	}
	rates = nil
	fitted(t, 3, rule, nn.EveryStep(opt.Linear(1, 0, 2)), see)
	if near(t, "a rate by step", rates[1], 0.05, 1e-6); rates[2] != 0 {
		t.Errorf("rates %v", rates)
	}
	// With a rate of 0 nothing gets better: PyTorch's ReduceLROnPlateau with
	// patience 1 reduces after two epochs that are not better, and so on.
	rates = nil
	m := nn.Sequential(nn.Dense(1, nn.Weights(nn.Zeros), nn.NoBias()))
	rule = opt.SGD(1e-12)
	x := dl.Ones(1, 1)
	m.Fit(x, x, nn.FitOptions{Epochs: 7, Loss: nn.MeanSquaredError, Optimizer: rule, Callbacks: []nn.Callback{nn.ReduceOnPlateau("loss", 0.1, 1), see}})
	for i, want := range []float64{1, 1, 1, 0.1, 0.1, 0.01, 0.01} {
		near(t, "a rate on the plateau", rates[i]/1e-12, want, 1e-6)
	}
}

func TestTerminateOnNaN(t *testing.T) {
	_, h := fitted(t, 200, opt.SGD(1e6), nn.TerminateOnNaN())
	if !strings.HasPrefix(h.Stopped, "the loss of step ") || h.Epochs() > 100 {
		t.Errorf("after %d epochs it stopped as %q", h.Epochs(), h.Stopped)
	}
}

func TestCSVLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.csv")
	_, h := fitted(t, 3, opt.SGD(0.1), nn.CSVLog(path))
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 4 || !reflect.DeepEqual(rows[0], []string{"epoch", "loss", "val_loss"}) || rows[3][0] != "3" {
		t.Errorf("rows %q", rows)
	}
	if h.Epochs() != 3 {
		t.Errorf("%d epochs", h.Epochs())
	}
}

func TestCallbackErrors(t *testing.T) {
	failed := errors.New("the disk is full")
	for _, c := range []struct {
		callback nn.Callback
		want     string
	}{
		{func(e *nn.Event) error { return failed }, "fit: a callback failed: the disk is full"},
		{nn.EarlyStopping("val_accuracy", 2), `fit: nothing called "val_accuracy" is measured; there are ["loss" "val_loss"]`},
		{nn.CSVLog(filepath.Join(t.TempDir(), "none", "log.csv")), "fit: a callback failed: open "},
	} {
		if err := dl.Try(func() { fitted(t, 2, opt.SGD(0.1), c.callback) }); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
