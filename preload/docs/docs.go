// Package docs reads the documentation of a package from its source files.
package docs

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
)

// Read returns the doc comments of the package in dir by name: "" for the
// package itself, "T" for a function, type, constant or variable, "T.M" for a
// method or a field. A constant or variable without a comment of its own has
// that of its group.
func Read(dir, importPath string) (map[string]string, error) {
	fset := token.NewFileSet()
	isSource := func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }
	// The directory form of the parser is deprecated because it knows no build
	// constraints; documentation wants the files of every platform.
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || e.IsDir() || !strings.HasSuffix(e.Name(), ".go") || !isSource(info) {
			continue
		}
		f, err := parser.ParseFile(fset, dir+"/"+e.Name(), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if f.Name.Name == "main" || f.Name.Name == "ignore" { // a generator beside the package
			continue
		}
		files = append(files, f)
	}
	pkg, err := doc.NewFromFiles(fset, files, importPath)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	add := func(name, text string) {
		if text = strings.TrimSpace(text); text != "" {
			out[name] = text
		}
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, spec := range v.Decl.Specs {
				s, ok := spec.(*ast.ValueSpec)
				if !ok {
					continue
				}
				text := s.Doc.Text()
				if text == "" {
					text = s.Comment.Text()
				}
				if text == "" {
					text = v.Doc
				}
				for _, n := range s.Names {
					add(n.Name, text)
				}
			}
		}
	}
	funcs := func(prefix string, list []*doc.Func) {
		for _, f := range list {
			add(prefix+f.Name, f.Doc)
		}
	}
	add("", pkg.Doc)
	values(pkg.Consts)
	values(pkg.Vars)
	funcs("", pkg.Funcs)
	for _, t := range pkg.Types {
		add(t.Name, t.Doc)
		values(t.Consts)
		values(t.Vars)
		funcs("", t.Funcs)
		funcs(t.Name+".", t.Methods)
		for _, spec := range t.Decl.Specs {
			members(t.Name, spec, add)
		}
	}
	return out, nil
}

// members adds the comments of the fields or interface methods of a type.
func members(name string, spec ast.Spec, add func(name, text string)) {
	s, ok := spec.(*ast.TypeSpec)
	if !ok || s.Name.Name != name {
		return
	}
	var list *ast.FieldList
	switch t := s.Type.(type) {
	case *ast.StructType:
		list = t.Fields
	case *ast.InterfaceType:
		list = t.Methods
	default:
		return
	}
	for _, f := range list.List {
		text := f.Doc.Text()
		if text == "" {
			text = f.Comment.Text()
		}
		for _, n := range f.Names {
			add(name+"."+n.Name, text)
		}
	}
}
