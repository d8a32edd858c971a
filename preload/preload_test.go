package preload_test

import (
	"bytes"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/fluxion-go/fluxion/preload"
	"github.com/fluxion-go/fluxion/preload/list"
)

// TestTypesMatchSymbols reads the types of every package and looks for a symbol
// of the right kind for every exported name that can have one.
func TestTypesMatchSymbols(t *testing.T) {
	var p preload.Packages
	fset := token.NewFileSet()
	imports := map[string]*types.Package{}
	syms := p.Symbols()
	for _, path := range p.Paths() {
		if path == "unsafe" {
			continue
		}
		data, ok := p.ExportData(path)
		if !ok {
			if _, interpreted := p.Source(path); !interpreted {
				t.Fatalf("%s has neither export data nor source", path)
			}
			continue
		}
		pkg, err := gcexportdata.Read(bytes.NewReader(data), fset, imports, path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		_, interpreted := p.Source(path)
		for _, name := range pkg.Scope().Names() {
			obj := pkg.Scope().Lookup(name)
			if !obj.Exported() || interpreted || generic(obj) {
				continue
			}
			v, ok := syms[path][name]
			if !ok {
				t.Errorf("%s.%s has no symbol", path, name)
				continue
			}
			switch obj.(type) {
			case *types.Func:
				ok = v.Kind() == reflect.Func
			case *types.Var:
				ok = v.CanAddr()
			case *types.TypeName:
				ok = v.Kind() == reflect.Pointer && v.IsNil()
			}
			if !ok {
				t.Errorf("%s.%s: a symbol of kind %v for %v", path, name, v.Kind(), obj)
			}
		}
	}
}

// generic reports whether obj has no compiled form: generic functions and types,
// and constraints.
func generic(obj types.Object) bool {
	switch t := obj.Type().(type) {
	case *types.Signature:
		return t.TypeParams().Len() > 0
	case *types.Named:
		if t.TypeParams().Len() > 0 {
			return true
		}
	}
	i, ok := obj.Type().Underlying().(*types.Interface)
	_, isType := obj.(*types.TypeName)
	return ok && isType && !i.IsMethodSet()
}

// TestGenericCovered looks for the source of every generic function that has no
// compiled form.
func TestGenericCovered(t *testing.T) {
	var p preload.Packages
	imports := map[string]*types.Package{}
	fset := token.NewFileSet()
	// What the vm binds by itself, because it cannot be written in Go.
	native := map[string]bool{"database/sql.Null": true, "runtime.AddCleanup": true, "sync/atomic.Pointer": true, "weak.Pointer": true, "weak.Make": true}
	for _, path := range p.Paths() {
		data, ok := p.ExportData(path)
		if !ok {
			continue
		}
		pkg, err := gcexportdata.Read(bytes.NewReader(data), fset, imports, path)
		if err != nil {
			t.Fatal(err)
		}
		files, ok := p.Source(path)
		if !ok {
			files, _ = p.Source("generic/" + path)
		}
		var src strings.Builder
		for _, f := range files {
			src.Write(f)
		}
		for _, name := range pkg.Scope().Names() {
			obj := pkg.Scope().Lookup(name)
			if !obj.Exported() || !generic(obj) || native[path+"."+name] {
				continue
			}
			if s := src.String(); !strings.Contains(s, "func "+name+"[") && !strings.Contains(s, "type "+name) {
				t.Errorf("%s.%s has no interpreted form", path, name)
			}
		}
	}
}

// TestUpToDate fails when a declaration of a listed package of fluxion is no
// longer what was generated from.
func TestUpToDate(t *testing.T) {
	const again = "; run go generate ./preload"
	text, err := os.ReadFile("zz_sums.txt")
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 2 {
			sums[f[0]] = f[1]
		}
	}
	for dir, want := range sums {
		got, err := list.Sum(filepath.Join("..", dir))
		if err != nil {
			t.Errorf("%s: %v", dir, err)
		} else if got != want {
			t.Errorf("the declarations of %s have changed%s", dir, again)
		}
	}
	packages, err := os.ReadFile("packages.txt")
	if err != nil {
		t.Fatal(err)
	}
	var p preload.Packages
	for _, e := range list.Parse(string(packages)) {
		if !e.Fluxion() {
			continue
		}
		if files, _ := filepath.Glob(filepath.Join("..", e.Dir(), "*.go")); len(files) > 0 && sums[e.Dir()] == "" {
			t.Errorf("%s is not generated%s", e.Path, again)
		}
		if _, ok := p.ExportData(e.Path); ok != (sums[e.Dir()] != "") {
			t.Errorf("%s: sums and types disagree%s", e.Path, again)
		}
	}
}

func TestDoc(t *testing.T) {
	t.Setenv("GOROOT", fakeRoot(t))
	var p preload.Packages
	if got := p.Doc("example", "T.M"); got != "M does it." {
		t.Errorf("Doc(T.M) = %q", got)
	}
	if got := p.Doc("no/such/package", "X"); got != "" {
		t.Errorf("documentation of nothing: %q", got)
	}
}

// fakeRoot is a Go installation with one package.
func fakeRoot(t *testing.T) string {
	root := t.TempDir()
	dir := filepath.Join(root, "src", "example")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	const src = "// Package example is one.\npackage example\n\n// T is a type.\ntype T struct{}\n\n// M does it.\nfunc (T) M() {}\n"
	if err := os.WriteFile(filepath.Join(dir, "example.go"), []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

func BenchmarkSymbols(b *testing.B) {
	for b.Loop() {
		preload.MakeSymbols()
	}
}

func BenchmarkExportData(b *testing.B) {
	var p preload.Packages
	for b.Loop() {
		p.ExportData("fmt")
	}
}
