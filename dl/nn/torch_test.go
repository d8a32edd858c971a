package nn_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
)

// torchLayers are the layers of tests/reference/layers.py by the names there.
var torchLayers = map[string]func() nn.Layer{
	"dense":                    func() nn.Layer { return nn.Dense(2) },
	"dense of steps":           func() nn.Layer { return nn.Dense(2) },
	"conv1d":                   func() nn.Layer { return nn.Conv1D(4, 3, nn.Stride(2), nn.Pad(1)) },
	"conv1d dilated":           func() nn.Layer { return nn.Conv1D(4, 3, nn.Dilation(2)) },
	"conv2d same":              func() nn.Layer { return nn.Conv2D(2, 3, nn.Same()) },
	"conv2d groups":            func() nn.Layer { return nn.Conv2D(6, 3, nn.Stride(2), nn.Pad(1), nn.Groups(2)) },
	"conv3d":                   func() nn.Layer { return nn.Conv3D(2, 2, nn.Pad(1)) },
	"depthwise":                func() nn.Layer { return nn.DepthwiseConv2D(2, 3, nn.Pad(1)) },
	"conv transpose 1d":        func() nn.Layer { return nn.ConvTranspose1D(2, 3, nn.Stride(2)) },
	"conv transpose 2d":        func() nn.Layer { return nn.ConvTranspose2D(2, 3, nn.Stride(2), nn.Pad(1), nn.Extra(1)) },
	"maxpool1d":                func() nn.Layer { return nn.MaxPool1D(3, nn.Stride(2)) },
	"maxpool2d":                func() nn.Layer { return nn.MaxPool2D(2) },
	"maxpool3d":                func() nn.Layer { return nn.MaxPool3D(2) },
	"avgpool1d":                func() nn.Layer { return nn.AvgPool1D(3, nn.Stride(2)) },
	"avgpool2d":                func() nn.Layer { return nn.AvgPool2D(3, nn.Stride(2), nn.Pad(1)) },
	"avgpool3d":                func() nn.Layer { return nn.AvgPool3D(2) },
	"global avgpool":           nn.GlobalAvgPool,
	"global maxpool":           nn.GlobalMaxPool,
	"upsample nearest":         func() nn.Layer { return nn.Upsample(2, dl.Nearest) },
	"upsample linear":          func() nn.Layer { return nn.Upsample(2, dl.Linear) },
	"batchnorm":                func() nn.Layer { return nn.BatchNorm() },
	"batchnorm of images":      func() nn.Layer { return nn.BatchNorm() },
	"batchnorm evaluated":      func() nn.Layer { return nn.BatchNorm() },
	"layernorm":                func() nn.Layer { return nn.LayerNorm() },
	"groupnorm":                func() nn.Layer { return nn.GroupNorm(3) },
	"instancenorm":             func() nn.Layer { return nn.InstanceNorm() },
	"rmsnorm":                  func() nn.Layer { return nn.RMSNorm(nn.Epsilon(1e-5)) },
	"embedding":                func() nn.Layer { return nn.Embedding(5, 3) },
	"positional encoding":      nn.PositionalEncoding,
	"relu":                     nn.ReLU,
	"leaky relu":               func() nn.Layer { return nn.LeakyReLU(0.1) },
	"elu":                      func() nn.Layer { return nn.ELU(0.7) },
	"selu":                     nn.SELU,
	"gelu":                     nn.GELU,
	"silu":                     nn.SiLU,
	"mish":                     nn.Mish,
	"hard sigmoid":             nn.HardSigmoid,
	"hard swish":               nn.HardSwish,
	"softplus":                 nn.Softplus,
	"softsign":                 nn.Softsign,
	"tanh":                     nn.Tanh,
	"sigmoid":                  nn.Sigmoid,
	"softmax":                  nn.Softmax,
	"log softmax":              nn.LogSoftmax,
	"prelu":                    nn.PReLU,
	"conv transpose 3d":        func() nn.Layer { return nn.ConvTranspose3D(2, 2, nn.Stride(2)) },
	"separable":                func() nn.Layer { return nn.SeparableConv2D(2, 3, nn.Pad(1)) },
	"relu6":                    nn.ReLU6,
	"hard tanh":                nn.HardTanh,
	"log sigmoid":              nn.LogSigmoid,
	"celu":                     func() nn.Layer { return nn.CELU(0.7) },
	"glu":                      nn.GLU,
	"identity":                 nn.Identity,
	"adaptive avgpool":         func() nn.Layer { return nn.AdaptiveAvgPool(2, 3) },
	"adaptive maxpool":         func() nn.Layer { return nn.AdaptiveMaxPool(2, 3) },
	"pixel shuffle":            func() nn.Layer { return nn.PixelShuffle(2) },
	"pad2d":                    func() nn.Layer { return nn.Pad2D(dl.Reflect, 1, 2, 2, 0) },
	"local response norm":      func() nn.Layer { return nn.LocalResponseNorm(3, 0.5, 0.75, 2) },
	"local response norm even": func() nn.Layer { return nn.LocalResponseNorm(4, 0.5, 0.75, 2) },
	"flatten":                  nn.Flatten,
	"reshape":                  func() nn.Layer { return nn.Reshape(6, -1) },
	"permute":                  func() nn.Layer { return nn.Permute(2, 1) },
	"zeropad":                  func() nn.Layer { return nn.ZeroPad2D(1, 2, 3, 0) },
	"residual":                 func() nn.Layer { return nn.Residual(nn.Dense(4), nn.ReLU()) },
	"rnn":                      func() nn.Layer { return nn.RNN(4) },
	"rnn relu":                 func() nn.Layer { return nn.RNN(4, nn.Activation((*dl.Tensor).ReLU)) },
	"lstm":                     func() nn.Layer { return nn.LSTM(4) },
	"gru":                      func() nn.Layer { return nn.GRU(4) },
	"gru last":                 func() nn.Layer { return nn.GRU(4, nn.Last()) },
	"bidirectional":            func() nn.Layer { return nn.Bidirectional(nn.LSTM(4), nn.LSTM(4)) },
	"attention":                func() nn.Layer { return nn.MultiHeadAttention(2) },
	"attention causal":         func() nn.Layer { return nn.MultiHeadAttention(2, nn.Causal()) },
	"attention to others":      func() nn.Layer { return nn.MultiHeadAttention(2) },
	"transformer":              func() nn.Layer { return nn.TransformerBlock(2, 6) },
	"transformer causal":       func() nn.Layer { return nn.TransformerBlock(2, 6, nn.PreNorm(), nn.Causal()) },
}

