package vm

import (
	"go/types"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// convert is the conversion of the real number v to kind k.
func (c *compiler) convert(k kind, v ssa.Value) any {
	return byNumber[kindOf(v.Type())].convertTo(c, k, v)
}

func (ofInteger[T]) convertTo(c *compiler, k kind, v ssa.Value) any {
	return convertTo(k, operandOf[T](c, v))
}
func (ofFloat[T]) convertTo(c *compiler, k kind, v ssa.Value) any {
	return convertTo(k, operandOf[T](c, v))
}
func (ofComplex[T]) convertTo(*compiler, kind, ssa.Value) any { panic("vm: conversion of a complex") }

func convertTo[S reals](k kind, o operand[S]) any {
	switch k {
	case kindInt8:
		return converted[int8](o)
	case kindInt16:
		return converted[int16](o)
	case kindInt32:
		return converted[int32](o)
	case kindInt:
		return converted[int](o)
	case kindUint8:
		return converted[uint8](o)
	case kindUint16:
		return converted[uint16](o)
	case kindUint32:
		return converted[uint32](o)
	case kindUint:
		return converted[uint64](o)
	case kindFloat32:
		return converted[float32](o)
	case kindFloat64:
		return converted[float64](o)
	}
	panic("vm: conversion of a number")
}

func converted[D, S reals](o operand[S]) expr[D] {
	if o.class == inRegister {
		off := o.off
		return func(t *thread, f frame) D { return D(*at[S](f, off)) }
	}
	x := exprOf(o)
	return func(t *thread, f frame) D { return D(x(t, f)) }
}

func (c *compiler) conversion(v *ssa.Convert) {
	c.define(v, []ssa.Value{v.X}, mayRead, func(tree *tree) {
		from, to := v.X.Type().Underlying(), v.Type().Underlying()
		fromKind, toKind := kindOf(from), kindOf(to)
		switch {
		case toKind == kindString:
			tree.x = c.toString(v.X, from, fromKind)
		case toKind == kindSlice && fromKind == kindString:
			tree.x = c.stringToSlice(v.X, to)
		case toKind == kindPointer && fromKind == kindUint:
			x := exprOf(operandOf[uint64](c, v.X))
			tree.x = expr[pointer](func(t *thread, f frame) pointer {
				n := x(t, f)
				return *(*pointer)(pointer(&n))
			})
		case toKind == kindUint && fromKind == kindPointer:
			x := exprOf(operandOf[pointer](c, v.X))
			tree.x = expr[uint64](func(t *thread, f frame) uint64 { return uint64(uintptr(x(t, f))) })
		case toKind == kindComplex64 && fromKind == kindComplex128:
			x := exprOf(operandOf[complex128](c, v.X))
			tree.x = expr[complex64](func(t *thread, f frame) complex64 { return complex64(x(t, f)) })
		case toKind == kindComplex128 && fromKind == kindComplex64:
			x := exprOf(operandOf[complex64](c, v.X))
			tree.x = expr[complex128](func(t *thread, f frame) complex128 { return complex128(x(t, f)) })
		case toKind == fromKind:
			tree.x = byKind[toKind].take(c, v.X)
		default:
			tree.x = c.convert(toKind, v.X)
		}
	})
}

func elemKind(t types.Type) kind { return kindOf(t.Underlying().(*types.Slice).Elem()) }

// toString is a conversion to string.
func (c *compiler) toString(v ssa.Value, from types.Type, fromKind kind) expr[string] {
	switch fromKind {
	case kindString:
		return exprOf(operandOf[string](c, v))
	case kindSlice:
		s := exprOf(operandOf[slice](c, v))
		if elemKind(from) == kindUint8 {
			return func(t *thread, f frame) string { s := s(t, f); return string(*(*[]byte)(pointer(&s))) }
		}
		return func(t *thread, f frame) string { s := s(t, f); return string(*(*[]rune)(pointer(&s))) }
	case kindUint:
		x := exprOf(operandOf[uint64](c, v))
		return func(t *thread, f frame) string {
			n := x(t, f)
			if n > utf8.MaxRune {
				n = utf8.RuneError
			}
			return string(rune(n))
		}
	}
	x := c.convert(kindInt, v).(expr[int])
	return func(t *thread, f frame) string {
		n := x(t, f)
		if n < 0 || n > utf8.MaxRune {
			n = utf8.RuneError
		}
		return string(rune(n))
	}
}

func (c *compiler) stringToSlice(v ssa.Value, to types.Type) expr[slice] {
	s := exprOf(operandOf[string](c, v))
	if elemKind(to) == kindUint8 {
		return func(t *thread, f frame) slice { r := []byte(s(t, f)); return *(*slice)(pointer(&r)) }
	}
	return func(t *thread, f frame) slice { r := []rune(s(t, f)); return *(*slice)(pointer(&r)) }
}

// changeType compiles a conversion that leaves the representation as it is.
func (c *compiler) changeType(v *ssa.ChangeType) {
	k := kindOf(v.Type())
	switch {
	case k == kindAggregate:
		c.copyMemory(v, []ssa.Value{v.X}, func() expr[pointer] { return c.aggregate(v.X) })
	case k == kindInterface && c.vm.rtype(v.X.Type()) != c.vm.rtype(v.Type()) && !isEmptyInterface(v.Type()):
		c.define(v, []ssa.Value{v.X}, 0, func(tree *tree) { tree.x = c.toInterface(v.X, v.Type()) })
	default:
		c.define(v, []ssa.Value{v.X}, 0, func(tree *tree) { tree.x = byKind[k].take(c, v.X) })
	}
}

// copyMemory defines v, of any kind, as a copy of the memory at p.
func (c *compiler) copyMemory(v ssa.Value, operands []ssa.Value, p func() expr[pointer]) {
	c.copyMemoryWith(v, operands, mayRead, p)
}

func (c *compiler) copyMemoryWith(v ssa.Value, operands []ssa.Value, e effects, p func() expr[pointer]) {
	k := kindOf(v.Type())
	if k != kindAggregate {
		c.define(v, operands, e, func(tree *tree) { tree.x = byKind[k].loadFrom(p()) })
		return
	}
	c.do(operands, e, func() step {
		p, desc, dst := p(), c.vm.desc(v.Type()), c.slot(v)
		return func(t *thread, f frame) { desc.Move(unsafe.Add(f, dst), p(t, f)) }
	})
}
