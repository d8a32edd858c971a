// Command asm writes the CPU backend's assembly kernels for amd64 with avo; those for
// arm64, which avo does not write, are in neon. It is a module of its own, so that
// the generator's dependencies stay out of the library's. From dl/cpu: go generate.
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("amd64")
	for _, s := range []simd{{wide: false}, {wide: true}} {
		for rows := 1; rows <= s.tileRows(); rows++ {
			gemm(s, rows, false)
			gemm(s, rows, true)
		}
		packRows(s)
		packStrip(s)
		elementwiseKernels(s)
		sumKernels(s)
		poolKernels(s)
		fmas(s)
	}
	for rows := 1; rows <= pairDotsRows; rows++ {
		pairDots(simd{wide: true}, rows)
	}
	bfloat16Kernels()
	transpose8()
	pause()
	vendor()
	Generate()
}