// hashed returns array i of tests/reference/layers.py.
func hashed(i int, limit float64, shape ...int) *dl.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	v := make([]float64, n)
	for k := range v {
		h := uint32(k) + uint32(i)*0x9e3779b9
		h ^= h >> 16
		h *= 0x85ebca6b
		h ^= h >> 13
		h *= 0xc2b2ae35
		h ^= h >> 16
		v[k] = (float64(h)/(1<<32) - 0.5) * 2 * limit
	}
	return dl.NewAs(dl.Float64, v).Reshape(shape...)
}

func close(t *testing.T, what string, got *dl.Tensor, want []float64, tolerance float64) {
	t.Helper()
	values := got.Float64s()
	if len(values) != len(want) {
		t.Fatalf("%s has %d elements, want %d", what, len(values), len(want))
	}
	for i, v := range values {
		if !(math.Abs(v-want[i]) <= tolerance*(1+math.Abs(want[i]))) {
			t.Errorf("element %d of %s is %.12g, want %.12g", i, what, v, want[i])
			return
		}
	}
}

// testdata/layers.json was written by tests/reference/layers.py with PyTorch.
// Each layer computes once with concrete tensors, and once compiled for any
// number of examples.
func TestLayersAgainstTorch(t *testing.T) {
	var ref struct {
		Layers map[string]struct {
			Inputs, Parameters [][]int
			Shape              []int
			Output             []float64
			InputGradients     [][]float64 `json:"input_gradients"`
			ParameterGradients [][]float64 `json:"parameter_gradients"`
			State              [][]float64
		}
	}
	reference(t, "layers.json", &ref)
	if len(ref.Layers) != len(torchLayers) {
		t.Errorf("%d layers in the file, %d here", len(ref.Layers), len(torchLayers))
	}
	for name, r := range ref.Layers {
		for _, compiled := range []bool{false, true} {
			l := torchLayers[name]()
			var args []*dl.Tensor
			for i, s := range r.Inputs {
				args = append(args, hashed(100+i, 2, s...))
			}
			if name == "embedding" {
				args = []*dl.Tensor{dl.New([][]int{{0, 4, 2}, {2, 2, 1}})}
				dl.Seed(1)
			}
			nn.Evaluation().ApplyAll(l, args...) // makes the parameters
			params, state := l.Parameters(), []*dl.Tensor(nil)
			if s, ok := l.(nn.Stateful); ok {
				state = s.State()
			}
			var shapes [][]int
			for i, p := range params {
				shapes = append(shapes, p.Shape())
				p.Assign(hashed(i, 0.5, p.Shape()...))
			}
			if len(shapes) != len(r.Parameters) || len(shapes) > 0 && !reflect.DeepEqual(shapes, r.Parameters) {
				t.Errorf("%s has parameters of shapes %v, want %v", name, shapes, r.Parameters)
				break
			}
			for i, s := range state {
				s.Assign(hashed(50+i, 0.5, s.Shape()...).Add(float64(i)))
			}
			pass := nn.Training()
			if name == "batchnorm evaluated" {
				pass = nn.Evaluation()
			}
			xs := args
			if compiled {
				xs = nil
				for _, a := range args {
					shape := a.Shape()
					shape[0] = -1
					xs = append(xs, dl.Placeholder("x", a.DType(), shape...))
				}
			}
			for i := range xs {
				if !compiled && len(r.Inputs) > 0 {
					xs[i] = dl.Variable(xs[i], "x")
				}
			}
			y := pass.ApplyAll(l, xs...)
			sum := y.Mul(hashed(200, 1, r.Shape...)).Sum()
			by := params
			if len(r.Inputs) > 0 {
				by = append(append([]*dl.Tensor{}, xs...), params...)
			}
			g := dl.Grads(sum, by...)
			out := []*dl.Tensor{y}
			for _, v := range by {
				out = append(out, g.Of(v))
			}
			if compiled {
				var values []any
				for _, a := range args {
					values = append(values, a)
				}
				out = dl.Function(xs, out, pass.Updates()...).Call(values...)
			}
			tolerance := 1e-10
			switch name {
			case "embedding":
				tolerance = 1e-6 // its parameter is float32
			case "hard sigmoid", "celu":
				tolerance = 1e-7 // PyTorch's gradients have 1/6 and 1/alpha in float32
			}
			if !reflect.DeepEqual(out[0].Shape(), r.Shape) {
				t.Errorf("%s gives shape %v, want %v", name, out[0].Shape(), r.Shape)
			}
			close(t, name, out[0], r.Output, tolerance)
			for i, want := range append(r.InputGradients, r.ParameterGradients...) {
				close(t, name+": a gradient", out[1+i], want, tolerance)
			}
			for i, want := range r.State {
				close(t, name+": the state", state[i], want, tolerance)
			}
		}
	}
}

