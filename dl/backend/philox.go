package backend

import "math/bits"

// Philox returns the 128 random bits that belong to a counter under a key: the
// generator Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", 2011. It keeps no state, so that any element
// of an array of random numbers can be computed without those before it.
func Philox(key [2]uint32, counter [4]uint32) [4]uint32 {
	const (
		m0, m1 = 0xD2511F53, 0xCD9E8D57
		w0, w1 = 0x9E3779B9, 0xBB67AE85
	)
	c, k := counter, key
	for range 10 {
		h0, l0 := bits.Mul32(m0, c[0])
		h1, l1 := bits.Mul32(m1, c[2])
		c = [4]uint32{h1 ^ c[1] ^ k[0], l1, h0 ^ c[3] ^ k[1], l0}
		k[0] += w0
		k[1] += w1
	}
	return c
}

// RandomBlock returns block i of a stream of random bits: it holds four numbers
// of 32 bits, or two of 64. key is what the random operations take.
func RandomBlock(key []int64, stream uint32, i int) [4]uint32 {
	seed, call := uint64(key[0]), uint64(key[1])
	return Philox([2]uint32{uint32(seed), uint32(seed >> 32)}, [4]uint32{uint32(i), stream, uint32(call), uint32(call >> 32)})
}
