package data_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl/data"
)

func ExampleCIFAR10Sample() {
	train, test := data.CIFAR10Sample()
	fmt.Println(train)
	fmt.Println(test)
	fmt.Println("the first is of class", train.Class(0))
	fmt.Println(train.X().Shape(), train.X().DType(), train.Y().Shape(), train.Y().DType())
	// Output:
	// 5000 pictures of 3×32×32 in 10 classes
	// 1000 pictures of 3×32×32 in 10 classes
	// the first is of class horse
	// [5000 3 32 32] float32 [5000] int64
}

func ExampleIris() {
	iris := data.Iris()
	fmt.Println(iris)
	train, test := iris.Split(0.2, 1)
	fmt.Println(train.X().Shape(), test.Y().Shape())
	// Output:
	// 150 rows of sepal_length, sepal_width, petal_length, petal_width; classes setosa, versicolor, virginica
	// [120 4] [30]
}

func ExampleRegression() {
	x, y := data.Regression(400, 784, 1)
	fmt.Println(x.Shape(), y.Shape(), y.Min().Item(), y.Max().Item())
	// Output: [400 784] [400] 0 1
}

func ExampleImages_Batch() {
	train, _ := data.CIFAR10Sample()
	shuffled := train.Shuffle(1)
	for i := range shuffled.Batches(2000) {
		fmt.Println(shuffled.Batch(i, 2000))
	}
	// Output:
	// 2000 pictures of 3×32×32 in 10 classes
	// 2000 pictures of 3×32×32 in 10 classes
	// 1000 pictures of 3×32×32 in 10 classes
}