var torchLosses = map[string]nn.Loss{
	"softmax cross-entropy": nn.SoftmaxCrossEntropy, "smoothed cross-entropy": nn.SmoothedCrossEntropy(0.1),
	"soft cross-entropy": nn.SoftCrossEntropy, "negative log-likelihood": nn.NegativeLogLikelihood, "focal": nn.FocalLoss(2),
	"binary cross-entropy": nn.BinaryCrossEntropy, "squared": nn.MeanSquaredError, "absolute": nn.MeanAbsoluteError,
	"huber": nn.Huber(0.7), "log cosh": nn.LogCosh, "hinge": nn.Hinge, "squared hinge": nn.SquaredHinge,
	"multi-margin": nn.MultiMargin(0.8), "kl divergence": nn.KLDivergence, "poisson": nn.Poisson, "cosine": nn.CosineDistance,
	"gaussian": nn.GaussianLikelihood, "percentage": nn.MeanAbsolutePercentageError, "logarithmic": nn.MeanSquaredLogarithmicError,
	"quantile": nn.QuantileLoss(0.3), "dice": nn.DiceLoss,
	"triplet": func(output, target *dl.Tensor) *dl.Tensor {
		return nn.TripletMargin(output, target, hashed(101, 2, 4, 3).Softmax(-1), 1)
	},
}

func TestLossesAgainstTorch(t *testing.T) {
	var ref struct {
		Targets map[string][]float64
		Losses  map[string]struct {
			Targets  string
			Loss     float64
			Gradient []float64
		}
	}
	reference(t, "layers.json", &ref)
	if len(ref.Losses) != len(torchLosses) {
		t.Errorf("%d losses in the file, %d here", len(ref.Losses), len(torchLosses))
	}
	for name, r := range ref.Losses {
		target := dl.NewAs(dl.Float64, ref.Targets[r.Targets])
		switch r.Targets {
		case "labels":
			target = target.Cast(dl.Int64)
		case "first":
		default:
			target = target.Reshape(4, 3)
		}
		output := dl.Variable(hashed(100, 2, 4, 3), "output")
		seen := output
		if name == "gaussian" {
			seen = output.Slice(dl.All, dl.To(2))
		}
		loss := torchLosses[name](seen, target)
		close(t, name, loss.Reshape(1), []float64{r.Loss}, 1e-10)
		close(t, name+": the gradient", dl.Grad(loss, output), r.Gradient, 1e-10)
	}
}
