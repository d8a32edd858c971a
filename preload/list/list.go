// Package list reads the list of packages that cells can import, and says
// whether what was generated from it is still true.
package list

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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

// Sum hashes the declarations of the package in dir with their comments, but
// without the bodies of functions: what types and documentation depend on.
func Sum(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		h.Write([]byte(name))
		h.Write([]byte(f.Doc.Text()))
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				h.Write([]byte(fn.Doc.Text()))
				fn.Body, fn.Doc = nil, nil
			}
			var buf bytes.Buffer
			if err := format.Node(&buf, fset, d); err != nil {
				return "", err
			}
			h.Write(buf.Bytes())
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}
