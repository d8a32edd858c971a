package vm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
	"github.com/fluxion-go/fluxion/preload"
)

// packages is exec.Packages over package preload.
type packages struct {
	fset     *token.FileSet
	compiled map[string]*types.Package
	sources  map[string]*source
}

type source struct {
	pkg   *types.Package
	files []*ast.File
	info  *types.Info
}

func newPackages(fset *token.FileSet) *packages {
	return &packages{fset, map[string]*types.Package{}, map[string]*source{}}
}

func newInfo() *types.Info {
	return &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Instances:    map[*ast.Ident]types.Instance{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Implicits:    map[ast.Node]types.Object{},
		Scopes:       map[ast.Node]*types.Scope{},
		FileVersions: map[*ast.File]string{},
	}
}

func (p *packages) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if s := p.sources[path]; s != nil {
		return s.pkg, nil
	}
	var pre preload.Packages
	if files, ok := pre.Source(path); ok {
		s := &source{info: newInfo()}
		for _, name := range slices.Sorted(maps.Keys(files)) {
			file, err := parser.ParseFile(p.fset, name, files[name], parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			s.files = append(s.files, file)
		}
		var err error
		conf := types.Config{Importer: p, GoVersion: "go1.26"}
		if s.pkg, err = conf.Check(path, p.fset, s.files, s.info); err != nil {
			return nil, err
		}
		p.sources[path] = s
		return s.pkg, nil
	}
	if pkg := p.compiled[path]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	data, ok := pre.ExportData(path)
	if !ok {
		return nil, fmt.Errorf("no package %s", path)
	}
	return gcexportdata.Read(bytes.NewReader(data), p.fset, p.compiled, path)
}

func (p *packages) Source(path string) ([]*ast.File, *types.Info, bool) {
	s := p.sources[path]
	if s == nil {
		return nil, nil, false
	}
	return s.files, s.info, true
}

// A session is the least front end that can run cells: a cell is a Go file without
// package clause, whose func cell is its entry.
type session struct {
	t        testing.TB
	fset     *token.FileSet
	packages *packages
	machine  *machine
	scope    map[string]types.Object
	number   int
	strays   chan *exec.Panic
	first    map[string]*types.Func // the functions that were first declared, by name
}

func newSession(t testing.TB) *session {
	s := &session{t: t, fset: token.NewFileSet(), scope: map[string]types.Object{}, strays: make(chan *exec.Panic, 100), first: map[string]*types.Func{}}
	s.packages = newPackages(s.fset)
	m, err := newMachine(exec.Config{
		Fset:     s.fset,
		Symbols:  preload.Packages{}.Symbols(),
		Packages: s.packages,
		Stray:    func(p *exec.Panic) { s.strays <- p },
	})
	if err != nil {
		if runtime.GOARCH == "amd64" && strings.HasPrefix(runtime.Version(), "go1.26") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s.machine = m
	t.Cleanup(func() { m.Close() })
	return s
}

// check type-checks a cell, without running it.
func (s *session) check(text string) (*exec.Cell, error) {
	s.number++
	name := fmt.Sprintf("cell %d", s.number)
	file, err := parser.ParseFile(s.fset, name, "package main; "+text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	own := map[string]bool{}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				own[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					own[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						own[n.Name] = true
					}
				}
			}
		}
	}
	pkg := types.NewPackage("main", "main")
	for name, obj := range s.scope {
		if !own[name] {
			pkg.Scope().Insert(obj)
		}
	}
	c := &exec.Cell{
		Number: s.number, Fset: s.fset, Files: []*ast.File{file}, Pkg: pkg, Info: newInfo(),
		Replaces: map[types.Object]types.Object{},
	}
	conf := types.Config{Importer: s.packages, GoVersion: "go1.26"}
	if err := types.NewChecker(&conf, s.fset, pkg, c.Info).Files(c.Files); err != nil {
		return nil, err
	}
	for name := range own {
		obj := pkg.Scope().Lookup(name)
		if name == "cell" {
			c.Entry = obj.(*types.Func)
			continue
		}
		s.replace(c, s.scope[name], obj)
		s.scope[name] = obj
		if f, ok := obj.(*types.Func); ok && s.first[name] == nil {
			s.first[name] = f
		}
	}
	return c, nil
}

// replace notes that obj takes the place of an earlier object of its name.
func (s *session) replace(c *exec.Cell, earlier, obj types.Object) {
	if earlier == nil || obj == nil {
		return
	}
	if _, ok := obj.(*types.TypeName); !ok {
		if types.Identical(earlier.Type(), obj.Type()) {
			c.Replaces[obj] = earlier
		}
		return
	}
	if !types.Identical(earlier.Type().Underlying(), obj.Type().Underlying()) {
		return
	}
	c.Replaces[obj] = earlier
	if old, ok := earlier.Type().(*types.Named); ok {
		for m := range obj.Type().(*types.Named).Methods() {
			for o := range old.Methods() {
				if o.Name() == m.Name() && types.Identical(o.Type(), m.Type()) {
					c.Replaces[m] = o
				}
			}
		}
	}
}

func (s *session) run(ctx context.Context, text string) (reflect.Value, error) {
	c, err := s.check(text)
	if err != nil {
		return reflect.Value{}, err
	}
	var v reflect.Value
	cell.Enter(ctx, discard{}, nil, func() { v, err = s.machine.Run(ctx, c) })
	return v, err
}

// discard is where cells show what they show.
type discard struct{}

func (discard) Stream(string, string)              {}
func (discard) Display(cell.Bundle, string)        {}
func (discard) Update(cell.Bundle, string)         {}
func (discard) Clear(bool)                         {}
func (discard) Page(cell.Bundle)                   {}
func (discard) Input(string, bool) (string, error) { return "", errors.New("nobody is there") }

func mustRun(t *testing.T, s *session, text string) reflect.Value {
	t.Helper()
	v, err := s.run(t.Context(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func variable(t *testing.T, s *session, name string) *types.Var {
	t.Helper()
	v, ok := s.scope[name].(*types.Var)
	if !ok {
		t.Fatalf("%s is no variable", name)
	}
	return v
}

// TestSmoke runs cells that use what earlier ones declared.
func TestSmoke(t *testing.T) {
	s := newSession(t)
	for _, c := range []struct{ text, want string }{
		{`func cell() any { return 1 + 2 }`, "3"},
		{`import "fmt"; type T struct{ A int; b string }
		func (t T) String() string { return fmt.Sprint("T", t.A) }
		var v T
		func cell() any { v = T{1, "q"}; return fmt.Sprint(v, []T{v}, map[string]any{"a": v, "b": &v}) }`, "T1 [T1] map[a:T1 b:T1]"},
		{`import ("fmt"; "slices"); func cell() any {
			x := []int{3, 1, 2}
			slices.SortFunc(x, func(a, b int) int { return b - a })
			ch := make(chan int)
			go func() { for i := range 3 { ch <- i }; close(ch) }()
			sum := 0
			for i := range ch { sum += i }
			return fmt.Sprint(x, v.b, sum) }`, "[3 2 1]q3"},
	} {
		v, err := s.run(t.Context(), c.text)
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		if got := fmt.Sprint(v); got != c.want {
			t.Errorf("%s: got %s, want %s", c.text, got, c.want)
		}
	}
}
