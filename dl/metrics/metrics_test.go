package metrics_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/metrics"
)

// The values can be counted by hand.
var cases = []struct {
	m              metrics.Metric
	output, target any
	want           float64
}{
	{metrics.Accuracy, [][]float64{{1, 2, 0}, {5, 2, 0}, {0, 0, 1}, {0, 0, 0}}, []int{1, 1, 2, 1}, 0.5},
	{metrics.TopK(2), [][]float64{{1, 2, 0}, {5, 2, 0}, {3, 1, 2}, {0, 0, 0}, {0, 0, 0}}, []int{0, 2, 2, 1, 2}, 0.6},
	{metrics.TopK(3), [][]float64{{1, 2, 0}, {5, 2, 0}}, []int{0, 2}, 1},
	{metrics.BinaryAccuracy, []float64{1, -1, 0, 3}, []float64{1, 0, 1, 0}, 0.5},
	{metrics.BinaryAccuracy, [][]float64{{1}, {-1}, {0}}, []int{1, 0, 0}, 1},
	{metrics.MeanAbsoluteError, []float64{1, -1, 0}, []float64{2, 2, 2}, 2},
	{metrics.MeanSquaredError, [][]float64{{1}, {-1}}, []float64{2, 2}, 5},
	{metrics.MeanSquaredError, []float64{1, -1}, [][]float64{{2}, {2}}, 5},
	{metrics.RootMeanSquaredError, []float64{1, -1}, []float64{4, 3}, math.Sqrt(12.5)},
	{metrics.R2, []float64{1, 2, 3}, []float64{1, 2, 6}, 1 - 9.0/14},
	{metrics.R2, []float64{3, 3, 3}, []float64{1, 2, 6}, 0},
	{metrics.CosineSimilarity, [][]float64{{3, 4}, {1, 0}, {0, 0}}, [][]float64{{4, 3}, {-2, 0}, {1, 1}}, (0.96 - 1 + 0) / 3},
	{metrics.Precision, []float64{1, 1, 1, -1, -1}, []float64{1, 1, 0, 1, 0}, 2.0 / 3},
	{metrics.Precision, []float64{-1, -1}, []float64{1, 0}, 0},
	{metrics.Recall, []float64{1, 1, 1, -1, -1, -1}, []float64{1, 1, 0, 1, 0, 1}, 0.5},
	{metrics.F1, [][]float64{{1}, {1}, {1}, {-1}, {-1}, {-1}}, []float64{1, 1, 0, 1, 0, 1}, 4.0 / 7},
	{metrics.MacroF1(3), [][]float64{{1, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 1, 0}}, []int{0, 1, 1, 1}, (2.0/3 + 4.0/5 + 0) / 3},
	{metrics.Perplexity, [][]float64{{0, 0, 0, 0}, {0, 0, 0, 0}}, []int{1, 3}, 4},
}

func TestMetrics(t *testing.T) {
	for _, c := range cases {
		output, target := dl.New(c.output), dl.New(c.target)
		if got := c.m.Value(output, target); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%s of %v for %v is %v, want %v", c.m.Name, c.output, c.target, got, c.want)
		}
		// And compiled, for any number of examples.
		shape := output.Shape()
		shape[0] = -1
		o := dl.Placeholder("o", output.DType(), shape...)
		shape = target.Shape()
		shape[0] = -1
		y := dl.Placeholder("y", target.DType(), shape...)
		f := dl.Function([]*dl.Tensor{o, y}, []*dl.Tensor{c.m.Of(o, y)})
		got := f.Call(output, target)[0].Float64s()
		if c.m.Final != nil {
			got[0] = c.m.Final(got)
		}
		if got := got[0]; math.Abs(got-c.want) > 1e-6 {
			t.Errorf("compiled %s of %v for %v is %v, want %v", c.m.Name, c.output, c.target, got, c.want)
		}
	}
}

