package dl_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
)

func Example() {
	// Concrete tensors compute at once.
	x := dl.New([][]float64{{1, 2, 3}, {4, 5, 6}})
	fmt.Println(x.Mean(1))
	fmt.Println(x.Sub(x.Mean(1, dl.KeepDims)))
	// Output:
	// [2. 5.]  (2) float32
	// [[-1.  0.  1.]
	//  [-1.  0.  1.]]  (2, 3) float32
}

func ExampleGrad() {
	x := dl.Variable(2.0, "x")
	y := x.Pow(3)
	dy := dl.Grad(y, x)
	fmt.Println(y, dy, dl.Grad(dy, x))
	// Output: 8 12 12
}

func ExampleGrads() {
	a, b := dl.Variable(2.0, "a"), dl.Variable(1.0, "b")
	g := dl.Grads(a.Add(b).Mul(b.Add(1)), a, b)
	fmt.Println(g.Of(a), g.Of(b))
	// Output: 2 5
}

func ExampleExplain() {
	a, b := dl.Placeholder("a", dl.Float32), dl.Placeholder("b", dl.Float32)
	c := a.Add(b).Named("c")
	d := b.Add(1).Named("d")
	e := c.Mul(d).Named("e")
	fmt.Println(dl.Explain(e, dl.Feed{a: 2, b: 1}))
	// Output:
	// a = 2                        ∂e/∂a = 2
	// b = 1                        ∂e/∂b = 5
	// c = a + b = 3                ∂e/∂c = 2
	//     ∂c/∂a = 1, ∂c/∂b = 1
	// d = b + 1 = 2                ∂e/∂d = 3
	//     ∂d/∂b = 1, ∂d/∂1 = 1
	// e = c · d = 6
	//     ∂e/∂c = 2, ∂e/∂d = 3
}

func ExampleFunction() {
	// Fit y = w·x to the points (1, 3), (2, 6) by gradient descent.
	x, y := dl.Placeholder("x", dl.Float32, -1), dl.Placeholder("y", dl.Float32, -1)
	w := dl.Variable(0.0, "w")
	loss := x.Mul(w).Sub(y).Square().Mean()
	step := dl.Function([]*dl.Tensor{x, y}, []*dl.Tensor{loss}, dl.Set(w, w.Sub(dl.Grad(loss, w).Mul(0.1))))
	for range 30 {
		step.Call([]float64{1, 2}, []float64{3, 6})
	}
	fmt.Printf("%.3f\n", w.Item())
	// Output: 3.000
}

func ExampleEval() {
	x := dl.Placeholder("x", dl.Float32, -1)
	y := x.Square().Sum()
	fmt.Println(y)
	fmt.Println(dl.Eval(y, dl.Feed{x: []float64{3, 4}}))
	// Output:
	// symbolic sum () float32
	// 25
}

func ExampleTry() {
	err := dl.Try(func() { dl.Ones(2, 3).MatMul(dl.Ones(4, 5)) })
	fmt.Println(err)
	// Output: matmul: inner sizes differ: (2, 3)·(4, 5): axis 1 of the left is 3, axis 0 of the right is 4
}

func ExampleTensor_Assign() {
	w := dl.Variable([]float64{1, 2}, "w")
	before := w.Mul(10)
	w.Assign([]float64{3, 4})
	fmt.Println(before, w)
	// Output: [10. 20.]  (2) float32 [3. 4.]  (2) float32
}

func ExampleTensor_Slice() {
	x := dl.Arange(12).Reshape(3, 4)
	fmt.Println(x.Slice(1))
	fmt.Println(x.Slice(dl.All, -1))
	fmt.Println(x.Slice(dl.To(2), dl.Between(1, 3)))
	fmt.Println(x.Slice(dl.All.By(-2), 0))
	// Output:
	// [4 5 6 7]  (4) int64
	// [ 3  7 11]  (3) int64
	// [[1 2]
	//  [5 6]]  (2, 2) int64
	// [8 0]  (2) int64
}

func ExampleWhere() {
	x := dl.New([]float64{-2, 3})
	fmt.Println(dl.Where(x.Greater(0), x, x.Mul(0.1)))
	// Output: [-0.2  3. ]  (2) float32
}

func ExampleSoftmaxCrossEntropy() {
	logits := dl.New([][]float64{{2, 0}, {0, 2}})
	fmt.Printf("%.4f\n", dl.SoftmaxCrossEntropy(logits, []int{0, 0}).Float32s())
	// Output: [0.1269 2.1269]
}

func ExampleConv2D() {
	image := dl.Arange(16).Reshape(1, 1, 4, 4)
	edges := dl.New([]float64{-1, 1}, 1, 1, 1, 2)
	fmt.Println(dl.Conv2D(image, edges).Reshape(4, 3))
	// Output:
	// [[1. 1. 1.]
	//  [1. 1. 1.]
	//  [1. 1. 1.]
	//  [1. 1. 1.]]  (4, 3) float32
}

func ExampleMaxPool2D() {
	image := dl.Arange(16).Reshape(1, 1, 4, 4)
	fmt.Println(dl.MaxPool2D(image, 2).Reshape(2, 2))
	// Output:
	// [[ 5.  7.]
	//  [13. 15.]]  (2, 2) float32
}

func ExampleTensor_StopGradient() {
	x := dl.Variable(3.0, "x")
	fmt.Println(dl.Grad(x.Mul(x), x), dl.Grad(x.Mul(x.StopGradient()), x))
	// Output: 6 3
}

func ExampleSeed() {
	dl.Seed(1)
	a := dl.Randn(2, 2)
	dl.Seed(1)
	b := dl.Randn(2, 2)
	fmt.Println(a.Equal(b).All())
	// Output: true
}
