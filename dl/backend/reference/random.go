package reference

import (
	"math"

	"github.com/fluxion-go/fluxion/dl/backend"
)

func init() {
	register(random, backend.RandomUniform, backend.RandomNormal, backend.RandomBits)
}

// random fills the result block by block; see [backend.RandomBlock].
func random(c call) kernel {
	stream := c.attrs.(backend.RandomAttrs).Stream
	switch {
	case c.op == backend.RandomUniform && c.out.DType == backend.Float32:
		return blocks(stream, func(w [4]uint32) [4]float32 {
			return [4]float32{float32(w[0]>>8) * 0x1p-24, float32(w[1]>>8) * 0x1p-24, float32(w[2]>>8) * 0x1p-24, float32(w[3]>>8) * 0x1p-24}
		}, 4)
	case c.op == backend.RandomUniform && c.out.DType == backend.Float64:
		return blocks(stream, func(w [4]uint32) [4]float64 { return [4]float64{fraction(w[0], w[1]), fraction(w[2], w[3])} }, 2)
	case c.op == backend.RandomNormal && c.out.DType == backend.Float32:
		return blocks(stream, func(w [4]uint32) [4]float32 {
			a, b := boxMuller(float64(w[0])*0x1p-32, float64(w[1])*0x1p-32)
			c, d := boxMuller(float64(w[2])*0x1p-32, float64(w[3])*0x1p-32)
			return [4]float32{float32(a), float32(b), float32(c), float32(d)}
		}, 4)
	case c.op == backend.RandomNormal && c.out.DType == backend.Float64:
		return blocks(stream, func(w [4]uint32) [4]float64 {
			a, b := boxMuller(fraction(w[0], w[1]), fraction(w[2], w[3]))
			return [4]float64{a, b}
		}, 2)
	case c.op == backend.RandomBits && c.out.DType == backend.Int64:
		return blocks(stream, func(w [4]uint32) [4]int64 {
			return [4]int64{int64(w[0]>>1)<<32 | int64(w[1]), int64(w[2]>>1)<<32 | int64(w[3])}
		}, 2)
	}
	return nil
}

// blocks writes n numbers of each block.
func blocks[T number](stream uint32, numbers func(w [4]uint32) [4]T, n int) kernel {
	return func(in, out []backend.Buffer) {
		key, y := backend.View[int64](in[0]), backend.View[T](out[0])
		for i := 0; i*n < len(y); i++ {
			v := numbers(backend.RandomBlock(key, stream, i))
			copy(y[i*n:], v[:n])
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
