package cpu

// Kernels for AVX512_BF16 are tested where the processor has better ones, too.
func init() {
	if hasPairDots() && !(avx512.tiles == &pairTiles && fastPairDots()) {
		slowTiles["AVX512_BF16"] = &pairTiles
	}
}
