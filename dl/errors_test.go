package dl

import (
	"errors"
	"strings"
	"testing"
)

// TestErrors lists what users do wrong and what they are told.
func TestErrors(t *testing.T) {
	x, v := Placeholder("x", Float32, -1, 3), Variable(Ones(2), "v")
	f := Function([]*Tensor{x}, []*Tensor{x.Sum()})
	for _, c := range []struct {
		f    func()
		want string // message, then "; hint" where there is one
	}{
		{func() { Ones(2, 3).MatMul(Ones(4, 5)) }, "matmul: inner sizes differ: (2, 3)·(4, 5): axis 1 of the left is 3, axis 0 of the right is 4"},
		{func() { Ones(2, 3).MatMul(Ones(4, 3)) }, "matmul: inner sizes differ: (2, 3)·(4, 3): axis 1 of the left is 3, axis 0 of the right is 4; the right operand would fit transposed: .T()"},
		{func() { Ones(3, 2).MatMul(Ones(3)) }, "matmul: inner sizes differ: (3, 2)·(3): axis 1 of the left is 2, axis 0 of the right is 3; the left operand would fit transposed: .T()"},
		{func() { Ones(2, 3).MatMul(2) }, "matmul: shapes (2, 3) and (), want at least one axis each; use Mul to multiply by a number"},
		{func() { Ones(2, 2, 3).MatMul(Ones(4, 3, 1)) }, "matmul: leading axes of (2, 2, 3) and (4, 3, 1) do not broadcast"},
		{func() { Ones(2, 3).Add(Ones(2)) }, "add: shapes (2, 3) and (2) do not broadcast: aligned at the right, axis 1 is 3 in one and 2 in another"},
		{func() { Ones(2, 3).Add([]float64{1, 2}) }, "add: shapes (2, 3) and (2) do not broadcast: aligned at the right, axis 1 is 3 in one and 2 in another"},
		{func() { Ones(2).Add("a") }, "add: a string is no array of numbers; use numbers, bools, slices of them, or *dl.Tensor"},
		{func() { Ones(2).Add(nil) }, "add: a <nil> is no array of numbers; use numbers, bools, slices of them, or *dl.Tensor"},
		{func() { Ones(2).Mul((*Tensor)(nil)) }, "mul: an operand is a nil *dl.Tensor; was the variable set before it was used?"},
		{func() { (*Tensor)(nil).Exp() }, "exp: an operand is a nil *dl.Tensor; was the variable set before it was used?"},
		{func() { New([][]int{{1, 2}, {3}}) }, "new: rows differ in length: 2 and 1 at axis 1; every row of an array needs the same length"},
		{func() { New([]int{1, 2, 3}, 2, 2) }, "reshape: 3 elements of shape (3) do not fit into (2, 2), which has 4"},
		{func() { Ones(6).Reshape(4, -1) }, "reshape: 6 elements of shape (6) do not fit into (4, ?)"},
		{func() { Ones(6).Reshape(-1, -1) }, "reshape: two dimensions of (?, ?) are −1; only one can be computed"},
		{func() { Zeros(2, -1) }, "zeros: dimension -1 at axis 1 of the shape is negative"},
		{func() { Scalar([]int{1}) }, "scalar: shape (1), want one number; use dl.New"},
		{func() { Ones(2, 3).Sum(2) }, "sum: axis 2 is out of range for shape (2, 3); axes count from 0, or from the end with −1"},
		{func() { Ones(2, 3).Sum(1, -1) }, "sum: axis 1 is named twice"},
		{func() { Ones(0, 3).Max(0) }, "max: shape (0, 3) has no elements along axis 0"},
		{func() { Ones(2, 3).PadWith(Reflect) }, "pad_with: 0 pairs for shape (2, 3), want one for each axis"},
		{func() { Ones(2, 3).PadWith(9, [2]int{}, [2]int{}) }, "pad_with: there is no mode 9; use dl.Edge, dl.Reflect, dl.Symmetric or dl.Wrap"},
		{func() { Ones(0, 3).PadWith(Edge, [2]int{1, 0}, [2]int{}) }, "pad_with: axis 0 of shape (0, 3) has no elements to repeat"},
		{func() { Ones(2, 3).Windows(4, 1, 1) }, "windows: windows of 4 elements at a distance of 1 along axis 1, which has 3; a window holds at least one element and fits into the axis; pad it first with Pad"},
		{func() { Ones(2, 6).Unflatten(1, 4, -1) }, "unflatten: axis 1 of shape (2, 6) does not divide into [4 -1]"},
		{func() { Ones(2, 3).FlattenAxes(1, 0) }, "flatten_axes: axes 1 to 0, want the first before the last"},
		{func() { Attention(Ones(2, 3), Ones(2, 4), Ones(2, 4)) }, "attention: queries of size 3 and keys of size 4, want equal sizes"},
		{func() { LeastSquares(Ones(2, 3), Ones(2)) }, "least_squares: shape (2, 3), want at least as many rows as columns; of the many solutions, a.Pinv().MatMul(b) is the one with the least norm"},
		{func() { Distances(Ones(3), Ones(2, 3), 2) }, "distances: shape (3), want at least two axes, (…, rows, size)"},
		{func() { Where(Ones(2), 1, 2) }, "where: the condition has dtype float32, want bool; compare first, as in x.Greater(0)"},
		{func() { Ones(2, 3).Transpose(0) }, "transpose: 1 axes in the order, but shape (2, 3) has 2"},
		{func() { Ones(2, 3).Transpose(0, 0) }, "transpose: axis 0 is named twice"},
		{func() { Ones(2, 3).Squeeze(0) }, "squeeze: axis 0 of shape (2, 3) has length 2, want 1"},
		{func() { Ones(2, 3).BroadcastTo(3, 3) }, "broadcast_to: shape (2, 3) cannot be repeated to (3, 3): axis 0 is 2, want 1 or 3"},
		{func() { Concat(1, Ones(2, 3), Ones(3, 3)) }, "concat: operand 1 has shape (2, 3), operand 2 (3, 3): axis 0 is 3, not 2"},
		{func() { Ones(2, 3).Slice(2) }, "slice: index 2 is out of range at axis 0 of shape (2, 3)"},
		{func() { Ones(2, 3).Slice("1:2") }, "slice: spec 0 is a string, want an int, a dl.Range or a tensor; as in x.Slice(0, dl.From(1)), or x.Slice(x.Greater(0))"},
		{func() { Ones(2, 3).Gather([]int{1, 2}, 0) }, "gather: index 2 is out of range at axis 0 of shape (2, 3)"},
		{func() { Ones(2, 3).Gather([]float64{1}, 0) }, "gather: the indices have dtype float32, want int32 or int64; convert them with Cast(dl.Int64)"},
		{func() { Ones(2, 3).At(1) }, "at: 1 indices for shape (2, 3)"},
		{func() { Ones(2, 3).At(1, 3) }, "at: index 3 is out of range at axis 1 of shape (2, 3)"},
		{func() { Ones(2, 3).Item() }, "item: shape (2, 3) has 6 elements, want one; use At(i, j, …) for one of them, or Float64s() for all"},
		{func() { x.Item() }, `item: "x" is symbolic and has no values yet; feed its placeholders: dl.Eval(t, dl.Feed{x: …}), or compile it with dl.Function; a layer or loss of one's own computes with tensors alone`},
		{func() { SoftmaxCrossEntropy(Ones(2, 3), []int{0, 1, 2}) }, "softmax_cross_entropy: 2 rows of logits (2, 3), but 3 labels"},
		{func() { SoftmaxCrossEntropy(Ones(2, 3), Ones(2)) }, "softmax_cross_entropy: operand 2 has dtype float32, want integers; labels are class numbers from 0; convert them with Cast(dl.Int64)"},
		{func() { Conv2D(Ones(1, 3, 8, 8), Ones(4, 1, 3, 3)) }, "conv2d: images (1, 3, 8, 8) have 3 channels, but filters (4, 1, 3, 3) in 1 group(s) want 1; images are (n, channels, height, width), filters (filters, channels/groups, height, width); Transpose(0, 3, 1, 2) turns images with the channels last"},
		{func() { Conv2D(Ones(1, 1, 2, 8), Ones(1, 1, 3, 3)) }, "conv2d: filters (1, 1, 3, 3) do not fit into images (1, 1, 2, 8): axis 2 needs at least 3, and has 2 with its padding"},
		{func() { Conv2D(Ones(3, 8, 8), Ones(4, 3, 3, 3)) }, "conv2d: operand 1 has shape (3, 8, 8), want (n, channels, height, width)"},
		{func() { MaxPool2D(Ones(1, 1, 2, 2), 3) }, "maxpool2d: a window of 3×3 does not fit into images (1, 1, 2, 2): axis 2 has 2 with its padding; strides and poolings before it left this; pool less, or pad"},
		{func() { Conv1D(Ones(1, 2, 5), Ones(3, 2)) }, "conv1d: operand 2 has shape (3, 2), want (filters, channels/groups, length)"},
		{func() { Conv1D(Ones(1, 2, 5), Ones(3, 1, 2)) }, "conv1d: operand (1, 2, 5) has 2 channels, but filters (3, 1, 2) in 1 group(s) want 1; filters are (filters, channels/groups, length)"},
		{func() { Conv1D(Ones(1, 1, 2), Ones(1, 1, 2), ConvOptions{Dilation: 2}) }, "conv1d: filters that span 3 do not fit into a length of 2 with its padding"},
		{func() { Conv2D(Ones(1, 1, 4, 4), Ones(1, 1, 2, 2), ConvOptions{Strides: []int{1}}) }, "conv2d: 1 strides for 2 axes"},
		{func() { Conv3D(Ones(1, 1, 2, 4, 4), Ones(1, 1, 3, 2, 2)) }, "conv3d: a kernel that spans 3 does not fit into a depth of 2 with its padding"},
		{func() { ConvTranspose2D(Ones(1, 2, 4, 4), Ones(3, 1, 2, 2)) }, "conv_transpose2d: images (1, 2, 4, 4) have 2 channels, but filters (3, 1, 2, 2) want 3; filters of a transposed convolution are (channels, filters/groups, height, width)"},
		{func() { ConvTranspose2D(Ones(1, 1, 4, 4), Ones(1, 1, 2, 2), ConvOptions{Extra: []int{1, 1}}) }, "conv_transpose2d: 1 more elements along axis 2, want fewer than the stride 1"},
		{func() { ConvTranspose1D(Ones(1, 1, 4), Ones(1, 1, 2), ConvOptions{Same: true}) }, "conv_transpose1d: Same is not defined for a transposed convolution; use Pad and Extra"},
		{func() { AvgPool2D(Ones(1, 1, 2, 2), 2, PoolOptions{Pad: 2}) }, "avgpool2d: stride 2 and padding 2, 2 of a window of 2 at axis 2; want at least 1, and less than the window"},
		{func() { MaxPool1D(Ones(1, 1, 2, 2), 2) }, "maxpool1d: shape (1, 1, 2, 2), want (n, channels, length)"},
		{func() { AdaptiveAvgPool(Ones(1, 1, 4), 2, 2) }, "adaptive_avgpool: 2 sizes for the 1 axes of shape (1, 1, 4) behind the first two"},
		{func() { Resize(Placeholder("x", Float32, 1, 1, -1), Linear, 4) }, "resize: axis 2 of shape (1, 1, ?) must be known; give the placeholder its size along this axis"},
		{func() { Ones(5).Split(2, 0) }, "split: axis 0 of shape (5) does not divide into 2 equal parts; use SplitAt to say where to cut"},
		{func() { Ones(2, 3).Slice(Ones(2, 2).Greater(0)) }, "slice: a mask of shape (2, 2) does not fit axis 1 of shape (2, 3)"},
		{func() { x.Slice(x.Greater(0)) }, "slice: a symbolic mask takes an unknown number of elements; use dl.Where(mask, x, 0), which keeps the shape"},
		{func() { Ones(2, 3).Slice([]int{0, 2}) }, "slice: index 2 is out of range at axis 0 of shape (2, 3)"},
		{func() { Ones(2, 3).Slice(0, 1, 2) }, "slice: 3 specs for shape (2, 3)"},
		{func() { Ones(2, 3).TakeAlong([]int{0}, 0) }, "take_along: the indices have shape (1), want as many axes as (2, 3)"},
		{func() { Ones(3).TopK(4, 0) }, "topk: 4 elements of axis 0 of shape (3), which has 3"},
		{func() { Ones(3).IndexSet([]int{0}, Ones(2), 0) }, "index_set: the values have shape (2), want (1)"},
		{func() { Einsum("ij,jk", Ones(2, 3)) }, `einsum: "ij,jk": 2 terms for 1 operands; as in dl.Einsum("ij,jk->ik", a, b)`},
		{func() { Einsum("ij->ik", Ones(2, 3)) }, `einsum: "ij->ik": letter k of the result comes twice or in no operand; as in dl.Einsum("ij,jk->ik", a, b)`},
		{func() { Ones(2).Tril(0) }, "tril: shape (2), want at least 2 axes"},
		{func() { Cross(Ones(2), Ones(2)) }, "cross: shape (2), want a last axis of length 3"},
		{func() { Dropout(Ones(2), 2) }, "dropout: rate 2, want one from 0 to 1"},
		{func() { Uniform(0, 1, -2) }, "uniform: dimension -2 at axis 0 of the shape is negative"},
		{func() { New([]int{1}).CumSum(1) }, "cumsum: axis 1 is out of range for shape (1); axes count from 0, or from the end with −1"},
		{func() { Ones(3).Quantile(1.5, 0) }, "quantile: q = 1.5 of 3 elements at axis 0; want a share from 0 to 1 of at least one"},
		{func() { Recurrence(Ones(3), Ones(2), 0) }, "recurrence: factors of shape (3) and terms of shape (2), want equal shapes"},
		{func() { x.Unique() }, "unique: the tensor of shape (?) is symbolic and has no values yet; feed its placeholders: dl.Eval(t, dl.Feed{x: …}), or compile it with dl.Function; a layer or loss of one's own computes with tensors alone"},
		{func() { Grad(v.Square(), v) }, "grad: y has shape (2), want one number; sum it up first, with Sum or Mean"},
		{func() { Grad(v.Sum(), x) }, `grad: y was not computed from "x"; is it the variable that was meant? what is read with Item, Float64s or At and put in again as a number has no history`},
		{func() { Grad(v.Sum(), Ones(2)) }, "grad: y was not computed from x number 1; what y is differentiated by must be a dl.Variable or a dl.Placeholder, or be computed from one"},
		{func() { Grad(v.ArgMax(0), v) }, "grad: y has dtype int64, want float32 or float64"},
		{func() { Grads(v.Sum(), v).Of(x) }, `grad: "x" is not among the tensors that Grads was called with`},
		{func() { Ones(2).Assign(1) }, "assign: the tensor of shape (2) is not a variable; make it with dl.Variable(init, name)"},
		{func() { v.Assign(Ones(3)) }, `assign: a value of shape (3) for variable "v" of shape (2); a variable keeps its shape`},
		{func() { Set(v, Ones(3)) }, `set: a value of shape (3) for variable "v" of shape (2); a variable keeps its shape`},
		{func() { Function([]*Tensor{v}, nil) }, "function: input 1 is not a placeholder; make it with dl.Placeholder(name, dtype, shape...)"},
		{func() { Function(nil, []*Tensor{x}) }, `function: the result depends on placeholder "x", which is not among the inputs`},
		{func() { Function(nil, nil, Set(v, v), Set(v, v)) }, `function: variable "v" is updated twice`},
		{func() { f.Call() }, "function: 0 arguments for 1 inputs: x"},
		{func() { f.Call(Ones(2, 4)) }, `function: input "x" has shape (?, 3), got (2, 4)`},
		{func() { Function([]*Tensor{Placeholder("n", Int64)}, nil).Call(0.5) }, `function: input "n" has dtype int64, got float32; convert it with Cast`},
		{func() { Eval(x) }, `eval: placeholder "x" was not fed; dl.Eval(t, dl.Feed{x: …})`},
		{func() { Explain(v.Square()) }, "grad: y has shape (2), want one number; sum it up first, with Sum or Mean"},
		{func() { Use("abacus") }, `use: backend "abacus" is not linked into this program (there are: cpu, reference)`},
	} {
		err := Try(c.f)
		if err == nil {
			t.Errorf("no error, want %s", c.want)
			continue
		}
		got := err.Error()
		if hint := err.(*Error).Hint(); hint != "" {
			got += "; " + hint
		}
		if got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}

// TestErrorFields: an error says in data what it says in words.
func TestErrorFields(t *testing.T) {
	var e *Error
	if !errors.As(Try(func() { Ones(2, 3).MatMul(Ones(4, 5)) }), &e) {
		t.Fatal("no *Error")
	}
	if e.Op != "matmul" || e.Axis != 1 || len(e.Shapes) != 2 || e.Shapes[1][0] != 4 || e.DTypes[0] != Float32 {
		t.Errorf("%+v", e)
	}
	defer func() {
		if recover() != "mine" {
			t.Error("Try swallowed a panic that is not this package's")
		}
	}()
	_ = Try(func() { panic("mine") })
}

// TestShapesAreCheckedAtTheCall: what could not be known when the graph was
// built is an error with the same words.
func TestShapesAreCheckedAtTheCall(t *testing.T) {
	x, y := Placeholder("x", Float32, -1, -1), Placeholder("y", Float32, -1)
	f := Function([]*Tensor{x, y}, []*Tensor{x.Add(y)})
	err := Try(func() { f.Call(Ones(2, 3), Ones(4)) })
	if want := "add: shapes (2, 3) and (4) do not broadcast: aligned at the right, axis 1 is 3 in one and 4 in another"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got := f.Call(Ones(2, 3), Ones(3))[0].Sum().Item(); got != 12 {
		t.Errorf("the call after the error gave %g", got)
	}
}

// TestDepth: a loop that should assign is stopped before it fills the memory.
func TestDepth(t *testing.T) {
	w := Variable(1.0, "w")
	err := Try(func() {
		for range 1_000_000 {
			w = w.Mul(0.5)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "50000 steps") || !strings.Contains(err.(*Error).Hint(), "Assign") {
		t.Errorf("error %v", err)
	}
}

// TestErrorKinds: programs tell kinds of errors apart, also below a layer's name.
func TestErrorKinds(t *testing.T) {
	x, v := Placeholder("x", Float32, -1, 3), Variable(Ones(2), "v")
	kinds := []error{ErrShape, ErrDType, ErrDevice, ErrName, ErrNoDerivative}
	for _, c := range []struct {
		f    func()
		want error
	}{
		{func() { Ones(2, 3).MatMul(Ones(4, 5)) }, ErrShape},
		{func() { Ones(2, 3).Add(Ones(2)) }, ErrShape},
		{func() { Ones(2, 3).Sum(2) }, ErrShape},
		{func() { Ones(2, 3).At(1, 3) }, ErrShape},
		{func() { Function([]*Tensor{x}, []*Tensor{x}).Call(Ones(2, 4)) }, ErrShape},
		{func() { Where(Ones(2), 1, 2) }, ErrDType},
		{func() { Ones(2, 3).Gather([]float64{1}, 0) }, ErrDType},
		{func() { Function([]*Tensor{Placeholder("n", Int64)}, nil).Call(0.5) }, ErrDType},
		{func() { Use("abacus") }, ErrDevice},
		{func() { Eval(x) }, ErrName},
		{func() { Function(nil, []*Tensor{x}) }, ErrName},
		{func() { Grads(v.Sum(), v).Of(x) }, ErrName},
		{func() { Set(x, 1) }, ErrName},
		{func() { x.Item() }, nil},
		{func() {
			Grad(While(func(x *Tensor) *Tensor { return x.Less(9) }, func(x *Tensor) *Tensor { return x.Mul(2) }, []any{v.Sum()})[0], v)
		}, ErrNoDerivative},
	} {
		err := Try(c.f)
		for _, k := range kinds {
			if errors.Is(err, k) != (k == c.want) {
				t.Errorf("%v: is %q: %v", err, k, errors.Is(err, k))
			}
		}
	}
}
