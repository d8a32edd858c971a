package nn_test

import (
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
)

// TestUnknownSteps: networks over sequences give for examples and steps whose
// numbers only the call says what they give for these at once, and can be trained
// so.
func TestUnknownSteps(t *testing.T) {
	for name, m := range map[string]*nn.Model{
		"attention":   nn.Sequential(nn.MultiHeadAttention(2, nn.Causal())),
		"transformer": nn.Sequential(nn.PositionalEncoding(), nn.TransformerBlock(2, 8, nn.Causal()), nn.TransformerBlock(2, 8, nn.PreNorm()), nn.LayerNorm()),
		"embedding":   nn.Sequential(nn.PositionalEmbedding(9), nn.Dense(3), nn.RMSNorm()),
		"recurrent":   nn.Sequential(nn.LSTM(3), nn.Bidirectional(nn.GRU(2), nn.RNN(2)), nn.Dense(2)),
		"convolution": nn.Sequential(nn.Permute(2, 1), nn.Conv1D(3, 3, nn.Same()), nn.Permute(2, 1), nn.Dense(2)),
	} {
		dl.Seed(7)
		m.Build([]int{5, 4})
		x := dl.Placeholder("x", dl.Float32, -1, -1, 4)
		var y *dl.Tensor
		if err := dl.Try(func() { y = m.Apply(x) }); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		g := dl.Grads(y.Square().Sum(), m.Parameters()...)
		outputs := []*dl.Tensor{y}
		for _, p := range m.Parameters() {
			outputs = append(outputs, g.Of(p))
		}
		f := dl.Function([]*dl.Tensor{x}, outputs)
		for _, shape := range [][]int{{2, 5, 4}, {1, 7, 4}, {3, 2, 4}} {
			in := dl.Randn(shape...)
			got, want := f.Call(in), m.Apply(in)
			if got[0].AllClose(want, 1e-5, 1e-5).Item() != 1 {
				t.Errorf("%s: the outputs for shape %v differ", name, shape)
			}
			at := dl.Grads(want.Square().Sum(), m.Parameters()...)
			for i, p := range m.Parameters() {
				if d := got[i+1].Sub(at.Of(p)).Abs().Max().Item(); d > 1e-4*(1+at.Of(p).Abs().Max().Item()) {
					t.Errorf("%s: the gradient of %s for shape %v is off by %v", name, p.Name(), shape, d)
				}
			}
		}
	}
}

// TestPadding: what the mask of attention excludes has no influence.
func TestPadding(t *testing.T) {
	dl.Seed(2)
	query, context, mask := nn.Input("query", 3, 4), nn.Input("context", 5, 4), nn.Input("mask", 5)
	m := nn.Functional(nn.Nodes{query, context, mask}, nn.Nodes{nn.Join(nn.MultiHeadAttention(2), query, context, mask)})
	q, c := dl.Randn(2, 3, 4), dl.Randn(2, 5, 4)
	seen := dl.New([][]float32{{1, 1, 1, 0, 0}, {1, 0, 1, 1, 0}})
	other := dl.Where(seen.ExpandDims(2).Greater(0), c, dl.Randn(2, 5, 4).Mul(100))
	a, b := m.PredictAll(q, c, seen)[0], m.PredictAll(q, other, seen)[0]
	if d := a.Sub(b).Abs().Max().Item(); d > 1e-5 {
		t.Errorf("what is masked changes the outputs by %v", d)
	}
	if d := a.Sub(m.PredictAll(q, other, dl.Ones(2, 5))[0]).Abs().Max().Item(); d < 1e-2 {
		t.Errorf("without the mask the outputs differ by %v only", d)
	}
}
