package yaegi

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
)

// rewrite changes the syntax tree into what yaegi runs as Go does.
func (w *writer) rewrite() {
	behindDot := w.selected()
	for _, d := range w.decls() {
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				w.ident(n)
				// An identifier holds a whole selector: the text is all that counts.
				if o := w.c.Info.Uses[n]; !behindDot[n] && ofPackage(o) {
					set(w, &n.Name, w.pkg(o.Pkg())+"."+o.Name())
				}
			case *ast.BlockStmt:
				w.list(n.List)
			case *ast.CaseClause:
				w.list(n.Body)
			case *ast.CommClause:
				w.list(n.Body)
			case *ast.LabeledStmt:
				if r, ok := n.Stmt.(*ast.RangeStmt); ok && w.overInteger(r) {
					set(w, &n.Stmt, ast.Stmt(w.counted(r)))
				}
			case *ast.CallExpr:
				w.builtin(n)
			case *ast.TypeSpec:
				set(w, &n.Type, ast.Unparen(n.Type))
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

// ofPackage reports whether o is a package-level object of a compiled package,
// which a cell can mention without the package after a dot import.
func ofPackage(o types.Object) bool {
	return o != nil && o.Pkg() != nil && o.Pkg().Path() != "main" && o.Parent() == o.Pkg().Scope()
}

// selected notes the names that stand behind a dot.
func (w *writer) selected() map[*ast.Ident]bool {
	m := map[*ast.Ident]bool{}
	for _, d := range w.decls() {
		ast.Inspect(d, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				m[s.Sel] = true
			}
			return true
		})
	}
	return m
}

// list rewrites the statements of a list that change as a whole.
func (w *writer) list(list []ast.Stmt) {
	for i, s := range list {
		switch s := s.(type) {
		case *ast.GoStmt:
			if w.guards[s] {
				continue
			}
			set(w, &list[i], w.guarded(s))
		case *ast.RangeStmt:
			if w.overInteger(s) {
				set(w, &list[i], ast.Stmt(w.counted(s)))
			}
		}
	}
}

func (w *writer) overInteger(r *ast.RangeStmt) bool {
	t := w.c.Info.TypeOf(r.X)
	if t == nil { // a loop of our own making
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0
}

// counted writes a range over an integer as a loop of three clauses.
func (w *writer) counted(r *ast.RangeStmt) *ast.ForStmt {
	t := w.c.Info.TypeOf(r.X)
	if r.Key != nil && r.Tok == token.ASSIGN {
		t = w.c.Info.TypeOf(r.Key)
	}
	kind := ident(w.names.typeText(types.Default(t), w.pkg))
	count, end := ident(fmt.Sprintf("i%d_", r.Pos())), ident(fmt.Sprintf("n%d_", r.Pos()))
	body := r.Body.List
	if id, ok := r.Key.(*ast.Ident); r.Key != nil && !(ok && id.Name == "_") {
		body = append([]ast.Stmt{&ast.AssignStmt{Lhs: []ast.Expr{r.Key}, Tok: r.Tok, Rhs: []ast.Expr{count}}}, body...)
	}
	set(w, &r.Body.List, body)
	return &ast.ForStmt{
		For:  r.For,
		Init: &ast.AssignStmt{Lhs: []ast.Expr{count, end}, Tok: token.DEFINE, Rhs: []ast.Expr{call(kind, &ast.BasicLit{Kind: token.INT, Value: "0"}), call(kind, r.X)}},
		Cond: &ast.BinaryExpr{X: count, Op: token.LSS, Y: end},
		Post: &ast.IncDecStmt{X: count, Tok: token.INC},
		Body: r.Body,
	}
}

// builtin sends calls of builtin functions through the bridge that yaegi lacks or
// gets wrong.
func (w *writer) builtin(c *ast.CallExpr) {
	id, ok := ast.Unparen(c.Fun).(*ast.Ident)
	if !ok || !w.c.Info.Types[c.Fun].IsBuiltin() {
		return
	}
	through := func(name string) {
		set(w, &c.Fun, ast.Expr(&ast.SelectorExpr{X: &ast.Ident{NamePos: c.Pos(), Name: bridge}, Sel: ident(name)}))
	}
	switch id.Name {
	case "panic":
		through("Panic" + w.view(c.Args[0]))
	case "print":
		through("Print")
	case "println":
		through("Println")
	case "clear":
		through("Clear")
	case "min", "max":
		set(w, &c.Fun, w.extreme(id.Name, w.c.Info.TypeOf(c)))
	}
}

// extreme is the builtin min or max as a function of operands of type t. What is
// not equal to itself, a NaN, wins.
func (w *writer) extreme(name string, t types.Type) ast.Expr {
	op := map[string]string{"min": "<", "max": ">"}[name]
	text := strings.NewReplacer("T", w.names.typeText(types.Default(t), w.pkg), "OP", op).Replace(
		"func(xs ...T) T { r := xs[0]; for _, x := range xs { if x OP r || x != x { r = x } }; return r }")
	x, err := parser.ParseExprFrom(w.c.Fset, w.c.Fset.PositionFor(w.c.Files[0].Pos(), false).Filename, text, 0)
	if err != nil {
		panic(err) // the text is ours
	}
	return x
}

// guarded returns a go statement whose goroutine reports its panic instead of
// ending the process. Function and arguments are evaluated before it starts.
func (w *writer) guarded(g *ast.GoStmt) ast.Stmt {
	guard := &ast.DeferStmt{Call: call(&ast.FuncLit{
		Type: &ast.FuncType{Params: &ast.FieldList{}},
		Body: block(&ast.IfStmt{
			Init: define(ident("r_"), call(ident("recover"))),
			Cond: &ast.BinaryExpr{X: ident("r_"), Op: token.NEQ, Y: ident("nil")},
			Body: block(&ast.ExprStmt{X: call(&ast.SelectorExpr{X: ident(bridge), Sel: ident("Stray")}, ident("r_"))}),
		}),
	})}
	// yaegi runs deferred calls of compiled functions alone when it is stopped.
	begin := &ast.ExprStmt{X: call(&ast.SelectorExpr{X: ident(bridge), Sel: ident("Begin")})}
	end := &ast.DeferStmt{Call: call(&ast.SelectorExpr{X: ident(bridge), Sel: ident("End")})}
	before := []ast.Stmt{begin}
	if f, ok := g.Call.Fun.(*ast.FuncLit); ok {
		set(w, &f.Body.List, append([]ast.Stmt{end, guard}, f.Body.List...))
		w.guards[g] = true
		return block(begin, g)
	}
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
		Body: block(end, guard, &ast.ExprStmt{X: c}),
	})}
	w.guards[started] = true
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
	if r.Tok != token.DEFINE || w.overInteger(r) {
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
