package nn_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/metrics"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// listed are batches that say how many there are in an epoch.
type listed struct {
	steps int
	all   [][2]*dl.Tensor
}

func (l listed) Steps() int { return l.steps }

func (l listed) Epoch(int) iter.Seq2[*dl.Tensor, *dl.Tensor] {
	return func(yield func(x, y *dl.Tensor) bool) {
		for _, b := range l.all {
			if !yield(b[0], b[1]) {
				return
			}
		}
	}
}

// The batches that Fit makes give the same bits when they are given.
func TestFitBatchesIsFit(t *testing.T) {
	m, train, _, o := irises(1)
	o.Epochs, o.KeepOrder, o.ClassWeights = 3, true, []float64{1, 2, 3}
	want := m.Fit(train.X, train.Y, o)
	n, _, _, _ := irises(1)
	var l listed
	for lo := 0; lo < train.X.Shape()[0]; lo += o.Batch {
		part := dl.Between(lo, min(lo+o.Batch, train.X.Shape()[0]))
		l.all = append(l.all, [2]*dl.Tensor{train.X.Slice(part), train.Y.Slice(part)})
	}
	l.steps, o.Batch, o.Seed, o.KeepOrder, o.Optimizer = len(l.all), 0, 0, false, opt.Adam(0.01)
	got := n.FitBatches(l, o)
	if !reflect.DeepEqual(variables(m), variables(n)) || !reflect.DeepEqual(got.Series(), want.Series()) {
		t.Errorf("given batches lead elsewhere:\n%v\nwant\n%v", got, want)
	}
}

// augmented returns a model with state and random numbers, a pipeline of
// pictures that are changed at random, and options to train with.
func augmented(workers int) (*nn.Model, *data.Pipeline, nn.FitOptions) {
	dl.Seed(5)
	all := &data.Images{Channels: 3, Height: 12, Width: 12, Classes: []string{"smooth", "rough"}}
	for i := range 90 {
		all.Labels = append(all.Labels, i%2)
		for k := range 3 * 12 * 12 {
			all.Pixels = append(all.Pixels, uint8(50+i+k%2*(i%2)*100))
		}
	}
	train, test := all.Subset(0, 70), all.Subset(70, 90)
	mean, deviation := train.Moments()
	m := nn.Sequential(nn.Conv2D(4, 5, nn.Stride(2)), nn.BatchNorm(), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2), nn.Dense(2))
	return m, train.Pipeline(data.PipelineOptions{Batch: 16, Seed: 3, Workers: workers,
			Augment: []data.Augmentation{data.Flip(), data.Crop(2), data.Normalize(mean, deviation), data.Cutout(3)}}),
		nn.FitOptions{Epochs: 4, Optimizer: opt.Adam(0.01), Metrics: []metrics.Metric{metrics.Accuracy},
			Validation: nn.Examples{X: test.X(), Y: test.Y()}}
}

// A run on a pipeline takes exactly its batches, whatever makes them.
func TestFitOnPipeline(t *testing.T) {
	m, p, o := augmented(1)
	h := m.FitBatches(p, o)
	if h.Last("loss") > h.Series()["loss"][0] || h.Epochs() != 4 || len(h.Steps()["loss"]) != 4*5 {
		t.Errorf("the history is\n%v", h)
	}
	n, p, o := augmented(3)
	n.FitBatches(p, o)
	if !reflect.DeepEqual(variables(m), variables(n)) {
		t.Error("with 3 workers the run ends elsewhere than with 1")
	}

	// The same by hand.
	dl.Seed(5)
	hand, p, _ := augmented(2)
	x, y := dl.Placeholder("x", dl.Float32, -1, 3, 12, 12), dl.Placeholder("y", dl.Int64, -1)
	pass := nn.Training()
	loss := nn.SoftmaxCrossEntropy(pass.Apply(hand, x), y)
	step := dl.Function([]*dl.Tensor{x, y}, []*dl.Tensor{loss}, append(opt.Minimize(opt.Adam(0.01), loss, hand.Parameters()...), pass.Updates()...)...)
	var losses []float64
	for epoch := 1; epoch <= 4; epoch++ {
		for x, y := range p.Epoch(epoch) {
			losses = append(losses, step.Call(x, y)[0].Item())
		}
	}
	for i, want := range losses {
		near(t, fmt.Sprint("the loss of step ", i+1), h.Steps()["loss"][i], want, 1e-4)
	}
}

