package graph

import (
	"encoding/binary"
	"fmt"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// The attributes of operations are those of package backend where they do
// not depend on dimensions that may be unknown, else those below.

// CastAttrs: the dtype of the result.
type CastAttrs struct{ DType backend.DType }

// ShapeAttrs: the shape of the result of Reshape, BroadcastTo and SumTo. In
// Reshape one dimension may be −1, to be computed from the others, and
// [Dim](a) stands for dimension a of the operand. A nil Shape says that
// the result has the shape of the second operand, whose elements do not matter.
type ShapeAttrs struct{ Shape []int }

// Dim stands for dimension a of the operand in ShapeAttrs.
func Dim(a int) int { return -2 - a }

// A Range is one axis of a slice: the elements Start, Start+Step, … before
// Stop. Negative bounds count from the end. With FromStart or ToEnd set, Start
// or Stop is the respective end of the axis, whichever direction Step has.
type Range struct {
	Start, Stop, Step int
	FromStart, ToEnd  bool
}

// RangeAttrs: one Range for each axis of the operand of Slice.
type RangeAttrs struct{ Ranges []Range }

// UnsliceAttrs: (g, like?) → zeros of the shape Shape, or of like where that
// is nil, with g at the ranges.
type UnsliceAttrs struct {
	Ranges []Range
	Shape  []int
}

// PartAttrs: (g, operands of a Concat along Axis…) → the part of g that
// operand Index fills.
type PartAttrs struct{ Axis, Index int }

// ScatterAttrs: (indices, values, like?) → zeros with values added along
// Axis, which has Size elements, or where Size is −1 as many as that of like.
type ScatterAttrs struct{ Axis, Size int }

// OneHotAttrs: the number of classes and the dtype of the result.
type OneHotAttrs struct {
	Classes int
	DType   backend.DType
}

// ConvAttrs describes a convolution. With Same set, Pad is chosen so that the
// result has ⌈size/stride⌉ rows and columns; the uneven row or column of zeros
// comes last.
type ConvAttrs struct {
	backend.ConvAttrs
	Same bool
}

// PoolAttrs describes a pooling window, with Same as in ConvAttrs.
type PoolAttrs struct {
	backend.PoolAttrs
	Same bool
}

// ConvGradAttrs: the shape of what the gradient of a convolution is for: x or
// w. It is that of the last operand, like, where Shape is nil.
type ConvGradAttrs struct {
	ConvAttrs
	Shape []int
}

// appendAttrs writes attributes as part of a key that tells calls apart.
func appendAttrs(b []byte, attrs any) []byte {
	switch a := attrs.(type) {
	case nil:
		return b
	case CastAttrs:
		return append(b, byte(a.DType))
	case ShapeAttrs:
		return appendInts(b, a.Shape)
	case backend.TransposeAttrs:
		return appendInts(b, a.Perm)
	case backend.ReduceAttrs:
		return appendBools(appendInts(b, a.Axes), a.Keep)
	case backend.AxisAttrs:
		return binary.AppendVarint(b, int64(a.Axis))
	case RangeAttrs:
		for _, r := range a.Ranges {
			b = appendBools(appendInts(b, []int{r.Start, r.Stop, r.Step}), r.FromStart, r.ToEnd)
		}
		return b
	case backend.MatMulAttrs:
		return appendBools(b, a.TransA, a.TransB)
	default: // the rest is rare enough to be written at length
		return fmt.Appendf(b, "%T%v", a, a)
	}
}

func appendInts(b []byte, v []int) []byte {
	b = binary.AppendVarint(b, int64(len(v)))
	for _, x := range v {
		b = binary.AppendVarint(b, int64(x))
	}
	return b
}

func appendBools(b []byte, v ...bool) []byte {
	for _, x := range v {
		if x {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	}
	return b
}
