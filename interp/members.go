package interp

import (
	"go/token"
	"go/types"
)

// A member is what can stand behind a dot.
type member struct {
	obj   types.Object
	owner *types.Named // the type that declares it, where it has a name
}

// packageMembers lists the exported names of a package.
func packageMembers(p *types.Package) []member {
	var out []member
	for _, name := range p.Scope().Names() {
		if token.IsExported(name) {
			out = append(out, member{obj: p.Scope().Lookup(name)})
		}
	}
	return out
}

// typeMembers lists the fields and methods that a value of type t has, also
// those of embedded fields: by depth, and then in the order of declaration.
// Names that a shallower one hides are left out, as are those that a cell cannot
// see.
func typeMembers(t types.Type) []member {
	if t == nil {
		return nil
	}
	var out []member
	names := map[string]bool{}
	seen := map[*types.Named]bool{}
	add := func(obj types.Object, owner *types.Named) {
		if (obj.Exported() || obj.Pkg() == nil || ofCell(obj)) && obj.Name() != "_" && !names[obj.Name()] {
			names[obj.Name()] = true
			out = append(out, member{obj, owner})
		}
	}
	for level := []types.Type{t}; len(level) > 0; {
		var next []types.Type
		for _, t := range level {
			t = types.Unalias(t)
			if p, ok := t.Underlying().(*types.Pointer); ok {
				t = types.Unalias(p.Elem())
			}
			named, _ := t.(*types.Named)
			if named != nil {
				if seen[named.Origin()] {
					continue
				}
				seen[named.Origin()] = true
				for m := range named.Methods() {
					add(m, named)
				}
			}
			switch u := t.Underlying().(type) {
			case *types.Struct:
				for f := range u.Fields() {
					add(f, named)
					if f.Embedded() {
						next = append(next, f.Type())
					}
				}
			case *types.Interface:
				for m := range u.Methods() {
					add(m, named)
				}
			}
		}
		level = next
	}
	return out
}

// memberNames lists the names of members.
func memberNames(members []member) []string {
	var names []string
	for _, m := range members {
		names = append(names, m.obj.Name())
	}
	return names
}

// kindOfObject is the kind of a completion item.
func kindOfObject(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.PkgName:
		return "package"
	case *types.TypeName:
		return "type"
	case *types.Const, *types.Nil:
		return "constant"
	case *types.Builtin:
		return "function"
	case *types.Func:
		if obj.Signature().Recv() != nil {
			return "method"
		}
		return "function"
	case *types.Var:
		if obj.IsField() {
			return "field"
		}
	}
	return "variable"
}
