package yaegi

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// refuse finds what yaegi is known to run wrongly or not at all.
func refuse(c *exec.Cell) error {
	var found *exec.Unsupported
	say := func(pos token.Pos, what string) {
		if found == nil {
			found = &exec.Unsupported{Pos: pos, What: "the yaegi executor does not run " + what + "; %executor vm does"}
		}
	}
	inspect := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if f, ok := c.Info.Defs[n.Name].(*types.Func); ok && (f.Signature().TypeParams().Len() > 0 || f.Signature().RecvTypeParams().Len() > 0) {
				say(n.Name.Pos(), "generic functions")
			}
		case *ast.TypeSpec:
			if n.TypeParams != nil {
				say(n.Name.Pos(), "generic types")
			}
		case *ast.Ident:
			if _, ok := c.Info.Instances[n]; ok {
				say(n.Pos(), "generic functions and types ("+n.Name+")")
			}
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && c.Info.Uses[id] == types.Universe.Lookup("new") && len(n.Args) == 1 && !c.Info.Types[n.Args[0]].IsType() {
				say(n.Pos(), "new of a value")
			}
		case *ast.ChanType:
			if t, ok := types.Unalias(c.Info.TypeOf(n)).(*types.Chan); ok && !channelOf(t.Elem()) {
				say(n.Pos(), "channels of "+types.TypeString(t.Elem(), types.RelativeTo(c.Pkg)))
			}
		case *ast.RangeStmt:
			if t := c.Info.TypeOf(n.X); t != nil {
				if _, ok := t.Underlying().(*types.Signature); ok {
					say(n.Pos(), "loops over functions")
				}
			}
		}
		return true
	}
	for _, f := range c.Files {
		ast.Inspect(f, inspect)
	}
	if found == nil {
		return nil
	}
	return found
}
