package display

import (
	"image"
	"math"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

func TestMisuse(t *testing.T) {
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { Line([]int{1, 2}, []int{1, 2, 3}) }, "display.Line: xs has 2 values and ys 3; give as many of each"},
		{func() { Line(nil, "abc") }, "display.Line: ys is a string; give a slice of numbers or a tensor"},
		{func() { Line(nil, nil) }, "display.Line: ys is nil; give a slice of numbers or a tensor"},
		{func() { Line(nil, []any{1, "x"}) }, "display.Line: ys is a []any; give a slice of numbers or a tensor"},
		{func() { Line(nil, []int{1, -1}, LogY()) }, "display.Line: the y axis is logarithmic, but the least value is -1; values must be positive"},
		{func() { Line(nil, []int{1}, Size(500, 1)) }, "display.Line: size is 500 by 1 cm; want between 0 and 200"},
		{func() { Line(nil, []int{1}, Overlay([]int{1}, []int{}, "")) }, "display.Line: the overlay's xs have 1 values and its ys 0; give as many of each"},
		{func() { Line(nil, []int{1}, Band([]int{1}, []int{1, 2})) }, "display.Line: the band has 1 values below and 2 above for 1 points; give one for each"},
		{func() { Line(nil, []int{1}, Band([]int{1}, []int{2}), Band([]int{1}, []int{2})) }, "display.Line: there are 2 bands for 1 lines; give one for each at most"},
		{func() { Scatter([]int{1}, []int{1}, Regions(func([][]float64) any { return []int{1} })) }, "display.Scatter: Regions' function was asked for 25600 points and returned 1 numbers; return one for each"},
		{func() { NewBoard(0) }, "display.NewBoard: columns is 0; want 1 to 20"},
		{func() { Graph(paperGraph(), In(NewBoard(1))) }, "display.Board: a board takes plots; show pictures, tables and graphs on their own, or in a Live"},
		{func() { Theme("pink") }, `display.Theme: name is "pink"; give one of light, dark, auto`},
		{func() { ConfusionMatrix([][]float64{{.5}}, nil) }, "display.ConfusionMatrix: counts[0][0] is 0.5; want a whole number"},
		{func() { Lines(nil, 3) }, "display.Lines: ys is an int; give a slice of slices of numbers, or a tensor with two axes"},
		{func() { Lines([]int{1}, [][]int{{1}, {2, 3}}) }, "display.Lines: xs has 1 values and ys[1] 2; give as many of each"},
		{func() { Lines(nil, numbers{[]int{1, 1, 1}, []float64{1}}) }, "display.Lines: ys has shape [1 1 1]; want two axes"},
		{func() { Scatter([]int{1}, []int{1}, Classes([]int{1, 2})) }, "display.Scatter: there are 2 classes for 1 points; give one for each"},
		{func() { Scatter([]int{1}, []int{1}, Classes([]float64{-1})) }, "display.Scatter: class 0 is -1; want a whole number from 0 to 1000"},
		{func() { Hist([]float64{math.NaN()}) }, "display.Hist: none of the 1 values is finite"},
		{func() { Hists(3) }, "display.Hists: all is an int; give a slice of tensors or a map from name to numbers"},
		{func() { Hists([]int{1}) }, "display.Hists: all[0] is an int; give a slice of numbers or a tensor"},
		{func() { Hists([][]int{}) }, "display.Hists: there are 0 histograms to draw; want 1 to 100"},
		{func() { Bar([]string{"a"}, []int{1, 2}) }, "display.Bar: there are 1 names and 2 values; give as many of each"},
		{func() { Bar("a", []int{1, 2}) }, "display.Bar: names is a string; give a slice of strings"},
		{func() { Bar([]string{}, []int{}) }, "display.Bar: there are 0 values; want 1 to 200"},
		{func() { Heatmap([][]int{}) }, "display.Heatmap: there is nothing to draw: the table is empty"},
		{func() { Heatmap([][]int{{1}, {1, 2}}) }, "display.Heatmap: row 1 has 2 values and row 0 has 1; rows must be equally long"},
		{func() { ConfusionMatrix([][]int{{1, 2}}, []string{"a"}) }, "display.ConfusionMatrix: row 0 has 2 counts; want 1, one for each class"},
		{func() { ConfusionMatrix([][]int{{1}}, []string{}) }, "display.ConfusionMatrix: there are 0 labels and 1 rows; give one for each"},
		{func() { Curves([]int{1}) }, "display.Curves: history is a []int; give a map from name to values, or something with a method Series() map[string][]float64"},
		{func() { Images(numbers{[]int{2, 5, 4, 4}, nil}) }, "display.Images: the tensor has shape [2 5 4 4]; want (n, channels, height, width) with 1 or 3 channels, or (n, height, width)"},
		{func() { Images(3) }, "display.Images: imgs is an int; give pictures or a tensor of shape (n, channels, height, width)"},
		{func() { Images([]image.Image{nil}) }, "display.Images: picture 0 is empty"},
		{func() { Images([]image.Image{}) }, "display.Images: there is no picture to show"},
		{func() { Filters(numbers{[]int{2}, []float64{1, 2}}) }, "display.Filters: w is a display.numbers of shape [2]; give a tensor of shape (out, in, height, width)"},
		{func() { Graph(layers(), ColorBy("age")) }, `display.Graph: it cannot be coloured by "age"; give time or memory`},
		{func() { Graph(paperGraph(), ColorBy("time")) }, "display.Graph: the time of its nodes is not known"},
		{func() { Image(nil) }, "display.Image: the picture is nil"},
		{func() { JSON(func() {}) }, "display.JSON: json: unsupported type: func()"},
		{func() { Show(broken{}) }, "display.Show: display.broken: panic while it was rendered: no luck"},
		{func() { Table(nil) }, "display.Table: rows is nil; give a slice of structs, maps or slices"},
		{func() { Table(3) }, "display.Table: rows is an int; give a slice of structs, maps or slices"},
		{func() { Table([]int{3}) }, "display.Table: the rows are of type int; give a slice of structs, maps with string keys, or slices"},
		{func() { Table([]point{}, "a") }, "display.Table: header has 1 names, but display.point has 2 exported fields"},
		{func() { Table([]named{}) }, "display.Table: display.named has no exported field to show"},
		{func() { Table([][]int{{1, 2}}, "a") }, "display.Table: header has 1 names, but the longest row has 2 cells"},
		{func() { Graph(3) }, "display.Graph: g is an int; give a cell.Graph or something with a method Graph() cell.Graph"},
		{func() {
			Graph(cell.Graph{Nodes: make([]cell.GraphNode, 2), Edges: []cell.GraphEdge{{From: 1, To: 1}}})
		}, "display.Graph: edge 0 leads from node 1 to node 1 of 2; want a node behind the one it is computed from"},
	} {
		var got any
		ms := shown(func() {
			defer func() { got = recover() }()
			c.f()
		})
		if e, ok := got.(*Error); !ok || e.Error() != c.want {
			t.Errorf("got  %v\nwant %s", got, c.want)
		}
		if len(ms) != 0 {
			t.Errorf("%s: something was shown before", strings.SplitN(c.want, ";", 2)[0])
		}
	}
}
