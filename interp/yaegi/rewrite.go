package yaegi

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// rewrite changes the syntax tree into what yaegi runs as Go does.
func (w *writer) rewrite() {
	for _, d := range w.c.File.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				w.ident(n)
			case *ast.BlockStmt:
				w.list(n.List)
			case *ast.CaseClause:
				w.list(n.Body)
			case *ast.CommClause:
				w.list(n.Body)
			case *ast.ForStmt:
				w.loopVariables(n)
			case *ast.RangeStmt:
				w.rangeVariables(n)
			}
			return true
		})
	}
}

// ident gives objects the names that yaegi knows them by.
func (w *writer) ident(id *ast.Ident) {
	o := w.c.Info.Uses[id]
	if o == nil {
		o = w.c.Info.Defs[id]
	}
	switch x := o.(type) {
	case nil:
		return
	case *types.PkgName:
		set(w, &id.Name, w.pkg(x.Imported()))
		return
	case *types.Var:
		// An embedded field is called as its type is.
		if x.IsField() && x.Embedded() {
			t := x.Type()
			if p, ok := t.(*types.Pointer); ok {
				t = p.Elem()
			}
			if n, ok := t.(*types.Named); ok && w.names.of[n.Obj()] != "" {
				set(w, &id.Name, w.names.of[n.Obj()])
			}
			return
		}
	}
	if name := w.names.of[o]; name != "" {
		set(w, &id.Name, name)
	}
}

// list rewrites the go statements of a list, also labelled ones.
func (w *writer) list(list []ast.Stmt) {
	for i, s := range list {
		if g, ok := s.(*ast.GoStmt); ok {
			set(w, &list[i], w.guarded(g))
		}
	}
}

// guarded returns a go statement whose goroutine reports its panic instead of
// ending the process. Function and arguments are evaluated before it starts.
func (w *writer) guarded(g *ast.GoStmt) ast.Stmt {
	guard := &ast.DeferStmt{Call: call(&ast.FuncLit{
		Type: &ast.FuncType{Params: &ast.FieldList{}},
		Body: block(&ast.IfStmt{
			Init: define(ident("r_"), call(ident("recover"))),
			Cond: &ast.BinaryExpr{X: ident("r_"), Op: token.NEQ, Y: ident("nil")},
			Body: block(&ast.ExprStmt{X: call(&ast.SelectorExpr{X: ident(bridge), Sel: ident("Panicked")}, ident("r_"))}),
		}),
	})}
	if f, ok := g.Call.Fun.(*ast.FuncLit); ok {
		set(w, &f.Body.List, append([]ast.Stmt{guard}, f.Body.List...))
		return g
	}
	var before []ast.Stmt
	c := &ast.CallExpr{Fun: g.Call.Fun, Ellipsis: g.Call.Ellipsis}
	if !w.c.Info.Types[g.Call.Fun].IsBuiltin() {
		before = append(before, define(ident("f_"), g.Call.Fun))
		c.Fun = ident("f_")
	}
	for i, a := range g.Call.Args {
		if w.c.Info.Types[a].IsType() || w.c.Info.Types[a].IsNil() {
			c.Args = append(c.Args, a)
			continue
		}
		x := ident(fmt.Sprintf("a%d_", i))
		before = append(before, define(x, a))
		c.Args = append(c.Args, x)
	}
	started := &ast.GoStmt{Go: g.Go, Call: call(&ast.FuncLit{
		Type: &ast.FuncType{Params: &ast.FieldList{}},
		Body: block(guard, &ast.ExprStmt{X: c}),
	})}
	return block(append(before, started)...)
}

// loopVariables gives each iteration of a three-clause loop its own variables
// where a function in its body keeps them.
func (w *writer) loopVariables(f *ast.ForStmt) {
	init, ok := f.Init.(*ast.AssignStmt)
	if !ok || init.Tok != token.DEFINE {
		return
	}
	var copies []ast.Stmt
	for _, l := range init.Lhs {
		if id, ok := l.(*ast.Ident); ok && id.Name != "_" && w.captured(w.c.Info.Defs[id], f.Body) {
			copies = append(copies, define(ident(id.Name), ident(id.Name)))
		}
	}
	if len(copies) > 0 {
		set(w, &f.Body.List, append(copies, f.Body.List...))
	}
}

// rangeVariables does the same for range loops.
func (w *writer) rangeVariables(r *ast.RangeStmt) {
	if r.Tok != token.DEFINE {
		return
	}
	var copies []ast.Stmt
	for _, x := range []ast.Expr{r.Key, r.Value} {
		if id, ok := x.(*ast.Ident); ok && id.Name != "_" && w.captured(w.c.Info.Defs[id], r.Body) {
			copies = append(copies, define(ident(id.Name), ident(id.Name)))
		}
	}
	if len(copies) > 0 {
		set(w, &r.Body.List, append(copies, r.Body.List...))
	}
}

// captured reports whether the variable o outlives an iteration with this body:
// a function literal mentions it or its address is taken.
func (w *writer) captured(o types.Object, body *ast.BlockStmt) bool {
	if o == nil {
		return false
	}
	mentions := func(n ast.Node) bool {
		found := false
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && w.c.Info.Uses[id] == o {
				found = true
			}
			return !found
		})
		return found
	}
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			found = found || mentions(n)
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && mentions(n.X)
		}
		return !found
	})
	return found
}

func ident(name string) *ast.Ident { return ast.NewIdent(name) }

func call(f ast.Expr, args ...ast.Expr) *ast.CallExpr { return &ast.CallExpr{Fun: f, Args: args} }

func block(list ...ast.Stmt) *ast.BlockStmt { return &ast.BlockStmt{List: list} }

func define(id *ast.Ident, x ast.Expr) *ast.AssignStmt {
	return &ast.AssignStmt{Lhs: []ast.Expr{id}, Tok: token.DEFINE, Rhs: []ast.Expr{x}}
}
