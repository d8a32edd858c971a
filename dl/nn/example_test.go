package nn_test

import (
	"fmt"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/metrics"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

func ExampleSequential() {
	model := nn.Sequential(
		nn.Conv2D(32, 5, nn.Same()), nn.ReLU(), nn.MaxPool2D(2),
		nn.Conv2D(64, 5, nn.Same()), nn.ReLU(), nn.MaxPool2D(2),
		nn.Flatten(),
		nn.Dense(1000), nn.ReLU(),
		nn.Dense(1000), nn.ReLU(),
		nn.Dense(10),
	)
	fmt.Println(model.Summary(3, 32, 32))
	// Output:
	// layer                  output           parameters
	// input                  (?, 3, 32, 32)
	// 1 conv2d(32, 5, same)  (?, 32, 32, 32)       2,432
	// 2 relu                 (?, 32, 32, 32)           0
	// 3 maxpool2d(2)         (?, 32, 16, 16)           0
	// 4 conv2d(64, 5, same)  (?, 64, 16, 16)      51,264
	// 5 relu                 (?, 64, 16, 16)           0
	// 6 maxpool2d(2)         (?, 64, 8, 8)             0
	// 7 flatten              (?, 4096)                 0
	// 8 dense(1000)          (?, 1000)         4,097,000
	// 9 relu                 (?, 1000)                 0
	// 10 dense(1000)         (?, 1000)         1,001,000
	// 11 relu                (?, 1000)                 0
	// 12 dense(10)           (?, 10)              10,010
	// total                                    5,161,706
}

func ExampleModel_Fit() {
	dl.Seed(1)
	train, test := data.Iris().Split(0.2, 1)
	model := nn.Sequential(nn.Dense(16), nn.ReLU(), nn.Dense(3))
	history := model.Fit(train.X(), train.Y(), nn.FitOptions{
		Epochs: 60, Batch: 16, Optimizer: opt.Adam(0.01), Seed: 1,
		Metrics:    []metrics.Metric{metrics.Accuracy},
		Validation: nn.Examples{X: test.X(), Y: test.Y()},
	})
	fmt.Println(history.Epochs(), "epochs of", len(history.Steps()["loss"])/60, "steps")
	fmt.Println("loss below 0.2:", history.Last("loss") < 0.2)
	fmt.Println("validation accuracy above 0.9:", history.Last("val_accuracy") > 0.9)
	// Output:
	// 60 epochs of 8 steps
	// loss below 0.2: true
	// validation accuracy above 0.9: true
}

func ExampleModel_Evaluate() {
	model := nn.Sequential(nn.Dense(2, nn.Weights(nn.Constant(1)), nn.Biases(func(_, _ int, _ ...int) *dl.Tensor {
		return dl.New([]float64{0, 1})
	})))
	x, y := dl.New([][]float64{{1}, {2}, {3}, {4}}), dl.New([]int{1, 1, 1, 0})
	fmt.Println(model.Evaluate(x, y)) // the second output is always the higher one
	// Output: map[accuracy:0.75]
}

// scale is a layer of one's own: it multiplies each feature by a number that
// is learned.
type scale struct{ factors *dl.Tensor }

func (s *scale) Apply(x *dl.Tensor) *dl.Tensor {
	if s.factors == nil {
		s.factors = dl.Variable(dl.Ones(x.Shape()[1]), "factors")
	}
	return x.Mul(s.factors)
}

func (s *scale) Parameters() []*dl.Tensor {
	if s.factors == nil {
		return nil
	}
	return []*dl.Tensor{s.factors}
}

func (s *scale) String() string { return "scale" }

func ExampleLayer() {
	model := nn.Sequential(&scale{}, nn.Dense(1, nn.NoBias()))
	fmt.Println(model.Summary(3))
	fmt.Println(model.Parameters()[0].Name(), model.Parameters()[0].Float64s())
	// Output:
	// layer       output  parameters
	// input       (?, 3)
	// 1 scale     (?, 3)           3
	// 2 dense(1)  (?, 1)           3
	// total                        6
	// 1.factors [1 1 1]
}

func ExampleLoss() {
	// Errors count by their size, not its square.
	absolute := func(output, target *dl.Tensor) *dl.Tensor { return output.Sub(target).Abs().Mean() }
	model := nn.Sequential(nn.Dense(1, nn.Weights(nn.Zeros)))
	x := dl.New([][]float64{{0}, {1}, {2}, {3}})
	y := dl.New([][]float64{{1}, {3}, {5}, {7}})
	history := model.Fit(x, y, nn.FitOptions{Epochs: 400, Loss: absolute, Optimizer: opt.Adam(0.05)})
	fmt.Println("learned 2x+1:", history.Last("loss") < 0.1)
	// Output: learned 2x+1: true
}

func ExampleHistory() {
	model := nn.Sequential(nn.Dense(1, nn.Weights(nn.Zeros), nn.NoBias()))
	x, y := dl.New([][]float64{{1}}), dl.New([][]float64{{2}})
	history := model.Fit(x, y, nn.FitOptions{Epochs: 3, Loss: nn.MeanSquaredError, Optimizer: opt.SGD(0.25)})
	fmt.Println(history)
	fmt.Println(history.Series()["loss"])
	// Output:
	// epoch     loss
	//     1   4.0000
	//     2   1.0000
	//     3   0.2500
	// [4 1 0.25]
}

func ExampleModel_FitBatches() {
	// Squares that are brighter to the left or to the right.
	pictures := &data.Images{Channels: 1, Height: 2, Width: 2, Classes: []string{"left", "right"}}
	for i := range 100 {
		pictures.Labels = append(pictures.Labels, i%2)
		for range 2 {
			pictures.Pixels = append(pictures.Pixels, uint8(200*(1-i%2)+i%50), uint8(200*(i%2)+i%50))
		}
	}
	mean, deviation := pictures.Moments()
	batches := pictures.Pipeline(data.PipelineOptions{Batch: 10, Augment: []data.Augmentation{data.Normalize(mean, deviation)}})
	model := nn.Sequential(nn.Flatten(), nn.Dense(2))
	history := model.FitBatches(batches, nn.FitOptions{Epochs: 5, Optimizer: opt.SGD(0.1), Metrics: []metrics.Metric{metrics.Accuracy}})
	fmt.Println(history.Epochs(), "epochs of", batches.Steps(), "steps, accuracy", history.Last("accuracy"))
	// Output: 5 epochs of 10 steps, accuracy 1
}
