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
// the same numbers in every run.
//
// [Layer], [Loss] and [Initializer], as opt.Optimizer and metrics.Metric, are
// small on purpose: a layer of one's own is any type with two methods, and
// stands beside those of this package.
//
// Misuse panics with a [*dl.Error], as in package dl, which names the layer.
package nn
