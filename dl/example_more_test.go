package dl_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

func ExampleAttention() {
	// Each query finds the value whose key is like it.
	keys := dl.New([][]float64{{9, 0}, {0, 9}})
	values := dl.New([][]float64{{1}, {2}})
	fmt.Println(dl.Attention(dl.New([][]float64{{0, 9}, {9, 0}}), keys, values))
	// A causal one does not look at what comes later.
	fmt.Println(dl.Attention(keys, dl.Zeros(2, 2), values, dl.AttentionOptions{Causal: true}))
	// Output:
	// [[2.]
	//  [1.]]  (2, 1) float32
	// [[1. ]
	//  [1.5]]  (2, 1) float32
}

func ExampleTensor_PadWith() {
	x := dl.New([]int{1, 2, 3})
	for _, mode := range []dl.PadMode{dl.Edge, dl.Reflect, dl.Symmetric, dl.Wrap} {
		fmt.Println(x.PadWith(mode, [2]int{2, 2}), mode)
	}
	fmt.Println(x.PadValue(7, [2]int{1, 0}))
	// Output:
	// [1 1 1 2 3 3 3]  (7) int64 edge
	// [3 2 1 2 3 2 1]  (7) int64 reflect
	// [2 1 1 2 3 3 2]  (7) int64 symmetric
	// [2 3 1 2 3 1 2]  (7) int64 wrap
	// [7 1 2 3]  (4) int64
}

func ExampleTensor_Windows() {
	// A series of numbers, and for each three of them the next one.
	series := dl.Arange(6)
	pairs := series.Windows(4, 1, 0)
	fmt.Println(pairs.Slice(dl.All, dl.To(3)))
	fmt.Println(pairs.Slice(dl.All, 3))
	// Output:
	// [[0 1 2]
	//  [1 2 3]
	//  [2 3 4]]  (3, 3) int64
	// [3 4 5]  (3) int64
}

func ExampleTensor_Unflatten() {
	x := dl.Placeholder("x", dl.Float32, -1, -1, 8)
	heads := x.Unflatten(2, 4, -1)
	fmt.Println(heads.Shape(), heads.FlattenAxes(2, 3).Shape())
	// Output: [-1 -1 4 2] [-1 -1 8]
}

func ExampleDistances() {
	places := dl.New([][]float64{{0, 0}, {3, 4}})
	fmt.Println(dl.Distances(places, places, 2))
	fmt.Println(dl.CosineSimilarity([]float64{1, 0}, []float64{0, 2}, 0).Item(), dl.New([]float64{3, 4}).Normalize(2, 0))
	// Output:
	// [[0. 5.]
	//  [5. 0.]]  (2, 2) float32
	// 0 [0.6 0.8]  (2) float32
}

func ExampleTensor_SetAlong() {
	x := dl.Zeros(2, 3)
	fmt.Println(x.SetAlong([][]int{{2}, {0}}, dl.New([][]float64{{5}, {6}}), 1))
	fmt.Println(dl.New([]int{1, 2, 3}).IsIn([]int{3, 1}), dl.New([]int{0, 2}).Any(), dl.New([]int{0, 2}).All())
	// Output:
	// [[0. 0. 5.]
	//  [6. 0. 0.]]  (2, 3) float32
	// [ true false  true]  (3) bool true false
}
