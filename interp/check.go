package interp

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
)

// entryName is the function that holds a cell's statements.
const entryName = "cell__"

// A check type-checks one cell.
//
// The cell becomes a package of its own, whose scope is seeded with what it
// mentions of earlier cells, so that the work does not grow with the session.
// Its statements are checked twice. First as the body of a function, where :=
// declares local variables: this gives Go's own meaning to x := x + 1 and to
// a, err := f(), and gives the types of the variables. Then with package
// variables of those types, to which the statements assign: this is what runs.
//
// Where the cell changes what kept declarations mention, these join the
// package, each in a file of its own, and the check is repeated until nothing
// more follows from it.
type check struct {
	s *session
	p *parsed

	own     map[string]bool   // names of the types, constants and functions of the cell
	vars    []*ast.Ident      // its new variables
	imports map[string]string // packages that the cell can see: name → path
	added   map[string]bool   // imports that nobody asked for

	moved map[string]string // imports that the cell states anew with another path: name → path

	again  []*unit         // earlier declarations that are compiled anew
	frozen map[string]bool // variables that keep the type they have
	lost   []loss          // earlier declarations that no longer compile

	unkeyed map[*ast.CompositeLit][]ast.Expr // struct literals that were given keys, as they were

	problems []cell.Error    // what is wrong before types are looked at
	unknown  map[string]bool // names of imports that are not known

	value    ast.Expr // the last expression, if it can be the value
	hasValue bool
	aliases  map[string]types.Type   // made-up names of types
	clones   map[string]types.Object // made-up names of earlier objects that a variable hides
}

// A loss is an earlier declaration that does not fit what a cell redefines.
type loss struct {
	unit *unit
	err  cell.Error
}

// A checked cell is ready to run.
type checked struct {
	*check
	cell     *exec.Cell
	renewal  renewal
	typ      types.Type // of the value
	warnings []cell.Error
	packages map[string]string // what the cell mentions: name → path
	notes    []string          // single lines that the user should read
}

// check type-checks p.
func (s *session) check(p *parsed) (*checked, []cell.Error) {
	c := newCheck(s, p)
	// Each round adds an earlier declaration, drops one, or adds an import, so
	// the number of rounds is bounded; the count is for safety.
	for range 100 {
		done, errs := c.round()
		if done == nil && errs == nil {
			continue
		}
		if errs != nil {
			c.takeKeys()
		}
		return done, errs
	}
	return nil, []cell.Error{{Kind: cell.InternalFail, Message: "the declarations of the session do not settle"}}
}

// newCheck begins to check p, whatever is wrong with it.
func newCheck(s *session, p *parsed) *check {
	c := &check{
		s: s, p: p,
		own: map[string]bool{}, imports: maps.Clone(s.imports), added: map[string]bool{}, moved: map[string]string{},
		frozen: map[string]bool{}, aliases: map[string]types.Type{}, clones: map[string]types.Object{},
		unkeyed: map[*ast.CompositeLit][]ast.Expr{}, unknown: map[string]bool{},
	}
	c.problems = append(c.importSpecs(), c.collect()...)
	// What mentions a type must follow it if the cell declares it anew, or has
	// a new method for it. Whether anything else that is declared anew concerns
	// others is seen once its type is known.
	var redefined []string
	for _, name := range c.names() {
		if _, isType := s.scope[name].(*types.TypeName); isType {
			redefined = append(redefined, name)
		}
	}
	for _, d := range p.funcs {
		seen := map[string]bool{} // aliases may go in a circle
		for t := receiver(d); t != "" && !seen[t]; t = c.alias(t) {
			seen[t] = true
			if !c.own[t] && s.units.byName[t] != nil {
				redefined = append(redefined, t)
			}
		}
	}
	c.include(redefined)
	return c
}

// alias returns the name of the type that name is another name of, or "".
func (c *check) alias(name string) string {
	for _, d := range c.p.decls {
		if spec, ok := d.Specs[0].(*ast.TypeSpec); ok && spec.Name.Name == name && spec.Assign.IsValid() {
			if id, ok := spec.Type.(*ast.Ident); ok && id.Name != name {
				return id.Name
			}
		}
	}
	if obj, ok := c.s.scope[name].(*types.TypeName); ok && obj.IsAlias() {
		if n, ok := types.Unalias(obj.Type()).(*types.Named); ok && ofCell(n.Obj()) && n.Obj().Name() != name {
			return n.Obj().Name()
		}
	}
	return ""
}

