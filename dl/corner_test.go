package dl

import (
	"testing"
)

// TestCorners: arrays without axes and without elements.
func TestCorners(t *testing.T) {
	three, none := Scalar(3.0), Zeros(0, 3)
	for name, c := range map[string]struct {
		x    *Tensor
		want string
	}{
		"sum of a number":         {three.Sum(), "3"},
		"mean of a number":        {three.Mean(), "3"},
		"max of a number":         {three.Max(), "3"},
		"transpose of a number":   {three.T(), "3"},
		"flat number":             {three.Flatten(), "[3.]  (1) float32"},
		"variance of a number":    {three.Var(), "0"},
		"mean of 49 ones":         {Ones(49).Mean(), "1"},
		"sum of nothing":          {none.Sum(), "0"},
		"sums of no rows":         {none.Sum(0), "[0. 0. 0.]  (3) float32"},
		"sums of rows, of none":   {none.Sum(1), "[]  (0) float32"},
		"product of nothing":      {none.Prod(), "1"},
		"mean of nothing":         {none.Mean(), "NaN"},
		"maxima of rows, of none": {none.Max(1), "[]  (0) float32"},
		"exp of nothing":          {none.Exp(), "[]  (0, 3) float32"},
		"nothing plus a row":      {none.Add(Ones(3)), "[]  (0, 3) float32"},
		"no rows times matrix":    {none.MatMul(Ones(3, 2)), "[]  (0, 2) float32"},
		"sum over no products":    {Zeros(2, 0).MatMul(Zeros(0, 2)), "[[0. 0.]\n [0. 0.]]  (2, 2) float32"},
		"concat with nothing":     {Concat(0, none, Ones(1, 3)), "[[1. 1. 1.]]  (1, 3) float32"},
		"softmax of no rows":      {none.Softmax(1), "[]  (0, 3) float32"},
		"slice of nothing":        {none.Slice(To(5)), "[]  (0, 3) float32"},
		"gather nothing":          {Ones(2, 2).Gather([]int{}, 0), "[]  (0, 2) float32"},
		"losses of no rows":       {SoftmaxCrossEntropy(none, []int{}), "[]  (0) float32"},
		"convolve no images":      {Conv2D(Zeros(0, 1, 4, 4), Ones(1, 1, 3, 3)).Reshape(-1, 4), "[]  (0, 4) float32"},
		"pool no images":          {MaxPool2D(Zeros(0, 1, 4, 4), 2).Reshape(-1, 4), "[]  (0, 4) float32"},
		"a label out of range":    {SoftmaxCrossEntropy(Ones(2, 2), []int{0, 2}).Slice(1), "NaN"},
		"no class":                {New([]int{1, 5, -1}).OneHot(2), "[[0. 1.]\n [0. 0.]\n [0. 0.]]  (3, 2) float32"},
		"bytes wrap":              {New([]uint8{250}).Add(10), "[4]  (1) uint8"},
		"empty reversed":          {Arange(3).Slice(All.By(-1)), "[2 1 0]  (3) int64"},
		"identity function":       {Function([]*Tensor{}, []*Tensor{three, three}).Call()[1], "3"},
	} {
		if got := c.x.String(); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// TestCornersOnReference: the same on the reference backend.
func TestCornersOnReference(t *testing.T) {
	defer Use(Backend())
	Use("reference")
	TestCorners(t)
}
