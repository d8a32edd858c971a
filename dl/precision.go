package dl

import "github.com/fluxion-go/fluxion/dl/backend"

// A Precision says how precisely a [Func] multiplies matrices and convolves
// float32 pictures; see [Func.SetPrecision].
type Precision = backend.Precision

// The precisions.
const (
	// FullPrecision is that of the dtypes.
	FullPrecision = backend.FullPrecision
	// BFloat16 rounds the operands of products to bfloat16, which has the range
	// of float32 and 8 significant bits. Products are added up in float32, and
	// variables keep their float32 elements: what is called mixed precision.
	//
	// Processors with AMX (Intel's Xeon from the fourth generation on) compute
	// such products several times as fast as those of float32, under Linux, and
	// AMD's with AVX512_BF16 (from Zen 4 on) up to twice as fast. They take
	// subnormal numbers, those below 2⁻¹²⁶, for 0.
	BFloat16 = backend.BFloat16
)

// SetPrecision makes later calls of f use precision p in matrix products and
// convolutions of float32, and returns f. Backends and processors that have
// nothing faster for it round and then multiply as ever, which is no faster than
// full precision; the results are the same but for the order of sums. The
// reference backend ignores it.
func (f *Func) SetPrecision(p Precision) *Func {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.f.Precision == p {
		return f
	}
	f.f.Precision = p
	for _, plan := range f.plans {
		plan.Executable.Close()
	}
	f.plans = nil
	return f
}
