package gorgonia_test

import (
	"fmt"
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/gorgonia"
	_ "github.com/fluxion-go/fluxion/dl/gorgonia/engine"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// The network of the paper's figures 8 to 11: its parameters, layer by layer.
var cnnShapes = [][]int{
	{32, 3, 5, 5}, {32}, {64, 32, 5, 5}, {64},
	{64 * 8 * 8, 1000}, {1000}, {1000, 1000}, {1000}, {1000, 10}, {10},
}

// cnnValues returns the first values of those parameters.
func cnnValues() [][]float32 {
	out := make([][]float32, len(cnnShapes))
	for i, s := range cnnShapes {
		n, limit := tensor.Shape(s).TotalSize(), 0.1
		switch len(s) {
		case 2:
			limit = math.Sqrt(6 / float64(s[0]))
		case 4:
			limit = math.Sqrt(6 / float64(s[1]*s[2]*s[3]))
		}
		out[i] = make([]float32, n)
		h := uint32(i + 1)
		for k := range out[i] {
			h = h*1664525 + 1013904223 // Numerical Recipes' generator
			out[i][k] = float32((float64(h)/(1<<32) - 0.5) * 2 * limit)
		}
	}
	return out
}

// batchOf returns pictures and their classes.
func batchOf(n int) (x, y *dl.Tensor) {
	train, _ := data.CIFAR10Sample()
	b := train.Subset(0, n)
	return b.X(), b.Y()
}

// TestCNNOnEngine trains the paper's network, whole, on gorgonia's machine and
// on our processor: losses and parameters of three steps agree.
func TestCNNOnEngine(t *testing.T) {
	defer dl.Use("cpu")
	xs, ys := batchOf(4)
	values := cnnValues()
	var losses [2][]float64
	var parameters [2][]*dl.Tensor
	for i, backend := range []string{"cpu", "gorgonia"} {
		dl.Use("cpu")
		model := nn.Sequential(
			nn.Conv2D(32, 5, nn.Same()), nn.ReLU(), nn.MaxPool2D(2),
			nn.Conv2D(64, 5, nn.Same()), nn.ReLU(), nn.MaxPool2D(2),
			nn.Flatten(), nn.Dense(1000), nn.ReLU(), nn.Dense(1000), nn.ReLU(), nn.Dense(10))
		x, y := dl.Placeholder("x", dl.Float32, -1, 3, 32, 32), dl.Placeholder("y", dl.Int64, -1)
		loss := nn.SoftmaxCrossEntropy(model.Apply(x), y)
		parameters[i] = model.Parameters()
		for k, p := range parameters[i] {
			p.Assign(dl.New(values[k], cnnShapes[k]...))
		}
		step := dl.Function([]*dl.Tensor{x, y}, []*dl.Tensor{loss}, opt.Minimize(opt.SGD(0.01), loss, parameters[i]...)...)
		dl.Use(backend)
		for range 3 {
			losses[i] = append(losses[i], step.Call(xs, ys)[0].Item())
		}
	}
	dl.Use("cpu")
	for k, want := range losses[0] {
		if got := losses[1][k]; !(math.Abs(got-want) <= 1e-4*want) {
			t.Errorf("the loss of step %d is %v on gorgonia, %v on our backend", k, got, want)
		}
	}
	if losses[0][2] > 0.9*losses[0][0] {
		t.Errorf("the losses %v do not fall", losses[0])
	}
	for k, want := range parameters[0] {
		moved := want.Sub(dl.New(values[k], cnnShapes[k]...)).Norm().Item()
		off := parameters[1][k].Sub(want).Norm().Item()
		if !(off <= 1e-3*moved) || moved == 0 {
			t.Errorf("parameter %d moved by %v, but is off by %v on gorgonia", k, moved, off)
		}
	}
}

// A program is gorgonia's graph of that network with its cost and gradients, as
// users of gorgonia write it, or with our operations in the places where it
// computes.
type program struct {
	graph   *G.ExprGraph
	x, y    *G.Node // y holds a one in the column of each picture's class
	cost    *G.Node
	weights G.Nodes
}

func newProgram(ours bool, batch int) program {
	g := G.NewGraph()
	p := program{graph: g}
	p.x = G.NewTensor(g, tensor.Float32, 4, G.WithShape(batch, 3, 32, 32), G.WithName("x"))
	p.y = G.NewMatrix(g, tensor.Float32, G.WithShape(batch, 10), G.WithName("y"))
	for i, v := range cnnValues() {
		shape := tensor.Shape(cnnShapes[i])
		value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
		p.weights = append(p.weights, G.NewTensor(g, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(fmt.Sprintf("w%d", i)), G.WithValue(value)))
	}
	if ours {
		p.cost = lifted(p.x, p.y, p.weights)
	} else {
		p.cost = native(p.x, p.y, p.weights)
	}
	if _, err := G.Grad(p.cost, p.weights...); err != nil {
		panic(err)
	}
	return p
}

// native is the network in gorgonia's own operations.
func native(x, y *G.Node, w G.Nodes) *G.Node {
	n := x
	for i := 0; i < 4; i += 2 {
		n = G.Must(G.Conv2d(n, w[i], tensor.Shape{5, 5}, []int{2, 2}, []int{1, 1}, []int{1, 1}))
		bias := G.Must(G.Reshape(w[i+1], tensor.Shape{1, cnnShapes[i][0], 1, 1}))
		n = G.Must(G.Rectify(G.Must(G.BroadcastAdd(n, bias, nil, []byte{0, 2, 3}))))
		n = G.Must(G.MaxPool2D(n, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
	}
	n = G.Must(G.Reshape(n, tensor.Shape{x.Shape()[0], 64 * 8 * 8}))
	for i := 4; i < 10; i += 2 {
		if n = dense(n, w[i], w[i+1]); i < 8 {
			n = G.Must(G.Rectify(n))
		}
	}
	return crossEntropy(n, y)
}

func dense(x, w, b *G.Node) *G.Node {
	bias := G.Must(G.Reshape(b, tensor.Shape{1, b.Shape()[0]}))
	return G.Must(G.BroadcastAdd(G.Must(G.Mul(x, w)), bias, nil, []byte{0}))
}

func crossEntropy(logits, y *G.Node) *G.Node {
	logs := G.Must(G.Log(G.Must(G.SoftMax(logits))))
	return G.Must(G.Neg(G.Must(G.Mean(G.Must(G.Sum(G.Must(G.HadamardProd(y, logs)), 1))))))
}

// lifted is the same network: seven lines are changed.
func lifted(x, y *G.Node, w G.Nodes) *G.Node {
	n := x
	for i := 0; i < 4; i += 2 {
		n = G.Must(gorgonia.ConvReLUPool2D(n, w[i], w[i+1], dl.ConvOptions{Same: true}, 2))
	}
	n = G.Must(G.Reshape(n, tensor.Shape{x.Shape()[0], 64 * 8 * 8}))
	n = G.Must(gorgonia.LinearReLU(n, w[4], w[5]))
	n = G.Must(gorgonia.LinearReLU(n, w[6], w[7]))
	n = G.Must(gorgonia.Linear(n, w[8], w[9]))
	return G.Must(gorgonia.SoftmaxCrossEntropy(n, y))
}

// train runs steps of gradient descent by gorgonia's solver and returns the
// costs.
func (p program) train(x, y *dl.Tensor, steps int) ([]float64, error) {
	m := G.NewTapeMachine(p.graph, G.BindDualValues(p.weights...))
	defer m.Close()
	solver := G.NewVanillaSolver(G.WithLearnRate(0.01))
	if err := G.Let(p.x, gorgonia.Dense(x)); err != nil {
		return nil, err
	}
	if err := G.Let(p.y, gorgonia.Dense(y.OneHot(10).Cast(dl.Float32))); err != nil {
		return nil, err
	}
	var costs []float64
	for range steps {
		if err := m.RunAll(); err != nil {
			return nil, err
		}
		costs = append(costs, float64(p.cost.Value().Data().(float32)))
		if err := solver.Step(G.NodesToValueGrads(p.weights)); err != nil {
			return nil, err
		}
		m.Reset()
	}
	return costs, nil
}

// TestCNNLifted compares the derivatives of the two programs.
func TestCNNLifted(t *testing.T) {
	x, y := batchOf(2)
	theirs, ours := newProgram(false, 2), newProgram(true, 2)
	for _, p := range []program{theirs, ours} {
		if _, err := p.train(x, y, 1); err != nil {
			t.Fatal(err)
		}
	}
	for i, w := range theirs.weights {
		// One step of descent from equal values moved them by their derivatives.
		want, got := w.Value().Data().([]float32), ours.weights[i].Value().Data().([]float32)
		off, size := 0.0, 0.0
		for k, v := range cnnValues()[i] {
			off += math.Pow(float64(got[k]-want[k]), 2)
			size += math.Pow(float64(want[k]-v), 2)
		}
		if !(off <= 1e-6*size) || size == 0 {
			t.Errorf("the derivative by parameter %d is off by %v of %v", i, math.Sqrt(off), math.Sqrt(size))
		}
	}
}

// Example shows an existing gorgonia program, the paper's network for CIFAR-10
// with gorgonia's machine and solver, in which our operations take the places of
// gorgonia's. The costs are the same; see BenchmarkCNN for the time.
func Example() {
	x, y := batchOf(2)
	before, err := newProgram(false, 2).train(x, y, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := newProgram(true, 2).train(x, y, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range before {
		fmt.Println(math.Abs(before[i]-after[i]) < 1e-4*before[i], after[i] > 0)
	}
	// Output:
	// true true
	// true true
}

// BenchmarkCNN is a step of training of the paper's network on 32 pictures:
// gorgonia's program, and the same with our operations.
func BenchmarkCNN(b *testing.B) {
	x, y := batchOf(32)
	for _, how := range []string{"gorgonia", "lifted"} {
		b.Run(how, func(b *testing.B) {
			p := newProgram(how == "lifted", 32)
			b.ResetTimer()
			if _, err := p.train(x, y, b.N); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(32*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
