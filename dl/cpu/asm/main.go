// Command asm writes the CPU backend's assembly kernels: those for amd64 with avo,
// those for arm64, which avo does not know, by itself. It is a module of its own, so
// that the generator's dependencies stay out of the library's. From dl/cpu: go
// generate.
package main

import (
	"flag"
	"fmt"
	"os"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	neon, stubs := flag.String("neon", "", "the file for the kernels of arm64"), flag.String("neonstubs", "", "the one for their declarations")
	flag.Parse() // with the flags that avo has declared
	if err := writeNEON(*neon, *stubs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
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
		winogradKernels(s)
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