func TestMisuse(t *testing.T) {
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { metrics.Accuracy.Of(dl.Zeros(4, 3), dl.Zeros(4, 3)) }, "accuracy: outputs of shape (4, 3) for targets of shape (4, 3)"},
		{func() { metrics.MeanSquaredError.Of(dl.Zeros(4, 3), dl.Zeros(4)) }, "mse: outputs of shape (4, 3) for targets of shape (4)"},
		{func() { metrics.BinaryAccuracy.Of(dl.Zeros(4), dl.Zeros(1)) }, "binary accuracy: outputs of shape (4) for targets of shape (1)"},
		{func() { metrics.NewConfusion(dl.New([]int{0, 1}), dl.New([]int{0}), []string{"a", "b"}) }, "confusion: 2 predictions for 1 labels"},
		{func() { metrics.NewConfusion(dl.New([]int{0, 2}), dl.New([]int{0, 1}), []string{"a", "b"}) }, "confusion: example 1 has class 2, want 0 to 1"},
	} {
		if err := dl.Try(c.f); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestConfusion(t *testing.T) {
	labels := dl.New([]int{0, 0, 0, 1, 1, 2})
	c := metrics.NewConfusion(dl.New([]int{0, 0, 1, 1, 0, 1}), labels, []string{"a", "b", "c"})
	if want := [][]int{{2, 1, 0}, {1, 1, 0}, {0, 1, 0}}; !reflect.DeepEqual(c.Counts, want) {
		t.Fatalf("counts %v, want %v", c.Counts, want)
	}
	for _, v := range []struct {
		name      string
		got, want any
	}{
		{"accuracy", c.Accuracy(), 0.5},
		{"recall", c.Recall(), []float64{2.0 / 3, 0.5, 0}},
		{"precision", c.Precision(), []float64{2.0 / 3, 1.0 / 3, 0}},
		{"accuracy of nothing", metrics.NewConfusion(dl.Zeros(0), dl.Zeros(0), []string{"a"}).Accuracy(), 0.0},
	} {
		if !reflect.DeepEqual(v.got, v.want) {
			t.Errorf("%s is %v, want %v", v.name, v.got, v.want)
		}
	}
}

// The pairs of a positive and a negative example can be counted by hand.
func TestAUC(t *testing.T) {
	for _, c := range []struct {
		scores, labels []float64
		want           float64
	}{
		{[]float64{0.1, 0.4, 0.35, 0.8}, []float64{0, 0, 1, 1}, 0.75},
		{[]float64{1, 2, 3}, []float64{0, 1, 1}, 1},
		{[]float64{3, 2, 1}, []float64{0, 1, 1}, 0},
		{[]float64{5, 5, 5, 5}, []float64{0, 1, 0, 1}, 0.5},
		{[]float64{1, 2, 2, 3}, []float64{0, 0, 1, 1}, 3.5 / 4},
	} {
		if got := metrics.AUC(dl.New(c.scores), dl.New(c.labels)); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("the area of %v for %v is %v, want %v", c.scores, c.labels, got, c.want)
		}
	}
	if got := metrics.AUC(dl.New([]float64{1, 2}), dl.New([]float64{1, 1})); !math.IsNaN(got) {
		t.Errorf("without negative examples the area is %v", got)
	}
}

func ExampleAUC() {
	scores, labels := dl.New([]float64{0.9, 0.7, 0.6, 0.2}), dl.New([]int{1, 0, 1, 0})
	fmt.Println(metrics.AUC(scores, labels)) // of four pairs, three are in order
	// Output: 0.75
}

func ExampleMetric_Value() {
	logits, labels := dl.New([]float64{2, 1, -1, 3}), dl.New([]int{1, 0, 1, 1})
	fmt.Printf("precision %.3f, recall %.3f\n", metrics.Precision.Value(logits, labels), metrics.Recall.Value(logits, labels))
	// Output: precision 0.667, recall 0.667
}

func ExampleConfusion() {
	outputs := dl.New([][]float64{{2, 1}, {0, 3}, {1, 0}})
	labels := dl.New([]int{0, 1, 1})
	c := metrics.NewConfusion(outputs, labels, []string{"cat", "dog"})
	fmt.Println(c)
	fmt.Printf("accuracy %.2f\n", c.Accuracy())
	// Output:
	//       cat   dog
	// cat     1     0
	// dog     1     1
	// accuracy 0.67
}

func ExampleMetric() {
	// A metric of one's own: the mean output where the target is 1.
	hits := metrics.Metric{Name: "hits", Of: func(output, target *dl.Tensor) *dl.Tensor {
		return output.Mul(target).Sum().Div(target.Sum())
	}}
	fmt.Println(hits.Of(dl.New([]float64{1, 2, 3}), dl.New([]float64{0, 1, 1})).Item())
	// Output: 2.5
}
