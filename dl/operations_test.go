package dl

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// A row is one way to call an operation.
type row = func(in []*Tensor) *Tensor

// operations is the table of operations: every exported function and method
// that computes tensors from tensors, by its name, with a word behind a stroke
// where there are several ways to call it. Those that take one tensor, or one
// and a second operand, or nothing beside, need no row here: see rowOf. The
// tests walk what testdata/operations.json has of each: values, first and second
// derivatives, on every backend.
var operations = map[string]row{
	"Cast/bool": castTo(Bool), "Cast/uint8": castTo(Uint8), "Cast/int32": castTo(Int32), "Cast/int64": castTo(Int64), "Cast/float32": castTo(Float32),
	"Where":       func(in []*Tensor) *Tensor { return Where(in[0], in[1], in[2]) },
	"Clip":        func(in []*Tensor) *Tensor { return in[0].Clip(-0.5, 0.75) },
	"FillWhere":   func(in []*Tensor) *Tensor { return in[0].FillWhere(in[1], 2.5) },
	"Lerp":        func(in []*Tensor) *Tensor { return in[0].Lerp(in[1], in[2]) },
	"IsClose":     func(in []*Tensor) *Tensor { return in[0].IsClose(in[1], 1e-2, 1e-8) },
	"AllClose":    func(in []*Tensor) *Tensor { return in[0].AllClose(in[1], 1e-2, 1e-8) },
	"Atan2":       two(Atan2),
	"Hypot":       two(Hypot),
	"LogAddExp":   two(LogAddExp),
	"XLogY":       two(XLogY),
	"Polygamma/1": func(in []*Tensor) *Tensor { return in[0].Polygamma(1) },
	"Polygamma/2": func(in []*Tensor) *Tensor { return in[0].Polygamma(2) },

	"LeakyReLU":           func(in []*Tensor) *Tensor { return in[0].LeakyReLU(0.1) },
	"ELU":                 func(in []*Tensor) *Tensor { return in[0].ELU(1.5) },
	"CELU":                func(in []*Tensor) *Tensor { return in[0].CELU(1.5) },
	"GLU":                 func(in []*Tensor) *Tensor { return in[0].GLU(1) },
	"Softmax/1":           func(in []*Tensor) *Tensor { return in[0].Softmax(1) },
	"Softmax/0":           func(in []*Tensor) *Tensor { return in[0].Softmax(0) },
	"LogSoftmax/1":        func(in []*Tensor) *Tensor { return in[0].LogSoftmax(-1) },
	"SoftmaxCrossEntropy": func(in []*Tensor) *Tensor { return SoftmaxCrossEntropy(in[0], in[1]) },
	"BinaryCrossEntropy":  func(in []*Tensor) *Tensor { return BinaryCrossEntropy(in[0], in[1]) },

	"Reshape/4_-1":       func(in []*Tensor) *Tensor { return in[0].Reshape(4, -1) },
	"Transpose/102":      func(in []*Tensor) *Tensor { return in[0].Transpose(1, 0, 2) },
	"ExpandDims/1":       func(in []*Tensor) *Tensor { return in[0].ExpandDims(1) },
	"Squeeze":            func(in []*Tensor) *Tensor { return in[0].ExpandDims(1).Squeeze(1) },
	"Slice/1_3":          sliced(Between(1, 3)),
	"Slice/row_last":     sliced(1, All, -1),
	"Slice/reverse":      sliced(All.By(-1), Between(3, 0).By(-2)),
	"Slice/beyond":       sliced(Between(-9, 9), Between(2, 2)),
	"Slice/list":         sliced([]int{2, 0, 2}),
	"Slice/rows_columns": sliced(New([][]int{{0}, {2}}), []int{1, -1}),
	"Slice/apart":        sliced([]int{0, 1}, All, []int{1, 0}),
	"Slice/number_apart": sliced(0, All, []int{1, 0, 1}),
	"Slice/new_axis":     sliced(All, NewAxis, 1),
	"Slice/ellipsis":     sliced(Ellipsis, 0),
	"Slice/middle":       sliced(From(1), []int{1, 3}),
	"Slice/mask":         func(in []*Tensor) *Tensor { return in[0].Slice(in[1]) },
	"Slice/row_mask":     func(in []*Tensor) *Tensor { return in[0].Slice(in[1]) },
	"Index/1_2":          func(in []*Tensor) *Tensor { return in[0].Index(1, 2) },
	"Pad":                func(in []*Tensor) *Tensor { return in[0].Pad([2]int{1, 0}, [2]int{0, 2}, [2]int{}) },
	"Flip":               func(in []*Tensor) *Tensor { return in[0].Flip() },
	"Flip/1":             func(in []*Tensor) *Tensor { return in[0].Flip(1) },
	"Roll/1":             func(in []*Tensor) *Tensor { return in[0].Roll(3, 1) },
	"Roll/-1":            func(in []*Tensor) *Tensor { return in[0].Roll(-1, 0) },
	"Tile":               func(in []*Tensor) *Tensor { return in[0].Tile(2, 1, 2) },
	"Tile/more":          func(in []*Tensor) *Tensor { return in[0].Tile(2, 1, 1, 3) },
	"Repeat/1":           func(in []*Tensor) *Tensor { return in[0].Repeat(3, 1) },
	"MoveAxis":           func(in []*Tensor) *Tensor { return in[0].MoveAxis(0, 2) },
	"SwapAxes":           func(in []*Tensor) *Tensor { return in[0].SwapAxes(0, 2) },
	"Rot90/1":            func(in []*Tensor) *Tensor { return in[0].Rot90(1, 0, 1) },
	"Rot90/2":            func(in []*Tensor) *Tensor { return in[0].Rot90(2, 0, 1) },
	"Rot90/3":            func(in []*Tensor) *Tensor { return in[0].Rot90(-1, 1, 2) },
	"Split/1":            func(in []*Tensor) *Tensor { return in[0].Split(2, 1)[1] },
	"SplitAt":            func(in []*Tensor) *Tensor { return in[0].SplitAt(1, 1, 3)[1] },
	"Unstack":            func(in []*Tensor) *Tensor { return in[0].Unstack(1)[1] },
	"BroadcastTo/2_3_4":  func(in []*Tensor) *Tensor { return in[0].BroadcastTo(2, 3, 4) },
	"Concat/1":           func(in []*Tensor) *Tensor { return Concat(1, in...) },
	"Stack/-1":           func(in []*Tensor) *Tensor { return Stack(-1, in...) },
	"Meshgrid/1":         func(in []*Tensor) *Tensor { return Meshgrid(in...)[1] },

	"Gather/1":            func(in []*Tensor) *Tensor { return in[0].Gather(in[1], 1) },
	"Gather/-1":           func(in []*Tensor) *Tensor { return in[0].Gather(in[1], -1) },
	"TakeAlong/1":         func(in []*Tensor) *Tensor { return in[0].TakeAlong(in[1], 1) },
	"Embedding":           func(in []*Tensor) *Tensor { return Embedding(in[0], in[1]) },
	"OneHot/3":            func(in []*Tensor) *Tensor { return in[0].OneHot(3) },
	"IndexAdd":            func(in []*Tensor) *Tensor { return in[0].IndexAdd(in[1], in[2], 0) },
	"AddAlong":            func(in []*Tensor) *Tensor { return in[0].AddAlong(in[1], in[2], 1) },
	"IndexSet":            func(in []*Tensor) *Tensor { return in[0].IndexSet(in[1], in[2], 0) },
	"Sort/1":              func(in []*Tensor) *Tensor { return in[0].Sort(1) },
	"SortDescending/0":    func(in []*Tensor) *Tensor { return in[0].SortDescending(0) },
	"ArgSort/1":           func(in []*Tensor) *Tensor { return in[0].ArgSort(1) },
	"ArgSortDescending/1": func(in []*Tensor) *Tensor { return in[0].ArgSortDescending(1) },
	"TopK/values":         func(in []*Tensor) *Tensor { v, _ := in[0].TopK(2, 1); return v },
	"TopK/indices":        func(in []*Tensor) *Tensor { _, i := in[0].TopK(2, 1); return i },
	"NonZero":             func(in []*Tensor) *Tensor { return in[0].Greater(0).NonZero()[1] },
	"CountNonZero":        func(in []*Tensor) *Tensor { return in[0].Greater(0).CountNonZero(1) },
	"Unique/values":       func(in []*Tensor) *Tensor { v, _, _ := in[0].Unique(); return v },
	"Unique/counts":       func(in []*Tensor) *Tensor { _, n, _ := in[0].Unique(); return n },
	"Unique/inverse":      func(in []*Tensor) *Tensor { _, _, i := in[0].Unique(); return i },
	"BinCount":            func(in []*Tensor) *Tensor { return in[0].BinCount(6) },
	"Histogram":           func(in []*Tensor) *Tensor { return in[0].Histogram(5, -1, 1) },

	"Diff":       func(in []*Tensor) *Tensor { return in[0].Diff(2, 1) },
	"CumSum/1":   func(in []*Tensor) *Tensor { return in[0].CumSum(1) },
	"CumProd/0":  func(in []*Tensor) *Tensor { return in[0].CumProd(0) },
	"CumProd/1":  func(in []*Tensor) *Tensor { return in[0].CumProd(1) },
	"CumMax":     func(in []*Tensor) *Tensor { return in[0].CumMax(1) },
	"CumMin":     func(in []*Tensor) *Tensor { return in[0].CumMin(1) },
	"Recurrence": func(in []*Tensor) *Tensor { return Recurrence(in[0], in[1], 1) },
	"Any/1":      func(in []*Tensor) *Tensor { return in[0].Any(1) },
	"ArgMax/1":   func(in []*Tensor) *Tensor { return in[0].ArgMax(1) },
	"ArgMin/0":   func(in []*Tensor) *Tensor { return in[0].ArgMin(0) },
	"VarOf":      func(in []*Tensor) *Tensor { return in[0].VarOf(1, 1) },
	"StdOf":      func(in []*Tensor) *Tensor { return in[0].StdOf(1, 1) },
	"NormOf/0":   norm(0), "NormOf/1": norm(1), "NormOf/2": norm(2), "NormOf/3": norm(3), "NormOf/inf": norm(math.Inf(1)), "NormOf/-inf": norm(math.Inf(-1)),
	"Average":  func(in []*Tensor) *Tensor { return in[0].Average(in[1], 1) },
	"NanSum":   func(in []*Tensor) *Tensor { return in[0].NanSum(1) },
	"NanMean":  func(in []*Tensor) *Tensor { return in[0].NanMean(1) },
	"Quantile": func(in []*Tensor) *Tensor { return in[0].Quantile(0.3, 1) },
	"Median":   func(in []*Tensor) *Tensor { return in[0].Median(1) },

	"Solve":                 two(Solve),
	"SolveTriangular/lower": func(in []*Tensor) *Tensor { return SolveTriangular(in[0], in[1], false) },
	"SolveTriangular/upper": func(in []*Tensor) *Tensor { return SolveTriangular(in[0], in[1], true) },
	"LeastSquares":          two(LeastSquares),
	"LogDet/sign":           func(in []*Tensor) *Tensor { s, _ := in[0].LogDet(); return s },
	"LogDet/size":           func(in []*Tensor) *Tensor { _, l := in[0].LogDet(); return l },
	"QR/q":                  func(in []*Tensor) *Tensor { q, _ := in[0].QR(); return q },
	"QR/r":                  func(in []*Tensor) *Tensor { _, r := in[0].QR(); return r },
	"Eigh/values":           func(in []*Tensor) *Tensor { v, _ := in[0].Eigh(); return v },
	"Eigh/vectors":          func(in []*Tensor) *Tensor { _, v := in[0].Eigh(); return v },
	"SVD/u":                 func(in []*Tensor) *Tensor { u, _, _ := in[0].SVD(); return u },
	"SVD/s":                 func(in []*Tensor) *Tensor { _, s, _ := in[0].SVD(); return s },
	"SVD/v":                 func(in []*Tensor) *Tensor { _, _, v := in[0].SVD(); return v },
	"MatrixPower/3":         func(in []*Tensor) *Tensor { return in[0].MatrixPower(3) },
	"MatrixPower/-2":        func(in []*Tensor) *Tensor { return in[0].MatrixPower(-2) },
	"Outer":                 two(Outer), "Inner": two(Inner), "Dot": two(Dot), "Kron": two(Kron), "Cross": two(Cross),
	"TensorDot":        func(in []*Tensor) *Tensor { return TensorDot(in[0], in[1], []int{0, 1}, []int{0, 1}) },
	"Diag/1":           func(in []*Tensor) *Tensor { return in[0].Diag(1) },
	"Diag/-1":          func(in []*Tensor) *Tensor { return in[0].Diag(-1) },
	"Diag/matrix":      func(in []*Tensor) *Tensor { return in[0].Diag(1) },
	"Diagonal/-1":      func(in []*Tensor) *Tensor { return in[0].Diagonal(-1) },
	"Tril":             func(in []*Tensor) *Tensor { return in[0].Tril(-1) },
	"Triu":             func(in []*Tensor) *Tensor { return in[0].Triu(1) },
	"Vander":           func(in []*Tensor) *Tensor { return in[0].Vander(4) },
	"Einsum/matmul":    einsum("ij,jk->ik"),
	"Einsum/attention": einsum("bhqd,bhkd->bhqk"),
	"Einsum/trace":     einsum("ii->"),
	"Einsum/outer":     einsum("i,j->ji"),
	"Einsum/three":     einsum("ij,jk,kl->il"),
	"Einsum/batch":     einsum("bij,bj->bi"),
	"Einsum/implicit":  einsum("ba"),
	"Einsum/sum":       einsum("ijk->k"),
	"Einsum/hadamard":  einsum("ij,ij->ij"),

	"Conv2D":              conv(Conv2D, ConvOptions{}),
	"Conv2D/stride2_pad1": conv(Conv2D, ConvOptions{Stride: 2, Pad: 1}),
	"Conv2D/same":         conv(Conv2D, ConvOptions{Same: true}),
	"Conv2D/dilation2":    conv(Conv2D, ConvOptions{Dilation: 2}),
	"Conv2D/groups2":      conv(Conv2D, ConvOptions{Groups: 2}),
	"Conv2D/uneven":       conv(Conv2D, ConvOptions{Strides: []int{2, 1}, Pads: [][2]int{{1, 1}, {0, 0}}, Dilations: []int{1, 2}}),
	"Conv2D/asymmetric":   conv(Conv2D, ConvOptions{Pads: [][2]int{{1, 0}, {0, 2}}}),
	"Conv1D":              conv(Conv1D, ConvOptions{}),
	"Conv1D/options":      conv(Conv1D, ConvOptions{Stride: 2, Pad: 1, Dilation: 2, Groups: 2}),
	"Conv1D/same":         conv(Conv1D, ConvOptions{Same: true}),
	"Conv3D":              conv(Conv3D, ConvOptions{}),
	"Conv3D/same":         conv(Conv3D, ConvOptions{Same: true}),
	"Conv3D/options": conv(Conv3D, ConvOptions{Strides: []int{2, 1, 2}, Pads: [][2]int{{1, 1}, {0, 0}, {1, 1}},
		Dilations: []int{2, 1, 1}, Groups: 2}),
	"ConvTranspose2D":           conv(ConvTranspose2D, ConvOptions{}),
	"ConvTranspose2D/options":   conv(ConvTranspose2D, ConvOptions{Strides: []int{2, 3}, Pad: 1, Extra: []int{1, 1}, Groups: 2}),
	"ConvTranspose2D/dilation2": conv(ConvTranspose2D, ConvOptions{Dilation: 2}),
	"ConvTranspose1D":           conv(ConvTranspose1D, ConvOptions{}),
	"ConvTranspose1D/options":   conv(ConvTranspose1D, ConvOptions{Stride: 2, Pad: 1, Extra: []int{1}, Groups: 2}),
	"ConvTranspose3D":           conv(ConvTranspose3D, ConvOptions{}),
	"ConvTranspose3D/options":   conv(ConvTranspose3D, ConvOptions{Stride: 2, Pad: 1, Extra: []int{1, 1, 1}, Groups: 2}),
	"MaxPool2D":                 pool(MaxPool2D, 2, PoolOptions{}),
	"MaxPool2D/stride2_pad1":    pool(MaxPool2D, 3, PoolOptions{Stride: 2, Pad: 1}),
	"MaxPool2D/uneven":          pool(MaxPool2D, 0, PoolOptions{Sizes: []int{3, 2}, Strides: []int{1, 2}, Pads: [][2]int{{1, 1}, {0, 0}}}),
	"MaxPool1D":                 pool(MaxPool1D, 2, PoolOptions{}),
	"MaxPool3D":                 pool(MaxPool3D, 2, PoolOptions{Stride: 1, Pad: 1}),
	"AvgPool2D":                 pool(AvgPool2D, 2, PoolOptions{}),
	"AvgPool2D/stride2_pad1":    pool(AvgPool2D, 3, PoolOptions{Stride: 2, Pad: 1}),
	"AvgPool2D/count_pad":       pool(AvgPool2D, 3, PoolOptions{Stride: 2, Pad: 1, CountPad: true}),
	"AvgPool1D":                 pool(AvgPool1D, 3, PoolOptions{Stride: 2}),
	"AvgPool3D":                 pool(AvgPool3D, 2, PoolOptions{Stride: 1, Pad: 1}),
	"GlobalAvgPool":             func(in []*Tensor) *Tensor { return GlobalAvgPool(in[0]) },
	"GlobalMaxPool":             func(in []*Tensor) *Tensor { return GlobalMaxPool(in[0]) },
	"AdaptiveAvgPool":           func(in []*Tensor) *Tensor { return AdaptiveAvgPool(in[0], 3, 4) },
	"AdaptiveMaxPool":           func(in []*Tensor) *Tensor { return AdaptiveMaxPool(in[0], 3, 4) },
	"PixelShuffle":              func(in []*Tensor) *Tensor { return PixelShuffle(in[0], 2) },
	"Resize/nearest":            func(in []*Tensor) *Tensor { return Resize(in[0], Nearest, 5, 9) },
	"Resize/linear":             func(in []*Tensor) *Tensor { return Resize(in[0], Linear, 5, 9) },
	"Upsample/nearest":          func(in []*Tensor) *Tensor { return Upsample(in[0], 2, Nearest) },
	"Upsample/linear":           func(in []*Tensor) *Tensor { return Upsample(in[0], 2, Linear) },
}

