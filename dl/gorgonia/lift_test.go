package gorgonia_test

import (
	"fmt"
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/gorgonia"
)

// A function that gorgonia does not have, with its derivative, in its graph.
func ExampleLift() {
	g := G.NewGraph()
	x := G.NodeFromAny(g, tensor.New(tensor.WithBacking([]float64{1, 2})), G.WithName("x"))
	cube := func(in ...*dl.Tensor) *dl.Tensor { return in[0].Mul(in[0]).Mul(in[0]) }
	y := G.Must(gorgonia.Lift("cube", cube, x))
	cost := G.Must(G.Sum(y))
	d, err := G.Grad(cost, x)
	if err != nil {
		panic(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		panic(err)
	}
	fmt.Println(y.Value().Data(), d[0].Value().Data())
	// Output: [1 8] [3 12]
}

// The network of a CNN, with gorgonia's operations or with ours in their place.
func network(tb testing.TB, ours bool, batch int) (g *G.ExprGraph, cost *G.Node, weights G.Nodes) {
	tb.Helper()
	g = G.NewGraph()
	leaf := func(name string, shape ...int) *G.Node {
		data := make([]float32, tensor.Shape(shape).TotalSize())
		for i := range data {
			data[i] = float32(math.Sin(float64(i*7+len(name)))) / 8
		}
		return G.NewTensor(g, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(name),
			G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))))
	}
	n := leaf("x", batch, 3, 32, 32)
	layers := []*G.Node{leaf("w1", 32, 3, 5, 5), leaf("w2", 64, 32, 5, 5)}
	for _, w := range layers {
		if ours {
			n = G.Must(gorgonia.Conv2D(n, w, dl.ConvOptions{Same: true}))
			n = G.Must(gorgonia.MaxPool2D(G.Must(gorgonia.ReLU(n)), 2))
		} else {
			n = G.Must(G.Conv2d(n, w, tensor.Shape{5, 5}, []int{2, 2}, []int{1, 1}, []int{1, 1}))
			n = G.Must(G.MaxPool2D(G.Must(G.Rectify(n)), tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
		}
	}
	n = G.Must(G.Reshape(n, tensor.Shape{batch, 64 * 8 * 8}))
	dense := leaf("w3", 64*8*8, 10)
	if ours {
		n = G.Must(gorgonia.MatMul(n, dense))
	} else {
		n = G.Must(G.Mul(n, dense))
	}
	cost = G.Must(G.Mean(G.Must(G.Square(n))))
	weights = append(layers, dense)
	if _, err := G.Grad(cost, weights...); err != nil {
		tb.Fatal(err)
	}
	return g, cost, weights
}

// TestLiftedNetwork compares cost and gradients with gorgonia's own.
func TestLiftedNetwork(t *testing.T) {
	var costs [2]float64
	var grads [2][][]float32
	for i, ours := range []bool{false, true} {
		g, cost, weights := network(t, ours, 2)
		m := G.NewTapeMachine(g, G.BindDualValues(weights...))
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
		costs[i] = float64(cost.Value().Data().(float32))
		for _, w := range weights {
			d, err := w.Grad()
			if err != nil {
				t.Fatal(err)
			}
			grads[i] = append(grads[i], d.Data().([]float32))
		}
		m.Close()
	}
	if math.Abs(costs[0]-costs[1]) > 1e-4*costs[0] {
		t.Errorf("the cost is %v with our operations, %v with gorgonia's", costs[1], costs[0])
	}
	for i, want := range grads[0] {
		off, size := 0.0, 0.0
		for k, w := range want {
			off += math.Pow(float64(grads[1][i][k]-w), 2)
			size += float64(w) * float64(w)
		}
		if !(off <= 1e-8*size) || size == 0 {
			t.Errorf("the derivative by weight %d is off by %v of %v", i, math.Sqrt(off), math.Sqrt(size))
		}
	}
}

// BenchmarkNetwork runs one step, forward and backward, on 32 images.
func BenchmarkNetwork(b *testing.B) {
	for _, how := range []string{"gorgonia", "lifted"} {
		b.Run(how, func(b *testing.B) {
			g, _, weights := network(b, how == "lifted", 32)
			m := G.NewTapeMachine(g, G.BindDualValues(weights...))
			defer m.Close()
			for b.Loop() {
				m.Reset()
				if err := m.RunAll(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
