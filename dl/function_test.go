package dl

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

// TestUpdatesHappenTogether: two variables change places, and outputs see the
// values before.
func TestUpdatesHappenTogether(t *testing.T) {
	a, b := Variable(1.0, "a"), Variable(2.0, "b")
	f := Function(nil, []*Tensor{a, a.Add(b)}, Set(a, b), Set(b, a.Add(10)))
	out := f.Call()
	if a.Item() != 2 || b.Item() != 11 || out[0].Item() != 1 || out[1].Item() != 3 {
		t.Errorf("a %v, b %v, outputs %v; want 2, 11, [1 3]", a, b, out)
	}
	if f.Call(); a.Item() != 11 || b.Item() != 12 {
		t.Errorf("after the second call a %v, b %v; want 11, 12", a, b)
	}
	if out[0].Item() != 1 {
		t.Error("the second call changed an output of the first")
	}
}

func TestFuncString(t *testing.T) {
	x, v := Placeholder("x", Float32, -1, 3), Variable(1.0, "v")
	want := "function(x (?, 3) float32): 1 outputs, 1 updates"
	if got := Function([]*Tensor{x}, []*Tensor{x}, Set(v, 2)).String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCallReadsArguments(t *testing.T) {
	x, n := Placeholder("x", Float32, -1), Placeholder("n", Int64)
	f := Function([]*Tensor{x, n}, []*Tensor{x.Mul(n).Sum(), x})
	v := Variable([]float64{1, 2}, "v")
	for _, c := range []struct {
		x, n any
		want float64
	}{
		{New([]float64{1, 2}), 2, 6}, {[]float32{1, 2, 3}, New(2), 12}, {[]float64{}, 2, 0}, {[]int{1, 2}, int32(3), 9},
		{NewAs(Float64, []float64{1, 2}), uint8(2), 6}, {NewAs(Uint8, []int{1, 2}), true, 3}, {v, 1, 3}, {[2]float64{1, 1}, 1, 2},
	} {
		if got := f.Call(c.x, c.n)[0].Item(); got != c.want {
			t.Errorf("f(%v, %v) = %g, want %g", c.x, c.n, got, c.want)
		}
	}
	// A variable as an argument is its value before the update.
	g := Function([]*Tensor{x}, []*Tensor{x.Add(v)}, Set(v, v.Add(x)))
	if out := g.Call(v)[0]; out.At(1) != 4 || v.At(1) != 4 {
		t.Errorf("output %v and variable %v, want [2 4] for both", out, v)
	}
}

// TestPlansAreBounded: functions are compiled for more shapes than are kept.
func TestPlansAreBounded(t *testing.T) {
	x := Placeholder("x", Float32, -1)
	f := Function([]*Tensor{x}, []*Tensor{x.Sum()})
	for round := range 2 {
		for n := range 3 * MaxPlans {
			if got := f.Call(Ones(n))[0].Item(); got != float64(n) {
				t.Errorf("round %d: the sum of %d ones is %g", round, n, got)
			}
		}
	}
	if len(f.plans) > MaxPlans {
		t.Errorf("%d plans are kept", len(f.plans))
	}
}

func TestCallIntoAllocatesNothing(t *testing.T) {
	x, w := Placeholder("x", Float32, -1, 8), Variable(Ones(8), "w")
	loss := x.MatMul(w).Square().Mean()
	f := Function([]*Tensor{x}, []*Tensor{loss}, Set(w, w.Sub(Grad(loss, w).Mul(0.1))))
	outs, args := make([]*Tensor, 1), []any{Randn(4, 8)}
	f.CallInto(outs, args...)
	kept := outs[0]
	if n := testing.AllocsPerRun(20, func() { f.CallInto(outs, args...) }); n != 0 {
		t.Errorf("%g allocations a call", n)
	}
	if kept != outs[0] {
		t.Error("the output is another tensor")
	}
}

func TestInterrupt(t *testing.T) {
	v := Variable(1.0, "v")
	f := Function(nil, []*Tensor{v.Exp()}, Set(v, v.Add(1)))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	cell.Enter(ctx, cell.Current().Output(), nil, func() {
		if err := Try(func() { f.Call() }); !errors.Is(err, ErrInterrupted) {
			t.Errorf("error %v, want ErrInterrupted", err)
		}
	})
	if v.Item() != 1 {
		t.Errorf("an interrupted call changed a variable to %v", v)
	}
	if f.Call(); v.Item() != 2 {
		t.Errorf("the next call left %v", v)
	}
}

func TestEval(t *testing.T) {
	x, v := Placeholder("x", Float32, -1), Variable(2.0, "v")
	y := x.Mul(v)
	for _, c := range []struct{ v, want float64 }{{2, 6}, {10, 30}} {
		v.Assign(c.v)
		if got := Eval(y, Feed{x: []float64{3}}).At(0); got != c.want {
			t.Errorf("with v = %g: %g, want %g", c.v, got, c.want)
		}
	}
	if got := Eval(Scalar(4)).Item(); got != 4 {
		t.Errorf("a constant is %g", got)
	}
}

// TestUnknownRows: one function for any number of rows, through every way of
// reshaping.
func TestUnknownRows(t *testing.T) {
	x := Placeholder("x", Float32, -1, 2, 3)
	y := x.Flatten().ExpandDims(1).Squeeze(1).MatMul(Ones(6, 4)).Reshape(-1, 2, 2).T().Slice(0, 0)
	f := Function([]*Tensor{x}, []*Tensor{y, x.MatMul(Ones(3, 5)), Concat(0, x, x), OnesLike(x), Grad(x.Mean(), x)})
	for _, n := range []int{1, 4} {
		out := f.Call(Ones(n, 2, 3))
		if got := out[0].Float64s(); !slices.Equal(got, slices.Repeat([]float64{6}, n)) {
			t.Errorf("%d rows gave %v", n, got)
		}
		for i, want := range [][]int{{n}, {n, 2, 5}, {2 * n, 2, 3}, {n, 2, 3}, {n, 2, 3}} {
			if !slices.Equal(out[i].Shape(), want) {
				t.Errorf("%d rows: output %d has shape %v, want %v", n, i, out[i].Shape(), want)
			}
		}
		if g := out[4].At(0, 0, 0); g != float64(float32(1)/float32(6*n)) {
			t.Errorf("%d rows: the gradient of the mean is %g", n, g)
		}
	}
}
