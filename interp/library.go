package interp

import (
	"bytes"
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
	"sync"
	"time"

	"golang.org/x/tools/go/gcexportdata"
)

// A Library is what cells can import. Package preload holds the one that the
// fluxion command uses. A library that has a method Reason(path string) string as
// well says by it why a package that exists is not among Paths.
type Library interface {
	// Paths lists the import paths, sorted.
	Paths() []string

	// Symbols returns the compiled packages: import path → exported name →
	// value. The caller does not change the maps.
	Symbols() map[string]map[string]reflect.Value

	// ExportData returns the types of a compiled package, in the form that
	// golang.org/x/tools/go/gcexportdata reads.
	ExportData(path string) (data []byte, ok bool)

	// Source returns the files of a package that is interpreted because it has
	// no compiled form, such as slices: file name → text.
	Source(path string) (files map[string][]byte, ok bool)

	// Doc returns the documentation of an exported name such as "Tensor" or
	// "Tensor.MatMul"; of the package itself for the name "". It is empty
	// where there is none.
	Doc(path, name string) string
}

// packages imports what cells mention; it implements exec.Packages.
type packages struct {
	lib  Library
	fset *token.FileSet

	mu      sync.Mutex
	begun   bool
	pkgs    map[string]*types.Package
	sources map[string]*source
	modules map[string]*gotten // import path → package that %get has brought

	docs sync.Map // import path → chan struct{}, closed when its documentation has been read
}

// source is a package that is interpreted.
type source struct {
	files []*ast.File
	info  *types.Info
}

func newPackages(lib Library, fset *token.FileSet) *packages {
	return &packages{
		lib: lib, fset: fset, pkgs: map[string]*types.Package{}, sources: map[string]*source{}, modules: map[string]*gotten{},
	}
}

// add makes packages of modules known. One that is imported already stays.
func (p *packages) add(list []*gotten) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, g := range list {
		p.modules[g.path] = g
	}
}

// imported reports whether a package has been imported.
func (p *packages) imported(path string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pkgs[path] != nil
}

// paths lists what cells can import.
func (p *packages) paths() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.modules) == 0 {
		return p.lib.Paths()
	}
	paths := p.lib.Paths()
	for path, g := range p.modules {
		if g.problem == "" && !g.internal() && !g.command && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// Import implements types.Importer.
func (p *packages) Import(path string) (*types.Package, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.begun {
		// Export data may mention iter.Seq and cmp.Ordered; these must be the
		// types of the interpreted packages, so they come first.
		p.begun = true
		for _, path := range []string{"cmp", "iter"} {
			if _, err := p.load(path); err != nil {
				return nil, err
			}
		}
	}
	if g := p.modules[path]; g != nil {
		switch {
		case g.internal():
			return nil, fmt.Errorf("package %s is internal to its module", path)
		case g.command:
			return nil, fmt.Errorf("package %s is a command, not a library", path)
		}
	}
	return p.load(path)
}

// docsRead reports whether the documentation of a package is at hand by then, for
// those who cannot wait long: that of a large package of the standard library takes
// a tenth of a second to read.
func (p *packages) docsRead(path string, until time.Time) bool {
	read, begun := p.docs.LoadOrStore(path, make(chan struct{}))
	done := read.(chan struct{})
	if !begun {
		go func() {
			p.lib.Doc(path, "")
			close(done)
		}()
	}
	select {
	case <-done:
		return true
	default:
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// Source implements exec.Packages.
func (p *packages) Source(path string) ([]*ast.File, *types.Info, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.sources[path]
	if s == nil {
		return nil, nil, false
	}
	return s.files, s.info, true
}

// load imports a package with p.mu held.
func (p *packages) load(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg := p.pkgs[path]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	if files, ok := p.lib.Source(path); ok {
		return p.check(path, files, "")
	}
	data, ok := p.lib.ExportData(path)
	if g := p.modules[path]; !ok && g != nil {
		files, err := g.read()
		if err != nil {
			return nil, err
		}
		return p.check(path, files, g.version)
	}
	if !ok {
		if lib, ok := p.lib.(interface{ Reason(path string) string }); ok {
			if reason := lib.Reason(path); reason != "" {
				return nil, fmt.Errorf("cells cannot import package %s: %s", path, reason)
			}
		}
		for _, g := range p.modules {
			if strings.HasPrefix(path, g.module+"/") {
				return nil, fmt.Errorf("package %s cannot be interpreted: its module is here, but has no such package that does without cgo", path)
			}
		}
		return nil, fmt.Errorf("package %s is not among those that cells can import", path)
	}
	return gcexportdata.Read(bytes.NewReader(data), p.fset, p.pkgs, path)
}

// loader is p for the type checker while p.mu is held.
type loader struct{ *packages }

func (l loader) Import(path string) (*types.Package, error) { return l.load(path) }

// check type-checks a package that is interpreted, by the rules of a version of
// Go, or of the newest where that is empty.
func (p *packages) check(path string, texts map[string][]byte, version string) (*types.Package, error) {
	s := &source{info: newInfo()}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		f, err := parser.ParseFile(p.fset, name, texts[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, f)
	}
	conf := types.Config{Importer: loader{p}, Sizes: sizes(), GoVersion: version}
	pkg, err := conf.Check(path, p.fset, s.files, s.info)
	if err != nil {
		return nil, err
	}
	p.sources[path], p.pkgs[path] = s, pkg
	return pkg, nil
}

func newInfo() *types.Info {
	return &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Instances:    map[*ast.Ident]types.Instance{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Scopes:       map[ast.Node]*types.Scope{},
		FileVersions: map[*ast.File]string{},
	}
}

func sizes() types.Sizes { return types.SizesFor("gc", runtime.GOARCH) }

// find returns the import path that a name most likely stands for when nothing
// declares it: that of the standard library which ends in the name and is the
// shortest. The two packages named rand and the two named template have a
// usual one.
func (p *packages) find(name string) (path string, ok bool) {
	switch name {
	case "rand":
		return "math/rand", true
	case "template":
		return "text/template", true
	}
	for _, have := range p.lib.Paths() {
		if have != name && !strings.HasSuffix(have, "/"+name) || strings.Contains(have, ".") {
			continue
		}
		if path == "" || len(have) < len(path) {
			path = have
		}
	}
	return path, path != ""
}
