package interp

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
)

// A pass is one run of the type checker over the package of a cell.
type pass struct {
	files     []*ast.File
	pkg       *types.Package
	info      *types.Info
	errs      []cell.Error
	raw       []types.Error         // errs in the type checker's form
	entryErrs map[int]bool          // indices of errs that lie in the statements
	missing   map[string]bool       // undefined names before a dot
	failed    map[*unit]types.Error // the first error of each earlier declaration
	unkeyed   map[token.Pos]bool    // elements of struct literals that need a key
}

// pass checks the cell with the given form of its statements and variables.
// Without bodies, functions are declared only.
func (c *check) pass(entry *ast.FuncDecl, vars []ast.Decl, bodies bool) *pass {
	p := &pass{info: newInfo(), entryErrs: map[int]bool{}, missing: map[string]bool{}, failed: map[*unit]types.Error{}, unkeyed: map[token.Pos]bool{}}
	p.pkg = types.NewPackage(cellPath, "main")

	declared := map[string]bool{}
	note := func(d ast.Decl) {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				declared[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				for _, id := range declaredNames(spec) {
					declared[id] = true
				}
			}
		}
	}
	function := func(d *ast.FuncDecl) *ast.FuncDecl {
		if bodies {
			return d
		}
		bare := *d
		bare.Body = nil
		return &bare
	}
	var decls []ast.Decl
	decls = append(decls, vars...)
	for _, d := range c.p.decls {
		decls = append(decls, d)
	}
	for _, d := range c.p.funcs {
		decls = append(decls, function(d))
	}
	decls = append(decls, entry)
	for _, d := range decls {
		note(d)
	}

	var kept []*ast.File
	var kinds []*ast.GenDecl // may name a type of an earlier cell as what they are made of
	for i, d := range decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			g = apart(g)
			decls[i] = g
			kinds = append(kinds, g)
		}
	}
	for _, u := range c.again {
		var d ast.Decl
		switch decl := u.decl.(type) {
		case *ast.FuncDecl:
			d = function(decl)
		case *ast.GenDecl:
			if u.isConst() {
				for name := range c.own {
					decl = without(decl, name)
				}
				for _, id := range c.vars {
					decl = without(decl, id.Name)
				}
			}
			if decl.Tok == token.TYPE {
				decl = apart(decl)
				kinds = append(kinds, decl)
			}
			d = decl
		default:
			continue
		}
		note(d)
		imports := u.imports
		if after := u.importsAfter(c.moved); after != nil {
			imports = after
		}
		kept = append(kept, file(d.Pos(), imports, []ast.Decl{d}))
	}

	for _, d := range kinds {
		spec := d.Specs[0].(*ast.TypeSpec)
		if id, ok := spec.Type.(*ast.Ident); ok && !declared[id.Name] {
			spec.Type = &ast.ParenExpr{Lparen: id.Pos(), X: id, Rparen: id.End()}
		}
	}
	mentions := mentioned(decls)
	for _, u := range c.again {
		for name := range u.uses {
			mentions[name] = true
		}
	}
	imports := map[string]string{}
	for name, path := range c.imports {
		if strings.HasPrefix(name, ". ") {
			c.seedDot(p.pkg, path, mentions, declared)
			continue
		}
		_, explicit := c.explicit(name)
		if mentions[name] && !declared[name] && (explicit || c.s.scope[name] == nil) {
			imports[name] = path
			declared[name] = true
		}
	}
	p.files = append([]*ast.File{file(entry.Pos(), imports, decls)}, kept...)
	for name := range mentions {
		if obj := c.s.scope[name]; obj != nil && !declared[name] {
			p.pkg.Scope().Insert(obj)
		}
	}
	for name, t := range c.aliases {
		p.pkg.Scope().Insert(types.NewTypeName(token.NoPos, p.pkg, name, t))
	}
	for name, obj := range c.clones {
		p.pkg.Scope().Insert(clone(obj, name))
	}

	if c.p.loop {
		p.pkg.Scope().Insert(measure)
		p.pkg.SetImports(append(p.pkg.Imports(), measure.Pkg()))
	}

	conf := types.Config{
		Importer:  c.s.packages,
		Sizes:     sizes(),
		GoVersion: goVersion,
		Error:     func(err error) { c.note(p, entry, err) },
	}
	_ = types.NewChecker(&conf, c.s.fset, p.pkg, p.info).Files(p.files) // errors went to conf.Error
	for i, e := range p.raw {                                           // the types of all expressions are known now
		if p.errs[i].Hint == "" {
			p.errs[i].Hint = c.hint(p, e)
		}
	}
	return p
}

const goVersion = "go1.26"

