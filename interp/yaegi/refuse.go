package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// refuse finds what yaegi is known to run wrongly or not at all in a package.
// Of modules it runs the packages that symbols has.
func refuse(pkg *types.Package, files []*ast.File, info *types.Info, symbols exec.Symbols) error {
	var found *exec.Unsupported
	say := func(pos token.Pos, what string) {
		if found == nil {
			found = &exec.Unsupported{Pos: pos, What: "the yaegi executor does not run " + what + "; %executor vm does"}
		}
	}
	inspect := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if f, ok := info.Defs[n.Name].(*types.Func); ok && (f.Signature().TypeParams().Len() > 0 || f.Signature().RecvTypeParams().Len() > 0) {
				say(n.Name.Pos(), "generic functions")
			}
		case *ast.TypeSpec:
			if n.TypeParams != nil {
				say(n.Name.Pos(), "generic types")
			}
		case *ast.Ident:
			if p, ok := info.Uses[n].(*types.PkgName); ok {
				path := p.Imported().Path()
				if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") && symbols[path] == nil {
					say(n.Pos(), "packages from source ("+path+")")
				}
			}
			if _, ok := info.Instances[n]; ok {
				say(n.Pos(), "generic functions and types ("+n.Name+")")
			}
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && info.Uses[id] == types.Universe.Lookup("new") && len(n.Args) == 1 && !info.Types[n.Args[0]].IsType() {
				say(n.Pos(), "new of a value")
			}
		case *ast.ChanType:
			if t, ok := types.Unalias(info.TypeOf(n)).(*types.Chan); ok && !channelOf(t.Elem()) {
				say(n.Pos(), "channels of "+types.TypeString(t.Elem(), types.RelativeTo(pkg)))
			}
		case *ast.RangeStmt:
			if t := info.TypeOf(n.X); t != nil {
				if _, ok := t.Underlying().(*types.Signature); ok {
					say(n.Pos(), "loops over functions")
				}
			}
		}
		return true
	}
	for _, f := range files {
		ast.Inspect(f, inspect)
	}
	if found == nil {
		return nil
	}
	return found
}
