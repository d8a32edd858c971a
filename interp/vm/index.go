package vm

import (
	"go/types"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// index compiles x[i] of a string or an array that is not addressed.
func (c *compiler) index(v, x, i ssa.Value) {
	operands := []ssa.Value{x, i}
	if kindOf(x.Type()) == kindString {
		c.define(v, operands, mayPanic, func(tree *tree) {
			s, i := exprOf(operandOf[string](c, x)), exprOf(c.indexOf(i))
			tree.x = expr[uint8](func(t *thread, f frame) uint8 { s := s(t, f); return s[i(t, f)] })
		})
		return
	}
	array := x.Type().Underlying().(*types.Array)
	size, n := c.sizeOf(array.Elem()), int(array.Len())
	c.copyMemoryWith(v, operands, mayRead|mayPanic, func() expr[pointer] {
		p, i := c.aggregate(x), exprOf(c.indexOf(i))
		return func(t *thread, f frame) pointer {
			i := i(t, f)
			if uint(i) >= uint(n) {
				indexPanic(i, n)
			}
			return unsafe.Add(p(t, f), uintptr(i)*size)
		}
	})
}

// field compiles x.f of a struct that is not addressed.
func (c *compiler) field(v *ssa.Field) {
	if isPart(v) {
		return
	}
	off := c.fieldOffset(v.X.Type(), v.Field)
	c.copyMemory(v, []ssa.Value{v.X}, func() expr[pointer] {
		p := c.aggregate(v.X)
		return func(t *thread, f frame) pointer { return unsafe.Add(p(t, f), off) }
	})
}

// lookup compiles m[k] of a map, or s[i] of a string.
func (c *compiler) lookup(v *ssa.Lookup) {
	mt, ok := v.X.Type().Underlying().(*types.Map)
	if !ok {
		c.index(v, v.X, v.Index)
		return
	}
	desc, elem := c.vm.desc(v.X.Type()), c.vm.desc(mt.Elem())
	operands := []ssa.Value{v.X, v.Index}
	e := mayRead
	if kindOf(mt.Key()) >= kindInterface { // a key that cannot be hashed
		e |= mayPanic
	}
	if !v.CommaOk {
		zero := elem.New()
		c.copyMemoryWith(v, operands, e, func() expr[pointer] {
			m, k := exprOf(operandOf[pointer](c, v.X)), c.memoryOf(v.Index)
			return func(t *thread, f frame) pointer {
				m := m(t, f)
				if p := desc.MapGet(m, k(t, f)); p != nil {
					return p
				}
				return zero
			}
		})
		return
	}
	c.do(operands, e, func() step {
		m, k, dst := exprOf(operandOf[pointer](c, v.X)), c.memoryOf(v.Index), c.slot(v)
		okOff := dst + c.tupleOffset(v.Type().(*types.Tuple), 1)
		return func(t *thread, f frame) {
			m := m(t, f)
			p := desc.MapGet(m, k(t, f))
			*at[bool](f, okOff) = p != nil
			if p == nil {
				elem.Clear(unsafe.Add(f, dst))
			} else {
				elem.Move(unsafe.Add(f, dst), p)
			}
		}
	})
}

func (c *compiler) mapUpdate(v *ssa.MapUpdate) {
	c.do([]ssa.Value{v.Map, v.Key, v.Value}, mayWrite|mayPanic, func() step {
		m, k, e := exprOf(operandOf[pointer](c, v.Map)), c.memoryOf(v.Key), c.memoryOf(v.Value)
		desc := c.vm.desc(v.Map.Type())
		return func(t *thread, f frame) {
			m := m(t, f)
			k := k(t, f)
			desc.MapSet(m, k, e(t, f))
		}
	})
}

// mapPlace is the address of the element that v updates, which is made if there is
// none.
func (c *compiler) mapPlace(v *ssa.MapUpdate) address {
	m, k := exprOf(operandOf[pointer](c, v.Map)), c.memoryOf(v.Key)
	desc := c.vm.desc(v.Map.Type())
	return address{class: isPointer, pointer: operand[pointer]{class: isTree, x: func(t *thread, f frame) pointer {
		m := m(t, f)
		return desc.MapPlace(m, k(t, f))
	}}}
}

func (c *compiler) makeMap(v *ssa.MakeMap) {
	var operands []ssa.Value
	if v.Reserve != nil {
		operands = append(operands, v.Reserve)
	}
	c.do(operands, 0, func() step {
		desc, dst := c.vm.desc(v.Type()), c.slot(v)
		if v.Reserve == nil {
			return func(t *thread, f frame) { *at[pointer](f, dst) = desc.MakeMap(0) }
		}
		n := c.lengthOf(v.Reserve)
		return func(t *thread, f frame) { *at[pointer](f, dst) = desc.MakeMap(max(n(t, f), 0)) }
	})
}

// maxBytes is the size from which make fails for lack of address space.
const maxBytes = 1 << 46

func (c *compiler) makeSlice(v *ssa.MakeSlice) {
	c.define(v, []ssa.Value{v.Len, v.Cap}, mayPanic, func(tree *tree) {
		elem := c.vm.desc(v.Type().Underlying().(*types.Slice).Elem())
		length, capacity := c.lengthOf(v.Len), c.lengthOf(v.Cap)
		tooLarge := func(n int) bool { return elem.Size > 0 && uintptr(n) > maxBytes/elem.Size }
		tree.x = expr[slice](func(t *thread, f frame) slice {
			n := length(t, f)
			k := capacity(t, f)
			if n < 0 || n > k || tooLarge(k) {
				if n < 0 || tooLarge(n) {
					makeLenPanic()
				}
				makeCapPanic()
			}
			return slice{Data: elem.NewArray(k), Len: n, Cap: k}
		})
	})
}

// slicing compiles x[low:high:max].
func (c *compiler) slicing(v *ssa.Slice) {
	operands := []ssa.Value{v.X}
	for _, o := range []ssa.Value{v.Low, v.High, v.Max} {
		if o != nil {
			operands = append(operands, o)
		}
	}
	c.define(v, operands, mayPanic, func(tree *tree) {
		if kindOf(v.X.Type()) == kindString {
			tree.x = c.sliceString(v)
		} else {
			tree.x = c.sliceSlice(v)
		}
	})
}

// bound is an optional bound of a slice expression.
func (c *compiler) bound(v ssa.Value) expr[int] {
	if v == nil {
		return nil
	}
	return exprOf(c.indexOf(v))
}

func (c *compiler) sliceString(v *ssa.Slice) expr[string] {
	s := exprOf(operandOf[string](c, v.X))
	low, high := c.bound(v.Low), c.bound(v.High)
	return func(t *thread, f frame) string {
		s := s(t, f)
		l, h := 0, len(s)
		if low != nil {
			l = low(t, f)
		}
		if high != nil {
			h = high(t, f)
		}
		return s[l:h]
	}
}

func (c *compiler) sliceSlice(v *ssa.Slice) expr[slice] {
	var whole expr[slice]
	var size uintptr
	isArray := false
	if st, ok := v.X.Type().Underlying().(*types.Slice); ok {
		size = c.sizeOf(st.Elem())
		whole = exprOf(operandOf[slice](c, v.X))
	} else {
		array := pointedTo(v.X.Type()).Underlying().(*types.Array)
		size = c.sizeOf(array.Elem())
		n := int(array.Len())
		isArray = true
		x := c.addressExpr(c.addressOf(v.X))
		whole = func(t *thread, f frame) slice { return slice{Data: nonNil(x(t, f)), Len: n, Cap: n} }
	}
	low, high, limit := c.bound(v.Low), c.bound(v.High), c.bound(v.Max)
	return func(t *thread, f frame) slice {
		s := whole(t, f)
		l, h := 0, s.Len
		if low != nil {
			l = low(t, f)
		}
		if high != nil {
			h = high(t, f)
		}
		if isArray && limit == nil && uint(h) > uint(s.Len) {
			arrayBoundPanic(l, h, s.Len)
		}
		z := *(*[]struct{})(pointer(&s)) // slicing it checks the bounds
		if limit != nil {
			z = z[l:h:limit(t, f)]
		} else {
			z = z[l:h]
		}
		p := s.Data
		if cap(z) > 0 {
			p = unsafe.Add(p, uintptr(l)*size)
		}
		return slice{Data: p, Len: len(z), Cap: cap(z)}
	}
}

func (c *compiler) sliceToArray(v *ssa.SliceToArrayPointer) {
	c.define(v, []ssa.Value{v.X}, mayPanic, func(tree *tree) {
		s := exprOf(operandOf[slice](c, v.X))
		n := int(pointedTo(v.Type()).Underlying().(*types.Array).Len())
		tree.x = expr[pointer](func(t *thread, f frame) pointer {
			s := s(t, f)
			if s.Len < n {
				arrayPanic(s.Len, n)
			}
			return s.Data
		})
	})
}
