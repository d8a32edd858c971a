package nn_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/metrics"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

func TestDropoutModes(t *testing.T) {
	dl.Seed(1)
	x := dl.Ones(200, 50)
	for _, l := range []nn.Layer{nn.Dropout(0.3), nn.Sequential(nn.Dropout(0.3)), nn.Residual(nn.Dropout(0.3), nn.Func("less", func(x *dl.Tensor) *dl.Tensor { return x.Sub(1) }))} {
		if got := l.Apply(x).Float64s(); got[0] != 1 || dl.New(got).Std().Item() != 0 {
			t.Errorf("%v changes its input in evaluation", l)
		}
		y := nn.Training().Apply(l, x)
		zero := y.Equal(0.0).Mean().Item()
		if math.Abs(zero-0.3) > 0.02 || math.Abs(y.Mean().Item()-1) > 0.03 {
			t.Errorf("%v makes %v of its input 0 and leaves the mean %v", l, zero, y.Mean().Item())
		}
	}
	// Whole channels, and other ones in each call of a compiled function.
	p := dl.Placeholder("x", dl.Float32, -1, 50, 2, 2)
	f := dl.Function([]*dl.Tensor{p}, []*dl.Tensor{nn.Training().Apply(nn.SpatialDropout(0.5), p)})
	images := dl.Ones(20, 50, 2, 2)
	a, b := f.Call(images)[0], f.Call(images)[0]
	if reflect.DeepEqual(a.Float64s(), b.Float64s()) {
		t.Error("two calls drop the same channels")
	}
	if d := a.Max(2, 3).Sub(a.Min(2, 3)).Abs().Max().Item(); d != 0 {
		t.Error("a channel was dropped in part")
	}
	noise := nn.Training().Apply(nn.GaussianNoise(0.5), dl.Zeros(100, 100)).Std().Item()
	near(t, "the noise", noise, 0.5, 0.05)
}

// What Fit trains is in training mode, what it validates is not.
func TestFitSetsModes(t *testing.T) {
	dl.Seed(1)
	var training, evaluation int
	see := nn.New("see", func(s *nn.Scope, x *dl.Tensor) *dl.Tensor {
		if s.Training() {
			training++
		} else {
			evaluation++
		}
		return x
	})
	m := nn.Sequential(nn.Dense(2), see)
	x, y := dl.Randn(8, 3), dl.RandInt(0, 2, 8)
	m.Fit(x, y, nn.FitOptions{Validation: nn.Examples{X: x, Y: y}})
	m.Predict(x)
	m.Evaluate(x, y)
	if training != 1 || evaluation != 3 {
		t.Errorf("built %d times for training and %d times for evaluation, want 1 and 3", training, evaluation)
	}
}

// A layer that stands in two places moves its running means twice a step.
func TestStateOfSharedLayer(t *testing.T) {
	l := nn.BatchNorm(nn.Momentum(0.5))
	x := dl.New([][]float64{{0}, {2}})
	l.Apply(x)
	mean := l.(nn.Stateful).State()[0]
	p := dl.Placeholder("x", dl.Float32, -1, 1)
	pass := nn.Training()
	y := pass.Apply(l, p).Add(pass.Apply(l, p.Add(2.0)))
	dl.Function([]*dl.Tensor{p}, []*dl.Tensor{y}, pass.Updates()...).Call(x)
	if got := mean.Item(); got != (0*0.5+1*0.5)*0.5+3*0.5 {
		t.Errorf("the running mean is %v", got)
	}
	// With concrete tensors it moves at once.
	nn.Training().Apply(l, dl.New([][]float64{{5}, {5}}))
	if got := mean.Item(); got != 1.75*0.5+5*0.5 {
		t.Errorf("the running mean is %v", got)
	}
}