// apart returns a copy of the declaration of a type whose right side can be put
// in parentheses: there the type checker must not find the name of a type that
// this package does not declare.
func apart(d *ast.GenDecl) *ast.GenDecl {
	g, spec := *d, *d.Specs[0].(*ast.TypeSpec)
	g.Specs = []ast.Spec{&spec}
	return &g
}

// note sorts an error of the type checker.
func (c *check) note(p *pass, entry *ast.FuncDecl, err error) {
	e, ok := err.(types.Error)
	if !ok || ignored(e.Msg) {
		return
	}
	if strings.HasPrefix(e.Msg, "implicit assignment to unexported field ") {
		p.unkeyed[e.Pos] = true
	}
	for _, u := range c.again {
		if u.decl != nil && u.decl.Pos() <= e.Pos && e.Pos < u.decl.End() {
			if _, ok := p.failed[u]; !ok {
				p.failed[u] = e
			}
			return
		}
	}
	if strings.HasPrefix(e.Msg, "\t") { // goes with the error before
		return
	}
	if name, ok := undefined(e.Msg); ok {
		p.missing[name] = true
	}
	if entry.Body.Lbrace <= e.Pos && e.Pos < entry.Body.Rbrace {
		p.entryErrs[len(p.errs)] = true
	}
	if name, ok := undefined(e.Msg); ok && c.unknown[name] {
		return // its import line is at fault
	}
	p.raw, p.errs = append(p.raw, e), append(p.errs, c.s.typeError(e))
}

// ignored reports whether a cell may do what the message complains about.
func ignored(msg string) bool {
	return strings.HasPrefix(msg, "declared and not used") || strings.HasPrefix(msg, "label ") && strings.HasSuffix(msg, " declared and not used") || strings.HasSuffix(msg, "imported and not used") ||
		strings.Contains(msg, "imported as") && strings.HasSuffix(msg, "and not used") ||
		strings.HasSuffix(msg, "missing function body")
}

// single reports whether x has one value. The type of an expression that does
// not check is unknown; then it counts as having one.
func (p *pass) single(x ast.Expr) bool {
	if _, ok := ast.Unparen(x).(*ast.CallExpr); !ok {
		return true
	}
	tv, ok := p.info.Types[x]
	if !ok {
		return true
	}
	tuple, ok := tv.Type.(*types.Tuple)
	return !tv.IsVoid() && (!ok || tuple.Len() == 1)
}

// file makes a file of declarations.
func file(pos token.Pos, imports map[string]string, decls []ast.Decl) *ast.File {
	f := &ast.File{Package: pos, Name: &ast.Ident{NamePos: pos, Name: "main"}}
	var specs []ast.Spec
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		spec := &ast.ImportSpec{
			Name: &ast.Ident{NamePos: pos, Name: name},
			Path: &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(imports[name])},
		}
		specs = append(specs, spec)
		f.Imports = append(f.Imports, spec)
	}
	if len(specs) > 0 {
		f.Decls = append(f.Decls, &ast.GenDecl{TokPos: pos, Tok: token.IMPORT, Lparen: pos, Specs: specs, Rparen: pos})
	}
	f.Decls = append(f.Decls, decls...)
	f.FileStart, f.FileEnd = pos, pos
	return f
}

// mentioned collects the identifiers below nodes.
func mentioned[N ast.Node](nodes []N) map[string]bool {
	m := map[string]bool{}
	for _, n := range nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				m[id.Name] = true
			}
			return true
		})
	}
	delete(m, "_")
	return m
}

func declaredNames(spec ast.Spec) []string {
	var names []string
	for _, id := range declared(spec) {
		names = append(names, id.Name)
	}
	return names
}

// clone returns an object that stands for obj under another name.
func clone(obj types.Object, name string) types.Object {
	switch obj := obj.(type) {
	case *types.Func:
		return types.NewFunc(obj.Pos(), obj.Pkg(), name, obj.Signature())
	case *types.Const:
		return types.NewConst(obj.Pos(), obj.Pkg(), name, obj.Type(), obj.Val())
	case *types.TypeName:
		return types.NewTypeName(obj.Pos(), obj.Pkg(), name, obj.Type())
	}
	return types.NewVar(obj.Pos(), obj.Pkg(), name, obj.Type())
}

