// Package nn builds neural networks from layers and trains them.
//
//	model := nn.Sequential(
//		nn.Conv2D(32, 5, nn.Same()), nn.ReLU(), nn.MaxPool2D(2),
//		nn.Flatten(), nn.Dense(10))
//	history := model.Fit(x, y, nn.FitOptions{Epochs: 8, Optimizer: opt.SGD(0.05)})
//	classes := model.Predict(x).ArgMax(1)
//
// A layer learns the size of its input when it is first applied, and makes its
// parameters then, with numbers from dl's generator: call [dl.Seed] first for
// the same numbers in every run. [Functional] makes models with several inputs
// and outputs; a model is a layer, and so can be part of another.
//
// # Training and evaluation
//
// Layers such as [Dropout] and [BatchNorm] do something else in training. Which
// it is belongs to a [Pass] through the model, not to the model: Fit makes
// passes of training, Apply, Predict and Evaluate of evaluation. What gradients
// change are parameters; what a layer changes itself, such as running means, is
// its state. Both are saved.
//
// # Layers of one's own
//
// [Layer], [Loss], [Initializer], [Penalty] and [Callback], as opt.Optimizer
// and metrics.Metric, are small on purpose: a layer of one's own is any type
// with two methods, or one function given to [New], and stands beside those of
// this package.
//
// # Files
//
// [Model.Save] and [Model.Load] keep parameters and state in safetensors files;
// [Model.LoadTorch] and [Model.SaveTorch] exchange them with PyTorch. Checkpoint
// of [FitOptions] keeps a whole run, which goes on from it to the same bits.
// Package dl/onnx exports models.
//
// Misuse panics with a [*dl.Error], as in package dl, which names the layer.
// Functions that work with files return errors.
package nn
