package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// A benchCase is one piece of work that all contenders do.
type benchCase struct {
	name, what string
	units      float64 // of unit, in a step
	unit       string
	flops      float64 // of matrix products in a step, for the floor; 0 where it says nothing
	against    []goal

	// start prepares the work. The function that it returns does steps of it
	// and says how many.
	start func() func() int
	// seconds is for work that times itself: it returns the time of a step.
	seconds func() (float64, error)
}

// A goal is how many times as fast as a contender fluxion is to be.
type goal struct {
	contender string
	ratio     float64
}

// turn returns the function that measures fluxion for about the given time and
// returns the median time of a step.
func (c *benchCase) turn(length time.Duration) func() (float64, error) {
	if c.seconds != nil {
		return c.seconds
	}
	var work func() int
	return func() (float64, error) {
		if work == nil {
			work = c.start()
			work()
		}
		var times []float64
		for end := time.Now().Add(length); len(times) == 0 || time.Now().Before(end); {
			begin, steps := time.Now(), 0
			for steps == 0 || time.Since(begin) < 50*time.Millisecond {
				steps += work()
			}
			times = append(times, time.Since(begin).Seconds()/float64(steps))
		}
		return median(times), nil
	}
}

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return s[len(s)/2]
}

// cnnFlops counts the additions and multiplications for one picture: twice the
// multiplications of the layers, three times (forward, and the gradients by
// input and by weight), but the first layer's input has no gradient. Of 32 and of
// 16 pixels in a row with 5 taps each, 6 taps fall on padding and do not count. Those
// are the multiplications of the definition; Winograd's algorithm does fewer.
func cnnFlops(passes float64) float64 {
	conv1, conv2 := (32*5-6)*(32*5-6)*3*32.0, (16*5-6)*(16*5-6)*32*64.0
	dense := 4096*1000 + 1000*1000 + 1000*10.0
	return 2 * (passes*(conv1+conv2+dense) - max(0, passes-2)*conv1)
}

func cases(program string) []*benchCase {
	list := []*benchCase{
		training(32, []goal{{"tensorflow tf_function", 1.1}, {"torch eager", 1.3}}),
		training(128, []goal{{"tensorflow tf_function", 1.1}, {"torch eager", 1.3}}),
		{name: "cnn32bf16", what: "the same, batch 32, products in bfloat16", units: 32, unit: "picture",
			against: []goal{{"torch autocast_channels_last", 1}}, start: trainingBFloat16},
		{name: "predict1", what: "the CNN's answer to one picture", units: 1, unit: "picture", flops: cnnFlops(1),
			against: []goal{{"torch eager", 1.25}}, start: predicting},
		{name: "rnn", what: "RNN: 100 steps, batch 32, hidden 128, 1000 words", units: 1, unit: "step",
			against: []goal{{"torch fused", 1.5}}, start: language(nn.RNN)},
		{name: "lstm", what: "LSTM, the same sizes", units: 1, unit: "step",
			against: []goal{{"torch fused", 1.5}}, start: language(nn.LSTM)},
		{name: "transformer", what: "4 transformer layers: batch 8, length 128, width 256, 4 heads", units: 1, unit: "step",
			flops: 3 * 2 * 4 * 8 * 128 * (12*256*256 + 2*128*256), against: []goal{{"torch eager", 1}}, start: transformer},
		{name: "logistic", what: "logistic regression 400×784, a compiled call for each step", units: 1, unit: "step",
			start: logistic},
		{name: "call", what: "a compiled function of one number", units: 1, unit: "call", start: number},
	}
	if program != "" {
		list = append(list, &benchCase{name: "logistic", what: "the same from a notebook cell", units: 1, unit: "step",
			against: []goal{{"jax fori_loop", 1}}, seconds: logisticCell(program)})
	}
	return list
}

// paperCNN is the network of the paper for CIFAR-10.
func paperCNN() *nn.Model {
	return nn.Sequential(
		nn.Conv2D(32, 5, nn.Same()), nn.ReLU(), nn.MaxPool2D(2),
		nn.Conv2D(64, 5, nn.Same()), nn.ReLU(), nn.MaxPool2D(2),
		nn.Flatten(), nn.Dense(1000), nn.ReLU(), nn.Dense(1000), nn.ReLU(), nn.Dense(10))
}

