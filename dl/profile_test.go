package dl_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
)

func TestProfile(t *testing.T) {
	w := dl.Variable(dl.Ones(64, 64), "w")
	x := dl.Placeholder("x", dl.Float32, 256, 64)
	f := dl.Function([]*dl.Tensor{x}, []*dl.Tensor{x.MatMul(w).Exp().Sum()}, dl.Set(w, w.Add(1)))
	table := dl.Profile(f, 3, dl.Zeros(256, 64))
	if got := w.At(0, 0); got != 5 {
		t.Errorf("w is %v after a first and three measured calls, want 5", got)
	}
	flops := 0
	for _, r := range table.Rows {
		if r.Time <= 0 {
			t.Errorf("%s took %v", r.Name, r.Time)
		}
		flops += r.Flops
		if p := table.PercentOfPeak(r); (p > 0) != (r.Flops > 0) {
			t.Errorf("%s: %v %% of the peak with %d operations", r.Name, p, r.Flops)
		}
	}
	if want := 2 * 256 * 64 * 64; flops != want {
		t.Errorf("%d operations, want %d", flops, want)
	}
	if s := table.String(); !strings.Contains(s, "matmul") || !strings.Contains(s, "(256, 64)") {
		t.Errorf("the table names no matmul of shape (256, 64):\n%s", s)
	}
	if got := f.Call(dl.Zeros(256, 64)); got[0].Item() != 256*64 {
		t.Errorf("after profiling the function gives %v", got[0])
	}
}

func TestProfileErrors(t *testing.T) {
	x := dl.Placeholder("x", dl.Float32, 2)
	f := dl.Function([]*dl.Tensor{x}, []*dl.Tensor{x.Exp()})
	var e *dl.Error
	if err := dl.Try(func() { dl.Profile(f, 0, dl.Zeros(2)) }); !errors.As(err, &e) {
		t.Errorf("no calls: error %v", err)
	}
	dl.Use("reference")
	defer dl.Use("cpu")
	if err := dl.Try(func() { dl.Profile(f, 1, dl.Zeros(2)) }); !errors.As(err, &e) || !strings.Contains(err.Error(), "reference") {
		t.Errorf("reference backend: error %v", err)
	}
}
