package dl

import (
	"math"
	"testing"
)

func TestPrint(t *testing.T) {
	for _, c := range []struct {
		name string
		x    *Tensor
		want string
	}{
		{"a number", Scalar(0.1), "0.1"},
		{"a small number", Scalar(1e-9), "1e-09"},
		{"a third in float64", NewAs(Float64, 1.0/3), "0.3333333333333333"},
		{"an int", Scalar(7), "7"},
		{"a bool", Scalar(true), "true"},
		{"whole floats", New([]float64{1, 2, 30}), "[ 1.  2. 30.]  (3) float32"},
		{"decimals as needed", New([]float64{1, 2.5, -0.25}), "[ 1.    2.5  -0.25]  (3) float32"},
		{"eight decimals at most", New([]float64{1.0 / 3, 2}), "[0.33333334 2.        ]  (2) float32"},
		{"all small", New([]float64{1e-5, -2.5e-6}), "[ 1.0e-05 -2.5e-06]  (2) float32"},
		{"large and uneven", NewAs(Float64, []float64{1234567.5, 1}), "[1.2345675e+06 1.0000000e+00]  (2) float64"},
		{"large and whole", New([]float64{16777216, 1}), "[1.6777216e+07 1.0000000e+00]  (2) float32"},
		{"not numbers", New([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1}), "[ nan  inf -inf   1.]  (4) float32"},
		{"bools", New([]bool{true, false}), "[ true false]  (2) bool"},
		{"great ints", New([]int{math.MaxInt64, 0}), "[9223372036854775807                   0]  (2) int64"},
		{"nothing", New([]float64{}), "[]  (0) float32"},
		{"a matrix", New([][]int{{1, 2}, {30, 4}}), "[[ 1  2]\n [30  4]]  (2, 2) int64"},
		{"three axes", Arange(8).Reshape(2, 2, 2), "[[[0 1]\n  [2 3]]\n\n [[4 5]\n  [6 7]]]  (2, 2, 2) int64"},
		{"a long row is cut", Arange(1001), "[   0    1    2 ...  998  999 1000]  (1001) int64"},
		{"a row of 40 is wrapped", Arange(40),
			"[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39]  (40) int64"},
		{"a large matrix is cut", Arange(4000).Reshape(1000, 4),
			"[[   0    1    2    3]\n [   4    5    6    7]\n [   8    9   10   11]\n ...\n [3988 3989 3990 3991]\n [3992 3993 3994 3995]\n [3996 3997 3998 3999]]  (1000, 4) int64"},
		{"a variable", Variable([]float64{1}, "w"), "[1.]  (1) float32"},
		{"a placeholder", Placeholder("x", Float32, -1, 3), "placeholder x (?, 3) float32"},
		{"symbolic", Placeholder("x", Float32, -1, 3).Exp(), "symbolic exp (?, 3) float32"},
		{"symbolic with a name", Placeholder("x", Float32, -1, 3).Exp().Named("p"), "symbolic p (?, 3) float32"},
		{"nil", nil, "<nil>"},
	} {
		if got := c.x.String(); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}