// A run on a pipeline that is stopped after any epoch, or interrupted within
// one, goes on from its checkpoint to the same bits.
func TestResumeOnPipeline(t *testing.T) {
	m, p, o := augmented(2)
	whole := m.FitBatches(p, o)
	check := func(name, path string) {
		t.Helper()
		dl.Seed(1234) // whatever was drawn meanwhile
		n, p, o := augmented(1)
		dl.Rand(17)
		o.Checkpoint, o.Resume = path, true
		h := n.FitBatches(p, o)
		if !reflect.DeepEqual(variables(n), variables(m)) || !reflect.DeepEqual(h.Series(), whole.Series()) || !reflect.DeepEqual(h.Steps(), whole.Steps()) {
			t.Errorf("%s, the run ends elsewhere", name)
		}
	}
	for stop := 1; stop < 4; stop++ {
		n, p, o := augmented(3)
		o.Checkpoint, o.Epochs = filepath.Join(t.TempDir(), "run"), stop
		n.FitBatches(p, o)
		check(fmt.Sprint("stopped after epoch ", stop), o.Checkpoint)
	}
	n, p, o := augmented(3)
	o.Checkpoint = filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	before := runtime.NumGoroutine()
	cell.Enter(ctx, nil, &reports{each: func(p cell.Progress) {
		if p.Epoch == 3 && p.Step == 2 {
			cancel()
		}
	}}, func() {
		if err := dl.Try(func() { n.FitBatches(p, o) }); !errors.Is(err, dl.ErrInterrupted) {
			t.Errorf("error %v", err)
		}
	})
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines after the interrupt, %d before", now, before)
	}
	check("interrupted in epoch 3", o.Checkpoint)
}

func TestFitBatchesErrors(t *testing.T) {
	x, y := dl.Zeros(6, 4), dl.New([]int{0, 1, 2, 0, 1, 2})
	good := [2]*dl.Tensor{x, y}
	for _, c := range []struct {
		b    nn.Batches
		o    nn.FitOptions
		want string
	}{
		{nil, nn.FitOptions{}, "fit: the batches are nil"},
		{listed{0, nil}, nn.FitOptions{}, "fit: an epoch has 0 batches, want at least 1"},
		{listed{2, nil}, nn.FitOptions{}, "fit: epoch 1 has no batches, but Steps says 2"},
		{listed{2, [][2]*dl.Tensor{good}}, nn.FitOptions{}, "fit: epoch 1 has 1 batches, but Steps says 2"},
		{listed{1, [][2]*dl.Tensor{good, good}}, nn.FitOptions{}, "fit: epoch 1 has more batches than the 1 that Steps says"},
		{listed{1, [][2]*dl.Tensor{{x, nil}}}, nn.FitOptions{}, "fit: the first batch: y is nil"},
		{listed{2, [][2]*dl.Tensor{good, {x, dl.New([]int{1})}}}, nn.FitOptions{}, "fit: batch 2 of epoch 1 has inputs (6, 4) and targets (1), want as many of each"},
		{listed{2, [][2]*dl.Tensor{good, {nil, y}}}, nn.FitOptions{}, "fit: batch 2 of epoch 1 has inputs nil and targets (6), want as many of each"},
		{listed{2, [][2]*dl.Tensor{good, {dl.Zeros(6, 5), y}}}, nn.FitOptions{}, `function: input "x" has shape (?, 4), got (6, 5)`},
		{listed{2, [][2]*dl.Tensor{good, {x, y.Add(1)}}}, nn.FitOptions{ClassWeights: []float64{1, 1, 1}}, "fit: 3 class weights, but a target is 3"},
		{listed{1, [][2]*dl.Tensor{good}}, nn.FitOptions{Batch: 3}, "fit: Batch, Seed, KeepOrder or SampleWeights beside batches that are made already"},
		{listed{1, [][2]*dl.Tensor{good}}, nn.FitOptions{SampleWeights: dl.Ones(6)}, "fit: Batch, Seed, KeepOrder or SampleWeights"},
	} {
		m := nn.Sequential(nn.Dense(3))
		if err := dl.Try(func() { m.FitBatches(c.b, c.o) }); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}
