package operations

import (
	"math"
	"reflect"
	"strings"

	"github.com/fluxion-go/fluxion/dl"
)

// A Row is one way to call an operation.
type Row = func(in []*dl.Tensor) *dl.Tensor

// Rows is the table of operations: every exported function and method of package
// dl that computes tensors from tensors, by its name, with a word behind a stroke
// where there are several ways to call it. Those that take one tensor, or one and
// a second operand, or nothing beside, need no row here: see [RowOf].
var Rows = map[string]Row{
	"Cast/bool": castTo(dl.Bool), "Cast/uint8": castTo(dl.Uint8), "Cast/int32": castTo(dl.Int32), "Cast/int64": castTo(dl.Int64), "Cast/float32": castTo(dl.Float32),
	"Where":       func(in []*dl.Tensor) *dl.Tensor { return dl.Where(in[0], in[1], in[2]) },
	"Clip":        func(in []*dl.Tensor) *dl.Tensor { return in[0].Clip(-0.5, 0.75) },
	"FillWhere":   func(in []*dl.Tensor) *dl.Tensor { return in[0].FillWhere(in[1], 2.5) },
	"Lerp":        func(in []*dl.Tensor) *dl.Tensor { return in[0].Lerp(in[1], in[2]) },
	"IsClose":     func(in []*dl.Tensor) *dl.Tensor { return in[0].IsClose(in[1], 1e-2, 1e-8) },
	"AllClose":    func(in []*dl.Tensor) *dl.Tensor { return in[0].AllClose(in[1], 1e-2, 1e-8) },
	"Atan2":       two(dl.Atan2),
	"Hypot":       two(dl.Hypot),
	"LogAddExp":   two(dl.LogAddExp),
	"XLogY":       two(dl.XLogY),
	"Polygamma/1": func(in []*dl.Tensor) *dl.Tensor { return in[0].Polygamma(1) },
	"Polygamma/2": func(in []*dl.Tensor) *dl.Tensor { return in[0].Polygamma(2) },

	"LeakyReLU":           func(in []*dl.Tensor) *dl.Tensor { return in[0].LeakyReLU(0.1) },
	"ELU":                 func(in []*dl.Tensor) *dl.Tensor { return in[0].ELU(1.5) },
	"CELU":                func(in []*dl.Tensor) *dl.Tensor { return in[0].CELU(1.5) },
	"GLU":                 func(in []*dl.Tensor) *dl.Tensor { return in[0].GLU(1) },
	"Softmax/1":           func(in []*dl.Tensor) *dl.Tensor { return in[0].Softmax(1) },
	"Softmax/0":           func(in []*dl.Tensor) *dl.Tensor { return in[0].Softmax(0) },
	"LogSoftmax/1":        func(in []*dl.Tensor) *dl.Tensor { return in[0].LogSoftmax(-1) },
	"SoftmaxCrossEntropy": func(in []*dl.Tensor) *dl.Tensor { return dl.SoftmaxCrossEntropy(in[0], in[1]) },
	"BinaryCrossEntropy":  func(in []*dl.Tensor) *dl.Tensor { return dl.BinaryCrossEntropy(in[0], in[1]) },

	"Reshape/4_-1":         func(in []*dl.Tensor) *dl.Tensor { return in[0].Reshape(4, -1) },
	"Transpose/102":        func(in []*dl.Tensor) *dl.Tensor { return in[0].Transpose(1, 0, 2) },
	"ExpandDims/1":         func(in []*dl.Tensor) *dl.Tensor { return in[0].ExpandDims(1) },
	"Squeeze":              func(in []*dl.Tensor) *dl.Tensor { return in[0].ExpandDims(1).Squeeze(1) },
	"Slice/1_3":            sliced(dl.Between(1, 3)),
	"Slice/row_last":       sliced(1, dl.All, -1),
	"Slice/reverse":        sliced(dl.All.By(-1), dl.Between(3, 0).By(-2)),
	"Slice/beyond":         sliced(dl.Between(-9, 9), dl.Between(2, 2)),
	"Slice/list":           sliced([]int{2, 0, 2}),
	"Slice/rows_columns":   sliced(dl.New([][]int{{0}, {2}}), []int{1, -1}),
	"Slice/apart":          sliced([]int{0, 1}, dl.All, []int{1, 0}),
	"Slice/number_apart":   sliced(0, dl.All, []int{1, 0, 1}),
	"Slice/new_axis":       sliced(dl.All, dl.NewAxis, 1),
	"Slice/ellipsis":       sliced(dl.Ellipsis, 0),
	"Slice/new_axis_list":  sliced(dl.NewAxis, []int{0, 2}, dl.All, 1),
	"Slice/new_axis_apart": sliced([]int{0, 1}, dl.NewAxis, dl.All, []int{1, 0}),
	"Slice/number_between": sliced([]int{0, 1}, 0, []int{1, 0}),
	"Slice/ellipsis_list":  sliced(dl.Ellipsis, []int{1, 0, 1}),
	"Slice/list_reverse":   sliced(dl.All.By(-2), []int{3, 1}, dl.From(1)),
	"Slice/middle":         sliced(dl.From(1), []int{1, 3}),
	"Slice/mask":           func(in []*dl.Tensor) *dl.Tensor { return in[0].Slice(in[1]) },
	"Slice/row_mask":       func(in []*dl.Tensor) *dl.Tensor { return in[0].Slice(in[1]) },
	"Index/1_2":            func(in []*dl.Tensor) *dl.Tensor { return in[0].Index(1, 2) },
	"Pad":                  func(in []*dl.Tensor) *dl.Tensor { return in[0].Pad([2]int{1, 0}, [2]int{0, 2}, [2]int{}) },
	"Flip":                 func(in []*dl.Tensor) *dl.Tensor { return in[0].Flip() },
	"Flip/1":               func(in []*dl.Tensor) *dl.Tensor { return in[0].Flip(1) },
	"Roll/1":               func(in []*dl.Tensor) *dl.Tensor { return in[0].Roll(3, 1) },
	"Roll/-1":              func(in []*dl.Tensor) *dl.Tensor { return in[0].Roll(-1, 0) },
	"Tile":                 func(in []*dl.Tensor) *dl.Tensor { return in[0].Tile(2, 1, 2) },
	"Tile/more":            func(in []*dl.Tensor) *dl.Tensor { return in[0].Tile(2, 1, 1, 3) },
	"Repeat/1":             func(in []*dl.Tensor) *dl.Tensor { return in[0].Repeat(3, 1) },
	"MoveAxis":             func(in []*dl.Tensor) *dl.Tensor { return in[0].MoveAxis(0, 2) },
	"SwapAxes":             func(in []*dl.Tensor) *dl.Tensor { return in[0].SwapAxes(0, 2) },
	"Rot90/1":              func(in []*dl.Tensor) *dl.Tensor { return in[0].Rot90(1, 0, 1) },
	"Rot90/2":              func(in []*dl.Tensor) *dl.Tensor { return in[0].Rot90(2, 0, 1) },
	"Rot90/3":              func(in []*dl.Tensor) *dl.Tensor { return in[0].Rot90(-1, 1, 2) },
	"Split/1":              func(in []*dl.Tensor) *dl.Tensor { return in[0].Split(2, 1)[1] },
	"SplitAt":              func(in []*dl.Tensor) *dl.Tensor { return in[0].SplitAt(1, 1, 3)[1] },
	"Unstack":              func(in []*dl.Tensor) *dl.Tensor { return in[0].Unstack(1)[1] },
	"BroadcastTo/2_3_4":    func(in []*dl.Tensor) *dl.Tensor { return in[0].BroadcastTo(2, 3, 4) },
	"Concat/1":             func(in []*dl.Tensor) *dl.Tensor { return dl.Concat(1, in...) },
	"Stack/-1":             func(in []*dl.Tensor) *dl.Tensor { return dl.Stack(-1, in...) },
	"Meshgrid/1":           func(in []*dl.Tensor) *dl.Tensor { return dl.Meshgrid(in...)[1] },

	"Gather/1":            func(in []*dl.Tensor) *dl.Tensor { return in[0].Gather(in[1], 1) },
	"Gather/-1":           func(in []*dl.Tensor) *dl.Tensor { return in[0].Gather(in[1], -1) },
	"TakeAlong/1":         func(in []*dl.Tensor) *dl.Tensor { return in[0].TakeAlong(in[1], 1) },
	"Embedding":           func(in []*dl.Tensor) *dl.Tensor { return dl.Embedding(in[0], in[1]) },
	"OneHot/3":            func(in []*dl.Tensor) *dl.Tensor { return in[0].OneHot(3) },
	"IndexAdd":            func(in []*dl.Tensor) *dl.Tensor { return in[0].IndexAdd(in[1], in[2], 0) },
	"AddAlong":            func(in []*dl.Tensor) *dl.Tensor { return in[0].AddAlong(in[1], in[2], 1) },
	"IndexSet":            func(in []*dl.Tensor) *dl.Tensor { return in[0].IndexSet(in[1], in[2], 0) },
	"Sort/1":              func(in []*dl.Tensor) *dl.Tensor { return in[0].Sort(1) },
	"SortDescending/0":    func(in []*dl.Tensor) *dl.Tensor { return in[0].SortDescending(0) },
	"ArgSort/1":           func(in []*dl.Tensor) *dl.Tensor { return in[0].ArgSort(1) },
	"ArgSortDescending/1": func(in []*dl.Tensor) *dl.Tensor { return in[0].ArgSortDescending(1) },
	"TopK/values":         func(in []*dl.Tensor) *dl.Tensor { v, _ := in[0].TopK(2, 1); return v },
	"TopK/indices":        func(in []*dl.Tensor) *dl.Tensor { _, i := in[0].TopK(2, 1); return i },
	"NonZero":             func(in []*dl.Tensor) *dl.Tensor { return in[0].Greater(0).NonZero()[1] },
	"CountNonZero":        func(in []*dl.Tensor) *dl.Tensor { return in[0].Greater(0).CountNonZero(1) },
	"Unique/values":       func(in []*dl.Tensor) *dl.Tensor { v, _, _ := in[0].Unique(); return v },
	"Unique/counts":       func(in []*dl.Tensor) *dl.Tensor { _, n, _ := in[0].Unique(); return n },
	"Unique/inverse":      func(in []*dl.Tensor) *dl.Tensor { _, _, i := in[0].Unique(); return i },
	"BinCount":            func(in []*dl.Tensor) *dl.Tensor { return in[0].BinCount(6) },
	"Histogram":           func(in []*dl.Tensor) *dl.Tensor { return in[0].Histogram(5, -1, 1) },

	"Diff":       func(in []*dl.Tensor) *dl.Tensor { return in[0].Diff(2, 1) },
	"CumSum/1":   func(in []*dl.Tensor) *dl.Tensor { return in[0].CumSum(1) },
	"CumProd/0":  func(in []*dl.Tensor) *dl.Tensor { return in[0].CumProd(0) },
	"CumProd/1":  func(in []*dl.Tensor) *dl.Tensor { return in[0].CumProd(1) },
	"CumMax":     func(in []*dl.Tensor) *dl.Tensor { return in[0].CumMax(1) },
	"CumMin":     func(in []*dl.Tensor) *dl.Tensor { return in[0].CumMin(1) },
	"Recurrence": func(in []*dl.Tensor) *dl.Tensor { return dl.Recurrence(in[0], in[1], 1) },
	"Any/1":      func(in []*dl.Tensor) *dl.Tensor { return in[0].Any(1) },
	"ArgMax/1":   func(in []*dl.Tensor) *dl.Tensor { return in[0].ArgMax(1) },
	"ArgMin/0":   func(in []*dl.Tensor) *dl.Tensor { return in[0].ArgMin(0) },
	"VarOf":      func(in []*dl.Tensor) *dl.Tensor { return in[0].VarOf(1, 1) },
	"StdOf":      func(in []*dl.Tensor) *dl.Tensor { return in[0].StdOf(1, 1) },
	"NormOf/0":   norm(0), "NormOf/1": norm(1), "NormOf/2": norm(2), "NormOf/3": norm(3), "NormOf/inf": norm(math.Inf(1)), "NormOf/-inf": norm(math.Inf(-1)),
	"Average":  func(in []*dl.Tensor) *dl.Tensor { return in[0].Average(in[1], 1) },
	"NanSum":   func(in []*dl.Tensor) *dl.Tensor { return in[0].NanSum(1) },
	"NanMean":  func(in []*dl.Tensor) *dl.Tensor { return in[0].NanMean(1) },
	"Quantile": func(in []*dl.Tensor) *dl.Tensor { return in[0].Quantile(0.3, 1) },
	"Median":   func(in []*dl.Tensor) *dl.Tensor { return in[0].Median(1) },

	"Solve":                 two(dl.Solve),
	"SolveTriangular/lower": func(in []*dl.Tensor) *dl.Tensor { return dl.SolveTriangular(in[0], in[1], false) },
	"SolveTriangular/upper": func(in []*dl.Tensor) *dl.Tensor { return dl.SolveTriangular(in[0], in[1], true) },
	"LeastSquares":          two(dl.LeastSquares),
	"LogDet/sign":           func(in []*dl.Tensor) *dl.Tensor { s, _ := in[0].LogDet(); return s },
	"LogDet/size":           func(in []*dl.Tensor) *dl.Tensor { _, l := in[0].LogDet(); return l },
	"QR/q":                  func(in []*dl.Tensor) *dl.Tensor { q, _ := in[0].QR(); return q },
	"QR/r":                  func(in []*dl.Tensor) *dl.Tensor { _, r := in[0].QR(); return r },
	"Eigh/values":           func(in []*dl.Tensor) *dl.Tensor { v, _ := in[0].Eigh(); return v },
	"Eigh/vectors":          func(in []*dl.Tensor) *dl.Tensor { _, v := in[0].Eigh(); return v },
	"SVD/u":                 func(in []*dl.Tensor) *dl.Tensor { u, _, _ := in[0].SVD(); return u },
	"SVD/s":                 func(in []*dl.Tensor) *dl.Tensor { _, s, _ := in[0].SVD(); return s },
	"SVD/v":                 func(in []*dl.Tensor) *dl.Tensor { _, _, v := in[0].SVD(); return v },
	"MatrixPower/3":         func(in []*dl.Tensor) *dl.Tensor { return in[0].MatrixPower(3) },
	"MatrixPower/-2":        func(in []*dl.Tensor) *dl.Tensor { return in[0].MatrixPower(-2) },
	"Outer":                 two(dl.Outer), "Inner": two(dl.Inner), "Dot": two(dl.Dot), "Kron": two(dl.Kron), "Cross": two(dl.Cross),
	"TensorDot":        func(in []*dl.Tensor) *dl.Tensor { return dl.TensorDot(in[0], in[1], []int{0, 1}, []int{0, 1}) },
	"Diag/1":           func(in []*dl.Tensor) *dl.Tensor { return in[0].Diag(1) },
	"Diag/-1":          func(in []*dl.Tensor) *dl.Tensor { return in[0].Diag(-1) },
	"Diag/matrix":      func(in []*dl.Tensor) *dl.Tensor { return in[0].Diag(1) },
	"Diagonal/-1":      func(in []*dl.Tensor) *dl.Tensor { return in[0].Diagonal(-1) },
	"Tril":             func(in []*dl.Tensor) *dl.Tensor { return in[0].Tril(-1) },
	"Triu":             func(in []*dl.Tensor) *dl.Tensor { return in[0].Triu(1) },
	"Vander":           func(in []*dl.Tensor) *dl.Tensor { return in[0].Vander(4) },
	"Einsum/matmul":    einsum("ij,jk->ik"),
	"Einsum/attention": einsum("bhqd,bhkd->bhqk"),
	"Einsum/trace":     einsum("ii->"),
	"Einsum/outer":     einsum("i,j->ji"),
	"Einsum/three":     einsum("ij,jk,kl->il"),
	"Einsum/batch":     einsum("bij,bj->bi"),
	"Einsum/implicit":  einsum("ba"),
	"Einsum/sum":       einsum("ijk->k"),
	"Einsum/hadamard":  einsum("ij,ij->ij"),

	"PadWith/edge":      padded(dl.Edge),
	"PadWith/reflect":   padded(dl.Reflect),
	"PadWith/symmetric": padded(dl.Symmetric),
	"PadWith/wrap":      padded(dl.Wrap),
	"PadValue":          func(in []*dl.Tensor) *dl.Tensor { return in[0].PadValue(1.5, [2]int{1, 0}, [2]int{0, 2}) },
	"Unflatten":         func(in []*dl.Tensor) *dl.Tensor { return in[0].Unflatten(1, 2, -1) },
	"FlattenAxes":       func(in []*dl.Tensor) *dl.Tensor { return in[0].FlattenAxes(1, 2) },
	"Windows":           func(in []*dl.Tensor) *dl.Tensor { return in[0].Windows(3, 2, 1) },
	"SetAlong":          func(in []*dl.Tensor) *dl.Tensor { return in[0].SetAlong(in[1], in[2], 1) },
	"IsIn":              func(in []*dl.Tensor) *dl.Tensor { return in[0].IsIn(in[1]) },
	"NanMax/1":          func(in []*dl.Tensor) *dl.Tensor { return in[0].NanMax(1) },
	"NanMin/1":          func(in []*dl.Tensor) *dl.Tensor { return in[0].NanMin(1) },
	"Normalize":         func(in []*dl.Tensor) *dl.Tensor { return in[0].Normalize(2, 1) },
	"CosineSimilarity":  func(in []*dl.Tensor) *dl.Tensor { return dl.CosineSimilarity(in[0], in[1], 1) },
	"Distances/2":       func(in []*dl.Tensor) *dl.Tensor { return dl.Distances(in[0], in[1], 2) },
	"Distances/1":       func(in []*dl.Tensor) *dl.Tensor { return dl.Distances(in[0], in[1], 1) },
	"HardShrink":        func(in []*dl.Tensor) *dl.Tensor { return in[0].HardShrink(0.4) },
	"SoftShrink":        func(in []*dl.Tensor) *dl.Tensor { return in[0].SoftShrink(0.4) },
	"Attention":         func(in []*dl.Tensor) *dl.Tensor { return dl.Attention(in[0], in[1], in[2]) },
	"Attention/causal": func(in []*dl.Tensor) *dl.Tensor {
		return dl.Attention(in[0], in[1], in[2], dl.AttentionOptions{Causal: true})
	},
	"Attention/mask": func(in []*dl.Tensor) *dl.Tensor {
		return dl.Attention(in[0], in[1], in[2], dl.AttentionOptions{Mask: in[3]})
	},

	"Conv2D":              conv(dl.Conv2D, dl.ConvOptions{}),
	"Conv2D/stride2_pad1": conv(dl.Conv2D, dl.ConvOptions{Stride: 2, Pad: 1}),
	"Conv2D/same":         conv(dl.Conv2D, dl.ConvOptions{Same: true}),
	"Conv2D/dilation2":    conv(dl.Conv2D, dl.ConvOptions{Dilation: 2}),
	"Conv2D/groups2":      conv(dl.Conv2D, dl.ConvOptions{Groups: 2}),
	"Conv2D/uneven":       conv(dl.Conv2D, dl.ConvOptions{Strides: []int{2, 1}, Pads: [][2]int{{1, 1}, {0, 0}}, Dilations: []int{1, 2}}),
	"Conv2D/asymmetric":   conv(dl.Conv2D, dl.ConvOptions{Pads: [][2]int{{1, 0}, {0, 2}}}),
	"Conv1D":              conv(dl.Conv1D, dl.ConvOptions{}),
	"Conv1D/options":      conv(dl.Conv1D, dl.ConvOptions{Stride: 2, Pad: 1, Dilation: 2, Groups: 2}),
	"Conv1D/same":         conv(dl.Conv1D, dl.ConvOptions{Same: true}),
	"Conv3D":              conv(dl.Conv3D, dl.ConvOptions{}),
	"Conv3D/same":         conv(dl.Conv3D, dl.ConvOptions{Same: true}),
	"Conv3D/options": conv(dl.Conv3D, dl.ConvOptions{Strides: []int{2, 1, 2}, Pads: [][2]int{{1, 1}, {0, 0}, {1, 1}},
		Dilations: []int{2, 1, 1}, Groups: 2}),
	"ConvTranspose2D":           conv(dl.ConvTranspose2D, dl.ConvOptions{}),
	"ConvTranspose2D/options":   conv(dl.ConvTranspose2D, dl.ConvOptions{Strides: []int{2, 3}, Pad: 1, Extra: []int{1, 1}, Groups: 2}),
	"ConvTranspose2D/dilation2": conv(dl.ConvTranspose2D, dl.ConvOptions{Dilation: 2}),
	"ConvTranspose1D":           conv(dl.ConvTranspose1D, dl.ConvOptions{}),
	"ConvTranspose1D/options":   conv(dl.ConvTranspose1D, dl.ConvOptions{Stride: 2, Pad: 1, Extra: []int{1}, Groups: 2}),
	"ConvTranspose3D":           conv(dl.ConvTranspose3D, dl.ConvOptions{}),
	"ConvTranspose3D/options":   conv(dl.ConvTranspose3D, dl.ConvOptions{Stride: 2, Pad: 1, Extra: []int{1, 1, 1}, Groups: 2}),
	"MaxPool2D":                 pool(dl.MaxPool2D, 2, dl.PoolOptions{}),
	"MaxPool2D/stride2_pad1":    pool(dl.MaxPool2D, 3, dl.PoolOptions{Stride: 2, Pad: 1}),
	"MaxPool2D/uneven":          pool(dl.MaxPool2D, 0, dl.PoolOptions{Sizes: []int{3, 2}, Strides: []int{1, 2}, Pads: [][2]int{{1, 1}, {0, 0}}}),
	"MaxPool1D":                 pool(dl.MaxPool1D, 2, dl.PoolOptions{}),
	"MaxPool3D":                 pool(dl.MaxPool3D, 2, dl.PoolOptions{Stride: 1, Pad: 1}),
	"AvgPool2D":                 pool(dl.AvgPool2D, 2, dl.PoolOptions{}),
	"AvgPool2D/stride2_pad1":    pool(dl.AvgPool2D, 3, dl.PoolOptions{Stride: 2, Pad: 1}),
	"AvgPool2D/count_pad":       pool(dl.AvgPool2D, 3, dl.PoolOptions{Stride: 2, Pad: 1, CountPad: true}),
	"AvgPool1D":                 pool(dl.AvgPool1D, 3, dl.PoolOptions{Stride: 2}),
	"AvgPool3D":                 pool(dl.AvgPool3D, 2, dl.PoolOptions{Stride: 1, Pad: 1}),
	"GlobalAvgPool":             func(in []*dl.Tensor) *dl.Tensor { return dl.GlobalAvgPool(in[0]) },
	"GlobalMaxPool":             func(in []*dl.Tensor) *dl.Tensor { return dl.GlobalMaxPool(in[0]) },
	"AdaptiveAvgPool":           func(in []*dl.Tensor) *dl.Tensor { return dl.AdaptiveAvgPool(in[0], 3, 4) },
	"AdaptiveMaxPool":           func(in []*dl.Tensor) *dl.Tensor { return dl.AdaptiveMaxPool(in[0], 3, 4) },
	"PixelShuffle":              func(in []*dl.Tensor) *dl.Tensor { return dl.PixelShuffle(in[0], 2) },
	"Resize/nearest":            func(in []*dl.Tensor) *dl.Tensor { return dl.Resize(in[0], dl.Nearest, 5, 9) },
	"Resize/linear":             func(in []*dl.Tensor) *dl.Tensor { return dl.Resize(in[0], dl.Linear, 5, 9) },
	"Upsample/nearest":          func(in []*dl.Tensor) *dl.Tensor { return dl.Upsample(in[0], 2, dl.Nearest) },
	"Upsample/linear":           func(in []*dl.Tensor) *dl.Tensor { return dl.Upsample(in[0], 2, dl.Linear) },
}

