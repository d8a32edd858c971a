package metrics_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/metrics"
)

// The expected numbers follow from the counts below by the definitions:
//
//	        said 0  said 1  said 2
//	is 0         3       1       0
//	is 1         1       2       1
//	is 2         0       0       2
var (
	actual = []int{0, 0, 0, 0, 1, 1, 1, 1, 2, 2}
	said   = []int{0, 0, 0, 1, 0, 1, 1, 2, 2, 2}
)

func TestClasses(t *testing.T) {
	outputs, labels := dl.New(said).OneHot(3).Cast(dl.Float32), dl.New(actual)
	for _, c := range []struct {
		m    metrics.Metric
		want float64
	}{
		{metrics.BalancedAccuracy(3), (3.0/4 + 2.0/4 + 2.0/2) / 3},
		{metrics.MeanIoU(3), (3.0/5 + 2.0/5 + 2.0/3) / 3},
		// right 7 of 10; Σ said·is = 4·4 + 3·4 + 3·2; Σ said² = 16 + 9 + 9; Σ is² = 16 + 16 + 4
		{metrics.MatthewsCorrelation(3), (7*10 - 34) / math.Sqrt((100-34)*(100-36))},
	} {
		if got := c.m.Value(outputs, labels); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%s is %v, want %v", c.m.Name, got, c.want)
		}
		// Of pictures with the classes second, the same.
		pixels := outputs.Reshape(2, 5, 3).Transpose(0, 2, 1)
		if got := c.m.Value(pixels, labels.Reshape(2, 5)); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%s of pixels is %v, want %v", c.m.Name, got, c.want)
		}
	}
	// A class that is not there does not count.
	wide := dl.New(said).OneHot(5).Cast(dl.Float32)
	if got := metrics.MeanIoU(5).Value(wide, labels); math.Abs(got-(3.0/5+2.0/5+2.0/3)/3) > 1e-6 {
		t.Errorf("with two more classes the mean IoU is %v", got)
	}
}

func TestAveragePrecision(t *testing.T) {
	for _, c := range []struct {
		scores []float64
		labels []int
		want   float64
	}{
		{[]float64{0.9, 0.8, 0.7, 0.6}, []int{1, 1, 0, 0}, 1},
		{[]float64{0.1, 0.4, 0.35, 0.8}, []int{0, 0, 1, 1}, (1 + 2.0/3) / 2},
		{[]float64{0.5, 0.5, 0.5, 0.5}, []int{0, 1, 0, 0}, 0.25},
	} {
		if got := metrics.AveragePrecision(dl.New(c.scores), dl.New(c.labels)); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("scores %v, labels %v: %v, want %v", c.scores, c.labels, got, c.want)
		}
	}
	if !math.IsNaN(metrics.AveragePrecision(dl.New([]float64{1}), dl.New([]int{0}))) {
		t.Error("without a positive label it is a number")
	}
}

func ExampleMeanIoU() {
	outputs, labels := dl.New([][]float64{{2, 1}, {0, 3}, {1, 4}}), dl.New([]int{0, 0, 1})
	fmt.Println(metrics.MeanIoU(2).Value(outputs, labels))
	// Output: 0.5
}
