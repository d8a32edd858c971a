package vm

import (
	"go/token"
	"go/types"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

func isEmptyInterface(t types.Type) bool {
	it, ok := t.Underlying().(*types.Interface)
	return ok && it.NumMethods() == 0
}

// typeOf is the type of the value in i, nil where i is; empty says that i is an
// empty interface.
func (i iface) typeOf(empty bool) *forge.Type {
	if empty || i.tab == nil {
		return (*forge.Type)(i.tab)
	}
	return (*forge.Itab)(i.tab).Type
}

// asAny is i as an empty interface.
func (i iface) asAny(empty bool) any {
	i.tab = pointer(i.typeOf(empty))
	return *(*any)(pointer(&i))
}

// makeInterface compiles the conversion of a value to an interface type.
func (c *compiler) makeInterface(v *ssa.MakeInterface) {
	c.define(v, []ssa.Value{v.X}, mayRead, func(tree *tree) {
		desc := c.vm.desc(v.X.Type())
		direct := desc.TFlag&forge.FlagDirect != 0
		tab := pointer(desc)
		if !isEmptyInterface(v.Type()) {
			tab = pointer(desc.Itab(c.vm.desc(v.Type()), false))
		}
		if k := kindOf(v.X.Type()); k != kindAggregate {
			tree.x = byKind[k].box(c, v.X, tab, direct)
			return
		}
		p := c.aggregate(v.X)
		if direct {
			tree.x = expr[iface](func(t *thread, f frame) iface { return iface{tab, *(*pointer)(p(t, f))} })
			return
		}
		tree.x = expr[iface](func(t *thread, f frame) iface {
			box := desc.New()
			desc.Move(box, p(t, f))
			return iface{tab, box}
		})
	})
}

func (ofKind[T]) box(c *compiler, v ssa.Value, tab pointer, direct bool) any {
	o := operandOf[T](c, v)
	x := exprOf(o)
	switch {
	case direct:
		return expr[iface](func(t *thread, f frame) iface {
			v := x(t, f)
			return iface{tab, *(*pointer)(pointer(&v))}
		})
	case o.class == isConstant:
		box := new(T)
		*box = o.k
		boxed := iface{tab, pointer(box)}
		return expr[iface](func(t *thread, f frame) iface { return boxed })
	}
	return expr[iface](func(t *thread, f frame) iface {
		box := new(T)
		*box = x(t, f)
		return iface{tab, pointer(box)}
	})
}

// changeInterface compiles the conversion of an interface value to another type.
func (c *compiler) changeInterface(v *ssa.ChangeInterface) {
	c.define(v, []ssa.Value{v.X}, 0, func(tree *tree) {
		if c.vm.rtype(v.X.Type()) == c.vm.rtype(v.Type()) {
			tree.x = exprOf(operandOf[iface](c, v.X))
			return
		}
		tree.x = c.toInterface(v.X, v.Type())
	})
}

// toInterface is interface value v as one of type to, which it implements.
func (c *compiler) toInterface(v ssa.Value, to types.Type) expr[iface] {
	x := exprOf(operandOf[iface](c, v))
	fromEmpty := isEmptyInterface(v.Type())
	if isEmptyInterface(to) {
		return func(t *thread, f frame) iface {
			i := x(t, f)
			return iface{pointer(i.typeOf(fromEmpty)), i.data}
		}
	}
	inter := c.vm.desc(to)
	return func(t *thread, f frame) iface {
		i := x(t, f)
		if i.tab == nil {
			return iface{}
		}
		return iface{pointer(i.typeOf(fromEmpty).Itab(inter, false)), i.data}
	}
}

// An assertion is a type assertion.
type assertion struct {
	static, to *forge.Type
	fromEmpty  bool // the operand is an empty interface
	toKind     assertionKind
}

type assertionKind uint8

const (
	toConcrete assertionKind = iota
	toEmpty
	toMethods // an interface with methods
)

// match returns the words of the result, in which a concrete type stands where an
// interface has its first word.
func (a *assertion) match(i iface) (iface, bool) {
	typ := i.typeOf(a.fromEmpty)
	if typ == nil {
		return iface{}, false
	}
	switch a.toKind {
	case toConcrete:
		return iface{pointer(typ), i.data}, typ == a.to
	case toEmpty:
		return iface{pointer(typ), i.data}, true
	}
	tab := typ.Itab(a.to, true)
	return iface{pointer(tab), i.data}, tab != nil
}

// must is match or the panic of a failed assertion.
func (a *assertion) must(i iface) iface {
	r, ok := a.match(i)
	if ok {
		return r
	}
	typ := i.typeOf(a.fromEmpty)
	switch {
	case a.toKind == toConcrete:
		assertPanic(a.static, typ, a.to)
	case typ == nil:
		assertPanic(nil, nil, a.to)
	}
	typ.Itab(a.to, false) // panics with the missing method
	return iface{}
}

func (c *compiler) typeAssert(v *ssa.TypeAssert) {
	a := &assertion{static: c.vm.desc(v.X.Type()), to: c.vm.desc(v.AssertedType), fromEmpty: isEmptyInterface(v.X.Type())}
	if types.IsInterface(v.AssertedType) {
		a.toKind = toMethods
		if isEmptyInterface(v.AssertedType) {
			a.toKind = toEmpty
		}
	}
	operands := []ssa.Value{v.X}
	direct := a.to.TFlag&forge.FlagDirect != 0
	switch {
	case v.CommaOk:
		c.do(operands, mayRead, func() step { return c.testAssert(v, a, direct) })
	case a.toKind != toConcrete:
		c.define(v, operands, mayPanic, func(tree *tree) {
			x := exprOf(operandOf[iface](c, v.X))
			tree.x = expr[iface](func(t *thread, f frame) iface { return a.must(x(t, f)) })
		})
	case direct && kindOf(v.AssertedType) == kindPointer:
		c.define(v, operands, mayPanic, func(tree *tree) {
			x := exprOf(operandOf[iface](c, v.X))
			tree.x = expr[pointer](func(t *thread, f frame) pointer { return a.must(x(t, f)).data })
		})
	default:
		c.copyMemoryWith(v, operands, mayRead|mayPanic, func() expr[pointer] {
			x := exprOf(operandOf[iface](c, v.X))
			if !direct {
				return func(t *thread, f frame) pointer { return a.must(x(t, f)).data }
			}
			word := c.alloc(types.Typ[types.UnsafePointer])
			return func(t *thread, f frame) pointer {
				*at[pointer](f, word) = a.must(x(t, f)).data
				return unsafe.Add(f, word)
			}
		})
	}
}

// testAssert is the form of an assertion with two results.
func (c *compiler) testAssert(v *ssa.TypeAssert, a *assertion, direct bool) step {
	x, dst := exprOf(operandOf[iface](c, v.X)), c.slot(v)
	okOff := dst + c.tupleOffset(v.Type().(*types.Tuple), 1)
	to := a.to
	return func(t *thread, f frame) {
		r, ok := a.match(x(t, f))
		*at[bool](f, okOff) = ok
		switch {
		case a.toKind != toConcrete && ok:
			*at[iface](f, dst) = r
		case a.toKind != toConcrete:
			*at[iface](f, dst) = iface{}
		case !ok:
			to.Clear(unsafe.Add(f, dst))
		case direct:
			*at[pointer](f, dst) = r.data
		default:
			to.Move(unsafe.Add(f, dst), r.data)
		}
	}
}

// binary compiles an operation on two values.
func (c *compiler) binary(v *ssa.BinOp) {
	typ := v.X.Type()
	k := kindOf(typ)
	if isNil(v.X) {
		k = kindOf(v.Y.Type())
	}
	operands := []ssa.Value{v.X, v.Y}
	var e effects
	switch v.Op {
	case token.QUO, token.REM:
		if byInteger := k <= kindUint; byInteger {
			e = mayPanic
		}
	case token.SHL, token.SHR:
		e = mayPanic
	}
	switch k {
	case kindString:
		c.define(v, operands, e, func(tree *tree) {
			a, b := operandOf[string](c, v.X), operandOf[string](c, v.Y)
			if v.Op != token.ADD {
				tree.x = compare(v.Op, a, b)
				return
			}
			x, y := exprOf(a), exprOf(b)
			tree.x = expr[string](func(t *thread, f frame) string { s := x(t, f); return s + y(t, f) })
		})
	case kindBool:
		c.define(v, operands, 0, func(tree *tree) {
			tree.x = equal(v.Op, operandOf[bool](c, v.X), operandOf[bool](c, v.Y))
		})
	case kindPointer:
		c.define(v, operands, 0, func(tree *tree) {
			tree.x = equal(v.Op, operandOf[pointer](c, v.X), operandOf[pointer](c, v.Y))
		})
	case kindSlice:
		c.define(v, operands, 0, func(tree *tree) { tree.x = c.sliceIsNil(v) })
	case kindInterface:
		c.define(v, operands, mayRead|mayPanic, func(tree *tree) { tree.x = c.equalInterfaces(v) })
	case kindAggregate:
		c.define(v, operands, mayRead|mayPanic, func(tree *tree) { tree.x = c.equalAggregates(v, typ) })
	default:
		c.define(v, operands, e, func(tree *tree) { tree.x = byNumber[k].binary(c, v.Op, v.X, v.Y, tree) })
	}
}

// notNil is the operand of a comparison with nil that is not nil.
func notNil(v *ssa.BinOp) ssa.Value {
	if isNil(v.X) {
		return v.Y
	}
	return v.X
}

func (c *compiler) sliceIsNil(v *ssa.BinOp) expr[bool] {
	s := exprOf(operandOf[slice](c, notNil(v)))
	want := v.Op == token.EQL
	return func(t *thread, f frame) bool { return (s(t, f).Data == nil) == want }
}

func (c *compiler) equalInterfaces(v *ssa.BinOp) expr[bool] {
	want := v.Op == token.EQL
	if isNil(v.X) || isNil(v.Y) {
		x := exprOf(operandOf[iface](c, notNil(v)))
		return func(t *thread, f frame) bool { return (x(t, f).tab == nil) == want }
	}
	xEmpty, yEmpty := isEmptyInterface(v.X.Type()), isEmptyInterface(v.Y.Type())
	x, y := exprOf(operandOf[iface](c, v.X)), exprOf(operandOf[iface](c, v.Y))
	return func(t *thread, f frame) bool {
		i := x(t, f)
		return (i.asAny(xEmpty) == y(t, f).asAny(yEmpty)) == want
	}
}

func (c *compiler) equalAggregates(v *ssa.BinOp, typ types.Type) expr[bool] {
	want := v.Op == token.EQL
	x, y := c.aggregate(v.X), c.aggregate(v.Y)
	if hasBlank(typ) {
		r := c.vm.rtype(typ)
		return func(t *thread, f frame) bool {
			return equalBlank(typ, reflect.NewAt(r, x(t, f)).Elem(), reflect.NewAt(r, y(t, f)).Elem()) == want
		}
	}
	desc := c.vm.desc(typ)
	return func(t *thread, f frame) bool { return desc.Equal(x(t, f), y(t, f)) == want }
}

// hasBlank reports whether a struct has blank fields, which == ignores and
// reflect.StructOf does not.
func hasBlank(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if f.Name() == "_" || hasBlank(f.Type()) {
				return true
			}
		}
	case *types.Array:
		return hasBlank(u.Elem())
	}
	return false
}

// equalBlank compares two addressable values without their blank fields.
func equalBlank(t types.Type, a, b reflect.Value) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i := range u.NumFields() {
			if u.Field(i).Name() != "_" && !equalBlank(u.Field(i).Type(), a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case *types.Array:
		for i := range a.Len() {
			if !equalBlank(u.Elem(), a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	return forge.Of(a.Type()).Equal(a.Addr().UnsafePointer(), b.Addr().UnsafePointer())
}
