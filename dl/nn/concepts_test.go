package nn_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/metrics"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

func ExampleNew() {
	// A layer that learns a number for each feature.
	scale := nn.New("scale", func(s *nn.Scope, x *dl.Tensor) *dl.Tensor {
		return x.Mul(s.Parameter("factors", nn.Constant(2), x.Shape()[1]))
	})
	fmt.Println(nn.Sequential(scale).Apply(dl.New([][]float64{{1, 2, 3}})).Float64s())
	fmt.Println(len(scale.Parameters()), "parameter of", scale.Parameters()[0].Size(), "numbers")
	// Output:
	// [2 4 6]
	// 1 parameter of 3 numbers
}

func ExamplePass() {
	// A training loop of one's own, of a model with running means.
	dl.Seed(1)
	model := nn.Sequential(nn.Dense(4), nn.BatchNorm(), nn.ReLU(), nn.Dropout(0.1), nn.Dense(2))
	x, y := dl.Placeholder("x", dl.Float32, -1, 3), dl.Placeholder("y", dl.Int64, -1)
	pass := nn.Training()
	loss := nn.SoftmaxCrossEntropy(pass.Apply(model, x), y)
	updates := append(opt.Minimize(opt.SGD(0.1), loss, model.Parameters()...), pass.Updates()...)
	step := dl.Function([]*dl.Tensor{x, y}, []*dl.Tensor{loss}, updates...)
	step.Call(dl.Randn(8, 3), dl.RandInt(0, 2, 8))
	fmt.Println(len(model.Parameters()), "parameters,", len(model.State()), "variables of state, which the step changed:",
		model.State()[0].Abs().Max().Item() > 0)
	// Output: 6 parameters, 2 variables of state, which the step changed: true
}

func ExampleFunctional() {
	picture, text := nn.Input("picture", 1, 8, 8), nn.Input("text", 20)
	both := nn.Join(nn.Concat(1),
		picture.Then(nn.Conv2D(2, 3), nn.ReLU(), nn.Flatten()),
		text.Then(nn.Dense(16), nn.ReLU()))
	model := nn.Functional(nn.Nodes{picture, text}, nn.Nodes{
		both.Then(nn.Dense(10)).Named("class"),
		both.Then(nn.Dense(1)).Named("age"),
	})
	fmt.Println(model)
	// Output:
	// layer           output        parameters  inputs
	// picture         (?, 1, 8, 8)
	// text            (?, 20)
	// 1 conv2d(2, 3)  (?, 2, 6, 6)          20  picture
	// 2 relu          (?, 2, 6, 6)           0  1
	// 3 flatten       (?, 72)                0  2
	// 4 dense(16)     (?, 16)              336  text
	// 5 relu          (?, 16)                0  4
	// 6 concat(1)     (?, 88)                0  3, 5
	// 7 dense(10)     (?, 10)              890  6
	// 8 dense(1)      (?, 1)                89  6
	// total                              1,335
}

func ExampleModel_FitAll() {
	dl.Seed(1)
	x := nn.Input("x", 2)
	shared := x.Then(nn.Dense(8), nn.Tanh())
	model := nn.Functional(nn.Nodes{x}, nn.Nodes{shared.Then(nn.Dense(2)).Named("sign"), shared.Then(nn.Dense(1)).Named("sum")})
	xs := dl.Randn(100, 2)
	sum := xs.Sum(1)
	history := model.FitAll([]*dl.Tensor{xs}, []*dl.Tensor{sum.Greater(0).Cast(dl.Int64), sum}, nn.FitOptions{
		Epochs: 40, Optimizer: opt.Adam(0.02),
		Heads: []nn.Head{
			{Metrics: []metrics.Metric{metrics.Accuracy}},
			{Loss: nn.MeanSquaredError, Weight: 0.5},
		},
	})
	fmt.Println(history.Names())
	fmt.Println(history.Last("sign_accuracy") > 0.9, history.Last("sum_loss") < 0.1)
	// Output:
	// [loss sign_loss sum_loss sign_accuracy]
	// true true
}

func ExampleCallback() {
	dl.Seed(1)
	train, test := data.Iris().Split(0.3, 1)
	model := nn.Sequential(nn.Dense(16), nn.ReLU(), nn.Dense(3))
	good := func(e *nn.Event) error {
		if e.Moment == nn.EpochEnded && e.History.Last("val_accuracy") > 0.9 {
			e.Stop("it is good enough")
		}
		return nil
	}
	history := model.Fit(train.X(), train.Y(), nn.FitOptions{
		Epochs: 200, Batch: 16, Optimizer: opt.Adam(0.01), Metrics: []metrics.Metric{metrics.Accuracy},
		Validation: nn.Examples{X: test.X(), Y: test.Y()},
		Callbacks: []nn.Callback{
			nn.EveryEpoch(opt.Cosine(200, 0)), nn.EarlyStopping("val_loss", 20), nn.BestWeights("val_loss"), nn.TerminateOnNaN(), good,
		},
	})
	fmt.Println(history.Stopped)
	// Output: it is good enough
}