func castTo(d dl.DType) Row { return func(in []*dl.Tensor) *dl.Tensor { return in[0].Cast(d) } }
func two(f func(a, b any) *dl.Tensor) Row {
	return func(in []*dl.Tensor) *dl.Tensor { return f(in[0], in[1]) }
}
func padded(mode dl.PadMode) Row {
	return func(in []*dl.Tensor) *dl.Tensor { return in[0].PadWith(mode, [2]int{1, 2}, [2]int{2, 0}) }
}
func sliced(specs ...any) Row {
	return func(in []*dl.Tensor) *dl.Tensor { return in[0].Slice(specs...) }
}
func norm(p float64) Row  { return func(in []*dl.Tensor) *dl.Tensor { return in[0].NormOf(p, 1) } }
func einsum(f string) Row { return func(in []*dl.Tensor) *dl.Tensor { return dl.Einsum(f, in...) } }
func conv(f func(x, w *dl.Tensor, options ...dl.ConvOptions) *dl.Tensor, o dl.ConvOptions) Row {
	return func(in []*dl.Tensor) *dl.Tensor { return f(in[0], in[1], o) }
}
func pool(f func(x *dl.Tensor, size int, options ...dl.PoolOptions) *dl.Tensor, size int, o dl.PoolOptions) Row {
	return func(in []*dl.Tensor) *dl.Tensor { return f(in[0], size, o) }
}

// RowOf returns the row of a call: that of the table, or the method of that name
// that takes nothing, one more operand, or axes: none, "/1", or "/keep_0_-1".
func RowOf(call string) Row {
	if r := Rows[call]; r != nil {
		return r
	}
	name, variant, _ := strings.Cut(call, "/")
	m, ok := reflect.TypeFor[*dl.Tensor]().MethodByName(name)
	if !ok {
		return nil
	}
	switch f := m.Func.Interface().(type) {
	case func(*dl.Tensor) *dl.Tensor:
		if variant == "" {
			return func(in []*dl.Tensor) *dl.Tensor { return f(in[0]) }
		}
	case func(*dl.Tensor, any) *dl.Tensor:
		if variant == "" {
			return func(in []*dl.Tensor) *dl.Tensor { return f(in[0], in[1]) }
		}
	case func(*dl.Tensor, ...int) *dl.Tensor:
		axes, ok := map[string][]int{"": nil, "1": {1}, "keep_0_-1": {0, dl.KeepDims, -1}}[variant]
		if ok {
			return func(in []*dl.Tensor) *dl.Tensor { return f(in[0], axes...) }
		}
	}
	return nil
}
