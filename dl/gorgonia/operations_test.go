package gorgonia_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/gorgonia"
)

// The operations that dl.Use("gorgonia") has.
func ExampleOperations() {
	line := ""
	for _, name := range gorgonia.Operations() {
		if line += name + " "; len(line) > 60 {
			fmt.Println(strings.TrimSpace(line))
			line = ""
		}
	}
	fmt.Println(strings.TrimSpace(line))
	// Output:
	// abs add all and any avgpool2d broadcast_to cast ceil concat conv2d
	// conv2d_grad_input conv2d_grad_weight cos div equal exp expm1
	// floor gather greater greater_equal less less_equal log log1p
	// log_softmax matmul max maximum maxpool2d maxpool2d_grad min minimum
	// mul neg not not_equal one_hot or pad pow reciprocal relu reshape
	// sigmoid sign sin slice softmax softmax_cross_entropy softmax_cross_entropy_grad
	// softplus sqrt square sub sum tan tanh transpose trunc where
}

// TestRefusal: what gorgonia has not is an error that names the operation, and
// says where it would run.
func TestRefusal(t *testing.T) {
	defer dl.Use("cpu")
	x := dl.Placeholder("x", dl.Float32, 3)
	f := dl.Function([]*dl.Tensor{x}, []*dl.Tensor{x.CumSum(0)})
	dl.Use("gorgonia")
	err := dl.Try(func() { f.Call([]float32{1, 2, 3}) })
	var u *backend.Unsupported
	if !errors.As(err, &u) || u.Op != "cumsum" {
		t.Errorf("got %v", err)
	}
	var e *dl.Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint(), `dl.Use("cpu")`) {
		t.Errorf("the hint of %v is %q", err, e.Hint())
	}
}