func ExampleFitOptions() {
	// A run that was stopped goes on from its checkpoint.
	dir, err := os.MkdirTemp("", "nn")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	run := func(epochs int) *nn.History {
		dl.Seed(1)
		x, y := dl.Randn(40, 3), dl.RandInt(0, 2, 40)
		model := nn.Sequential(nn.Dense(8), nn.Dropout(0.5), nn.Dense(2))
		return model.Fit(x, y, nn.FitOptions{
			Epochs: epochs, Optimizer: opt.Adam(0.01), Checkpoint: filepath.Join(dir, "run"), Resume: true,
		})
	}
	run(3) // and then the power fails
	history := run(5)
	fmt.Println(history.Epochs(), "epochs")
	// Output: 5 epochs
}

func ExampleModel_Save() {
	dir, err := os.MkdirTemp("", "nn")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")
	make := func() *nn.Model { return nn.Sequential(nn.Dense(4), nn.Tanh(), nn.Dense(1)).Build([]int{2}) }
	a, b := make(), make()
	if err := a.Save(path); err != nil {
		fmt.Println(err)
	}
	if err := b.Load(path); err != nil {
		fmt.Println(err)
	}
	x := dl.New([][]float64{{1, 2}})
	fmt.Println(a.Predict(x).Item() == b.Predict(x).Item())
	// Output: true
}

func ExampleModel_LoadTorch() {
	// The state_dict of a PyTorch module with an nn.RNN called "rnn" and an
	// nn.Linear called "head".
	model := nn.Sequential(nn.RNN(8, nn.Last()), nn.Dense(3)).Build([]int{12, 5})
	err := model.LoadTorch("testdata/networks/elman.safetensors", map[string]string{"rnn": "0", "head": "1"})
	fmt.Println(err, len(model.Parameters()))
	// Output: <nil> 6
}

func ExampleBatchNorm() {
	norm := nn.BatchNorm()
	x := dl.New([][]float64{{1, 100}, {3, 300}})
	fmt.Printf("%.1f\n", nn.Training().Apply(norm, x).Float64s()) // by the mean and variance of the batch
	fmt.Printf("%.1f\n", norm.Apply(x).Float64s())                // by the running ones, which have only begun to follow
	// Output:
	// [-1.0 -1.0 1.0 1.0]
	// [0.8 1.8 2.7 6.3]
}

func ExampleDropout() {
	dl.Seed(1)
	x := dl.Ones(1, 1000)
	fmt.Println(nn.Dropout(0.5).Apply(x).Sum().Item())
	kept := nn.Training().Apply(nn.Dropout(0.5), x)
	fmt.Println(kept.Max().Item(), kept.Min().Item(), kept.Mean().Sub(1).Abs().Item() < 0.1)
	// Output:
	// 1000
	// 2 0 true
}

func ExampleLSTM() {
	// Each step of a sequence of words says which word comes next.
	model := nn.Sequential(nn.Embedding(1000, 64), nn.LSTM(128), nn.Dense(1000))
	fmt.Println(model.Apply(dl.RandInt(0, 1000, 2, 30)).Shape())
	// And one label for a whole sequence, read in both directions.
	label := nn.Sequential(nn.Embedding(1000, 64), nn.Bidirectional(nn.GRU(32, nn.Last()), nn.GRU(32, nn.Last())), nn.Dense(5))
	fmt.Println(label.Apply(dl.RandInt(0, 1000, 2, 30)).Shape())
	// Output:
	// [2 30 1000]
	// [2 5]
}

func ExampleTransformerBlock() {
	model := nn.Sequential(
		nn.Embedding(50, 32), nn.PositionalEncoding(),
		nn.TransformerBlock(4, 64, nn.Causal(), nn.PreNorm(), nn.Drop(0.1)),
		nn.LayerNorm(), nn.Dense(50))
	model.Apply(dl.RandInt(0, 50, 1, 10))
	fmt.Println(model)
	// Output:
	// layer                     output       parameters
	// input                     (?, 10)
	// 1 embedding(50, 32)       (?, 10, 32)       1,600
	// 2 positional_encoding     (?, 10, 32)           0
	// 3 transformer(4, 64)      (?, 10, 32)       8,544
	//   1 attention(4, causal)                    4,224
	//   2 layernorm                                  64
	//   3 dense(64)                               2,112
	//   4 dense(32)                               2,080
	//   5 layernorm                                  64
	// 4 layernorm               (?, 10, 32)          64
	// 5 dense(50)               (?, 10, 50)       1,650
	// total                                      11,858
}

func ExamplePenalty() {
	fmt.Println(nn.L1(0.1)(dl.New([]float64{1, -2})).Item() > 0.29)
	layer := nn.Dense(100, nn.Penalise(nn.L2(1e-4)))
	fmt.Println(layer)
	// Output:
	// true
	// dense(100)
}

func ExampleInitializer() {
	// Weights that begin as the identity, as far as it goes.
	identity := func(fanIn, fanOut int, shape ...int) *dl.Tensor {
		return dl.Eye(shape[0]).Slice(dl.All, dl.To(shape[1]))
	}
	layer := nn.Dense(2, nn.Weights(identity))
	fmt.Println(layer.Apply(dl.New([][]float64{{5, 6, 7}})).Float64s())
	// Output: [5 6]
}
