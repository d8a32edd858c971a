package dl

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// packed is an array as testdata/reference.py writes it.
type packed struct {
	DType string
	Shape []int
	Data  string
}

func (p packed) tensor(t *testing.T) *Tensor {
	dtype := slices.IndexFunc([]DType{Float32, Float64, Int32, Int64, Uint8, Bool}, func(d DType) bool { return d.String() == p.DType })
	values := make([]float64, 0)
	for s := range strings.FieldsSeq(p.Data) {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	return NewAs(DType(dtype), values).Reshape(p.Shape...)
}

// calls maps the names of the calls in the reference file to what they are
// here. A name that is not here is that of a method without arguments, or of
// one that takes the second operand.
var calls = map[string]func(in []*Tensor) *Tensor{
	"where":           func(in []*Tensor) *Tensor { return Where(in[0], in[1], in[2]) },
	"cast_int64":      func(in []*Tensor) *Tensor { return in[0].Cast(Int64) },
	"cast_bool":       func(in []*Tensor) *Tensor { return in[0].Cast(Bool) },
	"cast_uint8":      func(in []*Tensor) *Tensor { return in[0].Cast(Uint8) },
	"transpose":       func(in []*Tensor) *Tensor { return in[0].T() },
	"reshape_4_-1":    func(in []*Tensor) *Tensor { return in[0].Reshape(4, -1) },
	"transpose_102":   func(in []*Tensor) *Tensor { return in[0].Transpose(1, 0, 2) },
	"slice_1_3":       func(in []*Tensor) *Tensor { return in[0].Slice(Between(1, 3)) },
	"slice_row_last":  func(in []*Tensor) *Tensor { return in[0].Slice(1, All, -1) },
	"slice_reverse":   func(in []*Tensor) *Tensor { return in[0].Slice(All.By(-1), Between(3, 0).By(-2)) },
	"slice_beyond":    func(in []*Tensor) *Tensor { return in[0].Slice(Between(-9, 9), Between(2, 2)) },
	"concat_1":        func(in []*Tensor) *Tensor { return Concat(1, in...) },
	"stack_-1":        func(in []*Tensor) *Tensor { return Stack(-1, in...) },
	"pad":             func(in []*Tensor) *Tensor { return in[0].Pad([2]int{1, 0}, [2]int{0, 2}, [2]int{}) },
	"gather_1":        func(in []*Tensor) *Tensor { return in[0].Gather(in[1], 1) },
	"gather_-1":       func(in []*Tensor) *Tensor { return in[0].Gather(in[1], -1) },
	"one_hot_3":       func(in []*Tensor) *Tensor { return in[0].OneHot(3) },
	"broadcast_2_3_4": func(in []*Tensor) *Tensor { return in[0].BroadcastTo(2, 3, 4) },
	"any_1":           func(in []*Tensor) *Tensor { return in[0].Any(1) },
	"all":             func(in []*Tensor) *Tensor { return in[0].All() },
	"argmax_1":        func(in []*Tensor) *Tensor { return in[0].ArgMax(1) },
	"argmin_0":        func(in []*Tensor) *Tensor { return in[0].ArgMin(0) },
	"softmax_1":       func(in []*Tensor) *Tensor { return in[0].Softmax(1) },
	"softmax_0":       func(in []*Tensor) *Tensor { return in[0].Softmax(0) },
	"log_softmax_1":   func(in []*Tensor) *Tensor { return in[0].LogSoftmax(-1) },

	"softmax_cross_entropy": func(in []*Tensor) *Tensor { return SoftmaxCrossEntropy(in[0], in[1]) },
	"binary_cross_entropy":  func(in []*Tensor) *Tensor { return BinaryCrossEntropy(in[0], in[1]) },

	"conv2d":              func(in []*Tensor) *Tensor { return Conv2D(in[0], in[1]) },
	"conv2d_stride2_pad1": func(in []*Tensor) *Tensor { return Conv2D(in[0], in[1], ConvOptions{Stride: 2, Pad: 1}) },
	"conv2d_same":         func(in []*Tensor) *Tensor { return Conv2D(in[0], in[1], ConvOptions{Same: true}) },
	"conv2d_dilation2":    func(in []*Tensor) *Tensor { return Conv2D(in[0], in[1], ConvOptions{Dilation: 2}) },
	"conv2d_groups2":      func(in []*Tensor) *Tensor { return Conv2D(in[0], in[1], ConvOptions{Groups: 2}) },
	"maxpool2d_2":         func(in []*Tensor) *Tensor { return MaxPool2D(in[0], 2) },
	"maxpool2d_3_stride2_pad1": func(in []*Tensor) *Tensor {
		return MaxPool2D(in[0], 3, PoolOptions{Stride: 2, Pad: 1})
	},
}

func init() {
	for name, f := range map[string]func(*Tensor) *Tensor{
		"neg": (*Tensor).Neg, "abs": (*Tensor).Abs, "sign": (*Tensor).Sign, "square": (*Tensor).Square, "sqrt": (*Tensor).Sqrt,
		"exp": (*Tensor).Exp, "expm1": (*Tensor).Expm1, "log": (*Tensor).Log, "log1p": (*Tensor).Log1p, "reciprocal": (*Tensor).Reciprocal,
		"sin": (*Tensor).Sin, "cos": (*Tensor).Cos, "tan": (*Tensor).Tan, "tanh": (*Tensor).Tanh, "sigmoid": (*Tensor).Sigmoid,
		"softplus": (*Tensor).Softplus, "relu": (*Tensor).ReLU, "floor": (*Tensor).Floor, "ceil": (*Tensor).Ceil,
		"round": (*Tensor).Round, "erf": (*Tensor).Erf,
	} {
		calls[name] = func(in []*Tensor) *Tensor { return f(in[0]) }
	}
	for name, f := range map[string]func(a *Tensor, b any) *Tensor{
		"add": (*Tensor).Add, "sub": (*Tensor).Sub, "mul": (*Tensor).Mul, "div": (*Tensor).Div, "pow": (*Tensor).Pow,
		"mod": (*Tensor).Mod, "maximum": (*Tensor).Maximum, "minimum": (*Tensor).Minimum, "equal": (*Tensor).Equal,
		"not_equal": (*Tensor).NotEqual, "less": (*Tensor).Less, "less_equal": (*Tensor).LessEqual,
		"greater": (*Tensor).Greater, "greater_equal": (*Tensor).GreaterEqual, "matmul": (*Tensor).MatMul,
	} {
		calls[name] = func(in []*Tensor) *Tensor { return f(in[0], in[1]) }
	}
	for name, f := range map[string]func(t *Tensor, axes ...int) *Tensor{
		"sum": (*Tensor).Sum, "mean": (*Tensor).Mean, "prod": (*Tensor).Prod, "max": (*Tensor).Max, "min": (*Tensor).Min,
		"var": (*Tensor).Var, "std": (*Tensor).Std,
	} {
		calls[name] = func(in []*Tensor) *Tensor { return f(in[0]) }
		calls[name+"_1"] = func(in []*Tensor) *Tensor { return f(in[0], 1) }
		calls[name+"_keep_0_-1"] = func(in []*Tensor) *Tensor { return f(in[0], 0, KeepDims, -1) }
	}
}

// TestReference compares values with NumPy's and PyTorch's, computed at once
// and by a compiled function.
func TestReference(t *testing.T) {
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Call  string
			In    []packed
			Want  packed
			Grads []packed
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for i, c := range file.Cases {
		t.Run(fmt.Sprintf("%d/%s", i, c.Call), func(t *testing.T) {
			call := calls[c.Call]
			if call == nil {
				t.Fatal("the reference file names an unknown call")
			}
			used[c.Call] = true
			var values, eager, symbolic []*Tensor
			var args []any
			for k, p := range c.In {
				v := p.tensor(t)
				values, args = append(values, v), append(args, v)
				eager = append(eager, Variable(v, "x"))
				symbolic = append(symbolic, Placeholder(fmt.Sprint("x", k), v.DType(), slices.Repeat([]int{-1}, v.Rank())...))
			}
			same(t, "result", call(values), c.Want.tensor(t))
			for _, in := range [][]*Tensor{eager, symbolic} {
				y := call(in)
				outputs, want := []*Tensor{y}, []*Tensor{c.Want.tensor(t)}
				if c.Grads != nil {
					weights := Arange(1, want[0].Size()+1).Cast(Float64).Reshape(want[0].Shape()...)
					cost, k := y.Mul(weights).Sum(), 0
					for _, x := range in {
						if x.DType() == Float64 {
							outputs = append(outputs, Grad(cost, x))
							want = append(want, c.Grads[k].tensor(t))
							k++
						}
					}
				}
				if y.IsSymbolic() {
					outputs = Function(symbolic, outputs).Call(args...)
				}
				for k, o := range outputs {
					same(t, fmt.Sprintf("output %d", k), o, want[k])
				}
			}
		})
	}
	for name := range calls {
		if !used[name] {
			t.Errorf("the reference file has no case of %s", name)
		}
	}
}

// same compares two tensors: integers exactly, float64 to 1e-12 and float32 to
// 1e-6, relative where above 1.
func same(t *testing.T, what string, got, want *Tensor) {
	t.Helper()
	if got.DType() != want.DType() || !slices.Equal(got.Shape(), want.Shape()) {
		t.Fatalf("%s has shape %v and dtype %v, want %v and %v", what, got.Shape(), got.DType(), want.Shape(), want.DType())
	}
	tolerance := map[DType]float64{Float64: 1e-12, Float32: 1e-6}[want.DType()]
	a, b := got.Float64s(), want.Float64s()
	for i := range b {
		if a[i] == b[i] || math.IsNaN(a[i]) && math.IsNaN(b[i]) {
			continue
		}
		if !(math.Abs(a[i]-b[i]) <= tolerance*max(1, math.Abs(b[i]))) {
			t.Fatalf("%s: element %d is %g, want %g", what, i, a[i], b[i])
		}
	}
}
