package vm

import (
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"unsafe"
	"weak"

	"golang.org/x/tools/go/ssa"

	"github.com/fluxion-go/fluxion/interp/vm/forge"
)

// slice is the layout of a slice, iface that of any interface value: its first word
// is a type descriptor for an empty interface, an itab otherwise.
type (
	slice = forge.Slice
	iface struct{ tab, data pointer }
)

// An operandClass says where an operand is.
type operandClass uint8

const (
	inRegister operandClass = iota // in the frame at off
	isConstant                     // k
	isTree                         // made by x
)

// An operand is an SSA value as its user sees it.
type operand[T any] struct {
	class operandClass
	off   uintptr
	k     T
	x     expr[T]

	// What a tree is, for users that may do better than calling x:
	binary  *binaryTree    // an operation on registers
	affine  *affine        // an int made of registers
	element *element       // an element of a slice
	field   *fieldLoad     // a field of what a pointer points to
	product *[2]operand[T] // the factors of a product
}

// isProduct reports whether o is a product of two registers, or of a register and
// a constant.
func (o operand[T]) isProduct(registers bool) bool {
	return o.binary != nil && o.binary.op == token.MUL && o.binary.registers == registers
}

// exprOf is the closure that evaluates an operand.
//
//go:noinline
func exprOf[T any](o operand[T]) expr[T] {
	switch o.class {
	case inRegister:
		off := o.off
		return func(t *thread, f frame) T { return *at[T](f, off) }
	case isConstant:
		k := o.k
		return func(t *thread, f frame) T { return k }
	}
	return o.x
}

// operandOf is the operand v, whose kind has the Go type T. A tree is taken.
func operandOf[T any](c *compiler, v ssa.Value) operand[T] {
	switch v := v.(type) {
	case *ssa.Const:
		return operand[T]{class: isConstant, k: *(*T)(c.vm.constant(v))}
	case *ssa.Global:
		p := c.vm.global(v)
		return operand[T]{class: isConstant, k: *(*T)(pointer(&p))}
	case *ssa.Function:
		p := c.vm.funcValue(v)
		return operand[T]{class: isConstant, k: *(*T)(pointer(&p))}
	case *ssa.Alloc:
		if off, ok := c.locals[v]; ok {
			x := expr[pointer](func(t *thread, f frame) pointer { return unsafe.Add(f, off) })
			return operand[T]{class: isTree, x: any(x).(expr[T])}
		}
	}
	t := c.take(v)
	if t == nil {
		return operand[T]{class: inRegister, off: c.slot(v)}
	}
	o := operand[T]{class: isTree, x: t.expr(c).(expr[T]), binary: t.binary, affine: t.affine, element: t.element, field: t.field}
	o.product, _ = t.product.(*[2]operand[T])
	return o
}

// expr is the closure that evaluates t, an expr[T].
func (t *tree) expr(c *compiler) any {
	if t.x == nil {
		t.x = c.addressExpr(*t.address)
	}
	return t.x
}

// constant returns the address of the value of v.
func (m *machine) constant(v *ssa.Const) pointer {
	r := reflect.New(m.rtype(v.Type())).Elem()
	p := r.Addr().UnsafePointer()
	if v.Value == nil {
		return p
	}
	switch k := r.Kind(); {
	case k == reflect.Bool:
		r.SetBool(constant.BoolVal(v.Value))
	case k == reflect.String && v.Value.Kind() == constant.Int:
		i, _ := constant.Int64Val(v.Value)
		r.SetString(string(rune(i)))
	case k == reflect.String:
		r.SetString(constant.StringVal(v.Value))
	case r.CanInt():
		r.SetInt(v.Int64())
	case r.CanUint():
		r.SetUint(v.Uint64())
	case k == reflect.UnsafePointer:
		*(*uintptr)(p) = uintptr(v.Uint64())
	case k == reflect.Float32:
		f, _ := constant.Float32Val(constant.ToFloat(v.Value)) // rounded once
		r.SetFloat(float64(f))
	case k == reflect.Float64:
		r.SetFloat(v.Float64())
	case r.CanComplex():
		r.SetComplex(v.Complex128())
	default:
		panic("vm: constant of " + v.Type().String())
	}
	return p
}

func isNil(v ssa.Value) bool {
	k, ok := v.(*ssa.Const)
	return ok && k.Value == nil
}

