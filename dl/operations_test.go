package dl_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/tests/operations"
)

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
			if fn, ok := d.(*ast.FuncDecl); ok {
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
	calls, unused := map[string]bool{}, maps.Clone(operations.Rows)
	for _, c := range referenceCases(t) {
		name, _, _ := strings.Cut(c.Call, "/")
		calls[name] = true
		delete(unused, c.Call)
	}
	for call := range unused {
		t.Errorf("row %s has no case in tests/operations/operations.json", call)
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
			t.Errorf("%s has no case in tests/operations/operations.json; add one to tests/reference/operations.py", name)
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