// collect gathers the names that the cell declares.
func (c *check) collect() []cell.Error {
	var errs []cell.Error
	for _, d := range c.p.decls {
		for _, spec := range d.Specs {
			for _, id := range declared(spec) {
				c.own[id.Name] = true
			}
		}
	}
	for _, d := range c.p.funcs {
		if d.Recv == nil {
			c.own[d.Name.Name] = true
		}
	}
	delete(c.own, "_")
	seen := map[string]bool{}
	for _, id := range newVars(c.p.stmts) {
		if !c.p.loop && !seen[id.Name] {
			seen[id.Name] = true
			c.vars = append(c.vars, id)
		}
	}
	for _, s := range c.p.stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt:
				errs = append(errs, c.s.errorAt(n.Pos(), cell.CompileError, notInFunction))
			}
			return true
		})
	}
	if n := len(c.p.stmts); n > 0 && !c.p.before {
		if x, ok := c.p.stmts[n-1].(*ast.ExprStmt); ok {
			c.value, c.hasValue = x.X, true
		}
	}
	return errs
}

const notInFunction = "return is not in a function"

// newVars lists the identifiers on the left of := and var among statements,
// the blank one excepted.
func newVars(stmts []ast.Stmt) []*ast.Ident {
	var ids []*ast.Ident
	add := func(x ast.Expr) {
		if id, ok := x.(*ast.Ident); ok && id.Name != "_" {
			ids = append(ids, id)
		}
	}
	for _, s := range stmts {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				for _, x := range s.Lhs {
					add(x)
				}
			}
		case *ast.DeclStmt:
			for _, spec := range s.Decl.(*ast.GenDecl).Specs {
				for _, id := range declared(spec) {
					add(id)
				}
			}
		}
	}
	return ids
}

// names lists what the cell declares.
func (c *check) names() []string {
	names := slices.Collect(maps.Keys(c.own))
	for _, id := range c.vars {
		names = append(names, id.Name)
	}
	slices.Sort(names)
	return names
}

// include adds to c.again what depends on names, and says whether that changed
// anything.
func (c *check) include(names []string) bool {
	if len(names) == 0 && len(c.moved) == 0 {
		return false
	}
	declared := map[string]bool{}
	for _, n := range c.names() {
		declared[n] = true
	}
	var again []*unit
	for _, u := range c.s.units.dependants(append(c.againNames(), names...), c.moved) {
		if len(u.names) > 0 && !slices.ContainsFunc(u.names, func(n string) bool { return !declared[n] }) {
			continue
		}
		if u.isVar() && c.frozen[u.names[0]] || c.overridden(u) || c.isLost(u) {
			continue
		}
		again = append(again, u)
	}
	for _, n := range names {
		if u := c.s.units.byName[n]; u != nil && !declared[n] && !u.isVar() && !slices.Contains(again, u) && !c.isLost(u) {
			again = append(again, u)
		}
	}
	if len(again) == len(c.again) {
		return false
	}
	c.again = again
	return true
}

func (c *check) againNames() []string {
	var names []string
	for _, u := range c.again {
		names = append(names, u.names...)
	}
	return names
}

func (c *check) isLost(u *unit) bool {
	return slices.ContainsFunc(c.lost, func(l loss) bool { return l.unit == u })
}

// overridden reports whether the cell has a method in u's place, or u is a
// method of something that the cell no longer declares as a type.
func (c *check) overridden(u *unit) bool {
	if u.recv == "" {
		return false
	}
	for _, d := range c.p.funcs {
		if receiver(d) == u.recv && d.Name.Name == u.name {
			return true
		}
	}
	if !slices.Contains(c.names(), u.recv) {
		return false
	}
	for _, d := range c.p.decls {
		if d.Tok == token.TYPE && d.Specs[0].(*ast.TypeSpec).Name.Name == u.recv {
			return false
		}
	}
	return true
}

