package dl_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
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

// Taps on padding are no operations: of 4 results in a row, with 3 taps each, two
// have one of them outside of the picture.
func TestProfileOfPadding(t *testing.T) {
	for _, p := range []dl.Precision{dl.FullPrecision, dl.BFloat16} {
		x, w := dl.Placeholder("x", dl.Float32, 5, 7, 4, 4), dl.Placeholder("w", dl.Float32, 6, 7, 3, 3)
		f := dl.Function([]*dl.Tensor{x, w}, []*dl.Tensor{dl.Conv2D(x, w, dl.ConvOptions{Same: true})}).SetPrecision(p)
		flops := 0
		for _, r := range dl.Profile(f, 1, dl.Ones(5, 7, 4, 4), dl.Ones(6, 7, 3, 3)).Rows {
			flops += r.Flops
		}
		if want := 2 * 5 * 6 * 7 * 10 * 10; flops != want {
			t.Errorf("precision %v: %d operations, want %d", p, flops, want)
		}
	}
}

// The time of every piece is given to the operations that it computes, as the
// user wrote them: fused ones, transposed ones, and one that is computed as
// something equal.
func TestProfileOfNodes(t *testing.T) {
	dl.Seed(1)
	w := dl.Variable(dl.Randn(8, 3, 3, 3), "w")
	v := dl.Variable(dl.Randn(8*14*14, 10), "v")
	x := dl.Placeholder("x", dl.Float32, -1, 3, 16, 16)
	hidden := dl.Conv2D(x, w).Named("conv").ReLU().Named("relu").Reshape(-1, 8*14*14)
	y := hidden.MatMul(v).Named("product").Softmax(1).Named("softmax").Log().Named("logarithm")
	step := v.Sub(dl.Grad(y.Mean(), v).Mul(0.1)).Named("new v")
	table := dl.Profile(dl.Function([]*dl.Tensor{x}, []*dl.Tensor{y}, dl.Set(v, step)), 2, dl.Randn(4, 3, 16, 16))
	var rows, nodes time.Duration
	for _, r := range table.Rows {
		rows += r.Time
	}
	timed := map[string]cell.GraphNode{}
	for _, n := range table.Graph().Nodes {
		nodes += n.Time
		name, _, _ := strings.Cut(n.Label, " = ")
		timed[name] = n
	}
	if off := rows - nodes; off < 0 || off > time.Duration(len(timed)*20) { // what equal parts leave over
		t.Errorf("the pieces took %v and the operations %v", rows, nodes)
	}
	for name, want := range map[string]string{"new v": "(1568, 10) float32", "conv": "(4, 8, 14, 14) float32", "relu": "(4, 8, 14, 14) float32", "product": "(4, 10) float32", "logarithm": "(4, 10) float32"} {
		if n := timed[name]; n.Time <= 0 || n.Value != want {
			t.Errorf("%s took %v and is %s, want some time and %s", name, n.Time, n.Value, want)
		}
	}
	if n := timed["softmax"]; n.Time != 0 {
		t.Errorf("softmax took %v, but it is part of its logarithm", n.Time)
	}
	if n := timed["x"]; n.Value != "(4, 3, 16, 16) float32" {
		t.Errorf("x is %s", n.Value)
	}
	if n := timed["conv"]; n.Bytes != 4*8*14*14*4 {
		t.Errorf("conv has %d bytes", n.Bytes)
	}
	if n := len(table.Pieces().Graph().Nodes); n != len(table.Rows) {
		t.Errorf("%d pieces are drawn of %d", n, len(table.Rows))
	}
	chain := dl.Placeholder("z", dl.Float32, 1000)
	table = dl.Profile(dl.Function([]*dl.Tensor{chain}, []*dl.Tensor{chain.Exp().Tanh().Mul(3)}), 1, dl.Zeros(1000))
	for _, n := range table.Graph().Nodes {
		if n.Kind == cell.OperationNode && n.Note != "in one pass with 2 others" {
			t.Errorf("%s has the note %q", n.Label, n.Note)
		}
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
