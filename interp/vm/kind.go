package vm

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// A kind groups the types that share a representation.
type kind uint8

const (
	kindBool kind = iota
	kindInt8
	kindInt16
	kindInt32
	kindInt // also int64
	kindUint8
	kindUint16
	kindUint32
	kindUint // also uint64 and uintptr
	kindFloat32
	kindFloat64
	kindComplex64
	kindComplex128
	kindString
	kindPointer // also map, chan, func and unsafe.Pointer
	kindSlice
	kindInterface
	kindAggregate // structs and arrays, which stay in memory
)

var basicKinds = [...]kind{
	types.Bool:           kindBool,
	types.UntypedBool:    kindBool,
	types.Int8:           kindInt8,
	types.Int16:          kindInt16,
	types.Int32:          kindInt32,
	types.UntypedRune:    kindInt32,
	types.Int:            kindInt,
	types.Int64:          kindInt,
	types.UntypedInt:     kindInt,
	types.Uint8:          kindUint8,
	types.Uint16:         kindUint16,
	types.Uint32:         kindUint32,
	types.Uint:           kindUint,
	types.Uint64:         kindUint,
	types.Uintptr:        kindUint,
	types.Float32:        kindFloat32,
	types.Float64:        kindFloat64,
	types.UntypedFloat:   kindFloat64,
	types.Complex64:      kindComplex64,
	types.Complex128:     kindComplex128,
	types.UntypedComplex: kindComplex128,
	types.String:         kindString,
	types.UntypedString:  kindString,
	types.UnsafePointer:  kindPointer,
	types.UntypedNil:     kindPointer,
}

func kindOf(t types.Type) kind {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return basicKinds[u.Kind()]
	case *types.Slice:
		return kindSlice
	case *types.Interface:
		return kindInterface
	case *types.Struct, *types.Array, *types.Tuple:
		return kindAggregate
	}
	return kindPointer // also the opaque types of package ssa
}

// kindOperations are what the compiler does with values of a kind. Where a result
// or parameter is an any, it is an expr[T] of the kind's Go type T.
type kindOperations interface {
	take(c *compiler, v ssa.Value) any
	set(c *compiler, dst uintptr, t *tree) step               // dst := tree
	assign(c *compiler, dst uintptr, v ssa.Value) step        // dst := v
	returns(c *compiler, dst uintptr, v ssa.Value) terminator // dst := v, and return
	argument(c *compiler, v ssa.Value, dst uintptr) argSetter // dst of the callee's frame := v
	load(c *compiler, a address) any                          // *a
	store(c *compiler, a address, v ssa.Value) step           // *a = v
	fill(c *compiler, s uintptr, v ssa.Value, body, head *ssa.BasicBlock, l counting, exit terminator) terminator
	loadFrom(p expr[pointer]) any                               // *p, which is not nil
	box(c *compiler, v ssa.Value, tab pointer, direct bool) any // an interface value; expr[iface]
	appendSlice(c *compiler, s, e ssa.Value) any                // append(s, e...); expr[slice]
	send(c *compiler, ch, v ssa.Value) step
	receive(ch expr[pointer], dst uintptr) func(t *thread, f frame) (ok bool)
	callStatic(c *compiler, fn *function, args []ssa.Value, result uintptr, pos int32) any
	callDynamic(call dynamicCall, result uintptr) any
}

// ofKind implements kindOperations for the Go type of a kind.
type ofKind[T any] struct{}

var byKind = [...]kindOperations{
	kindBool:       ofKind[bool]{},
	kindInt8:       ofKind[int8]{},
	kindInt16:      ofKind[int16]{},
	kindInt32:      ofKind[int32]{},
	kindInt:        ofKind[int]{},
	kindUint8:      ofKind[uint8]{},
	kindUint16:     ofKind[uint16]{},
	kindUint32:     ofKind[uint32]{},
	kindUint:       ofKind[uint64]{},
	kindFloat32:    ofKind[float32]{},
	kindFloat64:    ofKind[float64]{},
	kindComplex64:  ofKind[complex64]{},
	kindComplex128: ofKind[complex128]{},
	kindString:     ofKind[string]{},
	kindPointer:    ofKind[pointer]{},
	kindSlice:      ofKind[slice]{},
	kindInterface:  ofKind[iface]{},
}

func (ofKind[T]) take(c *compiler, v ssa.Value) any { return exprOf(operandOf[T](c, v)) }

func (ofKind[T]) set(c *compiler, dst uintptr, t *tree) step {
	x := t.expr(c).(expr[T])
	if b := t.binary; b != nil {
		if run := b.set(dst, t.kind); run != nil {
			return run
		}
	}
	switch s := t.sum.(type) {
	case *sumTree[int]:
		return s.set(dst)
	case *sumTree[float64]:
		return s.set(dst)
	case *sumTree[float32]:
		return s.set(dst)
	}
	return func(t *thread, f frame) { *at[T](f, dst) = x(t, f) }
}

func (ofKind[T]) assign(c *compiler, dst uintptr, v ssa.Value) step {
	if t := c.take(v); t != nil {
		return ofKind[T]{}.set(c, dst, t)
	}
	o := operandOf[T](c, v)
	switch o.class {
	case inRegister:
		off := o.off
		return func(t *thread, f frame) { *at[T](f, dst) = *at[T](f, off) }
	case isConstant:
		k := o.k
		return func(t *thread, f frame) { *at[T](f, dst) = k }
	}
	x := o.x
	return func(t *thread, f frame) { *at[T](f, dst) = x(t, f) }
}

func (ofKind[T]) returns(c *compiler, dst uintptr, v ssa.Value) terminator {
	o := operandOf[T](c, v)
	switch o.class {
	case inRegister:
		off := o.off
		return func(t *thread, f frame) *block {
			*at[T](f, dst) = *at[T](f, off)
			return nil
		}
	case isConstant:
		k := o.k
		return func(t *thread, f frame) *block {
			*at[T](f, dst) = k
			return nil
		}
	}
	x := o.x
	return func(t *thread, f frame) *block {
		*at[T](f, dst) = x(t, f)
		return nil
	}
}

func (ofKind[T]) argument(c *compiler, v ssa.Value, dst uintptr) argSetter {
	o := operandOf[T](c, v)
	switch o.class {
	case inRegister:
		off := o.off
		return func(t *thread, f, callee frame) { *at[T](callee, dst) = *at[T](f, off) }
	case isConstant:
		k := o.k
		return func(t *thread, f, callee frame) { *at[T](callee, dst) = k }
	}
	x := o.x
	return func(t *thread, f, callee frame) { *at[T](callee, dst) = x(t, f) }
}

func (ofKind[T]) loadFrom(p expr[pointer]) any {
	return expr[T](func(t *thread, f frame) T { return *(*T)(p(t, f)) })
}
