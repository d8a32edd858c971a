package nn_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/nn"
)

func TestLayerShapes(t *testing.T) {
	for _, c := range []struct {
		layer      nn.Layer
		in, out    []int
		parameters [][]int
		name       string
	}{
		{nn.Dense(7), []int{2, 5}, []int{2, 7}, [][]int{{5, 7}, {7}}, "dense(7)"},
		{nn.Dense(7, nn.NoBias()), []int{2, 5}, []int{2, 7}, [][]int{{5, 7}}, "dense(7)"},
		{nn.Conv2D(4, 3), []int{2, 3, 9, 8}, []int{2, 4, 7, 6}, [][]int{{4, 3, 3, 3}, {4}}, "conv2d(4, 3)"},
		{nn.Conv2D(4, 5, nn.Same()), []int{2, 3, 9, 8}, []int{2, 4, 9, 8}, [][]int{{4, 3, 5, 5}, {4}}, "conv2d(4, 5, same)"},
		{nn.Conv2D(4, 3, nn.Pad(2), nn.Stride(2), nn.NoBias()), []int{2, 3, 9, 8}, []int{2, 4, 6, 5}, [][]int{{4, 3, 3, 3}}, "conv2d(4, 3, pad 2, stride 2)"},
		{nn.MaxPool2D(2), []int{2, 3, 9, 8}, []int{2, 3, 4, 4}, nil, "maxpool2d(2)"},
		{nn.MaxPool2D(3, nn.Stride(2)), []int{2, 3, 9, 8}, []int{2, 3, 4, 3}, nil, "maxpool2d(3, stride 2)"},
		{nn.MaxPool2D(2, nn.Same()), []int{2, 3, 9, 8}, []int{2, 3, 5, 4}, nil, "maxpool2d(2, same)"},
		{nn.Flatten(), []int{2, 3, 4, 5}, []int{2, 60}, nil, "flatten"},
		{nn.Conv1D(4, 3, nn.Dilation(2)), []int{2, 3, 9}, []int{2, 4, 5}, [][]int{{4, 3, 3}, {4}}, "conv1d(4, 3, dilation 2)"},
		{nn.Conv3D(4, 3, nn.Same(), nn.NoBias()), []int{2, 3, 5, 6, 7}, []int{2, 4, 5, 6, 7}, [][]int{{4, 3, 3, 3, 3}}, "conv3d(4, 3, same)"},
		{nn.DepthwiseConv2D(2, 3), []int{2, 3, 9, 8}, []int{2, 6, 7, 6}, [][]int{{6, 1, 3, 3}, {6}}, "depthwise_conv2d(2, 3)"},
		{nn.ConvTranspose2D(4, 2, nn.Stride(2)), []int{2, 3, 5, 4}, []int{2, 4, 10, 8}, [][]int{{3, 4, 2, 2}, {4}}, "conv_transpose2d(4, 2, stride 2)"},
		{nn.AvgPool3D(2), []int{2, 3, 4, 6, 8}, []int{2, 3, 2, 3, 4}, nil, "avgpool3d(2)"},
		{nn.GlobalAvgPool(), []int{2, 3, 4}, []int{2, 3}, nil, "global_avgpool"},
		{nn.Upsample(3, dl.Nearest), []int{2, 3, 4, 5}, []int{2, 3, 12, 15}, nil, "upsample(3)"},
		{nn.Reshape(-1, 2), []int{2, 3, 4}, []int{2, 6, 2}, nil, "reshape(-1, 2)"},
		{nn.PositionalEmbedding(9), []int{2, 5, 4}, []int{2, 5, 4}, [][]int{{9, 4}}, "positional_embedding(9)"},
		{nn.GRU(6, nn.Last(), nn.NoBias()), []int{2, 5, 4}, []int{2, 6}, [][]int{{4, 18}, {6, 18}}, "gru(6, last)"},
		{nn.Bidirectional(nn.RNN(3), nn.RNN(3)), []int{2, 5, 4}, []int{2, 5, 6}, [][]int{{4, 3}, {3, 3}, {3}, {3}, {4, 3}, {3, 3}, {3}, {3}}, "bidirectional"},
		{nn.MultiHeadAttention(2, nn.NoBias(), nn.Causal()), []int{2, 5, 4}, []int{2, 5, 4}, [][]int{{4, 12}, {4, 4}}, "attention(2, causal)"},
		{nn.TransformerBlock(2, 7), []int{2, 5, 4}, []int{2, 5, 4}, [][]int{{4, 12}, {12}, {4, 4}, {4}, {4}, {4}, {4, 7}, {7}, {7, 4}, {4}, {4}, {4}}, "transformer(2, 7)"},
		{nn.ReLU(), []int{2, 3}, []int{2, 3}, nil, "relu"},
		{nn.Sequential(nn.Dense(4), nn.Dense(3)), []int{2, 5}, []int{2, 3}, [][]int{{5, 4}, {4}, {4, 3}, {3}}, "model of 2 layers"},
	} {
		m := nn.Sequential(c.layer)
		if got := m.Parameters(); got != nil {
			t.Errorf("%s has parameters before it is applied", c.name)
		}
		if got := m.Apply(dl.Randn(c.in...)).Shape(); !reflect.DeepEqual(got, c.out) {
			t.Errorf("%s gives shape %v for %v, want %v", c.name, got, c.in, c.out)
		}
		var shapes [][]int
		for _, p := range m.Parameters() {
			shapes = append(shapes, p.Shape())
		}
		if !reflect.DeepEqual(shapes, c.parameters) {
			t.Errorf("%s has parameters of shapes %v, want %v", c.name, shapes, c.parameters)
		}
		if s := m.Summary(); !strings.Contains(s, "1 "+c.name+" ") {
			t.Errorf("the summary does not call it %s:\n%s", c.name, s)
		}
		in := append([]int{-1}, c.in[1:]...)
		if got, want := m.Apply(dl.Placeholder("x", dl.Float32, in...)).Shape(), append([]int{-1}, c.out[1:]...); !reflect.DeepEqual(got, want) {
			t.Errorf("%s gives shape %v for unknown examples, want %v", c.name, got, want)
		}
	}
}