// entry makes the function that holds statements.
func (c *check) entry(stmts []ast.Stmt) *ast.FuncDecl {
	pos, end := token.NoPos, token.NoPos
	if n := len(c.p.stmts); n > 0 {
		pos, end = c.p.stmts[0].Pos(), c.p.stmts[n-1].End()
	}
	d := &ast.FuncDecl{
		Name: &ast.Ident{NamePos: pos, Name: entryName},
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}},
		Body: &ast.BlockStmt{Lbrace: pos, List: slices.Clone(stmts), Rbrace: end},
	}
	last := len(stmts) - 1
	switch {
	case c.hasValue && (c.p.silent || c.p.loop):
		// Its value is not shown, but it need not be a call.
		x := c.value
		d.Body.List[last] = &ast.AssignStmt{Lhs: []ast.Expr{&ast.Ident{NamePos: x.Pos(), Name: "_"}}, TokPos: x.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{x}}
	case c.hasValue:
		d.Type.Results = &ast.FieldList{List: []*ast.Field{{Type: &ast.InterfaceType{Interface: pos, Methods: &ast.FieldList{Opening: pos, Closing: pos}}}}}
		d.Body.List[last] = &ast.ReturnStmt{Return: c.value.Pos(), Results: []ast.Expr{c.value}}
	}
	if c.p.loop {
		measured(d, pos, end)
	}
	return d
}

// localEntry holds the statements as they are.
func (c *check) localEntry() *ast.FuncDecl { return c.entry(c.p.stmts) }

// globalEntry holds the statements with assignments to package variables where
// the cell declares variables; first has resolved their identifiers.
func (c *check) globalEntry(first *pass) *ast.FuncDecl {
	c.unhide(first)
	var out []ast.Stmt
	for _, s := range c.p.stmts {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				set := *s
				set.Tok = token.ASSIGN
				out = append(out, &set)
				continue
			}
		case *ast.DeclStmt:
			for _, spec := range s.Decl.(*ast.GenDecl).Specs {
				spec := spec.(*ast.ValueSpec)
				set := &ast.AssignStmt{TokPos: spec.Pos(), Tok: token.ASSIGN, Rhs: spec.Values}
				for _, id := range spec.Names {
					set.Lhs = append(set.Lhs, &ast.Ident{NamePos: id.NamePos, Name: id.Name})
				}
				if spec.Values == nil {
					set.Rhs = c.zeros(first, spec.Names)
				}
				if set.Rhs != nil {
					out = append(out, set)
				}
			}
			continue
		}
		out = append(out, s)
	}
	return c.entry(out)
}

// zeros returns the values that var x T gives to names, or nil where their
// storage is new, and zero.
func (c *check) zeros(first *pass, names []*ast.Ident) []ast.Expr {
	if !slices.ContainsFunc(names, func(id *ast.Ident) bool { return c.s.scope[id.Name] != nil }) {
		return nil
	}
	var out []ast.Expr
	for _, id := range names {
		out = append(out, &ast.Ident{NamePos: id.NamePos, Name: zeroName(id.Name)})
	}
	return out
}

// zeroName is a variable that always has the zero value of variable name.
func zeroName(name string) string { return name + "__zero" }

// oldSuffix marks the name of an earlier object that a variable hides.
const oldSuffix = "__old"

// unhide renames the identifiers that mean an earlier object although the cell
// declares a variable of that name and another type, as in s := fmt.Sprint(s).
func (c *check) unhide(first *pass) {
	for _, id := range c.vars {
		old, now := c.s.scope[id.Name], first.info.Defs[id]
		if old == nil || now == nil {
			continue
		}
		if v, ok := old.(*types.Var); ok && types.Identical(v.Type(), now.Type()) {
			continue
		}
		for use, obj := range first.info.Uses {
			if obj == old && use.Name == id.Name && c.inStatements(use) {
				use.Name = id.Name + oldSuffix
				c.clones[use.Name] = old
			}
		}
	}
}

func (c *check) inStatements(id *ast.Ident) bool {
	return slices.ContainsFunc(c.p.stmts, func(s ast.Stmt) bool { return s.Pos() <= id.Pos() && id.Pos() < s.End() })
}

// varDecls declares the cell's variables with the types that first has found.
func (c *check) varDecls(first *pass) []ast.Decl {
	var out []ast.Decl
	for _, id := range c.vars {
		t := types.Type(types.Typ[types.Invalid])
		if obj := first.info.Defs[id]; obj != nil && obj.Type() != nil {
			t = obj.Type()
		}
		out = append(out, c.varDecl(id.Pos(), id.Name, t))
		if c.s.scope[id.Name] != nil {
			out = append(out, c.varDecl(id.Pos(), zeroName(id.Name), t))
		}
	}
	return out
}

// againVars declares the earlier variables whose types are compiled anew.
func (c *check) againVars() []ast.Decl {
	var out []ast.Decl
	for _, u := range c.again {
		if u.isVar() {
			v := c.s.scope[u.names[0]]
			out = append(out, c.varDecl(v.Pos(), v.Name(), v.Type()))
		}
	}
	return out
}

func (c *check) varDecl(pos token.Pos, name string, t types.Type) ast.Decl {
	return &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{
		&ast.ValueSpec{Names: []*ast.Ident{{NamePos: pos, Name: name}}, Type: c.typeExpr(pos, t)},
	}}
}

