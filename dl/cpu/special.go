package cpu

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/backend/reference"
)

// The special functions are computed in float64 in every kernel set.
func init() {
	for _, op := range []backend.Op{
		backend.Trunc, backend.Asin, backend.Acos, backend.Atan, backend.Sinh, backend.Cosh, backend.Asinh, backend.Acosh,
		backend.Atanh, backend.Cbrt, backend.Erfc, backend.ErfInv, backend.Gamma, backend.Lgamma,
	} {
		plainUnary[op] = unaryMath(reference.Unary(op))
	}
	plainBinary[backend.Atan2] = binaryOf(func(y, x float32) float32 { return float32(math.Atan2(float64(y), float64(x))) })
	plainBinary[backend.Hypot] = binaryOf(func(x, y float32) float32 { return float32(math.Hypot(float64(x), float64(y))) })
}
