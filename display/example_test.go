package display_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/display"
)

// Outside a notebook, what is shown is its text/plain twin.
func Example() {
	display.Show([]int{1, 2, 3})
	display.HTML("<b>bold</b> move")
	display.Line(nil, []float64{2.3, 1.1, 0.6}, display.Title("loss"))
	// Output:
	// [1 2 3]
	// bold move
	// loss
	// line: 3 points, x 0 … 2, y 0.6 … 2.3, last 0.6
}

func ExampleTable() {
	type layer struct {
		Name       string
		Parameters int
	}
	display.Table([]layer{{"conv", 2432}, {"dense", 10010}})
	// Output:
	// Name   Parameters
	// ─────  ──────────
	// conv         2432
	// dense       10010
}

func ExampleTable_header() {
	display.Table([][]float64{{1, 0.5}, {2, 0.25}}, "epoch", "loss")
	// Output:
	// epoch  loss
	// ─────  ────
	//     1   0.5
	//     2  0.25
}

func ExampleRender() {
	b := display.Render(map[string]int{"a": 1}, "map[string]int")
	fmt.Println(b)
	// Output: map[a:1]
}

func ExampleLines() {
	display.Lines(nil, map[string][]float64{"sgd": {1, .5, .25}, "adam": {1, .2, .1}}, display.LogY())
	// Output:
	// adam: 3 points, x 0 … 2, y 0.1 … 1, last 0.1
	// sgd: 3 points, x 0 … 2, y 0.25 … 1, last 0.25
}

func ExampleScatter() {
	display.Scatter([]float64{0, 1, 2, 3}, []float64{0, 2, 1, 3},
		display.Classes([]int{0, 0, 1, 1}), display.Labels("no", "yes"))
	// Output:
	// no: 2 points, x 0 … 1, y 0 … 2
	// yes: 2 points, x 2 … 3, y 1 … 3
}

func ExampleCurves() {
	display.Curves(map[string][]float64{"loss": {2.1, 1.4, 1.1}, "val_loss": {2, 1.5, 1.3}})
	// Output:
	// loss, train: 3 points, x 1 … 3, y 1.1 … 2.1, last 1.1
	// loss, validation: 3 points, x 1 … 3, y 1.3 … 2, last 1.3
}

func ExampleConfusionMatrix() {
	display.ConfusionMatrix([][]int{{8, 2}, {1, 9}}, []string{"cat", "dog"})
	// Output:
	// true \ predicted  cat  dog
	// ────────────────  ───  ───
	// cat                 8    2
	// dog                 1    9
	// 17 of 20 right (85.0 %)
}

func ExampleGraph() {
	display.Graph(cell.Graph{
		Nodes: []cell.GraphNode{{Label: "b", Value: "1"}, {Label: "d = b + 1", Value: "2"}},
		Edges: []cell.GraphEdge{{From: 0, To: 1, Label: "∂d/∂b = 1"}},
	})
	// Output:
	// b: 1
	// d = b + 1: 2
	//   ← b  [∂d/∂b = 1]
}