// training is training of the paper's CNN by Fit.
func training(batch int, goals []goal) *benchCase {
	names := map[int]string{32: "cnn32", 128: "cnn128"}
	what := map[int]string{32: "training the paper's CNN by Fit, batch 32", 128: "the same, batch 128"}
	return &benchCase{name: names[batch], what: what[batch], units: float64(batch), unit: "picture",
		flops: cnnFlops(3) * float64(batch), against: goals,
		start: func() func() int {
			steps := 1024 / batch
			model, x, y := paperCNN(), dl.Randn(steps*batch, 3, 32, 32), dl.RandInt(0, 10, steps*batch)
			return func() int {
				model.Fit(x, y, nn.FitOptions{Batch: batch, Optimizer: opt.SGD(0.01)})
				return steps
			}
		}}
}

func trainingBFloat16() func() int {
	model := paperCNN()
	x, y := dl.Placeholder("x", dl.Float32, 32, 3, 32, 32), dl.Placeholder("y", dl.Int64, 32)
	cost := nn.SoftmaxCrossEntropy(model.Apply(x), y)
	f := dl.Function([]*dl.Tensor{x, y}, []*dl.Tensor{cost}, opt.Minimize(opt.SGD(0.01), cost, model.Parameters()...)...)
	return calls(f.SetPrecision(dl.BFloat16), dl.Randn(32, 3, 32, 32), dl.RandInt(0, 10, 32))
}

// calls returns the work of calling f.
func calls(f *dl.Func, args ...any) func() int {
	out := make([]*dl.Tensor, 1)
	return func() int {
		f.CallInto(out, args...)
		return 1
	}
}

func predicting() func() int {
	x := dl.Placeholder("x", dl.Float32, 1, 3, 32, 32)
	f := dl.Function([]*dl.Tensor{x}, []*dl.Tensor{paperCNN().Apply(x)})
	return calls(f, dl.Randn(1, 3, 32, 32))
}

// trainer returns the work of training by gradient descent.
func trainer(rate float64, cost *dl.Tensor, parameters, inputs []*dl.Tensor, args ...any) func() int {
	f := dl.Function(inputs, []*dl.Tensor{cost}, opt.Minimize(opt.SGD(rate), cost, parameters...)...)
	return calls(f, args...)
}

func logistic() func() int {
	w, b := dl.Variable(dl.Randn(784), "w"), dl.Variable(0.0, "b")
	x, y := dl.Placeholder("x", dl.Float32, 400, 784), dl.Placeholder("y", dl.Float32, 400)
	p := x.MatMul(w).Add(b).Sigmoid()
	entropy := y.Neg().Mul(p.Log()).Sub(y.Neg().Add(1).Mul(p.Neg().Add(1).Log()))
	cost := entropy.Mean().Add(w.Square().Sum().Mul(0.01))
	return trainer(0.1, cost, []*dl.Tensor{w, b}, []*dl.Tensor{x, y}, dl.Randn(400, 784), dl.RandInt(0, 2, 400).Cast(dl.Float32))
}

// number is the least work there is: what remains is the call itself.
func number() func() int {
	x := dl.Placeholder("x", dl.Float32)
	f := dl.Function([]*dl.Tensor{x}, []*dl.Tensor{x.Add(1)})
	return calls(f, dl.Scalar(float32(1)))
}

// allocations returns how many pieces of memory a step of training takes after
// the first ones. The collector is off, and the least of several trainings
// counts, because the Go runtime allocates now and then itself.
func allocations() float64 {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	const batch, steps, first = 8, 60, 10
	model, x, y := paperCNN(), dl.Randn(steps*batch, 3, 32, 32), dl.RandInt(0, 10, steps*batch)
	least := uint64(math.MaxUint64)
	for range 5 {
		var before, after runtime.MemStats
		model.Fit(x, y, nn.FitOptions{Batch: batch, Callbacks: []nn.Callback{func(e *nn.Event) error {
			switch {
			case e.Moment == nn.StepEnded && e.Step == first:
				runtime.ReadMemStats(&before)
			case e.Moment == nn.StepEnded && e.Step == steps:
				runtime.ReadMemStats(&after)
			}
			return nil
		}}})
		least = min(least, after.Mallocs-before.Mallocs)
	}
	return float64(least) / (steps - first)
}