func TestFunctional(t *testing.T) {
	dl.Seed(2)
	a, b := nn.Input("a", 3), nn.Input("b", 2)
	shared := nn.Dense(4)
	left := a.Then(shared, nn.Tanh())
	right := b.Then(nn.Dense(3)).Then(shared, nn.Tanh())
	both := nn.Join(nn.Add(), left, right)
	m := nn.Functional(nn.Nodes{a, b}, nn.Nodes{
		both.Then(nn.Dense(2)).Named("class"),
		nn.Join(nn.Multiply(), left, right).Then(nn.Dense(1)).Named("size"),
	})
	const summary = `layer       output  parameters  inputs
a           (?, 3)
b           (?, 2)
1 dense(4)  (?, 4)          16  a
2 tanh      (?, 4)           0  1
3 dense(3)  (?, 3)           9  b
4 dense(4)  (?, 4)          16  3
5 tanh      (?, 4)           0  4
6 add       (?, 4)           0  2, 5
7 dense(2)  (?, 2)          10  6
8 multiply  (?, 4)           0  2, 5
9 dense(1)  (?, 1)           5  8
total                       40`
	if got := m.Summary(); got != summary {
		t.Errorf("the summary is\n%s\nwant\n%s", got, summary)
	}
	xs := []*dl.Tensor{dl.Randn(60, 3), dl.Randn(60, 2)}
	class := xs[0].Slice(dl.All, 0).Greater(0).Cast(dl.Int64)
	size := xs[1].Sum(1, dl.KeepDims)
	o := nn.FitOptions{Epochs: 60, Batch: 20, Optimizer: opt.Adam(0.02), Seed: 1,
		Heads:      []nn.Head{{Metrics: []metrics.Metric{metrics.Accuracy}}, {Loss: nn.MeanSquaredError, Weight: 0.5, Metrics: []metrics.Metric{metrics.R2}}},
		Validation: nn.Examples{Xs: xs, Ys: []*dl.Tensor{class, size}}}
	h := m.FitAll(xs, []*dl.Tensor{class, size}, o)
	want := []string{"loss", "class_loss", "size_loss", "class_accuracy", "size_r2"}
	for _, name := range want[:5] {
		want = append(want, "val_"+name)
	}
	if !reflect.DeepEqual(h.Names(), want) {
		t.Errorf("names %q, want %q", h.Names(), want)
	}
	near(t, "the sum of the losses", h.Last("val_loss"), h.Last("val_class_loss")+0.5*h.Last("val_size_loss"), 1e-5)
	got := m.EvaluateAll(xs, []*dl.Tensor{class, size}, o.Heads...)
	near(t, "a loss", got["class_loss"], h.Last("val_class_loss"), 1e-5)
	if got["class_accuracy"] < 0.9 || got["size_r2"] < 0.5 {
		t.Errorf("nothing was learned: %v", got)
	}
	out := m.PredictAll(xs...)
	if len(out) != 2 || out[1].Shape()[1] != 1 {
		t.Errorf("outputs %v", out)
	}
	// As part of another model.
	c, d := nn.Input("c", 3), nn.Input("d", 2)
	one := nn.Functional(nn.Nodes{a, b}, nn.Nodes{both.Then(nn.Dense(2))})
	whole := nn.Functional(nn.Nodes{c, d}, nn.Nodes{nn.Join(one, c, d).Then(nn.Softmax())})
	if y := whole.PredictAll(xs...)[0]; y.Shape()[1] != 2 {
		t.Errorf("shape %v", y.Shape())
	}
}

