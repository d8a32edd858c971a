// Package list reads the list of packages that cells can import, and says
// whether what was generated from it is still true.
package list

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

const module = "github.com/fluxion-go/fluxion"

// An Entry is one line of the list.
type Entry struct {
	Path string // import path, or "std"
	Name string // the name by which cells see it without an import line, or ""
}

// Fluxion reports whether the package belongs to this module.
func (e Entry) Fluxion() bool { return Fluxion(e.Path) }

// Dir is the package's folder in this module.
func (e Entry) Dir() string { return Dir(e.Path) }

// Fluxion reports whether the package at an import path belongs to this module.
func Fluxion(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// Dir is the folder of one of this module's packages, from the module's root.
func Dir(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// Parse reads a list.
func Parse(text string) []Entry {
	var out []Entry
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		switch len(f) {
		case 0:
		case 1:
			out = append(out, Entry{Path: f[0]})
		default:
			out = append(out, Entry{Path: f[0], Name: f[1]})
		}
	}
	return out
}

// Reason says why a package of the standard library is kept from cells, or is
// empty where it is not.
func Reason(path string) string {
	switch path {
	case "runtime/cgo", "plugin":
		return "it needs cgo, and this program is built without"
	case "runtime/race":
		return "it belongs to the race detector"
	case "runtime/coverage":
		return "it belongs to programs that are built for coverage"
	case "time/tzdata":
		return "it changes where the whole process finds time zones"
	case "net/http/pprof":
		return "it shows the memory of the whole process to whoever asks the default HTTP server; runtime/pprof writes profiles"
	case "crypto/mlkem/mlkemtest", "testing/cryptotest":
		return "it is for tests of cryptography alone"
	}
	for p := range strings.SplitSeq(path, "/") {
		if p == "internal" || p == "vendor" {
			return "it is internal to the standard library"
		}
	}
	return ""
}

// Interpreted reports whether a package of the standard library consists of
// generic functions, so that it has no compiled form at all.
func Interpreted(path string) bool { return path == "crypto/hkdf" || path == "crypto/pbkdf2" }

// Sum hashes the declarations of the package in dir that others can see, with their
// comments but without the bodies of functions: what types and documentation depend
// on. What is not exported counts where a declaration that is seen mentions it.
func Sum(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fset := token.NewFileSet()
	var decls []ast.Decl
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, f.Name.Name, f.Doc.Text())
		decls = append(decls, f.Decls...)
	}
	for _, d := range seen(decls) {
		if fn, ok := d.(*ast.FuncDecl); ok {
			fmt.Fprintln(h, fn.Doc.Text())
			fn.Body, fn.Doc = nil, nil
		}
		if err := format.Node(h, fset, d); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

// seen returns those of the declarations of a package that other packages can see.
func seen(decls []ast.Decl) []ast.Decl {
	var all []ast.Decl
	kept := map[ast.Decl]bool{}
	mentioned := map[string]bool{}
	for more := true; more; {
		more = false
		for _, d := range decls {
			if kept[d] || !visible(d, mentioned) {
				continue
			}
			kept[d], more = true, true
			var in ast.Node = d
			if fn, ok := d.(*ast.FuncDecl); ok {
				in = fn.Type
			}
			ast.Inspect(in, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					mentioned[id.Name] = true
				}
				return true
			})
		}
	}
	for _, d := range decls {
		if kept[d] {
			all = append(all, d)
		}
	}
	return all
}

// visible reports whether a declaration declares something that is exported or
// mentioned by what is.
func visible(d ast.Decl, mentioned map[string]bool) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil || len(d.Recv.List) == 0 {
			return d.Name.IsExported() || mentioned[d.Name.Name]
		}
		receiver := ""
		ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && receiver == "" {
				receiver = id.Name
			}
			return true
		})
		return d.Name.IsExported() && (token.IsExported(receiver) || mentioned[receiver])
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() || mentioned[s.Name.Name] {
					return true
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() || mentioned[n.Name] {
						return true
					}
				}
			}
		}
	}
	return false
}
