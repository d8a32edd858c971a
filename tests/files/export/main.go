// Export writes models as ONNX and safetensors files, with inputs and what the
// models give for them, and the table of operations likewise, for check.py to compare with what onnxruntime gives:
//
//	go run ./tests/files/export DIR
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
	"github.com/fluxion-go/fluxion/dl/npy"
	"github.com/fluxion-go/fluxion/dl/onnx"
	"github.com/fluxion-go/fluxion/dl/safetensors"
)

// A sample is a model with inputs for it.
type sample struct {
	model  *nn.Model
	inputs []*dl.Tensor
	// open says which axes of the inputs behind the first stay open in the file.
	open []int
}

func words(shape ...int) *dl.Tensor { return dl.RandInt(0, 20, shape...) }

func samples() map[string]sample {
	image := []*dl.Tensor{dl.Randn(3, 3, 12, 11)}
	rows := []*dl.Tensor{dl.Randn(4, 6)}
	sequence := []*dl.Tensor{dl.Randn(3, 7, 5)}
	a, b := nn.Input("a", 4), nn.Input("b", 3)
	query, context := nn.Input("query", 4, 8), nn.Input("context", 6, 8)
	looked := nn.Join(nn.MultiHeadAttention(2), query, context).Then(nn.PositionalEmbedding(10), nn.Dense(3))
	joined := nn.Join(nn.Concat(1), a.Then(nn.Dense(5), nn.Tanh()), b.Then(nn.Dense(5)))
	return map[string]sample{
		"mlp":  {model: nn.Sequential(nn.Dense(8), nn.GELU(), nn.LayerNorm(), nn.Dense(3), nn.Softmax()), inputs: rows},
		"cnn":  {model: nn.Sequential(nn.Conv2D(4, 3, nn.Same(), nn.Stride(2)), nn.BatchNorm(), nn.ReLU(), nn.MaxPool2D(2), nn.Dropout(0.5), nn.Flatten(), nn.Dense(3)), inputs: image},
		"deep": {model: nn.Sequential(nn.Conv2D(4, 3, nn.Pad(1), nn.Groups(1)), nn.GroupNorm(2), nn.SiLU(), nn.Residual(nn.DepthwiseConv2D(1, 3, nn.Same()), nn.Mish()), nn.AvgPool2D(2, nn.Same()), nn.GlobalAvgPool(), nn.Dense(2, nn.NoBias())), inputs: image},
		"decoder": {model: nn.Sequential(nn.Dense(24), nn.Reshape(6, 2, 2), nn.ConvTranspose2D(4, 3, nn.Stride(2), nn.Pad(1), nn.Extra(1)), nn.LeakyReLU(0.1),
			nn.Upsample(2, dl.Nearest), nn.Conv2D(1, 3, nn.Same()), nn.Sigmoid()), inputs: rows},
		"sequence": {model: nn.Sequential(nn.Permute(2, 1), nn.Conv1D(4, 3), nn.ELU(1), nn.MaxPool1D(2), nn.GlobalMaxPool(), nn.Dense(2)), inputs: sequence},
		"volume":   {model: nn.Sequential(nn.Conv3D(2, 2), nn.PReLU(), nn.ConvTranspose3D(2, 2), nn.MaxPool3D(2, nn.Stride(1)), nn.AvgPool3D(2), nn.Flatten()), inputs: []*dl.Tensor{dl.Randn(2, 2, 5, 5, 5)}},
		"activations": {model: nn.Sequential(nn.Dense(6), nn.ELU(0.5), nn.SELU(), nn.Softsign(), nn.HardSigmoid(), nn.HardSwish(), nn.Softplus(), nn.Tanh(),
			nn.Reshape(3, 2), nn.Permute(2, 1), nn.PReLU()), inputs: rows},
		"pictures": {model: nn.Sequential(nn.ZeroPad2D(1, 0, 2, 0), nn.Conv2D(4, 3, nn.Dilation(2)), nn.InstanceNorm(), nn.SpatialDropout(0.5), nn.GaussianNoise(1),
			nn.Upsample(2, dl.Linear), nn.MaxPool2D(3, nn.Stride(2), nn.Pad(1)), nn.AvgPool2D(2, nn.Pad(1)), nn.Sigmoid()), inputs: image},
		"steps":     {model: nn.Sequential(nn.ConvTranspose1D(4, 3, nn.Stride(2)), nn.AvgPool1D(3), nn.ReLU()), inputs: sequence},
		"looking":   {model: nn.Functional(nn.Nodes{query, context}, nn.Nodes{looked}), inputs: []*dl.Tensor{dl.Randn(3, 4, 8), dl.Randn(3, 6, 8)}},
		"rnn":       {model: nn.Sequential(nn.RNN(4, nn.Last()), nn.Dense(2)), inputs: sequence, open: []int{1}},
		"lstm":      {model: nn.Sequential(nn.Embedding(20, 6), nn.Bidirectional(nn.LSTM(4), nn.LSTM(4)), nn.Dense(20)), inputs: []*dl.Tensor{words(3, 7)}},
		"gru":       {model: nn.Sequential(nn.GRU(4), nn.GRU(3)), inputs: sequence},
		"attention": {model: nn.Sequential(nn.Embedding(20, 8), nn.PositionalEncoding(), nn.TransformerBlock(2, 16, nn.Causal()), nn.TransformerBlock(2, 16, nn.PreNorm()), nn.RMSNorm(), nn.Dense(20), nn.LogSoftmax()), inputs: []*dl.Tensor{words(3, 7)}, open: []int{1}},
		"blocks": {model: nn.Sequential(nn.SeparableConv2D(8, 3, nn.Same()), nn.LocalResponseNorm(3, 1, 0.75, 1), nn.ReLU6(), nn.PixelShuffle(2), nn.Pad2D(dl.Reflect, 1, 1, 2, 0),
			nn.HardTanh(), nn.AdaptiveAvgPool(5, 6), nn.CELU(0.5), nn.AdaptiveMaxPool(2, 4), nn.GLU(), nn.LogSigmoid(), nn.Identity()), inputs: image},
		"own": {model: nn.Functional(nn.Nodes{a, b}, nn.Nodes{nn.Join(nn.Multiply(), joined, nn.Join(nn.Add(), joined, nn.Join(
			nn.JoinFunc("least", func(xs ...*dl.Tensor) *dl.Tensor { return xs[0].Minimum(xs[1]) }), joined, joined.Then(nn.New("scale",
				func(s *nn.Scope, x *dl.Tensor) *dl.Tensor { return x.Mul(s.Parameter("factor", nn.Constant(0.5), 10)) }),
				nn.Func("halves", func(x *dl.Tensor) *dl.Tensor { return dl.Where(x.Greater(0), x, x.Mul(0.5)) })))))}),
			inputs: []*dl.Tensor{dl.Randn(5, 4), dl.Randn(5, 3)}},
		"functional": {model: nn.Functional(nn.Nodes{a, b}, nn.Nodes{joined.Then(nn.Dense(2)), joined.Then(nn.Dense(1), nn.Softplus())}), inputs: []*dl.Tensor{dl.Randn(5, 4), dl.Randn(5, 3)}},
	}
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("export: ")
	if len(os.Args) != 2 {
		log.Fatal("usage: go run ./tests/files/export DIR")
	}
	if err := dl.Try(func() {
		if err := export(os.Args[1]); err != nil {
			log.Fatal(err)
		}
	}); err != nil {
		log.Fatal(err)
	}
}

func export(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	dl.Seed(1)
	if err := exportOperations(filepath.Join(dir, "operations")); err != nil {
		return err
	}
	for name, s := range samples() {
		var shapes [][]int
		for _, x := range s.inputs {
			shape := x.Shape()[1:]
			for _, axis := range s.open {
				shape[axis-1] = -1
			}
			shapes = append(shapes, shape)
		}
		outputs := s.model.PredictAll(s.inputs...)
		if err := onnx.WriteFile(filepath.Join(dir, name+".onnx"), s.model, shapes...); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		f := &safetensors.File{Tensors: map[string]*dl.Tensor{}, Metadata: map[string]string{"model": name}}
		for i, x := range s.inputs {
			f.Tensors[fmt.Sprintf("input%d", i+1)] = x
		}
		for i, y := range outputs {
			f.Tensors[fmt.Sprintf("output%d", i+1)] = y
		}
		if err := safetensors.WriteFile(filepath.Join(dir, name+".safetensors"), f); err != nil {
			return err
		}
		if err := npy.WriteArchive(filepath.Join(dir, name+".npz"), f.Tensors); err != nil {
			return err
		}
	}
	return nil
}
