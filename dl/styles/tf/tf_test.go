package tf_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/styles/tf"
)

// regression is the paper's figure 6 with an optimiser of choice: it returns the
// cost before each step.
func regression(optimizer tf.Optimizer, start []float64, steps int) []float64 {
	features, answers := data.Regression(400, len(start), 1)
	x := tf.Placeholder(tf.Float32, -1, len(start))
	y := tf.Placeholder(tf.Float32, -1, 1)
	w := tf.Variable(tf.Constant(start, len(start), 1), "w")
	b := tf.Variable(tf.Zeros(1), "b")

	logits := tf.Add(tf.MatMul(x, w), b)
	xent := tf.SigmoidCrossEntropyWithLogits(y, logits)
	cost := tf.Add(tf.ReduceMean(xent), tf.Multiply(0.01, tf.ReduceSum(tf.Square(w))))
	train := optimizer.Minimize(cost)

	sess := tf.NewSession()
	sess.Run(nil, tf.GlobalVariablesInitializer())
	feed := tf.FeedDict{x: features, y: answers.Reshape(-1, 1)}
	var costs []float64
	for range steps {
		costs = append(costs, sess.Run(feed, train, cost)[1].Item())
	}
	return costs
}

// TestFigure6: with gradient descent the costs are NumPy's of the same
// regression; with Adam, as in the figure, those of its equations computed here
// in float64.
func TestFigure6(t *testing.T) {
	var ref struct {
		Cost map[string]float64 `json:"cost_after_steps"`
	}
	b, err := os.ReadFile("../../nn/testdata/regression.json")
	if err == nil {
		err = json.Unmarshal(b, &ref)
	}
	if err != nil {
		t.Fatal(err)
	}
	start := make([]float64, 784)
	for j := range start {
		start[j] = math.Sin(float64(j + 1))
	}
	costs := regression(tf.GradientDescentOptimizer(0.1), start, 101)
	for step, want := range map[int]float64{0: ref.Cost["0"], 100: ref.Cost["100"]} {
		if got := costs[step]; !(math.Abs(got-want) <= 1e-4*want) {
			t.Errorf("cost %g after %d steps, want %g", got, step, want)
		}
	}
	want := adam(start, 30)
	for step, got := range regression(tf.AdamOptimizer(0.01), start, 30) {
		if !(math.Abs(got-want[step]) <= 1e-3*want[step]) {
			t.Errorf("Adam: cost %g after %d steps, want %g", got, step, want[step])
		}
	}
}

// adam is figure 6 written out: the gradient of the regression by hand, and
// algorithm 1 of Kingma and Ba.
func adam(start []float64, steps int) []float64 {
	features, answers := data.Regression(400, len(start), 1)
	x, y := features.Float64s(), answers.Float64s()
	n, d := len(y), len(start)
	w := append(append([]float64{}, start...), 0) // and b
	m, v := make([]float64, d+1), make([]float64, d+1)
	var costs []float64
	for t := 1; t <= steps; t++ {
		g, cost := make([]float64, d+1), 0.0
		for i := range n {
			row, z := x[i*d:(i+1)*d], w[d]
			for j, xj := range row {
				z += xj * w[j]
			}
			cost += (math.Max(z, 0) - z*y[i] + math.Log1p(math.Exp(-math.Abs(z)))) / float64(n)
			e := (1/(1+math.Exp(-z)) - y[i]) / float64(n)
			for j, xj := range row {
				g[j] += e * xj
			}
			g[d] += e
		}
		for j, wj := range w[:d] {
			cost += 0.01 * wj * wj
			g[j] += 0.02 * wj
		}
		costs = append(costs, cost)
		for j := range w {
			m[j] = 0.9*m[j] + 0.1*g[j]
			v[j] = 0.999*v[j] + 0.001*g[j]*g[j]
			w[j] -= 0.01 * m[j] / (1 - math.Pow(0.9, float64(t))) / (math.Sqrt(v[j]/(1-math.Pow(0.999, float64(t)))) + 1e-8)
		}
	}
	return costs
}

