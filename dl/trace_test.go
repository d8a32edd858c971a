package dl_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
)

// TestTrace: an activation is fused, the update goes straight into the variable,
// and tracing runs nothing.
func TestTrace(t *testing.T) {
	w := dl.Variable(dl.Ones(64, 64), "w")
	x := dl.Placeholder("x", dl.Float32, -1, 64)
	y := x.MatMul(w).Mul(2).Tanh().Add(1)
	f := dl.Function([]*dl.Tensor{x}, []*dl.Tensor{y.Sum()}, dl.Set(w, w.Mul(0.5)))
	p := dl.Trace(f, dl.Zeros(256, 64))
	fused, variable := false, false
	for _, s := range p.Steps {
		fused = fused || slices.Contains(s.Fused, "tanh") && len(s.Fused) > 1 && slices.Equal(s.Shape, []int{256, 64})
		variable = variable || s.Name == "mul" && s.Place == "variable" && s.Bytes == 64*64*4
	}
	if !fused || !variable || p.Memory < 64*64*4 {
		t.Errorf("the plan has no fused tanh, or no update in place:\n%v", p)
	}
	if w.At(0, 0) != 1 {
		t.Error("Trace ran the function")
	}
	j := dl.Jit(func(x *dl.Tensor) *dl.Tensor { return x.Exp().Mul(x) })
	if p := j.Trace(dl.Zeros(3)); len(p.Steps) != 1 || !slices.Equal(p.Steps[0].Fused, []string{"exp", "mul"}) {
		t.Errorf("the plan of a compiled Go function:\n%v", p)
	}
	dl.Use("reference")
	defer dl.Use("cpu")
	var e *dl.Error
	if err := dl.Try(func() { dl.Trace(f, dl.Zeros(2, 64)) }); !errors.As(err, &e) || e.Op != "trace" {
		t.Errorf("reference backend: %v", err)
	}
}
