package vm

import (
	"go/types"
	"reflect"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// A stringIterator is a range over a string.
type stringIterator struct {
	s string
	i int
}

// rangeOver compiles the beginning of a range over a string or map.
//
//go:noinline
func (c *compiler) rangeOver(v *ssa.Range) {
	c.do([]ssa.Value{v.X}, mayRead, func() step {
		dst := c.slot(v)
		if kindOf(v.X.Type()) == kindString {
			s := exprOf(operandOf[string](c, v.X))
			return func(t *thread, f frame) { *at[*stringIterator](f, dst) = &stringIterator{s: s(t, f)} }
		}
		m, r := exprOf(operandOf[pointer](c, v.X)), c.vm.rtype(v.X.Type())
		return func(t *thread, f frame) {
			p := m(t, f)
			*at[*reflect.MapIter](f, dst) = reflect.NewAt(r, pointer(&p)).Elem().MapRange()
		}
	})
}

// isUsed reports whether component i of a tuple is used.
func isUsed(tuple *types.Tuple, i int) bool {
	b, ok := tuple.At(i).Type().(*types.Basic)
	return !ok || b.Kind() != types.Invalid
}

// next compiles one step of a range: ok, key, value.
func (c *compiler) next(v *ssa.Next) {
	tuple := v.Type().(*types.Tuple)
	c.do([]ssa.Value{v.Iter}, mayRead|mayWrite, func() step {
		it, dst := exprOf(operandOf[pointer](c, v.Iter)), c.slot(v)
		keyOff, valueOff := dst+c.tupleOffset(tuple, 1), dst+c.tupleOffset(tuple, 2)
		key, value := isUsed(tuple, 1), isUsed(tuple, 2)
		if v.IsString {
			return func(t *thread, f frame) {
				s := (*stringIterator)(it(t, f))
				ok := s.i < len(s.s)
				*at[bool](f, dst) = ok
				if !ok {
					return
				}
				r, n := utf8.DecodeRuneInString(s.s[s.i:])
				if key {
					*at[int](f, keyOff) = s.i
				}
				if value {
					*at[rune](f, valueOff) = r
				}
				s.i += n
			}
		}
		mt := v.Iter.(*ssa.Range).X.Type().Underlying().(*types.Map)
		keyType, elemType := c.vm.rtype(mt.Key()), c.vm.rtype(mt.Elem())
		return func(t *thread, f frame) {
			m := (*reflect.MapIter)(it(t, f))
			ok := m.Next()
			*at[bool](f, dst) = ok
			if !ok {
				return
			}
			if key {
				reflect.NewAt(keyType, unsafe.Add(f, keyOff)).Elem().SetIterKey(m)
			}
			if value {
				reflect.NewAt(elemType, unsafe.Add(f, valueOff)).Elem().SetIterValue(m)
			}
		}
	})
}
