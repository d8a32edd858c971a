package forge

import (
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"
)

// The layouts of package internal/abi in Go 1.26 on 64-bit processors. Later
// versions of Go compile this file too, so that the program builds, but do not
// use it: see layoutKnown.

// A Type is the head of every type descriptor.
type Type struct {
	Size      uintptr
	PtrBytes  uintptr // of the prefix that holds pointers
	Hash      uint32
	TFlag     uint8
	Align     uint8
	FieldAlgn uint8
	Kind      uint8
	Equal     func(Pointer, Pointer) bool
	GCData    *byte // bit mask of the pointers
	Str       int32 // offset of the name
	PtrToThis int32 // offset of the pointer type, or 0
}

// Bits of TFlag.
const (
	FlagUncommon      = 1 << 0 // an uncommon part follows
	FlagStar          = 1 << 1 // the name has a * too many
	FlagNamed         = 1 << 2
	FlagRegularMemory = 1 << 3 // == compares memory
	FlagGCOnDemand    = 1 << 4 // GCData is not a mask but where to keep one
	FlagDirect        = 1 << 5 // an interface holds the value itself
)

// An Itab is what an interface value with methods has in place of a type.
type Itab struct {
	Inter, Type *Type
	Hash        uint32
	Fun         [1]uintptr // code of the methods; as many as Inter has
}

type (
	structField struct {
		Name *byte
		Type *Type
		Off  uintptr
	}
	structType struct {
		Type
		PkgPath *byte
		Fields  []structField
	}
	interfaceMethod struct{ Name, Type int32 }
	interfaceType   struct {
		Type
		PkgPath *byte
		Methods []interfaceMethod
	}
	elemType struct { // pointer and slice
		Type
		Elem *Type
	}
	mapType struct {
		Type
		Key, Elem, Group             *Type
		Hasher                       func(Pointer, uintptr) uintptr
		GroupSize, SlotSize, ElemOff uintptr
		Flags                        uint32
	}
	funcType struct {
		Type
		In, Out uint16
	}
	uncommon struct {
		PkgPath        int32
		Mcount, Xcount uint16
		Moff, _        uint32
	}
	methodEntry struct{ Name, Type, Ifn, Tfn int32 }
)

// MakeFunc is the head of the func values that reflect.MakeFunc makes.
type MakeFunc struct {
	Code    uintptr
	stack   Pointer
	_       uintptr // length of the arguments
	_       uint64  // which registers hold pointers
	_       *Type   // the function's type
	Handler Pointer // a func([]reflect.Value) []reflect.Value
}

// SetTyped makes the head that of a Go closure over self.
func (h *MakeFunc) SetTyped(code uintptr, self Pointer) { h.Code, h.stack = code, self }

// WaitGroupIsZero reports whether g.Wait would return at once.
func WaitGroupIsZero(g *sync.WaitGroup) bool {
	state := atomic.LoadUint64((*uint64)(Pointer(g))) // the counter, a flag, the number of those that wait
	return state>>32 == 0
}

// kindSize is the size of the descriptor of a kind, without its uncommon part.
func kindSize(k reflect.Kind) uintptr {
	switch k {
	case reflect.Struct, reflect.Interface:
		return unsafe.Sizeof(structType{})
	case reflect.Pointer, reflect.Slice, reflect.Func:
		return unsafe.Sizeof(elemType{})
	case reflect.Array:
		return unsafe.Sizeof(elemType{}) + 16 // slice type, length
	case reflect.Chan:
		return unsafe.Sizeof(elemType{}) + 8 // direction
	case reflect.Map:
		return unsafe.Sizeof(mapType{})
	}
	return unsafe.Sizeof(Type{})
}

func newShell(k reflect.Kind, methods, inout int) *Type {
	inoutSize := uintptr(inout) * 8
	n := kindSize(k) + unsafe.Sizeof(uncommon{}) + inoutSize + uintptr(methods)*unsafe.Sizeof(methodEntry{})
	mem := make([]uint64, (n+7)/8)
	keep(mem)
	t := (*Type)(Pointer(&mem[0]))
	t.Kind = uint8(k)
	t.TFlag = FlagUncommon
	uncommonOf(t).Moff = uint32(unsafe.Sizeof(uncommon{}) + inoutSize)
	return t
}

func uncommonOf(t *Type) *uncommon {
	return (*uncommon)(unsafe.Add(Pointer(t), kindSize(reflect.Kind(t.Kind))))
}

// newName makes a name: flags, length, text, and the tag likewise.
func newName(text, tag string, exported, embedded bool) *byte {
	const flagExported, flagTag, flagEmbedded = 1, 2, 8
	b := []byte{0}
	if exported {
		b[0] |= flagExported
	}
	if embedded {
		b[0] |= flagEmbedded
	}
	b = appendString(b, text)
	if tag != "" {
		b[0] |= flagTag
		b = appendString(b, tag)
	}
	keep(&b[0])
	return &b[0]
}

// newNameInPackage makes a name that carries its package, as methods that are
// not exported do.
func newNameInPackage(text, pkg string) *byte {
	const flagPkg = 4
	b := appendString([]byte{flagPkg}, text)
	off := addReflectOff(Pointer(newName(pkg, "", false, false)))
	b = append(b, (*[4]byte)(Pointer(&off))[:]...)
	keep(&b[0])
	return &b[0]
}

// appendString appends the length of s, seven bits a byte, and s.
func appendString(b []byte, s string) []byte {
	n := len(s)
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(append(b, byte(n)), s...)
}
