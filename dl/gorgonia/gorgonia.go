// Package gorgonia passes tensors between package dl and gorgonia
// (gorgonia.org/gorgonia), the older library for deep learning in Go, whose
// tensors are those of gorgonia.org/tensor.
//
// [From] and [Dense] share memory wherever the two libraries store the same
// numbers in the same way, so that passing a tensor costs nothing.
//
// [Lift] makes an operation of gorgonia's graphs of a Go function on dl's
// tensors, with its derivatives of any order. [Linear], [LinearReLU],
// [ConvReLUPool2D] and others are lifted already: in a program for gorgonia they
// take the places of gorgonia's operations, and compute several times faster.
//
// [Operations] lists what dl.Use("gorgonia") can run, the other way round.
package gorgonia

import (
	"fmt"
	"unsafe"

	"gorgonia.org/tensor"

	"github.com/fluxion-go/fluxion/dl"
)

// From returns d as a tensor of package dl with the same shape.
//
// The result shares the memory of d where d is contiguous, in row-major order,
// has no mask, and has a dtype that dl has as well: float32, float64, int32,
// int64, uint8, and int on 64-bit machines, which becomes int64. Then d must
// not be changed while the result is in use, as gorgonia does with the
// reuse and unsafe options of its operations. Views, transposed and
// column-major tensors, and other integers and bools are copied. Masked
// tensors, complex numbers and strings panic with a [*dl.Error].
func From(d *tensor.Dense) *dl.Tensor {
	if d == nil {
		panic(&dl.Error{Op: "gorgonia.From", Axis: -1, Msg: "the *tensor.Dense is nil"})
	}
	if d.IsMasked() {
		panic(&dl.Error{Op: "gorgonia.From", Axis: -1, Shapes: [][]int{d.Shape()}, Msg: "masked tensors have no counterpart in dl",
			Help: "fill the masked elements with d.Filled()"})
	}
	switch data := d.Data().(type) {
	// A tensor without axes hands out its number instead of a slice.
	case float32, float64, int, int32, int64, uint8, int8, int16, uint16, uint32, uint64, uint, bool:
		return numbers(d, data)
	case []float32:
		return shared(d, data)
	case []float64:
		return shared(d, data)
	case []int32:
		return shared(d, data)
	case []int64:
		return shared(d, data)
	case []uint8:
		return shared(d, data)
	case []int:
		if unsafe.Sizeof(int(0)) == 8 && len(data) > 0 {
			return shared(d, unsafe.Slice((*int64)(unsafe.Pointer(unsafe.SliceData(data))), len(data)))
		}
		return numbers(d, rowMajor(d, data))
	case []int8:
		return numbers(d, rowMajor(d, data))
	case []int16:
		return numbers(d, rowMajor(d, data))
	case []uint16:
		return numbers(d, rowMajor(d, data))
	case []uint32:
		return numbers(d, rowMajor(d, data))
	case []uint64:
		return numbers(d, rowMajor(d, data))
	case []uint:
		return numbers(d, rowMajor(d, data))
	case []bool:
		return numbers(d, rowMajor(d, data))
	}
	panic(&dl.Error{Op: "gorgonia.From", Axis: -1, Shapes: [][]int{d.Shape()}, Msg: fmt.Sprintf("dl has no dtype for %v", d.Dtype())})
}

// numbers copies a number, or a slice in row-major order, into the shape of d.
func numbers(d *tensor.Dense, data any) *dl.Tensor {
	if len(d.Shape()) == 0 {
		return dl.New(data)
	}
	return dl.New(data, d.Shape()...)
}

// shared returns a tensor on data, which d consists of, or where its elements
// are not in row-major order on a copy.
func shared[T float32 | float64 | int32 | int64 | uint8](d *tensor.Dense, data []T) *dl.Tensor {
	return dl.NewShared(rowMajor(d, data), d.Shape()...)
}

// rowMajor returns the elements of d in row-major order: data, its memory,
// where they are in that order already.
func rowMajor[T any](d *tensor.Dense, data []T) []T {
	shape, strides := d.Shape(), d.Strides()
	size := 1
	plain := true
	for a := len(shape) - 1; a >= 0; a-- {
		plain = plain && (a < len(strides) && strides[a] == size || shape[a] == 1)
		size *= shape[a]
	}
	if plain && size <= len(data) {
		return data[:size:size]
	}
	out := make([]T, 0, size)
	index := make([]int, len(shape))
	for range size {
		at := 0
		for a, i := range index {
			at += i * strides[a]
		}
		out = append(out, data[at])
		for a := len(index) - 1; a >= 0; a-- {
			if index[a]++; index[a] < shape[a] {
				break
			}
			index[a] = 0
		}
	}
	return out
}

// Dense returns t, which must be concrete, as a tensor of gorgonia with the
// same shape, that shares the memory of t. As tensors of dl do not change, the
// result must not be written: use it as an operand, or write to its Clone().
// Bools are copied.
func Dense(t *dl.Tensor) *tensor.Dense {
	data := t.Shared()
	if t.DType() == dl.Bool {
		bools := make([]bool, t.Size())
		for i, b := range data.([]uint8) {
			bools[i] = b != 0
		}
		data = bools
	}
	if t.Rank() == 0 {
		return tensor.New(tensor.FromScalar(first(data)))
	}
	return tensor.New(tensor.WithShape(t.Shape()...), tensor.WithBacking(data))
}

// first returns the number of a tensor without axes. gorgonia copies it.
func first(data any) any {
	switch s := data.(type) {
	case []float32:
		return s[0]
	case []float64:
		return s[0]
	case []int32:
		return s[0]
	case []int64:
		return s[0]
	case []uint8:
		return s[0]
	default:
		return data.([]bool)[0]
	}
}
