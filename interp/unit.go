package interp

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// A unit is a declaration that the session keeps, so that it can be compiled
// anew when something changes that it mentions.
type unit struct {
	names   []string          // what it declares: more than one for a group of constants, none for a method
	recv    string            // for a method, the name of its receiver's type
	name    string            // for a method, its name
	decl    ast.Decl          // nil for a variable
	text    *text             // where it was declared
	imports map[string]string // the packages it mentions: name → path
	uses    map[string]bool   // the names of cells that it mentions
	doc     string
	stale   bool // it no longer fits what it mentions, and the user knows
}

// title is what a message calls the unit.
func (u *unit) title() string {
	if u.recv != "" {
		return u.recv + "." + u.name
	}
	return u.names[0]
}

// units are the kept declarations.
type units struct {
	byName  map[string]*unit
	methods map[string]map[string]*unit // type name → method name
}

func newUnits() units {
	return units{map[string]*unit{}, map[string]map[string]*unit{}}
}

// all lists the units, each once, in a fixed order.
func (us units) all() []*unit {
	var out []*unit
	for _, name := range slices.Sorted(maps.Keys(us.byName)) {
		if u := us.byName[name]; u.names[0] == name {
			out = append(out, u)
		}
	}
	for _, recv := range slices.Sorted(maps.Keys(us.methods)) {
		out = append(out, us.ofType(recv)...)
	}
	return out
}

// ofType lists the methods of a type.
func (us units) ofType(name string) []*unit {
	var out []*unit
	m := us.methods[name]
	for _, method := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[method])
	}
	return out
}

// dependants lists what mentions one of names, directly or not, and with a
// type its methods and with a method its type; and what mentions a package by a
// name that imports gives to another path.
func (us units) dependants(names []string, imports map[string]string) []*unit {
	all := us.all()
	in := map[*unit]bool{}
	changed := map[string]bool{}
	for _, n := range names {
		changed[n] = true
	}
	for again := true; again; {
		again = false
		add := func(u *unit) {
			if in[u] {
				return
			}
			in[u], again = true, true
			for _, n := range u.names {
				changed[n] = true
			}
		}
		for _, u := range all {
			for n := range u.uses {
				if changed[n] {
					add(u)
				}
			}
			if u.importsAfter(imports) != nil {
				add(u)
			}
			if u.recv == "" {
				continue
			}
			if changed[u.recv] {
				add(u)
			}
			if t := us.byName[u.recv]; in[u] && t != nil {
				add(t)
			}
		}
	}
	return slices.DeleteFunc(all, func(u *unit) bool { return !in[u] })
}

// keep stores u in the place of what it replaces.
func (us units) keep(u *unit) {
	if u.recv != "" {
		if us.methods[u.recv] == nil {
			us.methods[u.recv] = map[string]*unit{}
		}
		us.methods[u.recv][u.name] = u
		return
	}
	for _, n := range u.names {
		us.forget(n)
		us.byName[n] = u
	}
}

// forget removes a name. The other names of a group of constants stay.
func (us units) forget(name string) {
	old := us.byName[name]
	if old == nil {
		return
	}
	delete(us.byName, name)
	if len(old.names) > 1 {
		rest := *old
		rest.names = slices.DeleteFunc(slices.Clone(old.names), func(n string) bool { return n == name })
		rest.decl = without(old.decl.(*ast.GenDecl), name)
		for _, n := range rest.names {
			us.byName[n] = &rest
		}
	}
}

// without returns a group of constants in which a name is blank.
func without(d *ast.GenDecl, name string) *ast.GenDecl {
	c := *d
	c.Specs = slices.Clone(d.Specs)
	for i, spec := range c.Specs {
		spec, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		v := *spec
		v.Names = slices.Clone(spec.Names)
		for j, id := range v.Names {
			if id.Name == name {
				v.Names[j] = &ast.Ident{NamePos: id.NamePos, Name: "_"}
			}
		}
		c.Specs[i] = &v
	}
	return &c
}

// newUnit describes a declaration of the cell that has been type-checked.
func newUnit(d ast.Decl, t *text, info *types.Info) *unit {
	u := &unit{decl: d, text: t, imports: map[string]string{}, uses: map[string]bool{}}
	switch d := d.(type) {
	case *ast.FuncDecl:
		u.doc = d.Doc.Text()
		if d.Recv != nil {
			u.recv, u.name = receiver(d), d.Name.Name
			u.uses[u.recv] = true
			break
		}
		u.names = []string{d.Name.Name}
	case *ast.GenDecl:
		u.doc = d.Doc.Text()
		for _, spec := range d.Specs {
			for _, id := range declared(spec) {
				if id.Name != "_" {
					u.names = append(u.names, id.Name)
				}
			}
		}
	}
	ast.Inspect(d, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			u.mention(info.Uses[id])
		}
		return true
	})
	for _, n := range u.names {
		delete(u.uses, n)
	}
	return u
}

// mention records a use.
func (u *unit) mention(obj types.Object) {
	switch obj := obj.(type) {
	case nil:
	case *types.PkgName:
		u.imports[obj.Name()] = obj.Imported().Path()
	default:
		if ofCell(obj) && obj.Parent() != nil && obj.Parent().Parent() == types.Universe {
			u.uses[obj.Name()] = true
		}
	}
}

// importsAfter returns the imports of u where some of its names now stand for
// other paths, or nil where none does.
func (u *unit) importsAfter(moved map[string]string) map[string]string {
	var after map[string]string
	for name, path := range moved {
		if old := u.imports[name]; old != "" && old != path {
			if after == nil {
				after = maps.Clone(u.imports)
			}
			after[name] = path
		}
	}
	return after
}

// varUnit describes a variable, whose type alone is kept.
func varUnit(v *types.Var, t *text) *unit {
	u := &unit{names: []string{v.Name()}, text: t, uses: map[string]bool{}}
	exec.WalkNamed(v.Type(), func(n *types.Named) { u.mention(n.Obj()) })
	return u
}

// ofCell reports whether a cell declares obj.
func ofCell(obj types.Object) bool { return obj.Pkg() != nil && obj.Pkg().Path() == cellPath }

// cellPath is the package path of all cells.
const cellPath = "main"

// declared lists the identifiers that a specification declares.
func declared(spec ast.Spec) []*ast.Ident {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return []*ast.Ident{spec.Name}
	case *ast.ValueSpec:
		return spec.Names
	}
	return nil
}

// receiver returns the name of the type that a method belongs to, or "".
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return ""
	}
	x := d.Recv.List[0].Type
	for {
		switch t := x.(type) {
		case *ast.StarExpr:
			x = t.X
		case *ast.ParenExpr:
			x = t.X
		case *ast.IndexExpr:
			x = t.X
		case *ast.IndexListExpr:
			x = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

// isVar reports whether u is a variable.
func (u *unit) isVar() bool { return u.decl == nil }

// isConst reports whether u is a group of constants.
func (u *unit) isConst() bool {
	d, ok := u.decl.(*ast.GenDecl)
	return ok && d.Tok == token.CONST
}
