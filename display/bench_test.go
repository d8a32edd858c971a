package display

import (
	"math"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

// What a person waits for: the aims are 10 ms for the update of a live figure
// of 1,000 points, 150 ms for a plot of 20,000 points, 50 ms for the layout and
// drawing of a graph of 100 nodes.

// BenchmarkLiveFigure1000 is the update of a figure, BenchmarkLastFigure1000 the one
// that stays, which has a PNG beside it.
func BenchmarkLiveFigure1000(b *testing.B) { benchmarkFigure(b, (*figure).passing) }
func BenchmarkLastFigure1000(b *testing.B) { benchmarkFigure(b, (*figure).bundle) }

func benchmarkFigure(b *testing.B, draw func(*figure) cell.Bundle) {
	ys := wave(1000)
	m := metricCurve{name: "loss", xs: indices(20), ys: wave(20), stepXs: indices(1000), stepYs: ys}
	v := metricCurve{name: "val_loss", xs: indices(20), ys: wave(20)}
	for b.Loop() {
		draw(curvesFigure([]metricCurve{m, v}, &options{fn: "Reporter"}))
	}
}

func BenchmarkScatter20000(b *testing.B) {
	xs, ys := make([]float64, 20_000), make([]float64, 20_000)
	for i := range xs {
		xs[i], ys[i] = math.Sin(float64(i*i)), math.Cos(float64(i*7))
	}
	for b.Loop() {
		shown(func() { Scatter(xs, ys) })
	}
}

func BenchmarkLine20000(b *testing.B) {
	ys := wave(20_000)
	for b.Loop() {
		shown(func() { Line(nil, ys) })
	}
}

func BenchmarkGraph100(b *testing.B) {
	g := largeGraph(100)
	for b.Loop() {
		if _, err := graphBundle(g, "", &options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// largeGraph looks like the graph of a deep network: chains of operations that
// take a variable now and then, with connections that skip some.
func largeGraph(n int) cell.Graph {
	var g cell.Graph
	last := -1
	for i := range n {
		node := cell.GraphNode{Label: "relu(v12)", Value: "(32, 100) float32", Kind: cell.OperationNode}
		if i%3 == 0 {
			node = cell.GraphNode{Label: "weight", Value: "(100, 100) float32", Kind: cell.VariableNode}
		}
		g.Nodes = append(g.Nodes, node)
		if i%3 != 0 {
			g.Edges = append(g.Edges, cell.GraphEdge{From: i - 1, To: i})
			if last >= 0 && last != i-1 {
				g.Edges = append(g.Edges, cell.GraphEdge{From: last, To: i})
			}
			last = i
			if i%12 == 11 && i > 12 {
				g.Edges = append(g.Edges, cell.GraphEdge{From: i - 12, To: i})
			}
		}
	}
	return g
}

func BenchmarkGraph1000(b *testing.B) {
	g := largeGraph(1000)
	for b.Loop() {
		if _, err := graphBundle(g, "", &options{}); err != nil {
			b.Fatal(err)
		}
	}
}
