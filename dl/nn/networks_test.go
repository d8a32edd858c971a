package nn_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/opt"
	"github.com/fluxion-go/fluxion/dl/safetensors"
)

// networks are those of tests/reference/networks.py, with the names of their
// modules there.
var networks = map[string]struct {
	model func() *nn.Model
	names map[string]string
}{
	"elman": {func() *nn.Model { return nn.Sequential(nn.RNN(8, nn.Last()), nn.Dense(3)) }, map[string]string{"rnn": "0", "head": "1"}},
	"lstm": {func() *nn.Model { return nn.Sequential(nn.Embedding(20, 6), nn.LSTM(8), nn.LSTM(8), nn.Dense(20)) },
		map[string]string{"words": "0", "head": "3",
			"lstm.weight_ih_l0": "1.weight_ih_l0", "lstm.weight_hh_l0": "1.weight_hh_l0", "lstm.bias_ih_l0": "1.bias_ih_l0", "lstm.bias_hh_l0": "1.bias_hh_l0",
			"lstm.weight_ih_l1": "2.weight_ih_l0", "lstm.weight_hh_l1": "2.weight_hh_l0", "lstm.bias_ih_l1": "2.bias_ih_l0", "lstm.bias_hh_l1": "2.bias_hh_l0"}},
	"transformer": {func() *nn.Model {
		gelu := nn.Activation((*dl.Tensor).GELU)
		return nn.Sequential(nn.Embedding(20, 8), nn.PositionalEncoding(),
			nn.TransformerBlock(2, 16, nn.PreNorm(), nn.Causal(), gelu), nn.TransformerBlock(2, 16, nn.PreNorm(), nn.Causal(), gelu),
			nn.LayerNorm(), nn.Dense(20))
	}, map[string]string{"words": "0", "blocks.0": "2", "blocks.1": "3", "norm": "4", "head": "5"}},
	"cnn": {func() *nn.Model {
		return nn.Sequential(nn.Conv2D(4, 3, nn.Pad(1)), nn.BatchNorm(), nn.ReLU(), nn.MaxPool2D(2),
			nn.Conv2D(6, 3, nn.Pad(1), nn.NoBias()), nn.BatchNorm(), nn.ReLU(), nn.Flatten(), nn.Dense(3))
	}, nil},
}

// inTorch returns what the parameters and the state of m are in PyTorch.
func inTorch(t *testing.T, m *nn.Model) map[string]*dl.Tensor {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m")
	if err := m.SaveTorch(path); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return f.Tensors
}

// A state_dict of PyTorch gives the same loss, the same gradients, the same
// weights and running statistics after three steps, and the same outputs.
func TestNetworksAgainstTorch(t *testing.T) {
	for name, n := range networks {
		f, err := safetensors.ReadFile("testdata/networks/" + name + "-reference.safetensors")
		if err != nil {
			t.Fatal(err)
		}
		x, y := f.Tensors["x"], f.Tensors["y"]
		m := n.model()
		m.Apply(x)
		if err := m.LoadTorch("testdata/networks/"+name+".safetensors", n.names); err != nil {
			t.Fatal(err)
		}
		pass := nn.Training()
		px, py := dl.Placeholder("x", x.DType(), append([]int{-1}, x.Shape()[1:]...)...), dl.Placeholder("y", y.DType(), append([]int{-1}, y.Shape()[1:]...)...)
		loss := nn.SoftmaxCrossEntropy(pass.Apply(m, px), py)
		g := dl.Grads(loss, m.Parameters()...)
		var out []*dl.Tensor
		for _, p := range m.Parameters() {
			out = append(out, g.Of(p))
		}
		rule := opt.SGD(0.1, opt.Momentum(0.9))
		step := dl.Function([]*dl.Tensor{px, py}, append(out, loss), append(opt.Minimize(rule, loss, m.Parameters()...), pass.Updates()...)...)
		gradients := n.model()
		gradients.Apply(x)
		for k := range 3 {
			got := step.Call(x, y)
			if k == 0 {
				near(t, name+": the loss", got[len(out)].Item(), f.Tensors["loss"].Item(), 1e-4)
				for i, p := range gradients.Parameters() {
					p.Assign(got[i])
				}
			}
		}
		inside := map[string]map[string]*dl.Tensor{"gradient/": inTorch(t, gradients), "after/": inTorch(t, m)}
		seen := 0
		for key, want := range f.Tensors {
			for part, ours := range inside {
				k, ok := strings.CutPrefix(key, part)
				if !ok || strings.HasSuffix(k, "num_batches_tracked") {
					continue
				}
				got := ours[rename(k, n.names)]
				if got == nil {
					t.Errorf("%s: nothing here is called %s", name, key)
					continue
				}
				seen++
				if d, size := got.Cast(dl.Float64).Sub(want).Norm().Item(), want.Norm().Item(); !(d <= 1e-4*size) && !(d < 1e-6) {
					t.Errorf("%s: %s is off by %g of %g", name, key, d, size)
				}
			}
		}
		if want := 2*len(m.Parameters()) + len(m.State()); seen != want {
			t.Errorf("%s: %d tensors were compared, want %d", name, seen, want)
		}
		d, size := m.Predict(x).Cast(dl.Float64).Sub(f.Tensors["output"]).Norm().Item(), f.Tensors["output"].Norm().Item()
		if !(d <= 1e-4*size) {
			t.Errorf("%s: the output is off by %g of %g", name, d, size)
		}
	}
}

func rename(name string, names map[string]string) string {
	for from, to := range names {
		if name == from || strings.HasPrefix(name, from+".") {
			return to + name[len(from):]
		}
	}
	return name
}

func TestLoadTorchRefuses(t *testing.T) {
	m := networks["elman"].model()
	m.Apply(dl.Zeros(1, 2, 5))
	before := m.Parameters()[0].Float64s()
	for _, c := range []struct {
		names map[string]string
		want  string
	}{
		{nil, `there is no "0.weight_ih_l0" among "head.bias", "head.weight", "rnn.bias_hh_l0"`},
		{map[string]string{"rnn": "0"}, `there is no "1.weight" among "0.bias_hh_l0"`},
		{map[string]string{"head": "0", "rnn": "1"}, `there is no "0.weight_ih_l0"`},
	} {
		err := m.LoadTorch("testdata/networks/elman.safetensors", c.names)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	if after := m.Parameters()[0].Float64s(); after[0] != before[0] {
		t.Error("a failed load changed the model")
	}
}
