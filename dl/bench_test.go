package dl

import "testing"

// BenchmarkEager is one small operation at once.
func BenchmarkEager(b *testing.B) {
	x, y := Ones(2, 3), Ones(2, 3)
	b.ReportAllocs()
	for b.Loop() {
		x.Add(y)
	}
}

// BenchmarkEagerNumber has a Go number as its operand.
func BenchmarkEagerNumber(b *testing.B) {
	x := Ones(2, 3)
	b.ReportAllocs()
	for b.Loop() {
		x.Mul(0.5)
	}
}

// BenchmarkEagerStep is a step of gradient descent without a compiled function.
func BenchmarkEagerStep(b *testing.B) {
	w, x := Variable(Ones(10), "w"), Randn(20, 10)
	b.ReportAllocs()
	for b.Loop() {
		loss := x.MatMul(w).Square().Mean()
		w.Assign(w.Sub(Grad(loss, w).Mul(0.1)))
	}
}

// BenchmarkRegression is a step of the paper's logistic regression: 400
// samples of 784 features.
func BenchmarkRegression(b *testing.B) {
	r := newRegression(784)
	args := []any{r.features, r.targets.Cast(Float32)}
	outs := make([]*Tensor, 1)
	r.train.CallInto(outs, args...)
	b.ReportAllocs()
	for b.Loop() {
		r.train.CallInto(outs, args...)
	}
}

// BenchmarkChain builds, differentiates and compiles a chain of 20,000
// operations on vectors.
func BenchmarkChain(b *testing.B) {
	w, v := Variable(Ones(8), "w"), Ones(8)
	b.ReportAllocs()
	for b.Loop() {
		x := Placeholder("x", Float32, 8)
		y := x
		for i := range 20_000 {
			switch i % 4 {
			case 0:
				y = y.Mul(w)
			case 1:
				y = y.Tanh()
			case 2:
				y = y.Add(x)
			case 3:
				y = y.Sin()
			}
		}
		Function([]*Tensor{x}, []*Tensor{Grad(y.Sum(), w)}).Call(v)
	}
}

// BenchmarkCall is a compiled function that does next to nothing, so that what
// it takes is what a call takes.
func BenchmarkCall(b *testing.B) {
	x, w := Placeholder("x", Float32, 4), Variable(Ones(4), "w")
	f := Function([]*Tensor{x}, []*Tensor{x.Mul(w)})
	outs, args := make([]*Tensor, 1), []any{Ones(4)}
	b.ReportAllocs()
	for b.Loop() {
		f.CallInto(outs, args...)
	}
}

// perceptron returns a step of training of a small network, and its arguments.
func perceptron() (step func(x, y *Tensor) *Tensor, args []any) {
	w1, w2 := Variable(Randn(32, 64).Mul(0.1), "w1"), Variable(Randn(64, 10).Mul(0.1), "w2")
	labels := make([]int, 64)
	return func(x, y *Tensor) *Tensor {
		loss := SoftmaxCrossEntropy(x.MatMul(w1).Tanh().MatMul(w2), y).Mean()
		g := Grads(loss, w1, w2)
		w1.Assign(w1.Sub(g.Of(w1).Mul(0.01)))
		w2.Assign(w2.Sub(g.Of(w2).Mul(0.01)))
		return loss
	}, []any{Randn(64, 32), New(labels)}
}

// BenchmarkJit is a loop of training steps compiled by Jit, to be compared with
// BenchmarkFunction, which has the same steps written as a Function.
func BenchmarkJit(b *testing.B) {
	step, args := perceptron()
	f, outs := Jit(step), make([]*Tensor, 1)
	f.CallInto(outs, args...)
	b.ReportAllocs()
	for b.Loop() {
		f.CallInto(outs, args...)
	}
}

func BenchmarkFunction(b *testing.B) {
	w1, w2 := Variable(Randn(32, 64).Mul(0.1), "w1"), Variable(Randn(64, 10).Mul(0.1), "w2")
	_, args := perceptron()
	x, y := Placeholder("x", Float32, 64, 32), Placeholder("y", Int64, 64)
	loss := SoftmaxCrossEntropy(x.MatMul(w1).Tanh().MatMul(w2), y).Mean()
	g := Grads(loss, w1, w2)
	f := Function([]*Tensor{x, y}, []*Tensor{loss}, Set(w1, w1.Sub(g.Of(w1).Mul(0.01))), Set(w2, w2.Sub(g.Of(w2).Mul(0.01))))
	outs := make([]*Tensor, 1)
	f.CallInto(outs, args...)
	b.ReportAllocs()
	for b.Loop() {
		f.CallInto(outs, args...)
	}
}

// BenchmarkLSTM is a step of training of an LSTM by Scan: sequences of 100
// steps, batch 32, 128 units.
func BenchmarkLSTM(b *testing.B) {
	const steps, batch, units = 100, 32, 128
	x := Placeholder("x", Float32, steps, batch, units)
	p := map[string]*Tensor{}
	var ps []*Tensor
	for _, v := range []struct {
		name  string
		shape []int
	}{{"wx", []int{units, 4 * units}}, {"wh", []int{units, 4 * units}}, {"bx", []int{4 * units}}, {"bh", []int{4 * units}}} {
		p[v.name] = Variable(Randn(v.shape...).Mul(0.1), v.name)
		ps = append(ps, p[v.name])
	}
	loss := lstm(x, Zeros(batch, units), p).Square().Mean()
	g := Grads(loss, ps...)
	var updates []Update
	for _, v := range ps {
		updates = append(updates, Set(v, v.Sub(g.Of(v).Mul(0.1))))
	}
	f := Function([]*Tensor{x}, []*Tensor{loss}, updates...)
	outs, args := make([]*Tensor, 1), []any{Randn(steps, batch, units)}
	f.CallInto(outs, args...)
	b.ReportAllocs()
	for b.Loop() {
		f.CallInto(outs, args...)
	}
}