// notOperations are the exported functions and methods that give tensors and
// are no operations on tensors, or have no values to compare, with the test
// that is theirs.
var notOperations = map[string]string{
	"New": "TestLiterals", "NewAs": "TestLiterals", "NewShared": "TestNewShared", "Scalar": "TestCorners", "Zeros": "TestCreation", "Ones": "TestCreation",
	"Full": "TestCreation", "Arange": "TestCreation", "Linspace": "TestCreation", "Eye": "TestCreation", "Tri": "TestCreation",
	"ZerosLike": "TestCreation", "OnesLike": "TestCreation", "FullLike": "TestCreation", "Rand": "TestSeed", "Randn": "TestSeed", "RandInt": "TestSeed",
	"RandLike": "TestDistributions", "RandnLike": "TestDistributions", "Uniform": "TestDistributions", "Normal": "TestDistributions",
	"TruncatedNormal": "TestDistributions", "Gumbel": "TestDistributions", "Bernoulli": "TestDistributions", "Categorical": "TestDistributions",
	"Permutation": "TestPermutation", "Shuffle": "TestPermutation", "Dropout": "TestDropout",
	"Placeholder": "TestUnknownRows", "Variable": "TestAssignKeepsMemory", "Eval": "TestEval", "Named": "TestPrint",
	"Grad": "TestDerivatives", "Grads": "TestDerivatives", "Jacobian": "TestJacobian", "HVP": "TestJacobian", "HVPs": "TestHVPOfNetwork",
	"CustomGrad": "TestCustomGrad", "Replace": "TestReplace", "Variables": "TestVariables", "Scan": "TestScan", "Cond": "TestCondAndWhile", "While": "TestCondAndWhile",
}

