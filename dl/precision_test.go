package dl_test

import (
	"fmt"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
)

func ExampleFunc_SetPrecision() {
	x := dl.Placeholder("x", dl.Float32, 1)
	// bfloat16 has no 1.001: its neighbours are 1 and 1.0078125.
	f := dl.Function([]*dl.Tensor{x}, []*dl.Tensor{x.MatMul(dl.Ones(1)), x.Mul(1)})
	full := f.Call([]float64{1.001})
	half := f.SetPrecision(dl.BFloat16).Call([]float64{1.001})
	fmt.Println("product:", full[0], half[0])
	fmt.Println("elementwise:", full[1].Item(), half[1].Item())
	// Output:
	// product: 1.001 1
	// elementwise: 1.0010000467300415 1.0010000467300415
}

// TestMasterWeights holds that a variable takes steps that are too small for
// bfloat16.
func TestMasterWeights(t *testing.T) {
	w := dl.Variable([]float64{1}, "w")
	cost := dl.Ones(1, 1).MatMul(w).Sum()
	step := dl.Function(nil, []*dl.Tensor{cost}, dl.Set(w, w.Sub(dl.Grad(cost, w).Mul(0.0001)))).SetPrecision(dl.BFloat16)
	for range 10 {
		step.Call()
	}
	if got := w.At(0); got < 0.9989 || got > 0.9991 {
		t.Errorf("w is %v after ten steps of 0.0001, want 0.999", got)
	}
}
