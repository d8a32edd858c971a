// Package maphash has the generic functions of the standard library's package
// hash/maphash. The hashes of a value differ from those of compiled code.
package maphash

import (
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"reflect"
)

// Comparable hashes v.
func Comparable[T comparable](seed maphash.Seed, v T) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	WriteComparable(&h, v)
	return h.Sum64()
}

// WriteComparable adds x to what h hashes.
func WriteComparable[T comparable](h *maphash.Hash, x T) {
	write(h, reflect.ValueOf(&x).Elem())
}

func write(h *maphash.Hash, v reflect.Value) {
	number := func(n uint64) {
		for range 8 {
			h.WriteByte(byte(n))
			n >>= 8
		}
	}
	float := func(f float64) {
		switch {
		case f == 0: // 0 equals -0
			number(0)
		case f != f: // NaN equals nothing
			number(rand.Uint64())
		default:
			number(math.Float64bits(f))
		}
	}
	switch k := v.Kind(); {
	case k == reflect.Bool:
		fmt.Fprint(h, v.Bool())
	case v.CanInt():
		number(uint64(v.Int()))
	case v.CanUint():
		number(v.Uint())
	case v.CanFloat():
		float(v.Float())
	case v.CanComplex():
		float(real(v.Complex()))
		float(imag(v.Complex()))
	case k == reflect.String:
		number(uint64(v.Len()))
		h.WriteString(v.String())
	case k == reflect.Array:
		for i := range v.Len() {
			write(h, v.Index(i))
		}
	case k == reflect.Struct:
		for i := range v.NumField() {
			write(h, v.Field(i))
		}
	case k == reflect.Interface:
		if !v.IsNil() {
			h.WriteString(v.Elem().Type().String())
			write(h, v.Elem())
		}
	case k == reflect.Pointer, k == reflect.Chan, k == reflect.UnsafePointer:
		number(uint64(v.Pointer()))
	default:
		panic("hash of unhashable type " + v.Type().String())
	}
}
