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
