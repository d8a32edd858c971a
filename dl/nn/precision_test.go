package nn_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// patterned returns pictures of two classes that differ in one half, and
// their labels.
func patterned() (x, y *dl.Tensor) {
	dl.Seed(2)
	y = dl.RandInt(0, 2, 96)
	mask := make([]float64, 64)
	for i := range 32 {
		mask[i] = 1
	}
	return dl.Randn(96, 1, 8, 8).Add(y.Cast(dl.Float32).Reshape(-1, 1, 1, 1).Mul(dl.New(mask).Reshape(1, 1, 8, 8))), y
}

// In bfloat16 a network learns as in float32 to the precision of bfloat16, has
// float32 parameters, and ends in the same bits each time.
func TestFitInBFloat16(t *testing.T) {
	x, y := patterned()
	run := func(p dl.Precision, epochs, batch int) (*nn.Model, *nn.History) {
		dl.Seed(3)
		m := nn.Sequential(nn.Conv2D(4, 3, nn.Same()), nn.ReLU(), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(16), nn.ReLU(), nn.Dense(2))
		return m, m.Fit(x, y, nn.FitOptions{Epochs: epochs, Batch: batch, Optimizer: opt.SGD(0.05, opt.Momentum(0.9)), Precision: p})
	}
	half, got := run(dl.BFloat16, 8, 16)
	again, _ := run(dl.BFloat16, 8, 16)
	if !reflect.DeepEqual(variables(half), variables(again)) {
		t.Error("two runs end in other bits")
	}
	if first, last := got.Series()["loss"][0], got.Last("loss"); last > first/2 {
		t.Errorf("the loss went from %v to %v, want at most half", first, last)
	}
	for _, p := range half.Parameters() {
		isFine := func(w float32) bool { return math.Float32bits(w)<<16 != 0 } // no bfloat16
		if p.DType() != dl.Float32 || !slices.ContainsFunc(p.Float32s(), isFine) {
			t.Errorf("%s is %s %v, want float32 with elements finer than bfloat16", p.Name(), p.DType(), p)
		}
	}
	// bfloat16 rounds by at most 2⁻⁹ of a number. After one step from equal
	// weights, loss and parameters have gone through few products.
	const rounding = 1. / 512
	full, want := run(dl.FullPrecision, 1, 96)
	one, first := run(dl.BFloat16, 1, 96)
	a, b := first.Last("loss"), want.Last("loss")
	if d := math.Abs(a - b); d == 0 || d > 4*rounding*b {
		t.Errorf("the loss of the first step is %v, in full precision %v", a, b)
	}
	for i, p := range full.Parameters() {
		d := one.Parameters()[i].Sub(p).Square().Sum().Sqrt().Item()
		if norm := p.Square().Sum().Sqrt().Item(); d == 0 || d > 16*rounding*norm {
			t.Errorf("after one step %s is off by %v of its norm", p.Name(), d/norm)
		}
	}
	// What is measured without learning is so in full precision.
	loss := nn.SoftmaxCrossEntropy(half.Apply(x), y).Item()
	near(t, "the loss after training", half.EvaluateAll([]*dl.Tensor{x}, []*dl.Tensor{y}, nn.Head{})["loss"], loss, 1e-6)
	if err := dl.Try(func() { run(7, 1, 96) }); err == nil || !strings.Contains(err.Error(), "precision 7, want dl.FullPrecision or dl.BFloat16") {
		t.Errorf("error %v", err)
	}
}
