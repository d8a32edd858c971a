package vm

import (
	"fmt"
	"go/constant"
	"go/types"
	"reflect"
	"strings"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// builtin compiles a call of a builtin function.
func (c *compiler) builtin(v *ssa.Call, b *ssa.Builtin) {
	a := v.Call.Args
	simple := func(e effects, build func() any) {
		c.define(v, a, e, func(tree *tree) { tree.x = build() })
	}
	switch name := b.Name(); name {
	case "len":
		if off, ok := c.lengthInFrame(a[0]); ok {
			c.slots[v] = off
			return
		}
		simple(mayRead, func() any { return c.length(a[0]) })
	case "cap":
		simple(mayRead, func() any { return c.capacity(a[0]) })
	case "append":
		simple(mayWrite, func() any { return c.appended(v, a) })
	case "copy":
		simple(mayWrite, func() any { return c.copied(a) })
	case "min", "max":
		simple(0, func() any {
			if kindOf(v.Type()) == kindString {
				return extreme[string](c, name == "max", a)
			}
			return byNumber[kindOf(v.Type())].extreme(c, name == "max", a)
		})
	case "real", "imag":
		simple(0, func() any { return c.complexPart(a[0], name == "imag") })
	case "complex":
		simple(0, func() any { return c.complexOf(v, a) })
	case "recover":
		c.define(v, nil, mayWrite, func(tree *tree) {
			tree.x = expr[iface](func(t *thread, f frame) iface { return (*at[*deferStack](f, headPanicking)).recover() })
		})
	case "ssa:deferstack":
		off := c.fn.deferOff
		c.define(v, nil, mayRead, func(tree *tree) {
			tree.x = expr[pointer](func(t *thread, f frame) pointer { return *at[pointer](f, off) })
		})
	case "ssa:wrapnilchk":
		c.define(v, a[:1], mayPanic, func(tree *tree) { tree.x = c.receiverCheck(a) })
	case "Offsetof", "Sizeof", "Alignof", "Add", "Slice", "SliceData", "String", "StringData":
		c.unsafeBuiltin(v, name)
	default:
		c.do(a, mayWrite|mayPanic, func() step { return c.effectBuiltin(name, a) })
	}
}

// lengthInFrame is where the frame has the length of a slice or string, as part of
// the value. A phi has none: moves change it while its length may still be used.
// Other values stay: a use of the length after the value is set anew would be
// reached from there without a new length, and so from the start.
func (c *compiler) lengthInFrame(v ssa.Value) (off uintptr, ok bool) {
	switch v.(type) {
	case *ssa.Phi, *ssa.Const:
		return 0, false
	}
	if k := kindOf(v.Type()); k != kindSlice && k != kindString || c.trees[v] != nil {
		return 0, false
	}
	return c.slot(v) + unsafe.Offsetof(slice{}.Len), true
}

func (c *compiler) length(v ssa.Value) expr[int] {
	switch u := v.Type().Underlying().(type) {
	case *types.Slice:
		o := operandOf[slice](c, v)
		if o.class == inRegister {
			off := o.off + unsafe.Offsetof(slice{}.Len)
			return func(t *thread, f frame) int { return *at[int](f, off) }
		}
		x := exprOf(o)
		return func(t *thread, f frame) int { return x(t, f).Len }
	case *types.Map:
		x := exprOf(operandOf[pointer](c, v))
		return func(t *thread, f frame) int { p := x(t, f); return len(*(*map[int]int)(pointer(&p))) }
	case *types.Chan:
		x := exprOf(operandOf[pointer](c, v))
		return func(t *thread, f frame) int { p := x(t, f); return len(*(*chan int)(pointer(&p))) }
	case *types.Basic:
		o := operandOf[string](c, v)
		if o.class == inRegister {
			off := o.off
			return func(t *thread, f frame) int { return len(*at[string](f, off)) }
		}
		x := exprOf(o)
		return func(t *thread, f frame) int { return len(x(t, f)) }
	default:
		return c.arrayLength(v, u)
	}
}

func (c *compiler) capacity(v ssa.Value) expr[int] {
	switch u := v.Type().Underlying().(type) {
	case *types.Slice:
		x := exprOf(operandOf[slice](c, v))
		return func(t *thread, f frame) int { return x(t, f).Cap }
	case *types.Chan:
		x := exprOf(operandOf[pointer](c, v))
		return func(t *thread, f frame) int { p := x(t, f); return cap(*(*chan int)(pointer(&p))) }
	default:
		return c.arrayLength(v, u)
	}
}

// arrayLength is the length of an array or of what a pointer to one points to.
func (c *compiler) arrayLength(v ssa.Value, u types.Type) expr[int] {
	if p, ok := u.(*types.Pointer); ok {
		n := int(p.Elem().Underlying().(*types.Array).Len())
		x := exprOf(operandOf[pointer](c, v))
		return func(t *thread, f frame) int { x(t, f); return n }
	}
	n := int(u.(*types.Array).Len())
	return func(t *thread, f frame) int { return n }
}

func (c *compiler) appended(v *ssa.Call, a []ssa.Value) expr[slice] {
	if len(a) == 1 {
		return exprOf(operandOf[slice](c, a[0]))
	}
	if kindOf(a[1].Type()) == kindString {
		s, e := exprOf(operandOf[slice](c, a[0])), exprOf(operandOf[string](c, a[1]))
		return func(t *thread, f frame) slice {
			s := s(t, f)
			r := append(*(*[]byte)(pointer(&s)), e(t, f)...)
			return *(*slice)(pointer(&r))
		}
	}
	elem := v.Type().Underlying().(*types.Slice).Elem()
	if k := kindOf(elem); k != kindAggregate {
		return byKind[k].appendSlice(c, a[0], a[1]).(expr[slice])
	}
	desc := c.vm.desc(elem)
	s, e := exprOf(operandOf[slice](c, a[0])), exprOf(operandOf[slice](c, a[1]))
	return func(t *thread, f frame) slice {
		s := s(t, f)
		e := e(t, f)
		if e.Len == 0 {
			return s
		}
		if s.Len+e.Len > s.Cap {
			s = desc.Grow(s, e.Len)
		}
		n := s.Len
		s.Len += e.Len
		desc.Copy(slice{Data: unsafe.Add(s.Data, uintptr(n)*desc.Size), Len: e.Len, Cap: e.Len}, e)
		return s
	}
}

func (ofKind[T]) appendSlice(c *compiler, to, elems ssa.Value) any {
	s, e := exprOf(operandOf[slice](c, to)), exprOf(operandOf[slice](c, elems))
	return expr[slice](func(t *thread, f frame) slice {
		s := s(t, f)
		e := e(t, f)
		r := append(*(*[]T)(pointer(&s)), *(*[]T)(pointer(&e))...)
		return *(*slice)(pointer(&r))
	})
}

func (c *compiler) copied(a []ssa.Value) expr[int] {
	dst := exprOf(operandOf[slice](c, a[0]))
	if kindOf(a[1].Type()) == kindString {
		s := exprOf(operandOf[string](c, a[1]))
		return func(t *thread, f frame) int { d := dst(t, f); return copy(*(*[]byte)(pointer(&d)), s(t, f)) }
	}
	desc := c.vm.desc(a[0].Type().Underlying().(*types.Slice).Elem())
	s := exprOf(operandOf[slice](c, a[1]))
	return func(t *thread, f frame) int { d := dst(t, f); return desc.Copy(d, s(t, f)) }
}

// receiverCheck is the check of a method value's receiver in a wrapper.
func (c *compiler) receiverCheck(a []ssa.Value) expr[pointer] {
	typ, method := constantString(a[1]), constantString(a[2])
	x := exprOf(operandOf[pointer](c, a[0]))
	return func(t *thread, f frame) pointer {
		p := x(t, f)
		if p == nil {
			short := typ[strings.LastIndexByte(typ, '.')+1:]
			panic(valueMethodError(fmt.Sprintf("value method %s.%s called using nil *%s pointer", typ, method, short)))
		}
		return p
	}
}

// valueMethodError is the runtime's panic that has no "runtime error" in front.
type valueMethodError string

func (e valueMethodError) RuntimeError() {}
func (e valueMethodError) Error() string { return string(e) }

func constantString(v ssa.Value) string {
	if k, ok := v.(*ssa.Const); ok {
		return constant.StringVal(k.Value)
	}
	return ""
}

func (c *compiler) complexPart(v ssa.Value, imaginary bool) any {
	part := func(z complex128) float64 {
		if imaginary {
			return imag(z)
		}
		return real(z)
	}
	if kindOf(v.Type()) == kindComplex64 {
		x := exprOf(operandOf[complex64](c, v))
		return expr[float32](func(t *thread, f frame) float32 { return float32(part(complex128(x(t, f)))) })
	}
	x := exprOf(operandOf[complex128](c, v))
	return expr[float64](func(t *thread, f frame) float64 { return part(x(t, f)) })
}

func (c *compiler) complexOf(v *ssa.Call, a []ssa.Value) any {
	if kindOf(v.Type()) == kindComplex64 {
		x, y := exprOf(operandOf[float32](c, a[0])), exprOf(operandOf[float32](c, a[1]))
		return expr[complex64](func(t *thread, f frame) complex64 { x := x(t, f); return complex(x, y(t, f)) })
	}
	x, y := exprOf(operandOf[float64](c, a[0])), exprOf(operandOf[float64](c, a[1]))
	return expr[complex128](func(t *thread, f frame) complex128 { x := x(t, f); return complex(x, y(t, f)) })
}

// effectBuiltin compiles a builtin whose value, if it has one, is not used.
func (c *compiler) effectBuiltin(name string, a []ssa.Value) step {
	switch name {
	case "close":
		x := exprOf(operandOf[pointer](c, a[0]))
		return func(t *thread, f frame) { p := x(t, f); close(*(*chan int)(pointer(&p))) }
	case "print", "println":
		return c.print(a, name == "println")
	case "delete":
		m, k, desc := exprOf(operandOf[pointer](c, a[0])), c.memoryOf(a[1]), c.vm.desc(a[0].Type())
		return func(t *thread, f frame) { m := m(t, f); desc.MapDelete(m, k(t, f)) }
	case "clear":
		p, r := c.memoryOf(a[0]), c.vm.rtype(a[0].Type())
		return func(t *thread, f frame) { reflect.NewAt(r, p(t, f)).Elem().Clear() }
	case "panic":
		x := exprOf(operandOf[iface](c, a[0]))
		return func(t *thread, f frame) { i := x(t, f); panic(*(*any)(pointer(&i))) }
	case "recover":
		off := c.fn.deferOff
		return func(t *thread, f frame) {
			if d := *at[*deferStack](f, off); !d.panicking { // else the panic would call it, not the function
				(*at[*deferStack](f, headPanicking)).recover()
			}
		}
	case "copy":
		n := c.copied(a)
		return func(t *thread, f frame) { n(t, f) }
	}
	panic("vm: builtin " + name)
}

// unsafeBuiltin compiles a function of package unsafe.
func (c *compiler) unsafeBuiltin(v *ssa.Call, name string) {
	a := v.Call.Args
	number := func(n uintptr) {
		c.define(v, a, 0, func(tree *tree) {
			c.memoryOf(a[0]) // takes the tree of the operand, which is not evaluated
			tree.x = expr[uint64](func(t *thread, f frame) uint64 { return uint64(n) })
		})
	}
	switch name {
	case "Sizeof":
		number(c.sizeOf(a[0].Type()))
	case "Alignof":
		number(uintptr(c.vm.rtype(a[0].Type()).Align()))
	case "Offsetof":
		number(c.offsetOf(a[0]))
	case "Add":
		c.define(v, a, 0, func(tree *tree) {
			p, n := exprOf(operandOf[pointer](c, a[0])), c.lengthOf(a[1])
			tree.x = expr[pointer](func(t *thread, f frame) pointer { p := p(t, f); return unsafe.Add(p, n(t, f)) })
		})
	case "Slice":
		c.define(v, a, mayPanic, func(tree *tree) { tree.x = c.unsafeSlice(v, a) })
	case "SliceData":
		c.define(v, a, 0, func(tree *tree) {
			s := exprOf(operandOf[slice](c, a[0]))
			tree.x = expr[pointer](func(t *thread, f frame) pointer { return s(t, f).Data })
		})
	case "String":
		c.define(v, a, mayPanic, func(tree *tree) {
			p, n := exprOf(operandOf[pointer](c, a[0])), c.lengthOf(a[1])
			tree.x = expr[string](func(t *thread, f frame) string {
				p := p(t, f)
				return unsafe.String((*byte)(p), n(t, f))
			})
		})
	case "StringData":
		c.define(v, a, 0, func(tree *tree) {
			s := exprOf(operandOf[string](c, a[0]))
			tree.x = expr[pointer](func(t *thread, f frame) pointer { return pointer(unsafe.StringData(s(t, f))) })
		})
	}
}

// offsetOf is the offset of the field that v reads.
func (c *compiler) offsetOf(v ssa.Value) uintptr {
	switch x := v.(type) {
	case *ssa.UnOp:
		if fa, ok := x.X.(*ssa.FieldAddr); ok {
			return c.fieldOffset(pointedTo(fa.X.Type()), fa.Field)
		}
	case *ssa.Field:
		return c.fieldOffset(x.X.Type(), x.Field)
	}
	return 0
}

func (c *compiler) unsafeSlice(v *ssa.Call, a []ssa.Value) expr[slice] {
	p, length := exprOf(operandOf[pointer](c, a[0])), c.lengthOf(a[1])
	size := c.sizeOf(v.Type().Underlying().(*types.Slice).Elem())
	return func(t *thread, f frame) slice {
		p := p(t, f)
		n := length(t, f)
		if n < 0 || size > 0 && uintptr(n) > 1<<47/size || p == nil && n != 0 || uintptr(n)*size > -uintptr(p) {
			if p != nil {
				n = -1
			}
			_ = unsafe.Slice((*byte)(p), n) // panics
		}
		return slice{Data: p, Len: n, Cap: n}
	}
}