func castTo(d DType) row { return func(in []*Tensor) *Tensor { return in[0].Cast(d) } }
func two(f func(a, b any) *Tensor) row {
	return func(in []*Tensor) *Tensor { return f(in[0], in[1]) }
}
func sliced(specs ...any) row { return func(in []*Tensor) *Tensor { return in[0].Slice(specs...) } }
func norm(p float64) row      { return func(in []*Tensor) *Tensor { return in[0].NormOf(p, 1) } }
func einsum(f string) row     { return func(in []*Tensor) *Tensor { return Einsum(f, in...) } }
func conv(f func(x, w *Tensor, options ...ConvOptions) *Tensor, o ConvOptions) row {
	return func(in []*Tensor) *Tensor { return f(in[0], in[1], o) }
}
func pool(f func(x *Tensor, size int, options ...PoolOptions) *Tensor, size int, o PoolOptions) row {
	return func(in []*Tensor) *Tensor { return f(in[0], size, o) }
}

// rowOf returns the row of a call: that of the table, or the method of that name
// that takes nothing, one more operand, or axes: none, "/1", or "/keep_0_-1".
func rowOf(call string) row {
	if r := operations[call]; r != nil {
		return r
	}
	name, variant, _ := strings.Cut(call, "/")
	m, ok := reflect.TypeFor[*Tensor]().MethodByName(name)
	if !ok {
		return nil
	}
	switch f := m.Func.Interface().(type) {
	case func(*Tensor) *Tensor:
		if variant == "" {
			return func(in []*Tensor) *Tensor { return f(in[0]) }
		}
	case func(*Tensor, any) *Tensor:
		if variant == "" {
			return func(in []*Tensor) *Tensor { return f(in[0], in[1]) }
		}
	case func(*Tensor, ...int) *Tensor:
		axes, ok := map[string][]int{"": nil, "1": {1}, "keep_0_-1": {0, KeepDims, -1}}[variant]
		if ok {
			return func(in []*Tensor) *Tensor { return f(in[0], axes...) }
		}
	}
	return nil
}

