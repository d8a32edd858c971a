package gorgonia_test

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/gorgonia"
)

const (
	examples = 60
	features = 25
	steps    = 200
	rate     = 0.1
	penalty  = 0.01
)

// The logistic regression of the paper's figure 4, by dl and by gorgonia's own
// graph and machine on the same memory: a second opinion.
func TestRegressionSecondOpinion(t *testing.T) {
	x32, y32 := data.Regression(examples, features, 1)
	x, y := x32.Cast(dl.Float64), y32.Cast(dl.Float64)
	w0 := make([]float64, features)
	for j := range w0 {
		w0[j] = math.Sin(float64(j + 1))
	}
	w := dl.Variable(dl.NewAs(dl.Float64, w0), "w")
	b := dl.Variable(dl.NewAs(dl.Float64, 0.0), "b")
	ours := byDL(x, y, w, b)
	theirs, theirW, theirB := byGorgonia(t, gorgonia.Dense(x), gorgonia.Dense(y), w0)

	for step := range steps {
		if d := math.Abs(ours[step] - theirs[step]); d > 1e-9*ours[step] {
			t.Fatalf("the cost of step %d is %v by dl and %v by gorgonia", step, ours[step], theirs[step])
		}
	}
	for j, got := range w.Float64s() {
		if want := gorgonia.From(theirW).At(j); math.Abs(got-want) > 1e-9 {
			t.Errorf("w[%d] is %v by dl and %v by gorgonia", j, got, want)
		}
	}
	if math.Abs(b.Item()-theirB) > 1e-9 {
		t.Errorf("b is %v by dl and %v by gorgonia", b.Item(), theirB)
	}
	if ours[steps-1] > ours[0]/2 {
		t.Errorf("the cost went from %v to %v only", ours[0], ours[steps-1])
	}
}

// byDL trains w and b and returns the cost at each step.
func byDL(x, y, w, b *dl.Tensor) []float64 {
	z := x.MatMul(w).Add(b)
	p := dl.Div(1, dl.Add(1, z.Neg().Exp()))
	xent := y.Neg().Mul(p.Log()).Sub(dl.Sub(1, y).Mul(dl.Sub(1, p).Log()))
	cost := xent.Mean().Add(w.Square().Sum().Mul(penalty))
	g := dl.Grads(cost, w, b)
	train := dl.Function(nil, []*dl.Tensor{cost},
		dl.Set(w, w.Sub(g.Of(w).Mul(rate))), dl.Set(b, b.Sub(g.Of(b).Mul(rate))))
	costs := make([]float64, steps)
	for i := range costs {
		costs[i] = train.Call()[0].Item()
	}
	return costs
}

func byGorgonia(t *testing.T, x, y *tensor.Dense, w0 []float64) (costs []float64, w *tensor.Dense, b float64) {
	t.Helper()
	g := G.NewGraph()
	xs := G.NodeFromAny(g, x, G.WithName("x"))
	ys := G.NodeFromAny(g, y, G.WithName("y"))
	w = tensor.New(tensor.WithShape(features), tensor.WithBacking(append([]float64{}, w0...)))
	ws := G.NodeFromAny(g, w, G.WithName("w"))
	bs := G.NewScalar(g, tensor.Float64, G.WithName("b"), G.WithValue(0.0))
	one := G.NewConstant(1.0)

	p := G.Must(G.Sigmoid(G.Must(G.Add(G.Must(G.Mul(xs, ws)), bs))))
	hit := G.Must(G.HadamardProd(ys, G.Must(G.Log(p))))
	miss := G.Must(G.HadamardProd(G.Must(G.Sub(one, ys)), G.Must(G.Log(G.Must(G.Sub(one, p))))))
	xent := G.Must(G.Neg(G.Must(G.Mean(G.Must(G.Add(hit, miss))))))
	cost := G.Must(G.Add(xent, G.Must(G.Mul(G.NewConstant(penalty), G.Must(G.Sum(G.Must(G.Square(ws))))))))
	if _, err := G.Grad(cost, ws, bs); err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g, G.BindDualValues(ws, bs))
	defer m.Close()
	solver := G.NewVanillaSolver(G.WithLearnRate(rate))
	for range steps {
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
		costs = append(costs, cost.Value().Data().(float64))
		if err := solver.Step(G.NodesToValueGrads(G.Nodes{ws, bs})); err != nil {
			t.Fatal(err)
		}
		m.Reset()
	}
	return costs, ws.Value().(*tensor.Dense), bs.Value().Data().(float64)
}