// typeExpr writes a type as an expression. Where t does not depend on what the
// package declares, that is a made-up name for it, so that types need no
// expression that the cell could write.
func (c *check) typeExpr(pos token.Pos, t types.Type) ast.Expr {
	fresh := false
	exec.WalkNamed(t, func(n *types.Named) { fresh = fresh || c.redeclares(n) })
	if !fresh {
		name := "type__" + strconv.Itoa(len(c.aliases))
		c.aliases[name] = t
		return &ast.Ident{NamePos: pos, Name: name}
	}
	expr := func(t types.Type) ast.Expr { return c.typeExpr(pos, t) }
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		x := ast.Expr(&ast.Ident{NamePos: pos, Name: t.Obj().Name()})
		if !c.redeclares(t.Origin()) { // an earlier generic type with new arguments
			name := "type__" + strconv.Itoa(len(c.aliases))
			c.aliases[name] = t.Origin()
			x = &ast.Ident{NamePos: pos, Name: name}
		}
		if t.TypeArgs().Len() == 0 {
			return x
		}
		inst := &ast.IndexListExpr{X: x, Lbrack: pos, Rbrack: pos}
		for a := range t.TypeArgs().Types() {
			inst.Indices = append(inst.Indices, expr(a))
		}
		return inst
	case *types.Pointer:
		return &ast.StarExpr{Star: pos, X: expr(t.Elem())}
	case *types.Slice:
		return &ast.ArrayType{Lbrack: pos, Elt: expr(t.Elem())}
	case *types.Array:
		n := &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: fmt.Sprint(t.Len())}
		return &ast.ArrayType{Lbrack: pos, Len: n, Elt: expr(t.Elem())}
	case *types.Map:
		return &ast.MapType{Map: pos, Key: expr(t.Key()), Value: expr(t.Elem())}
	case *types.Chan:
		dir := map[types.ChanDir]ast.ChanDir{types.SendRecv: ast.SEND | ast.RECV, types.SendOnly: ast.SEND, types.RecvOnly: ast.RECV}
		return &ast.ChanType{Begin: pos, Arrow: pos, Dir: dir[t.Dir()], Value: &ast.ParenExpr{Lparen: pos, X: expr(t.Elem()), Rparen: pos}}
	case *types.Signature:
		return c.signatureExpr(pos, t)
	case *types.Struct:
		list := &ast.FieldList{Opening: pos, Closing: pos}
		for i := range t.NumFields() {
			f := t.Field(i)
			field := &ast.Field{Type: expr(f.Type())}
			if !f.Embedded() {
				field.Names = []*ast.Ident{{NamePos: pos, Name: f.Name()}}
			}
			if tag := t.Tag(i); tag != "" {
				field.Tag = &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(tag)}
			}
			list.List = append(list.List, field)
		}
		return &ast.StructType{Struct: pos, Fields: list}
	case *types.Interface:
		list := &ast.FieldList{Opening: pos, Closing: pos}
		for m := range t.Methods() {
			name := &ast.Ident{NamePos: pos, Name: m.Name()}
			list.List = append(list.List, &ast.Field{Names: []*ast.Ident{name}, Type: c.signatureExpr(pos, m.Signature())})
		}
		return &ast.InterfaceType{Interface: pos, Methods: list}
	}
	return &ast.Ident{NamePos: pos, Name: "_"}
}

func (c *check) signatureExpr(pos token.Pos, t *types.Signature) *ast.FuncType {
	params := &ast.FieldList{Opening: pos, Closing: pos}
	for i := range t.Params().Len() {
		typ := t.Params().At(i).Type()
		if t.Variadic() && i == t.Params().Len()-1 {
			if s, ok := typ.(*types.Slice); ok {
				params.List = append(params.List, &ast.Field{Type: &ast.Ellipsis{Ellipsis: pos, Elt: c.typeExpr(pos, s.Elem())}})
				continue
			}
		}
		params.List = append(params.List, &ast.Field{Type: c.typeExpr(pos, typ)})
	}
	results := &ast.FieldList{Opening: pos, Closing: pos}
	for v := range t.Results().Variables() {
		results.List = append(results.List, &ast.Field{Type: c.typeExpr(pos, v.Type())})
	}
	return &ast.FuncType{Func: pos, Params: params, Results: results}
}

// redeclares reports whether the package declares n anew.
func (c *check) redeclares(n *types.Named) bool {
	obj := n.Obj()
	if !ofCell(obj) || obj.Parent() == nil || obj.Parent().Parent() != types.Universe {
		return false
	}
	if c.own[obj.Name()] {
		return true
	}
	return slices.ContainsFunc(c.again, func(u *unit) bool { return slices.Contains(u.names, obj.Name()) })
}