// declared returns the functions and methods of this package, with its tests.
func declared(t *testing.T) []*ast.FuncDecl {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var fns []*ast.FuncDecl
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "dl" {
				fns = append(fns, fn)
			}
		}
	}
	return fns
}

// givesTensors reports whether fn is an exported function, or method of
// *Tensor, whose results have tensors among them.
func givesTensors(fn *ast.FuncDecl) bool {
	if !fn.Name.IsExported() || fn.Type.Results == nil {
		return false
	}
	if fn.Recv != nil {
		star, ok := fn.Recv.List[0].Type.(*ast.StarExpr)
		if !ok {
			return false
		}
		if id, ok := star.X.(*ast.Ident); !ok || id.Name != "Tensor" {
			return false
		}
	}
	gives := false
	for _, r := range fn.Type.Results.List {
		ast.Inspect(r.Type, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			gives = gives || ok && (id.Name == "Tensor" || id.Name == "Gradients")
			return true
		})
	}
	return gives
}

// TestEveryOperationHasRows: who adds an operation gives it rows.
func TestEveryOperationHasRows(t *testing.T) {
	calls := map[string]bool{}
	for _, c := range referenceCases(t) {
		name, _, _ := strings.Cut(c.Call, "/")
		calls[name] = true
		delete(unused, c.Call)
	}
	for call := range unused {
		t.Errorf("row %s has no case in testdata/operations.json", call)
	}
	n, tests := 0, map[string]bool{}
	fns := declared(t)
	for _, fn := range fns {
		tests[fn.Name.Name] = true
	}
	for _, fn := range fns {
		name := fn.Name.Name
		if !givesTensors(fn) {
			continue
		}
		if calls[name] {
			n++
		}
		if !calls[name] && notOperations[name] == "" {
			t.Errorf("%s has no case in testdata/operations.json; add one to tests/reference/operations.py", name)
		}
	}
	for name, test := range notOperations {
		if !tests[test] {
			t.Errorf("%s says that it is tested in %s, which is not there", name, test)
		}
	}
	if n < 150 {
		t.Errorf("%d operations, want at least 150", n)
	}
}