func TestActivations(t *testing.T) {
	for _, c := range []struct {
		layer nn.Layer
		want  []float64 // for −1, 2
	}{
		{nn.ReLU(), []float64{0, 2}},
		{nn.Tanh(), []float64{math.Tanh(-1), math.Tanh(2)}},
		{nn.Sigmoid(), []float64{1 / (1 + math.E), 1 / (1 + math.Exp(-2))}},
		{nn.Softmax(), []float64{1 / (1 + math.Exp(3)), 1 / (1 + math.Exp(-3))}},
		{nn.Func("double", func(x *dl.Tensor) *dl.Tensor { return x.Mul(2) }), []float64{-2, 4}},
	} {
		got := c.layer.Apply(dl.New([][]float64{{-1, 2}})).Float64s()
		for i := range got {
			near(t, "an activation", got[i], c.want[i], 1e-6)
		}
	}
}

func TestInitializers(t *testing.T) {
	const in, out = 200, 300
	for _, c := range []struct {
		name           string
		init           nn.Initializer
		variance, most float64 // most is the bound of even distributions
	}{
		{"HeNormal", nn.HeNormal, 2.0 / in, math.Inf(1)},
		{"HeUniform", nn.HeUniform, 2.0 / in, math.Sqrt(6.0 / in)},
		{"GlorotNormal", nn.GlorotNormal, 2.0 / (in + out), math.Inf(1)},
		{"GlorotUniform", nn.GlorotUniform, 2.0 / (in + out), math.Sqrt(6.0 / (in + out))},
		{"Zeros", nn.Zeros, 0, 0},
	} {
		dl.Seed(1)
		w := c.init(in, out, in, out)
		var sum, squares float64
		for _, v := range w.Float64s() {
			sum, squares = sum+v, squares+v*v
			if math.Abs(v) > c.most*(1+1e-6) {
				t.Fatalf("%s gave %v, above %v", c.name, v, c.most)
			}
		}
		n := float64(w.Size())
		if mean := sum / n; math.Abs(mean) > 4*math.Sqrt(c.variance/n) {
			t.Errorf("%s has mean %v", c.name, mean)
		}
		if got := squares / n; math.Abs(got-c.variance) > 0.03*c.variance {
			t.Errorf("%s has variance %v, want %v", c.name, got, c.variance)
		}
		dl.Seed(1)
		if !reflect.DeepEqual(c.init(in, out, in, out).Float64s(), w.Float64s()) {
			t.Errorf("%s does not follow from the seed", c.name)
		}
	}
	m := nn.Sequential(nn.Dense(2, nn.Weights(nn.Constant(3)), nn.Biases(nn.Constant(1))))
	if got := m.Apply(dl.New([][]float64{{1, 2}})).Float64s(); !reflect.DeepEqual(got, []float64{10, 10}) {
		t.Errorf("weights of 3 and biases of 1 give %v", got)
	}
}

func TestFloat64Models(t *testing.T) {
	m := nn.Sequential(nn.Dense(2))
	if y := m.Apply(dl.NewAs(dl.Float64, [][]float64{{1, 2}})); y.DType() != dl.Float64 || m.Parameters()[0].DType() != dl.Float64 {
		t.Errorf("float64 inputs give %v with parameters %v", y.DType(), m.Parameters()[0].DType())
	}
}

func TestSharedLayer(t *testing.T) {
	l := nn.Dense(3)
	m := nn.Sequential(l, nn.ReLU(), l)
	m.Apply(dl.Zeros(1, 3))
	if n := len(m.Parameters()); n != 2 {
		t.Errorf("a layer that stands in two places has %d parameters, want 2", n)
	}
	if s := m.Summary(); !strings.HasSuffix(s, " 12") {
		t.Errorf("its parameters are counted twice:\n%s", s)
	}
}

func TestPredictInBatches(t *testing.T) {
	dl.Seed(1)
	m := nn.Sequential(nn.Dense(3), nn.Tanh())
	x := dl.Randn(600, 4)
	whole, parts := m.Apply(x).Float64s(), m.Predict(x)
	if s := parts.Shape(); !reflect.DeepEqual(s, []int{600, 3}) {
		t.Fatalf("shape %v", s)
	}
	for i, v := range parts.Float64s() {
		if math.Abs(v-whole[i]) > 1e-6 {
			t.Fatalf("output %d is %v, want %v", i, v, whole[i])
		}
	}
	// Another kind of input, and parameters that changed.
	m.Parameters()[0].Assign(dl.Zeros(4, 3))
	if got := m.Predict(dl.NewAs(dl.Float64, x)).Max().Item(); got != 0 {
		t.Errorf("with weights 0 the outputs reach %v", got)
	}
}
