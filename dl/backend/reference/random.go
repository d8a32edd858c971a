package reference

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func init() {
	register(random, backend.RandomUniform, backend.RandomNormal, backend.RandomBits)
}

func random(c call) kernel {
	fill := Random(backend.Instr{Op: c.op, Attrs: c.attrs}, c.out)
	if fill == nil {
		return nil
	}
	n := backend.Size(c.out.Shape)
	return func(in, out []backend.Buffer) { fill(in[0], out[0], 0, n) }
}

// Random returns the function that writes the elements from lo to hi of a random
// instruction's result; lo is a multiple of 4. Unlike kernels it may be called
// by several goroutines at once. It is nil for dtypes that the operation does
// not give.
func Random(i backend.Instr, out backend.Value) func(key, out backend.Buffer, lo, hi int) {
	stream := i.Attrs.(backend.RandomAttrs).Stream
	switch {
	case i.Op == backend.RandomUniform && out.DType == backend.Float32:
		return blocks(stream, 4, func(w [4]uint32) [4]float32 {
			return [4]float32{float32(w[0]>>8) * 0x1p-24, float32(w[1]>>8) * 0x1p-24, float32(w[2]>>8) * 0x1p-24, float32(w[3]>>8) * 0x1p-24}
		})
	case i.Op == backend.RandomUniform && out.DType == backend.Float64:
		return blocks(stream, 2, func(w [4]uint32) [4]float64 { return [4]float64{fraction(w[0], w[1]), fraction(w[2], w[3])} })
	case i.Op == backend.RandomNormal && out.DType == backend.Float32:
		return blocks(stream, 4, func(w [4]uint32) [4]float32 {
			a, b := boxMuller(float64(w[0])*0x1p-32, float64(w[1])*0x1p-32)
			c, d := boxMuller(float64(w[2])*0x1p-32, float64(w[3])*0x1p-32)
			return [4]float32{float32(a), float32(b), float32(c), float32(d)}
		})
	case i.Op == backend.RandomNormal && out.DType == backend.Float64:
		return blocks(stream, 2, func(w [4]uint32) [4]float64 {
			a, b := boxMuller(fraction(w[0], w[1]), fraction(w[2], w[3]))
			return [4]float64{a, b}
		})
	case i.Op == backend.RandomBits && out.DType == backend.Int64:
		return blocks(stream, 2, func(w [4]uint32) [4]int64 {
			return [4]int64{int64(w[0]>>1)<<32 | int64(w[1]), int64(w[2]>>1)<<32 | int64(w[3])}
		})
	}
	return nil
}

// blocks writes n numbers of each block; see [backend.RandomBlock].
func blocks[T number](stream uint32, n int, numbers func(w [4]uint32) [4]T) func(key, out backend.Buffer, lo, hi int) {
	return func(key, out backend.Buffer, lo, hi int) {
		k, y := backend.View[int64](key), backend.View[T](out)[:hi]
		for i := lo; i < hi; i += n {
			v := numbers(backend.RandomBlock(k, stream, i/n))
			copy(y[i:], v[:n])
		}
	}
}

// fraction returns a number in [0, 1) with 53 random bits.
func fraction(hi, lo uint32) float64 { return float64(uint64(hi)<<32|uint64(lo)>>11<<11) * 0x1p-64 }

// boxMuller turns two independent numbers evenly distributed in [0, 1) into
// two from the normal distribution.
func boxMuller(u, v float64) (a, b float64) {
	r := math.Sqrt(-2 * math.Log1p(-u))
	sin, cos := math.Sincos(2 * math.Pi * v)
	return r * cos, r * sin
}
