// Package preload holds what cells can import: for each package its symbols (its
// compiled code), its types as export data, and its documentation; and for the
// generic packages of the standard library, which have no compiled form to bind,
// source that is interpreted. All of it is embedded, so that a machine that
// runs cells needs no go command, and is unpacked when it is first asked for.
//
// The list of packages is packages.txt; what follows from it is made by
//
//	go generate ./preload
//
// and must be made again when an exported declaration of a listed package of
// fluxion changes; a test says when.
package preload

import (
	"archive/zip"
	"embed"
	"io"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/preload/list"
	"github.com/fluxion-go/fluxion/preload/symbols"
)

//go:generate go run ./gen

var (
	//go:embed packages.txt
	packagesText string

	//go:embed zz_types.zip
	typesZip string

	//go:embed zz_docs.zip
	docsZip string

	//go:embed std generic
	sources embed.FS
)

// Packages are the packages embedded in this program. The zero value is ready to
// use and safe for concurrent use.
type Packages struct{}

// Symbols returns the compiled packages: import path → exported name → value, as
// the extractor writes them (package symbols). Tables are made once and shared;
// the caller must not change them.
func (Packages) Symbols() map[string]map[string]reflect.Value { return allSymbols() }

var allSymbols = sync.OnceValue(makeSymbols)

func makeSymbols() map[string]map[string]reflect.Value {
	m := map[string]map[string]reflect.Value{}
	for _, p := range symbols.Paths() {
		m[p], _ = symbols.Table(p)
	}
	return m
}

// Paths lists the import paths of the packages that a cell can import, sorted.
func (Packages) Paths() []string { return slices.Clone(paths()) }

var paths = sync.OnceValue(func() []string {
	out := []string{"unsafe"}
	for name := range typesIndex() {
		out = append(out, name)
	}
	// Those that are generic through and through are known by their source alone.
	_ = fs.WalkDir(sources, "std", func(name string, e fs.DirEntry, err error) error { // an embedded folder
		if name, ok := strings.CutPrefix(name, "std/"); ok && path.Ext(name) == ".go" {
			out = append(out, path.Dir(name))
		}
		return err
	})
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(name string) bool { return name == "." })
})

// Reason says why a package of the standard library is not among Paths; it is
// empty for one that is, and for what the standard library does not have.
func (Packages) Reason(path string) string { return list.Reason(path) }

// Implicit returns the packages that cells see without an import line: name →
// import path.
func (Packages) Implicit() map[string]string {
	have := typesIndex()
	out := map[string]string{}
	for _, e := range list.Parse(packagesText) {
		if e.Name != "" && have[e.Path] != nil {
			out[e.Name] = e.Path
		}
	}
	return out
}

// ExportData returns a package's types in the form that gcexportdata.Read
// (golang.org/x/tools/go/gcexportdata) takes; ok is false for a package that is
// not embedded, and for those of Source, whose functions have no bodies there.
func (Packages) ExportData(path string) (data []byte, ok bool) {
	f := typesIndex()[path]
	if f == nil {
		return nil, false
	}
	data, err := unpack(f)
	return data, err == nil
}

// Source returns the files of a package that is interpreted: name, such as
// "slices/sort.go", → text. There are two kinds: whole packages of the standard
// library, such as slices, and under "generic/", such as "generic/sync", the
// generic functions of a package that is otherwise compiled. These files import,
// and are imported, like any package.
func (Packages) Source(importPath string) (files map[string][]byte, ok bool) {
	dir := importPath
	if !strings.HasPrefix(importPath, "generic/") {
		dir = "std/" + importPath
	}
	entries, err := fs.ReadDir(sources, dir)
	if err != nil {
		return nil, false
	}
	files = map[string][]byte{}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := sources.ReadFile(path.Join(dir, e.Name()))
		if err != nil {
			return nil, false
		}
		files[path.Join(importPath, e.Name())] = text
	}
	return files, len(files) > 0
}

// typesIndex lists zz_types.zip by import path.
var typesIndex = sync.OnceValue(func() map[string]*zip.File { return index(typesZip) })

func index(archive string) map[string]*zip.File {
	z, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil // an embedded archive that does not open would fail every test
	}
	m := make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		m[f.Name] = f
	}
	return m
}

func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, err
	}
	return data, nil
}
