package backend

import (
	"errors"
	"fmt"
	"unsafe"
)

// ErrInterrupted is returned by Run when its done channel was closed.
var ErrInterrupted = errors.New("interrupted")

// Unsupported is the error of a backend that cannot run an instruction.
type Unsupported struct {
	Backend string
	Op      Op
	Why     string // what about it, where that is not the operation itself
}

func (e *Unsupported) Error() string {
	if e.Why == "" {
		return fmt.Sprintf("backend %s cannot run %s", e.Backend, e.Op)
	}
	return fmt.Sprintf("backend %s cannot run %s: %s", e.Backend, e.Op, e.Why)
}

// A DType is the type of an array's elements.
type DType uint8

// The dtypes. Bool takes one byte an element, 0 or 1.
const (
	Float32 DType = iota
	Float64
	Int32
	Int64
	Uint8
	Bool
)

var dtypes = [...]struct {
	name string
	size int
}{{"float32", 4}, {"float64", 8}, {"int32", 4}, {"int64", 8}, {"uint8", 1}, {"bool", 1}}

// String returns numpy's name for d.
func (d DType) String() string { return dtypes[d].name }

// Size returns the bytes that one element takes.
func (d DType) Size() int { return dtypes[d].size }

// IsFloat reports whether d is a floating-point type, and so has gradients.
func (d DType) IsFloat() bool { return d <= Float64 }

// Size returns the number of elements of an array of this shape.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// A Buffer is a piece of host memory that holds an array's elements in
// row-major order. The zero Buffer holds nothing.
type Buffer struct{ b []byte }

// NewBuffer returns a zeroed buffer for n elements of dtype d. Its address is a
// multiple of 64.
func NewBuffer(d DType, n int) Buffer {
	size := n * d.Size()
	raw := make([]byte, size+63)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(raw)))) & 63
	return Buffer{raw[skip : skip+size : skip+size]}
}

// BufferOf returns the memory of s as a buffer. Its address is that of s, which
// need not be a multiple of 64: a backend may be slower with it, not wrong.
func BufferOf[T float32 | float64 | int32 | int64 | uint8](s []T) Buffer {
	var zero T
	return Buffer{unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(zero)))}
}

// Slice returns the bytes from byte offset lo to hi as a buffer that shares
// their memory.
func (b Buffer) Slice(lo, hi int) Buffer { return Buffer{b.b[lo:hi:hi]} }

// Bytes returns the memory itself.
func (b Buffer) Bytes() []byte { return b.b }

// IsNil reports whether b is the zero Buffer.
func (b Buffer) IsNil() bool { return b.b == nil }

// View returns b's memory as elements of type T, which must be the Go type of
// the array's dtype: float32, float64, int32, int64, uint8 or (for Bool) uint8.
func View[T float32 | float64 | int32 | int64 | uint8](b Buffer) []T {
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b.b))), len(b.b)/int(unsafe.Sizeof(zero)))
}
