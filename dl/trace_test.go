package dl_test

import (
	"errors"
	"slices"
	"strings"
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

// TestTraceOfLoops: what a loop does in each step, and the branches of a
// condition in it, are part of the plan, with what was fused in them.
func TestTraceOfLoops(t *testing.T) {
	wx, wh := dl.Variable(dl.Ones(8, 8), "wx"), dl.Variable(dl.Ones(8, 8), "wh")
	xs := dl.Placeholder("xs", dl.Float32, -1, 4, 8)
	hs := dl.Scan(func(x, h *dl.Tensor) *dl.Tensor {
		next := x.MatMul(wx).Add(h.MatMul(wh)).Tanh()
		return dl.Cond(next.Sum().Greater(0), func() *dl.Tensor { return next.Mul(0.5).Exp() }, func() *dl.Tensor { return next })[0]
	}, dl.ScanOptions{Sequences: []dl.Sequence{{X: xs}}, States: []dl.State{{Initial: dl.Zeros(4, 8)}}})[0]
	halves := dl.While(func(x *dl.Tensor) *dl.Tensor { return x.Greater(1) }, func(x *dl.Tensor) *dl.Tensor { return x.Mul(0.5) }, []any{hs.Sum()})[0]
	f := dl.Function([]*dl.Tensor{xs}, []*dl.Tensor{halves})
	p := dl.Trace(f, dl.Zeros(5, 4, 8))
	names := map[string]bool{}
	var walk func(p dl.Plan, at string)
	walk = func(p dl.Plan, at string) {
		for _, s := range p.Steps {
			names[at+s.Name] = true
			for _, op := range s.Fused {
				names[at+"fused "+op] = true
			}
			for _, b := range s.Bodies {
				walk(b.Plan, at+s.Name+"/"+b.Name+"/")
			}
		}
	}
	walk(*p, "")
	for _, want := range []string{"scan", "scan/each step/matmul", "scan/each step/fused tanh", "scan/each step/cond", "scan/each step/cond/if true/fused exp",
		"while", "while/while/greater", "while/each step/mul"} {
		if !names[want] {
			t.Errorf("the plan has no %s:\n%v\n%v", want, p, names)
		}
	}
	text := p.String()
	for _, want := range []string{"\n    each step:\n    │ ", "\n    │     if true:\n    │     │ ", "memory: "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