// global is the address of a package variable.
func (m *machine) global(g *ssa.Global) pointer {
	v, _ := g.Object().(*types.Var)
	m.functionMu.Lock()
	p := m.globals[g]
	if p == nil && v != nil {
		p = m.vars[weak.Make(v)]
	}
	m.functionMu.Unlock()
	if p != nil {
		return p
	}
	typ := pointedTo(g.Type())
	compiled := false
	if g.Pkg != nil {
		if v, ok := m.symbol(g.Pkg.Pkg, g.Name()); ok && v.CanAddr() {
			m.typeMu.Lock()
			m.learn(typ, v.Type())
			m.typeMu.Unlock()
			p, compiled = v.Addr().UnsafePointer(), true
		}
	}
	if p == nil {
		p = m.desc(typ).New()
	}
	m.functionMu.Lock()
	defer m.functionMu.Unlock()
	if compiled || v == nil {
		m.globals[g] = p
		return p
	}
	if first := m.vars[weak.Make(v)]; first != nil {
		return first
	}
	m.keepVar(v, p)
	return p
}

// funcValue is the func value of a function that is not called at once.
func (m *machine) funcValue(f *ssa.Function) pointer {
	if f.Blocks == nil && f.Pkg != nil && f.Signature.Recv() == nil && replacements[f.String()] == nil {
		if v, ok := m.symbol(f.Pkg.Pkg, f.Name()); ok && v.Kind() == reflect.Func {
			return forge.FuncPointer(v.Interface())
		}
	}
	return m.function(f).value()
}

// aggregate returns the address of the memory that holds aggregate v.
func (c *compiler) aggregate(v ssa.Value) expr[pointer] {
	if k, ok := v.(*ssa.Const); ok {
		p := c.vm.constant(k)
		return func(t *thread, f frame) pointer { return p }
	}
	off := c.slot(v)
	return func(t *thread, f frame) pointer { return unsafe.Add(f, off) }
}

// memoryOf returns the address of memory that holds v, of any kind; it must not be
// written to.
func (c *compiler) memoryOf(v ssa.Value) expr[pointer] {
	k := kindOf(v.Type())
	if k == kindAggregate {
		return c.aggregate(v)
	}
	if c.trees[v] == nil {
		switch v.(type) {
		case *ssa.Const:
			return c.aggregate(v)
		case *ssa.Global, *ssa.Function, *ssa.Alloc:
		default:
			off := c.slot(v)
			return func(t *thread, f frame) pointer { return unsafe.Add(f, off) }
		}
	}
	temporary := c.alloc(v.Type())
	set := byKind[k].assign(c, temporary, v)
	return func(t *thread, f frame) pointer {
		set(t, f)
		return unsafe.Add(f, temporary)
	}
}

// indexOf is an operand used as an index.
func (c *compiler) indexOf(v ssa.Value) operand[int] {
	switch kindOf(v.Type()) {
	case kindInt:
		return operandOf[int](c, v)
	case kindUint:
		x := exprOf(operandOf[uint64](c, v))
		return operand[int]{class: isTree, x: func(t *thread, f frame) int {
			n := x(t, f)
			if int(n) < 0 {
				_ = unsafe.Slice(new(struct{}), 0)[n] // the panic with n as it is
			}
			return int(n)
		}}
	}
	if k, ok := v.(*ssa.Const); ok {
		return operand[int]{class: isConstant, k: int(k.Int64())}
	}
	return operand[int]{class: isTree, x: c.convert(kindInt, v).(expr[int])}
}

// lengthOf is an operand used as a length, negative when too large for an int.
func (c *compiler) lengthOf(v ssa.Value) expr[int] {
	if k, ok := v.(*ssa.Const); ok {
		n := int(k.Int64())
		return func(t *thread, f frame) int { return n }
	}
	if kindOf(v.Type()) == kindInt {
		return exprOf(operandOf[int](c, v))
	}
	return c.convert(kindInt, v).(expr[int])
}

// shiftCount is an operand used as the right one of a shift.
func (c *compiler) shiftCount(v ssa.Value) expr[uint64] {
	switch kindOf(v.Type()) {
	case kindUint:
		return exprOf(operandOf[uint64](c, v))
	case kindUint8, kindUint16, kindUint32:
		return c.convert(kindUint, v).(expr[uint64])
	}
	x := c.convert(kindInt, v).(expr[int])
	return func(t *thread, f frame) uint64 {
		n := x(t, f)
		if n < 0 {
			_ = 1 << n // panics
		}
		return uint64(n)
	}
}