func TestFunctionalMisuse(t *testing.T) {
	a, b := nn.Input("a", 3), nn.Input("b", 3)
	y := nn.Join(nn.Add(), a, b).Then(nn.Dense(1))
	m := nn.Functional(nn.Nodes{a, b}, nn.Nodes{y, y})
	x := dl.Zeros(2, 3)
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { nn.Functional(nil, nn.Nodes{y}) }, "nn: a model needs at least one input and one output, got 0 and 1"},
		{func() { nn.Functional(nn.Nodes{a}, nn.Nodes{y}) }, `nn: an output depends on the input "b", which is not among the inputs`},
		{func() { nn.Functional(nn.Nodes{a, a}, nn.Nodes{y}) }, `nn: input "a" is given twice`},
		{func() { nn.Functional(nn.Nodes{y}, nn.Nodes{y}) }, "nn: input 1 of Functional is not an input"},
		{func() { m.Predict(x) }, "predict: 1 inputs are given, the model has 2"},
		{func() { m.PredictAll(x, dl.Zeros(3, 3)) }, "predict: 2 examples in x 1 of shape (2, 3), but 3 in x 2 of shape (3, 3)"},
		{func() { m.FitAll([]*dl.Tensor{x, x}, []*dl.Tensor{x}, nn.FitOptions{}) }, "fit: 1 targets are given, the model has 2 outputs"},
		{func() { m.FitAll([]*dl.Tensor{x, x}, []*dl.Tensor{x, x}, nn.FitOptions{}) }, "fit: 1 losses for a model with 2 outputs"},
		{func() { nn.Training().ApplyAll(nn.Dense(2), x, x) }, "nn: dense(2) takes one input, got 2"},
		{func() {
			nn.Sequential(nn.New("odd", func(s *nn.Scope, x *dl.Tensor) *dl.Tensor { return nil })).Apply(x)
		}, "layer 1, odd: odd: its function returned nil, want a tensor"},
		{func() { nn.Sequential(nn.MultiHeadAttention(3)).Apply(dl.Zeros(1, 2, 4)) }, "layer 1, attention(3): input: 4 numbers a step do not fall into 3 heads"},
		{func() { nn.Dropout(1) }, "nn: dropout(1): want a rate of at least 0 and below 1"},
		{func() { nn.Conv2D(4, 3, nn.Groups(2)).Apply(dl.Zeros(1, 3, 5, 5)) }, "input: 3 channels and 4 filters do not fall into 2 groups"},
		{func() { nn.Sequential(nn.LSTM(2)).Apply(dl.Zeros(2, 3)) }, "layer 1, lstm(2): input: shape (2, 3), want 3 axes"},
		{func() { l := nn.GRU(2); nn.Bidirectional(l, l) }, "nn: Bidirectional needs two layers, not one twice"},
	} {
		if err := dl.Try(c.f); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

// A step with weights is a step on the weighted mean of the losses.
func TestClassAndSampleWeights(t *testing.T) {
	dl.Seed(3)
	x, y := dl.Randn(12, 4), dl.RandInt(0, 3, 12)
	class, sample := []float64{0.5, 2, 0}, dl.Linspace(0, 1.1, 12)
	build := func() *nn.Model {
		dl.Seed(4)
		return nn.Sequential(nn.Dense(5), nn.Tanh(), nn.Dense(3)).Build([]int{4})
	}
	a, b := build(), build()
	h := a.Fit(x, y, nn.FitOptions{Batch: 12, KeepOrder: true, Optimizer: opt.SGD(0.5), ClassWeights: class, SampleWeights: sample})
	weights := dl.New(class).Gather(y, 0).Mul(sample)
	each := dl.SoftmaxCrossEntropy(b.Apply(x), y)
	near(t, "the loss shown", h.Last("loss"), each.Mean().Item(), 1e-5)
	dl.Function(nil, nil, opt.Minimize(opt.SGD(0.5), each.Mul(weights).Mean(), b.Parameters()...)...).Call()
	for i, p := range a.Parameters() {
		close(t, p.Name(), p, b.Parameters()[i].Float64s(), 1e-5)
	}
	for _, c := range []struct {
		o    nn.FitOptions
		want string
	}{
		{nn.FitOptions{ClassWeights: []float64{1, 1}}, "fit: 2 class weights, but a target is 2"},
		{nn.FitOptions{SampleWeights: dl.Ones(5)}, "fit: sample weights of shape (5) for 12 examples"},
	} {
		if err := dl.Try(func() { a.Fit(x, y, c.o) }); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// Penalties on layers and on the whole model act on weights as their formulas
// say.
func TestPenalties(t *testing.T) {
	x := dl.Zeros(2, 3) // no gradient from the loss
	for _, c := range []struct {
		name  string
		layer nn.Layer
		o     nn.FitOptions
		grad  func(w float64) float64
	}{
		{"L1", nn.Dense(2, nn.Penalise(nn.L1(0.1))), nn.FitOptions{}, func(w float64) float64 { return math.Copysign(0.1, w) }},
		{"L2", nn.Residual(nn.Dense(3, nn.Penalise(nn.L2(0.1)))), nn.FitOptions{}, func(w float64) float64 { return 0.2 * w }},
		{"L1L2", nn.Sequential(nn.Dense(2, nn.Penalise(nn.L1L2(0.1, 0.2)))), nn.FitOptions{}, func(w float64) float64 { return math.Copysign(0.1, w) + 0.4*w }},
		{"both for all", nn.Dense(2), nn.FitOptions{L1: 0.1, L2: 0.2}, func(w float64) float64 { return math.Copysign(0.1, w) + 0.4*w }},
		{"of one's own", nn.New("own", func(s *nn.Scope, x *dl.Tensor) *dl.Tensor {
			w := s.Parameter("w", nn.Normal(1), 3, 2)
			s.Penalise(w.Pow(4.0).Sum())
			return x.MatMul(w)
		}), nn.FitOptions{}, func(w float64) float64 { return 4 * w * w * w }},
	} {
		dl.Seed(5)
		m := nn.Sequential(c.layer).Build([]int{3})
		before := m.Parameters()[0].Float64s()
		c.o.Loss, c.o.Optimizer = nn.MeanSquaredError, opt.SGD(1)
		m.Fit(x, dl.ZerosLike(m.Apply(x)), c.o)
		for i, w := range m.Parameters()[0].Float64s() {
			if want := before[i] - c.grad(before[i]); math.Abs(w-want) > 1e-5 {
				t.Errorf("%s: a weight went from %v to %v, want %v", c.name, before[i], w, want)
				break
			}
		}
	}
}

func TestSummaryOfParents(t *testing.T) {
	m := nn.Sequential(nn.Residual(nn.Conv2D(3, 3, nn.Same()), nn.BatchNorm(), nn.ReLU()), nn.Flatten())
	const want = `layer                   output        parameters
input                   (?, 3, 4, 4)
1 residual              (?, 3, 4, 4)          90
  1 conv2d(3, 3, same)                        84
  2 batchnorm                                  6
  3 relu                                       0
2 flatten               (?, 48)                0
total                                         90
state                                          6`
	if got := m.Summary(3, 4, 4); got != want {
		t.Errorf("the summary is\n%s\nwant\n%s", got, want)
	}
}

func TestMoreInitializers(t *testing.T) {
	dl.Seed(1)
	for _, shape := range [][]int{{6, 4}, {4, 6}, {5, 2, 3}, {4, 4}} {
		w := nn.Orthogonal(2)(0, 0, shape...).Reshape(shape[0], -1)
		if w.Shape()[0] > w.Shape()[1] {
			w = w.T()
		}
		d := w.MatMul(w.T()).Sub(dl.Eye(w.Shape()[0]).Mul(4)).Abs().Max().Item()
		if d > 1e-5 {
			t.Errorf("shape %v: products of rows are off by %v", shape, d)
		}
	}
	u := nn.Uniform(-3, 1)(0, 0, 4000)
	if u.Min().Item() < -3 || u.Max().Item() >= 1 || math.Abs(u.Mean().Item()+1) > 0.1 {
		t.Errorf("uniform from %v to %v", u.Min(), u.Max())
	}
	v := nn.TruncatedNormal(0.5)(0, 0, 4000)
	if m := v.Abs().Max().Item(); m > 1 || m < 0.9 {
		t.Errorf("the greatest of many truncated numbers is %v", m)
	}
	near(t, "the spread of normal numbers", nn.Normal(3)(0, 0, 4000).Std().Item(), 3, 0.05)
	if nn.Ones(1, 1, 2).Sum().Item() != 2 {
		t.Error("ones are not ones")
	}
}
