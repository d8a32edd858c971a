package interp

import (
	"go/types"
)

// A renewal relates the types that a cell declares anew to the earlier types of
// the same name: new → old. It holds those alone whose values have the same
// layout, so that a variable of the old type can become one of the new.
type renewal map[*types.TypeName]*types.TypeName

// settle removes the pairs whose underlying types differ, given the others.
func (r renewal) settle() {
	for again := true; again; {
		again = false
		for n, o := range r {
			if !r.sameDefinition(n.Type(), o.Type()) {
				delete(r, n)
				again = true
			}
		}
	}
}

func (r renewal) sameDefinition(n, o types.Type) bool {
	a, ok1 := n.(*types.Named)
	b, ok2 := o.(*types.Named)
	if !ok1 || !ok2 || a.TypeParams().Len() != b.TypeParams().Len() {
		return false
	}
	for i := range a.TypeParams().Len() {
		if !r.same(a.TypeParams().At(i).Constraint(), b.TypeParams().At(i).Constraint()) {
			return false
		}
	}
	return r.same(a.Underlying(), b.Underlying())
}

// same reports whether type n becomes type o when each new type is read as the
// old one that it replaces.
func (r renewal) same(n, o types.Type) bool {
	n, o = types.Unalias(n), types.Unalias(o)
	if types.Identical(n, o) {
		return true
	}
	switch n := n.(type) {
	case *types.Named:
		o, ok := o.(*types.Named)
		if !ok || n.TypeArgs().Len() != o.TypeArgs().Len() {
			return false
		}
		if n.Origin() != o.Origin() && (r[n.Obj()] == nil || r[n.Obj()] != o.Obj()) {
			return false
		}
		for i := range n.TypeArgs().Len() {
			if !r.same(n.TypeArgs().At(i), o.TypeArgs().At(i)) {
				return false
			}
		}
		return true
	case *types.TypeParam:
		o, ok := o.(*types.TypeParam)
		return ok && n.Index() == o.Index()
	case *types.Pointer:
		o, ok := o.(*types.Pointer)
		return ok && r.same(n.Elem(), o.Elem())
	case *types.Slice:
		o, ok := o.(*types.Slice)
		return ok && r.same(n.Elem(), o.Elem())
	case *types.Array:
		o, ok := o.(*types.Array)
		return ok && n.Len() == o.Len() && r.same(n.Elem(), o.Elem())
	case *types.Map:
		o, ok := o.(*types.Map)
		return ok && r.same(n.Key(), o.Key()) && r.same(n.Elem(), o.Elem())
	case *types.Chan:
		o, ok := o.(*types.Chan)
		return ok && n.Dir() == o.Dir() && r.same(n.Elem(), o.Elem())
	case *types.Signature:
		o, ok := o.(*types.Signature)
		return ok && n.Variadic() == o.Variadic() && n.TypeParams().Len() == o.TypeParams().Len() &&
			r.sameTuple(n.Params(), o.Params()) && r.sameTuple(n.Results(), o.Results())
	case *types.Struct:
		o, ok := o.(*types.Struct)
		return ok && r.sameFields(n, o)
	case *types.Interface:
		o, ok := o.(*types.Interface)
		return ok && r.sameMethods(n, o)
	}
	return false
}

func (r renewal) sameTuple(n, o *types.Tuple) bool {
	if n.Len() != o.Len() {
		return false
	}
	for i := range n.Len() {
		if !r.same(n.At(i).Type(), o.At(i).Type()) {
			return false
		}
	}
	return true
}

func (r renewal) sameFields(n, o *types.Struct) bool {
	if n.NumFields() != o.NumFields() {
		return false
	}
	for i := range n.NumFields() {
		a, b := n.Field(i), o.Field(i)
		if a.Name() != b.Name() || a.Embedded() != b.Embedded() || n.Tag(i) != o.Tag(i) || !r.same(a.Type(), b.Type()) {
			return false
		}
	}
	return true
}

func (r renewal) sameMethods(n, o *types.Interface) bool {
	if n.NumMethods() != o.NumMethods() || !n.IsMethodSet() || !o.IsMethodSet() {
		return false
	}
	for i := range n.NumMethods() {
		a, b := n.Method(i), o.Method(i)
		if a.Name() != b.Name() || !r.same(a.Type(), b.Type()) {
			return false
		}
	}
	return true
}
