package vm

import (
	"go/token"
	"go/types"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// An addressClass says how an address is made.
type addressClass uint8

const (
	inFrame   addressClass = iota // the frame plus off
	isFixed                       // at
	isPointer                     // a pointer operand plus off
	isElement                     // an element of a slice operand plus off
)

// An address is where an instruction reads or writes: chains of field and index
// operations folded into one.
type address struct {
	class addressClass
	off   uintptr

	at       pointer
	pointer  operand[pointer]
	slice    operand[slice]
	index    operand[int]
	elemSize uintptr
}

// field is the address of what lies off bytes further.
func (a address) field(off uintptr) address {
	a.off += off
	if a.class == isFixed {
		a.at = unsafe.Add(a.at, off)
	}
	return a
}

// pointedTo is the element type of a pointer type.
func pointedTo(t types.Type) types.Type { return t.Underlying().(*types.Pointer).Elem() }

func (c *compiler) sizeOf(t types.Type) uintptr { return c.vm.rtype(t).Size() }

// addressOf is the address that pointer v is.
func (c *compiler) addressOf(v ssa.Value) address {
	switch v := v.(type) {
	case *ssa.Global:
		return address{class: isFixed, at: c.vm.global(v)}
	case *ssa.Alloc:
		if off, ok := c.locals[v]; ok {
			return address{class: inFrame, off: off}
		}
	}
	if t := c.trees[v]; t != nil && t.address != nil {
		c.take(v)
		return *t.address
	}
	return address{class: isPointer, pointer: operandOf[pointer](c, v)}
}

// addressExpr computes an address, with the nil and bounds checks of &p.f and &s[i].
func (c *compiler) addressExpr(a address) expr[pointer] {
	off := a.off
	switch a.class {
	case inFrame:
		return func(t *thread, f frame) pointer { return unsafe.Add(f, off) }
	case isFixed:
		p := a.at
		return func(t *thread, f frame) pointer { return p }
	case isPointer:
		x := exprOf(a.pointer)
		return func(t *thread, f frame) pointer {
			p := x(t, f)
			if p == nil {
				nilPanic()
			}
			return unsafe.Add(p, off)
		}
	}
	slice, index, size := exprOf(a.slice), exprOf(a.index), a.elemSize
	return func(t *thread, f frame) pointer {
		s := slice(t, f)
		i := index(t, f)
		if uint(i) >= uint(s.Len) {
			indexPanic(i, s.Len)
		}
		return unsafe.Add(s.Data, uintptr(i)*size+off)
	}
}

// maxNilOffset is the size of the memory at address 0 whose access the runtime
// makes a nil pointer panic.
const maxNilOffset = 4096

func (ofKind[T]) load(c *compiler, a address) any {
	off := a.off
	switch a.class {
	case inFrame:
		return expr[T](func(t *thread, f frame) T { return *at[T](f, off) })
	case isFixed:
		p := (*T)(a.at)
		return expr[T](func(t *thread, f frame) T { return *p })
	case isPointer:
		if off >= maxNilOffset {
			break
		}
		if a.pointer.class != inRegister {
			x := exprOf(a.pointer)
			return expr[T](func(t *thread, f frame) T { return *at[T](x(t, f), off) })
		}
		p := a.pointer.off
		if off == 0 {
			return expr[T](func(t *thread, f frame) T { return **at[*T](f, p) })
		}
		return expr[T](func(t *thread, f frame) T { return *at[T](*at[pointer](f, p), off) })
	case isElement:
		if x := loadElement[T](a); x != nil {
			return x
		}
	}
	x := c.addressExpr(a)
	return expr[T](func(t *thread, f frame) T { return *(*T)(x(t, f)) })
}

// loadElement loads a whole element of a slice, nil where a is something else.
func loadElement[T any](a address) expr[T] {
	var zero T
	if a.elemSize != unsafe.Sizeof(zero) || a.off != 0 {
		return nil
	}
	if a.slice.class != inRegister {
		slice, index := exprOf(a.slice), exprOf(a.index)
		return func(t *thread, f frame) T {
			s := slice(t, f)
			i := index(t, f)
			return (*(*[]T)(pointer(&s)))[i]
		}
	}
	s := a.slice.off
	if a.index.class == isConstant {
		i := a.index.k
		return func(t *thread, f frame) T { return (*at[[]T](f, s))[i] }
	}
	if e := elementOf(a, a.elemSize); e != nil {
		return loadExpr[T](e)
	}
	index := a.index.x
	return func(t *thread, f frame) T {
		i := index(t, f)
		return (*at[[]T](f, s))[i]
	}
}

func (ofKind[T]) store(c *compiler, a address, v ssa.Value) step {
	o := operandOf[T](c, v)
	x := exprOf(o)
	off := a.off
	switch a.class {
	case inFrame:
		return func(t *thread, f frame) { *at[T](f, off) = x(t, f) }
	case isFixed:
		p := (*T)(a.at)
		return func(t *thread, f frame) { *p = x(t, f) }
	case isPointer:
		if off >= maxNilOffset {
			break
		}
		if a.pointer.class != inRegister {
			to := exprOf(a.pointer)
			return func(t *thread, f frame) {
				p := to(t, f)
				v := x(t, f)
				*at[T](p, off) = v
			}
		}
		p := a.pointer.off
		if o.class == inRegister {
			from := o.off
			return func(t *thread, f frame) { *at[T](*at[pointer](f, p), off) = *at[T](f, from) }
		}
		return func(t *thread, f frame) {
			v := x(t, f)
			*at[T](*at[pointer](f, p), off) = v
		}
	case isElement:
		if run := storeElement(a, o); run != nil {
			return run
		}
	}
	to := c.addressExpr(a)
	return func(t *thread, f frame) {
		p := to(t, f)
		v := x(t, f)
		*(*T)(p) = v
	}
}

// storeElement stores a whole element of a slice, nil where a is something else.
func storeElement[T any](a address, o operand[T]) step {
	var zero T
	if a.elemSize != unsafe.Sizeof(zero) || a.off != 0 || a.slice.class != inRegister {
		return nil
	}
	s, x := a.slice.off, exprOf(o)
	if a.index.class != inRegister {
		index := exprOf(a.index)
		return func(t *thread, f frame) {
			i := index(t, f)
			v := x(t, f)
			(*at[[]T](f, s))[i] = v
		}
	}
	i := a.index.off
	switch o.class {
	case isConstant:
		k := o.k
		return func(t *thread, f frame) { (*at[[]T](f, s))[*at[int](f, i)] = k }
	case inRegister:
		from := o.off
		return func(t *thread, f frame) { (*at[[]T](f, s))[*at[int](f, i)] = *at[T](f, from) }
	}
	return func(t *thread, f frame) {
		v := x(t, f)
		(*at[[]T](f, s))[*at[int](f, i)] = v
	}
}

// accessEffects are those of reading or writing at the pointer v, which is nil only
// where it is not the address of a variable.
func accessEffects(v ssa.Value) effects {
	switch v := v.(type) {
	case *ssa.Alloc, *ssa.Global:
		return 0
	case *ssa.FreeVar:
		if v.Parent().Synthetic == "" {
			return 0
		}
	case *ssa.FieldAddr:
		return accessEffects(v.X)
	case *ssa.IndexAddr:
		if _, ok := v.X.Type().Underlying().(*types.Pointer); ok {
			if _, ok := v.Index.(*ssa.Const); ok {
				return accessEffects(v.X)
			}
		}
	}
	return mayPanic
}

// maxLocal is the size in bytes up to which a variable lives in the frame.
const maxLocal = 1 << 12

func (c *compiler) allocate(v *ssa.Alloc) {
	typ := pointedTo(v.Type())
	desc := c.vm.desc(typ)
	if (!v.Heap || onlyAppended(v)) && desc.Size <= maxLocal {
		off := c.alloc(typ)
		c.locals[v] = off
		c.order(nil, mayWrite, false)
		c.emit(func(t *thread, f frame) { desc.Clear(unsafe.Add(f, off)) }, 0)
		return
	}
	c.do(nil, 0, func() step {
		dst := c.slot(v)
		return func(t *thread, f frame) { *at[pointer](f, dst) = desc.New() }
	})
}

// onlyAppended reports whether v holds the arguments of append and of nothing else.
func onlyAppended(v *ssa.Alloc) bool {
	if v.Comment != "varargs" {
		return false
	}
	for _, r := range *v.Referrers() {
		s, ok := r.(*ssa.Slice)
		if !ok {
			continue
		}
		for _, user := range *s.Referrers() {
			if call, ok := user.(*ssa.Call); !ok || !isBuiltin(call.Call.Value, "append") {
				return false
			}
		}
	}
	return true
}

// loadValue compiles *p.
func (c *compiler) loadValue(v *ssa.UnOp) {
	operands, e := []ssa.Value{v.X}, mayRead|accessEffects(v.X)
	if k := kindOf(v.Type()); k != kindAggregate {
		c.define(v, operands, e, func(tree *tree) {
			a := c.addressOf(v.X)
			tree.element, tree.field = elementOf(a, c.sizeOf(v.Type())), fieldOf(a)
			tree.x = byKind[k].load(c, a)
		})
		return
	}
	c.do(operands, e, func() step {
		x := c.addressExpr(c.addressOf(v.X))
		desc, dst := c.vm.desc(v.Type()), c.slot(v)
		if desc.Size == 0 {
			return func(t *thread, f frame) { x(t, f) }
		}
		return func(t *thread, f frame) { desc.Move(unsafe.Add(f, dst), nonNil(x(t, f))) }
	})
}

func (c *compiler) storeValue(v *ssa.Store) {
	if f, ok := v.Addr.(*ssa.FieldAddr); ok && isBlank(f) {
		c.do([]ssa.Value{v.Val}, mayWrite, func() step { // evaluated, but not stored
			p := c.memoryOf(v.Val)
			return func(t *thread, f frame) { p(t, f) }
		})
		return
	}
	c.do([]ssa.Value{v.Addr, v.Val}, mayWrite|accessEffects(v.Addr), func() step {
		a := c.addressOf(v.Addr)
		if k := kindOf(v.Val.Type()); k != kindAggregate {
			return byKind[k].store(c, a, v.Val)
		}
		to, from, desc := c.addressExpr(a), c.aggregate(v.Val), c.vm.desc(v.Val.Type())
		return func(t *thread, f frame) {
			p := nonNil(to(t, f))
			desc.Move(p, from(t, f))
		}
	})
}

// isBlank reports whether the field at f is named _.
func isBlank(f *ssa.FieldAddr) bool {
	return pointedTo(f.X.Type()).Underlying().(*types.Struct).Field(f.Field).Name() == "_"
}

func (c *compiler) fieldAddress(v *ssa.FieldAddr) {
	c.define(v, []ssa.Value{v.X}, accessEffects(v), func(tree *tree) {
		a := c.fieldPlace(v)
		tree.address = &a
	})
}

func (c *compiler) fieldPlace(v *ssa.FieldAddr) address {
	return c.addressOf(v.X).field(c.fieldOffset(pointedTo(v.X.Type()), v.Field))
}

func (c *compiler) indexAddress(v *ssa.IndexAddr) {
	c.define(v, []ssa.Value{v.X, v.Index}, accessEffects(v), func(tree *tree) {
		a := c.elementAddress(v)
		tree.address = &a
	})
}

func (c *compiler) elementAddress(v *ssa.IndexAddr) address {
	s, ok := v.X.Type().Underlying().(*types.Slice)
	if ok {
		size := c.sizeOf(s.Elem())
		return address{class: isElement, slice: operandOf[slice](c, v.X), index: c.indexOf(v.Index), elemSize: size}
	}
	array := pointedTo(v.X.Type()).Underlying().(*types.Array)
	size, n := c.sizeOf(array.Elem()), array.Len()
	base := c.addressOf(v.X)
	if k, ok := v.Index.(*ssa.Const); ok && k.Int64() >= 0 && k.Int64() < n {
		return base.field(uintptr(k.Int64()) * size)
	}
	x := c.addressExpr(base)
	index := c.indexOf(v.Index)
	whole := func(t *thread, f frame) slice { return slice{Data: x(t, f), Len: int(n), Cap: int(n)} }
	return address{class: isElement, slice: operand[slice]{class: isTree, x: whole}, index: index, elemSize: size}
}

// unary compiles an operation on one value.
func (c *compiler) unary(v *ssa.UnOp) {
	operands := []ssa.Value{v.X}
	k := kindOf(v.Type())
	switch v.Op {
	case token.MUL:
		c.loadValue(v)
	case token.ARROW:
		c.receive(v)
	case token.NOT:
		c.define(v, operands, 0, func(tree *tree) {
			x := exprOf(operandOf[bool](c, v.X))
			tree.not = x
			tree.x = expr[bool](func(t *thread, f frame) bool { return !x(t, f) })
		})
	case token.SUB:
		c.define(v, operands, 0, func(tree *tree) { tree.x = byNumber[k].negate(c, v.X) })
	case token.XOR:
		c.define(v, operands, 0, func(tree *tree) { tree.x = byNumber[k].complement(c, v.X) })
	}
}