// TestFigure10 is the network of the paper's figure 10 at a small size.
func TestFigure10(t *testing.T) {
	tf.SetRandomSeed(1)
	train, _ := data.CIFAR10Sample()
	pictures := train.Subset(0, 100)
	x, y := tf.Placeholder(tf.Float32, -1, 32, 32, 3), tf.Placeholder(tf.Int64, -1)

	weights := func(shape ...int) *tf.Tensor { return tf.Variable(tf.RandomNormal(shape...).Mul(0.08)) }
	conv2d := func(x, w, b *tf.Tensor) *tf.Tensor {
		return tf.ReLU(tf.BiasAdd(tf.Conv2D(x, w, [4]int{1, 1, 1, 1}, tf.SAME), b))
	}
	maxpool2d := func(x *tf.Tensor, k int) *tf.Tensor {
		return tf.MaxPool(x, [4]int{1, k, k, 1}, [4]int{1, k, k, 1}, tf.SAME)
	}
	h := maxpool2d(conv2d(x, weights(5, 5, 3, 4), tf.Variable(tf.Zeros(4))), 2)
	h = maxpool2d(conv2d(h, weights(5, 5, 4, 6), tf.Variable(tf.Zeros(6))), 2)
	h = tf.Reshape(h, -1, 8*8*6)
	h = tf.ReLU(tf.Add(tf.MatMul(h, weights(8*8*6, 32)), tf.Variable(tf.Zeros(32))))
	logits := tf.Add(tf.MatMul(h, weights(32, 10)), tf.Variable(tf.Zeros(10)))
	cost := tf.ReduceMean(tf.SparseSoftmaxCrossEntropyWithLogits(y, logits))
	accuracy := tf.ReduceMean(tf.Cast(tf.Equal(tf.ArgMax(logits, 1), y), tf.Float32))
	step := tf.AdamOptimizer(0.005).Minimize(cost)

	sess := tf.NewSession()
	feed := tf.FeedDict{x: pictures.X().Transpose(0, 2, 3, 1), y: pictures.Y()}
	first := sess.Run(feed, cost)[0].Item()
	for range 25 {
		sess.Run(feed, step)
	}
	out := sess.Run(feed, cost, accuracy, tf.ReduceMean(tf.SoftmaxCrossEntropyWithLogits(tf.OneHot(y, 10), logits)))
	if last, right := out[0].Item(), out[1].Item(); !(last < 0.7*first) || right < 0.3 || math.Abs(out[2].Item()-last) > 1e-5 {
		t.Errorf("cost %g, then %g (%v from one-hot labels), %g right", first, last, out[2], right)
	}
}

func TestSession(t *testing.T) {
	x, v := tf.Placeholder(tf.Float32), tf.Variable(2.0, "v")
	sess := tf.NewSession()
	out := sess.Run(tf.FeedDict{x: 3}, tf.Multiply(x, v), tf.Group(tf.Assign(v, x)), v)
	if out[0].Item() != 6 || out[1] != nil || out[2].Item() != 2 || sess.Value(v, nil) != 3 {
		t.Errorf("got %v and then %v", out, v)
	}
	for what, f := range map[string]func(){
		"no feed":      func() { sess.Run(nil, tf.Multiply(x, v)) },
		"no fetch":     func() { sess.Run(nil, 3) },
		"no padding":   func() { tf.Conv2D(tf.Ones(1, 4, 4, 1), tf.Ones(2, 2, 1, 1), [4]int{1, 1, 1, 1}, "same") },
		"channel step": func() { tf.MaxPool(tf.Ones(1, 4, 4, 2), [4]int{1, 2, 2, 2}, [4]int{1, 2, 2, 1}, tf.SAME) },
	} {
		if dl.Try(f) == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
