package interp_test

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/fluxion-go/fluxion/preload"
)

// notBound are the public packages of the standard library that cells cannot
// import. Package preload says why.
var notBound = []string{
	"crypto/mlkem/mlkemtest", "net/http/pprof", "plugin", "runtime/cgo", "runtime/coverage", "runtime/race",
	"testing/cryptotest", "time/tzdata",
}

// TestStandardLibrary imports every public package of the standard library in a
// cell that mentions all that the package exports.
func TestStandardLibrary(t *testing.T) {
	out, err := exec.Command("go", "list", "std").Output()
	if err != nil {
		t.Skip("the list of packages is that of the go command, which is not here:", err)
	}
	e := newEvaluator(t, "vm")
	imports := map[string]*types.Package{}
	fset := token.NewFileSet()
	var absent []string
	for i, path := range strings.Fields(string(out)) {
		words := strings.Split(path, "/")
		if slices.Contains(words, "internal") || slices.Contains(words, "vendor") {
			continue
		}
		if !slices.Contains(preload.Packages{}.Paths(), path) {
			absent = append(absent, path)
			got := evaluate(t, e, i+1, fmt.Sprintf("import x %q", path))
			if !strings.HasPrefix(got, "compile error: cells cannot import package "+path+": ") {
				t.Errorf("%s: %s", path, got)
			}
			continue
		}
		if got := evaluate(t, e, i+1, everything(t, path, imports, fset)); got != "" {
			t.Errorf("%s: %s", path, got)
		}
	}
	if !slices.Equal(absent, notBound) {
		t.Errorf("not bound are %q, want %q", absent, notBound)
	}
}

// everything is a cell that mentions what a package exports, generic functions
// and types excepted.
func everything(t *testing.T, path string, imports map[string]*types.Package, fset *token.FileSet) string {
	var b strings.Builder
	fmt.Fprintf(&b, "import x %q\n", path)
	data, ok := preload.Packages{}.ExportData(path)
	if !ok {
		return b.String() // unsafe, and what is generic through and through
	}
	pkg, err := gcexportdata.Read(bytes.NewReader(data), fset, imports, path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if !obj.Exported() {
			continue
		}
		switch obj := obj.(type) {
		case *types.Func:
			if obj.Signature().TypeParams().Len() == 0 {
				fmt.Fprintf(&b, "_ = x.%s\n", name)
			}
		case *types.Const:
			kind := "var"
			if basic, ok := obj.Type().(*types.Basic); ok && basic.Info()&types.IsUntyped != 0 {
				kind = "const" // may be too large for a variable
			}
			fmt.Fprintf(&b, "%s _ = x.%s\n", kind, name)
		case *types.Var:
			fmt.Fprintf(&b, "_ = &x.%s\n", name)
		case *types.TypeName:
			named, ok := types.Unalias(obj.Type()).(*types.Named)
			iface, isInterface := obj.Type().Underlying().(*types.Interface)
			if (!ok || named.TypeParams().Len() == 0) && (!isInterface || iface.IsMethodSet()) {
				fmt.Fprintf(&b, "_ = new(x.%s)\n", name)
			}
		}
	}
	return b.String()
}