// round makes one attempt. It returns nothing where another one is needed.
func (c *check) round() (*checked, []cell.Error) {
	var first *pass
	if len(c.vars) > 0 {
		first = c.pass(c.localEntry(), c.againVars(), false)
		if c.revise(first) {
			return nil, nil
		}
	}
	var p *pass
	if first == nil {
		p = c.pass(c.localEntry(), c.againVars(), true)
	} else {
		p = c.pass(c.globalEntry(first), append(c.againVars(), c.varDecls(first)...), true)
	}
	if c.revise(p) {
		return nil, nil
	}
	if errs := c.merge(first, p); len(errs) > 0 {
		return nil, errs
	}
	r := c.renewed(p)
	if c.include(c.changed(p, r)) || c.freeze(p, r) {
		return nil, nil
	}
	for id, obj := range p.info.Uses {
		if old, ok := c.clones[id.Name]; ok && obj.Name() == id.Name {
			p.info.Uses[id] = old
		}
	}
	if first != nil { // the types of variables mention it
		unseed(first.pkg)
	}
	done := &checked{check: c, renewal: r, packages: map[string]string{}}
	for _, pass := range []*pass{first, p} { // in the second, variables have no written types
		if pass == nil {
			continue
		}
		for _, obj := range pass.info.Uses {
			if pkg, ok := obj.(*types.PkgName); ok {
				done.packages[pkg.Name()] = pkg.Imported().Path()
			}
		}
	}
	done.cell = &exec.Cell{
		Number:   c.p.number,
		Fset:     c.s.fset,
		Files:    p.files,
		Pkg:      p.pkg,
		Info:     p.info,
		Entry:    p.pkg.Scope().Lookup(entryName).(*types.Func),
		Replaces: c.replaces(p, r),
	}
	if c.hasValue {
		done.typ = p.info.TypeOf(c.value)
	}
	for _, l := range c.lost {
		if !l.unit.stale {
			done.warnings = append(done.warnings, l.err)
		}
	}
	done.notes = c.outdated()
	return done, nil
}

// revise looks at what went wrong in a pass. It returns true if it has changed
// something that calls for another round.
func (c *check) revise(p *pass) bool {
	if c.hasValue && !p.single(c.value) {
		c.hasValue = false
		return true
	}
	if c.addKeys(p) {
		return true
	}
	if len(p.failed) > 0 {
		for _, u := range slices.Clone(c.again) {
			if e, ok := p.failed[u]; ok {
				c.lose(u, e)
			}
		}
		return true
	}
	again := false
	for name := range p.missing {
		if _, known := c.imports[name]; known {
			continue
		}
		if path, ok := c.s.packages.find(name); ok {
			c.imports[name], c.added[name] = path, true
			again = true
		}
	}
	return again
}

// addKeys writes T{1, 2} as T{A: 1, b: 2} where T is of an earlier cell and has
// fields in lower case: the type checker takes each cell for a package that
// must not do the former, but allows the latter.
func (c *check) addKeys(p *pass) bool {
	if len(p.unkeyed) == 0 {
		return false
	}
	again := false
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok || !slices.ContainsFunc(lit.Elts, func(x ast.Expr) bool { return p.unkeyed[x.Pos()] }) {
				return true
			}
			t := p.info.TypeOf(lit)
			if ptr, ok := t.Underlying().(*types.Pointer); ok { // an element &T{} of which &T is left out
				t = ptr.Elem()
			}
			str, ok := t.Underlying().(*types.Struct)
			if !ok || str.NumFields() != len(lit.Elts) || !ofCell(str.Field(0)) {
				return true
			}
			c.unkeyed[lit] = lit.Elts
			lit.Elts = slices.Clone(lit.Elts)
			for i, x := range lit.Elts {
				key := &ast.Ident{NamePos: x.Pos(), Name: str.Field(i).Name()}
				lit.Elts[i] = &ast.KeyValueExpr{Key: key, Colon: x.Pos(), Value: x}
			}
			again = true
			return true
		})
	}
	return again
}

// takeKeys undoes addKeys: the declarations are kept as they were written.
func (c *check) takeKeys() {
	for lit, elts := range c.unkeyed {
		lit.Elts = elts
	}
}

// lose takes u out of what is compiled anew.
func (c *check) lose(u *unit, e types.Error) {
	c.again = slices.DeleteFunc(c.again, func(v *unit) bool { return v == u })
	why := c.s.typeError(e)
	why.Message = fmt.Sprintf("%s does not fit the new definitions and keeps its former meaning: %s", u.title(), why.Message)
	c.lost = append(c.lost, loss{u, why})
}

