package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryLayer: each function of package nn that returns a layer is in a sample
// that onnxruntime runs.
func TestEveryLayer(t *testing.T) {
	samples, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("../../../dl/nn/*.go")
	if err != nil {
		t.Fatal(err)
	}
	layers := 0
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok || d.Recv != nil || !d.Name.IsExported() || d.Type.Results == nil || len(d.Type.Results.List) != 1 {
				continue
			}
			result, ok := d.Type.Results.List[0].Type.(*ast.Ident)
			if !ok || result.Name != "Layer" && result.Name != "Joiner" {
				continue
			}
			layers++
			if !strings.Contains(string(samples), "nn."+d.Name.Name+"(") {
				t.Errorf("no sample has nn.%s", d.Name.Name)
			}
		}
	}
	if layers < 40 {
		t.Errorf("found %d layers", layers)
	}
}
