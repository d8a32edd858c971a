package dl

import (
	"math"
	"testing"
)

// A regression is the Theano tutorial's logistic regression, as the paper's
// figure 4 has it: its formulas are written naively, and a sigmoid that is
// rounded to 0 or 1 must not spoil the cost.
type regression struct {
	features, targets *Tensor
	w, b              *Tensor
	train, predict    *Func
}

func newRegression(features int) *regression {
	const samples = 400
	Seed(1)
	r := &regression{features: Randn(samples, features), targets: RandInt(0, 2, samples)}
	x, y := Placeholder("x", Float32, -1, features), Placeholder("y", Float32, -1)
	r.w, r.b = Variable(Randn(features), "w"), Variable(0.0, "b")
	p := Div(1, Add(1, Exp(x.MatMul(r.w).Neg().Sub(r.b))))
	xent := y.Neg().Mul(Log(p)).Sub(Sub(1, y).Mul(Log(Sub(1, p))))
	cost := xent.Mean().Add(r.w.Square().Sum().Mul(0.01))
	g := Grads(cost, r.w, r.b)
	r.train = Function([]*Tensor{x, y}, []*Tensor{cost},
		Set(r.w, r.w.Sub(g.Of(r.w).Mul(0.1))), Set(r.b, r.b.Sub(g.Of(r.b).Mul(0.1))))
	r.predict = Function([]*Tensor{x}, []*Tensor{p.Greater(0.5)})
	return r
}

// TestRegression compares 300 steps with plain Go in float64.
func TestRegression(t *testing.T) {
	const features, steps = 50, 300
	r := newRegression(features)
	x, y, w, b := r.features.Float64s(), r.targets.Float64s(), r.w.Float64s(), 0.0
	n := len(y)
	for step := range steps {
		got := r.train.Call(r.features, r.targets)[0].Item()
		cost, db, dw := 0.0, 0.0, make([]float64, features)
		for i := range n {
			z := b
			for j, v := range w {
				z += x[i*features+j] * v
			}
			cost += (math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) - y[i]*z) / float64(n)
			d := (1/(1+math.Exp(-z)) - y[i]) / float64(n)
			db += d
			for j := range dw {
				dw[j] += d * x[i*features+j]
			}
		}
		for j, v := range w {
			cost += 0.01 * v * v
			w[j] -= 0.1 * (dw[j] + 0.02*v)
		}
		b -= 0.1 * db
		if math.Abs(got-cost) > 1e-4*cost {
			t.Fatalf("step %d: cost %g, want %g", step, got, cost)
		}
	}
	right := r.predict.Call(r.features)[0].Equal(r.targets.Cast(Bool)).Mean().Item()
	if right < 0.6 {
		t.Errorf("%g of the predictions are right", right)
	}
}