// merge adds the errors of the second pass to those of the first, which has
// said all about the statements already, and both to what was wrong before.
func (c *check) merge(first, p *pass) []cell.Error {
	var errs []cell.Error
	if first == nil {
		errs = slices.Clone(p.errs)
	} else {
		for i, e := range first.errs {
			// There the variables of the cell are local, and unknown outside its statements.
			name, ok := undefined(e.Message)
			if !ok || first.entryErrs[i] || !slices.ContainsFunc(c.vars, func(id *ast.Ident) bool { return id.Name == name }) {
				errs = append(errs, e)
			}
		}
		for i, e := range p.errs {
			known := func(f cell.Error) bool { return f.Pos == e.Pos && f.Message == e.Message }
			if (!p.entryErrs[i] || len(first.errs) == 0) && !slices.ContainsFunc(errs, known) {
				errs = append(errs, e)
			}
		}
	}
	for _, e := range c.problems {
		errs = slices.DeleteFunc(errs, func(f cell.Error) bool {
			return f.Pos == e.Pos || e.Message == notInFunction && f.Pos.Line == e.Pos.Line && strings.Contains(f.Message, "return values")
		})
	}
	errs = append(slices.Clone(c.problems), errs...)
	slices.SortStableFunc(errs, func(a, b cell.Error) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return errs
}

// renewed relates the types of the pass to the earlier ones.
func (c *check) renewed(p *pass) renewal {
	r := renewal{}
	for _, name := range p.pkg.Scope().Names() {
		n, ok1 := p.pkg.Scope().Lookup(name).(*types.TypeName)
		o, ok2 := c.s.scope[name].(*types.TypeName)
		if ok1 && ok2 && n != o && !n.IsAlias() && !o.IsAlias() {
			r[n] = o
		}
	}
	r.settle()
	return r
}

// changed lists the names that mean something new to those who mention them.
func (c *check) changed(p *pass, r renewal) []string {
	var names []string
	for _, name := range append(c.names(), c.againNames()...) {
		n, o := p.pkg.Scope().Lookup(name), c.s.scope[name]
		if n == nil || o == nil || n == o || c.stable(n, o, r) {
			continue
		}
		names = append(names, name)
	}
	for _, d := range c.p.funcs {
		if t := receiver(d); t != "" {
			names = append(names, t)
		}
	}
	return names
}

// stable reports whether what was compiled with the old object may go on with
// the new one.
func (c *check) stable(n, o types.Object, r renewal) bool {
	switch n := n.(type) {
	case *types.Var:
		o, ok := o.(*types.Var)
		return ok && types.Identical(n.Type(), o.Type())
	case *types.Func:
		o, ok := o.(*types.Func)
		return ok && n.Signature().TypeParams().Len() == 0 && types.Identical(n.Type(), o.Type())
	case *types.Const:
		o, ok := o.(*types.Const)
		return ok && types.Identical(n.Type(), o.Type()) && constant.Compare(n.Val(), token.EQL, o.Val())
	case *types.TypeName:
		return n.IsAlias() && types.Identical(n.Type(), o.Type())
	}
	return false
}

// freeze finds earlier variables whose values do not fit their new type: they
// keep the old one.
func (c *check) freeze(p *pass, r renewal) bool {
	again := false
	for _, u := range slices.Clone(c.again) {
		if !u.isVar() {
			continue
		}
		name := u.names[0]
		if n, o := p.pkg.Scope().Lookup(name), c.s.scope[name]; n != nil && !r.same(n.Type(), o.Type()) {
			c.frozen[name] = true
			c.again = slices.DeleteFunc(c.again, func(v *unit) bool { return v == u })
			again = true
		}
	}
	return again
}

// outdated says which variables keep a type that no longer is what its name
// means.
func (c *check) outdated() []string {
	var vars []string
	for _, name := range slices.Sorted(maps.Keys(c.frozen)) {
		if u := c.s.units.byName[name]; u != nil && !u.stale {
			vars = append(vars, name+" ("+typeString(c.s.scope[name].Type())+")")
		}
	}
	if len(vars) == 0 {
		return nil
	}
	return []string{"values of the former definition stay in " + strings.Join(vars, ", ") + "; declare anew what shall have the new one"}
}

// replaces says what of the pass takes the place of something earlier.
func (c *check) replaces(p *pass, r renewal) map[types.Object]types.Object {
	m := map[types.Object]types.Object{}
	pair := func(n, o types.Object) {
		switch n := n.(type) {
		case *types.Var:
			if o, ok := o.(*types.Var); ok && r.same(n.Type(), o.Type()) {
				m[n] = o
			}
		case *types.Func:
			if o, ok := o.(*types.Func); ok && n.Signature().TypeParams().Len() == 0 && r.same(n.Type(), o.Type()) {
				m[n] = o
			}
		}
	}
	for _, name := range append(c.names(), c.againNames()...) {
		if n, o := p.pkg.Scope().Lookup(name), c.s.scope[name]; n != nil && o != nil && n != o {
			pair(n, o)
		}
	}
	for n, o := range r {
		m[n] = o
		a, b := n.Type().(*types.Named), o.Type().(*types.Named)
		if a.TypeParams().Len() > 0 {
			continue
		}
		for method := range a.Methods() {
			for old := range b.Methods() {
				if old.Name() == method.Name() && r.same(receiverType(method), receiverType(old)) {
					pair(method, old)
				}
			}
		}
	}
	return m
}

func receiverType(f *types.Func) types.Type { return f.Signature().Recv().Type() }

// undefined returns the name that an error says is undefined.
func undefined(msg string) (name string, ok bool) {
	name, ok = strings.CutPrefix(msg, "undefined: ")
	return name, ok && token.IsIdentifier(name)
}
