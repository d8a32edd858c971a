package nn_test

import (
	"flag"
	"math"
	"testing"

	"github.com/fluxion-go/fluxion/dl/data"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

var curve = flag.Bool("curve", false, "train for 200 steps and compare the losses with PyTorch's; takes 10 s")

// TestCurveAgainstTorch trains the network of the paper from the weights and on
// the batches of tests/reference/curve.py. The losses agree to
// 1e-7 until a unit comes so near to a kink of ReLU or pooling that rounding
// decides its gradient, which happens to PyTorch's float32 as well; from there
// on the difference grows. So they must agree closely over the first 20 steps
// and roughly at the end.
func TestCurveAgainstTorch(t *testing.T) {
	if !*curve {
		t.Skip("takes 10 s; give -curve to run it")
	}
	var ref struct{ Losses []float64 }
	reference(t, "curve.json", &ref)
	train, _ := data.CIFAR10Sample()
	pictures := train.Subset(0, 3200)
	model := nn.Sequential(
		nn.Conv2D(32, 5, nn.Same()), nn.ReLU(), nn.MaxPool2D(2),
		nn.Conv2D(64, 5, nn.Same()), nn.ReLU(), nn.MaxPool2D(2),
		nn.Flatten(),
		nn.Dense(1000), nn.ReLU(),
		nn.Dense(1000), nn.ReLU(),
		nn.Dense(10),
	)
	model.Apply(pictures.Subset(0, 1).X())
	for i, p := range model.Parameters() {
		p.Assign(formula(i, p.Shape()))
	}
	h := model.Fit(pictures.X(), pictures.Y(), nn.FitOptions{Epochs: 2, Batch: 32, KeepOrder: true, Optimizer: opt.SGD(0.001)})
	losses := h.Steps()["loss"]
	if len(losses) != len(ref.Losses) {
		t.Fatalf("%d steps, want %d", len(losses), len(ref.Losses))
	}
	// distance is that of the losses from the reference, relative to its norm.
	distance := func(lo, hi int) float64 {
		var off, norm float64
		for i := lo; i < hi; i++ {
			off += (losses[i] - ref.Losses[i]) * (losses[i] - ref.Losses[i])
			norm += ref.Losses[i] * ref.Losses[i]
		}
		return math.Sqrt(off / norm)
	}
	if d := distance(0, 20); d > 1e-4 {
		t.Errorf("the first 20 losses are %.2g off", d)
	}
	if d := distance(199, 200); d > 1e-2 {
		t.Errorf("the last loss is %v, want %v", losses[199], ref.Losses[199])
	}
	t.Logf("%.2g off over the first 20 steps, %.2g at step 200; the loss fell from %.4f to %.4f", distance(0, 20), distance(199, 200), losses[0], losses[199])
}
