package dl_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

func ExampleDropout() {
	dl.Seed(3)
	x := dl.Placeholder("x", dl.Float32, -1)
	f := dl.Function([]*dl.Tensor{x}, []*dl.Tensor{dl.Dropout(x, 0.5)})
	fmt.Println(f.Call(dl.Ones(8))[0])
	fmt.Println(f.Call(dl.Ones(8))[0]) // other elements are dropped
	// Output:
	// [2. 0. 2. 0. 0. 0. 0. 0.]  (8) float32
	// [0. 0. 2. 2. 2. 0. 0. 2.]  (8) float32
}

func ExampleRandomState() {
	state := dl.RandomState()
	x := dl.Uniform(0, 1, 2)
	dl.SetRandomState(state)
	fmt.Println(x.ArrayEqual(dl.Uniform(0, 1, 2)))
	// Output:
	// true
}

func ExampleNormal() {
	// The gradient flows to the parameters of the distribution.
	mean := dl.Variable([]float64{1, 2}, "mean")
	fmt.Println(dl.Grad(dl.Normal(mean, 0.1).Sum(), mean))
	// Output:
	// [1. 1.]  (2) float32
}

func ExampleTensor_Slice_masks() {
	x := dl.New([][]float64{{1, -2, 3}, {-4, 5, -6}})
	fmt.Println(x.Slice(x.Greater(0)))
	fmt.Println(x.Slice([]int{1, 0}, []int{0, 2}))
	fmt.Println(x.Slice(dl.Ellipsis, dl.NewAxis, 0))
	// Output:
	// [1. 3. 5.]  (3) float32
	// [-4.  3.]  (2) float32
	// [[ 1.]
	//  [-4.]]  (2, 1) float32
}

func ExampleTensor_TopK() {
	values, indices := dl.New([]float64{0.1, 0.7, 0.2}).TopK(2, 0)
	fmt.Println(values, indices)
	// Output:
	// [0.7 0.2]  (2) float32 [1 2]  (2) int64
}

func ExampleEinsum() {
	a, b := dl.Arange(6).Reshape(2, 3), dl.Arange(12).Reshape(3, 4)
	fmt.Println(dl.Einsum("ij,jk->ik", a, b))
	fmt.Println(dl.Einsum("ij->j", a))
	// Output:
	// [[20 23 26 29]
	//  [56 68 80 92]]  (2, 4) int64
	// [3 5 7]  (3) int64
}

func ExampleSolve() {
	a := dl.NewAs(dl.Float64, [][]float64{{2, 1}, {1, 3}})
	fmt.Println(dl.Solve(a, []float64{3, 5}).AllClose([]float64{0.8, 1.4}, 1e-12, 0))
	fmt.Println(a.Det().Round(), a.Inverse().MatMul(a).AllClose(dl.Eye(2), 1e-12, 1e-12))
	// Output:
	// true
	// 5 true
}

func ExampleTensor_SVD() {
	a := dl.NewAs(dl.Float64, [][]float64{{3, 0}, {0, 2}, {0, 0}})
	u, s, v := a.SVD()
	fmt.Println(s.AllClose([]float64{3, 2}, 1e-12, 0))
	fmt.Println(u.Mul(s).MatMul(v.T()).AllClose(a, 1e-12, 1e-12))
	// Output:
	// true
	// true
}

func ExampleConvTranspose2D() {
	x, w := dl.Ones(1, 1, 2, 2), dl.Ones(1, 1, 2, 2)
	fmt.Println(dl.ConvTranspose2D(x, w, dl.ConvOptions{Stride: 2}).Shape())
	fmt.Println(dl.ConvTranspose2D(x, w).Squeeze())
	// Output:
	// [1 1 4 4]
	// [[1. 2. 1.]
	//  [2. 4. 2.]
	//  [1. 2. 1.]]  (3, 3) float32
}

func ExampleAvgPool2D() {
	x := dl.Arange(16).Cast(dl.Float32).Reshape(1, 1, 4, 4)
	fmt.Println(dl.AvgPool2D(x, 2).Squeeze())
	fmt.Println(dl.AdaptiveAvgPool(x, 1).Item(), dl.GlobalMaxPool(x))
	// Output:
	// [[ 2.5  4.5]
	//  [10.5 12.5]]  (2, 2) float32
	// 7.5 [[15.]]  (1, 1) float32
}

func ExampleResize() {
	x := dl.New([]float64{0, 1, 2}, 1, 1, 3)
	fmt.Println(dl.Resize(x, dl.Linear, 6))
	fmt.Println(dl.Upsample(x, 2, dl.Nearest))
	// Output:
	// [[[0.   0.25 0.75 1.25 1.75 2.  ]]]  (1, 1, 6) float32
	// [[[0. 0. 1. 1. 2. 2.]]]  (1, 1, 6) float32
}

func ExampleEmbedding() {
	words := dl.New([][]float64{{0, 0}, {1, 10}, {2, 20}})
	fmt.Println(dl.Embedding(words, []int{2, 0, 2}))
	// Output:
	// [[ 2. 20.]
	//  [ 0.  0.]
	//  [ 2. 20.]]  (3, 2) float32
}

func ExampleTensor_CumSum() {
	x := dl.New([]float64{1, 2, 3})
	fmt.Println(x.CumSum(0), x.CumProd(0))
	// Output: [1. 3. 6.]  (3) float32 [1. 2. 6.]  (3) float32
}

func ExampleRecurrence() {
	// y_i = 0.5·y_{i−1} + 1: a sum that forgets.
	fmt.Println(dl.Recurrence(dl.Full(0.5, 4), dl.Ones(4), 0))
	// Output:
	// [1.    1.5   1.75  1.875]  (4) float32
}

func ExampleTensor_GELU() {
	x := dl.New([]float64{-1, 0, 1})
	fmt.Printf("%.4f\n", x.GELU().Float32s())
	fmt.Printf("%.4f\n", x.SiLU().Float32s())
	// Output:
	// [-0.1587 0.0000 0.8413]
	// [-0.2689 0.0000 0.7311]
}

func ExamplePromote() {
	fmt.Println(dl.Promote(dl.Int64, dl.Float32))
	fmt.Println(dl.New([]int{1, 2}).Mul(0.5).DType())
	// Output:
	// float32
	// float32
}

func ExampleTensor_Histogram() {
	x := dl.New([]float64{0.1, 0.2, 0.25, 0.9})
	fmt.Println(x.Histogram(4, 0, 1), x.Median(0).Greater(0.2))
	// Output:
	// [2 1 0 1]  (4) int64 true
}

func ExampleMeshgrid() {
	g := dl.Meshgrid(dl.Arange(2), dl.Arange(3))
	fmt.Println(g[0])
	fmt.Println(g[1])
	// Output:
	// [[0 0 0]
	//  [1 1 1]]  (2, 3) int64
	// [[0 1 2]
	//  [0 1 2]]  (2, 3) int64
}
