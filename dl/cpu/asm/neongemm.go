package main

import "fmt"

// A tile is up to 6 rows of 4 vectors: 24 registers of sums, 4 of B and 4 of A.
const (
	neonRows    = 6
	neonVectors = 4
)

// gemm writes the tile of matmul and convolution, which does what that of gemm for
// amd64 does. An element of A is read to a register of its own, whose first lane
// multiplies a row of B.
func (a *assembly) gemm(rows int, trans bool) {
	name := "gemm"
	if trans {
		name = "gemmT"
	}
	a.kernel(fmt.Sprintf("%s%d", name, rows), "", "nseg int", "kseg int", "a *float32", "lda int", "sega int",
		"b *float32", "ldb int", "segb int", "c *float32", "ldc int", "base *float32", "ldbase int", "next *float32", "skip int")
	a.loads("nseg", "R0", "kseg", "R1", "a", "R2", "lda", "R3", "sega", "R4", "b", "R5", "ldb", "R6", "segb", "R7", "next", "R8", "skip", "R9")
	const B, A = 24, 28
	for i := range rows * neonVectors {
		a.zero(i)
	}
	row := func(i int) string { return fmt.Sprintf("R%d", 10+i) }
	// What is brought to the cache is A, which is there, where nothing else is named.
	named := a.label("named")
	a.op("CBNZ R8, %s", named)
	a.op("MOVD R2, R8")
	a.op("%s:", named)
	segment, loop, next, store := a.label("segment"), a.label("loop"), a.label("next"), a.label("store")
	a.op("%s:", segment)
	a.op("MOVD R2, %s", row(0))
	if !trans {
		for i := 1; i < rows; i++ {
			a.op("ADD R3, %s, %s", row(i-1), row(i))
		}
	}
	a.op("MOVD R1, R19")
	a.op("CBZ R19, %s", next)
	a.op("%s:", loop)
	a.op("VLD1 (R5), %s", group(B, neonVectors))
	a.op("ADD R6, R5")
	a.op("PRFM (R8), PLDL1KEEP")
	a.op("ADD R9, R8")
	for i := range rows {
		if trans {
			a.op("FMOVS %d(%s), F%d", 4*i, row(0), A+i%4)
		} else {
			a.op("FMOVS.P 4(%s), F%d", row(i), A+i%4)
		}
		for j := range neonVectors {
			a.fma(i*neonVectors+j, B+j, A+i%4, 0)
		}
	}
	if trans {
		a.op("ADD R3, %s", row(0))
	}
	a.op("SUB $1, R19")
	a.op("CBNZ R19, %s", loop)
	a.op("%s:", next)
	a.op("ADD R4, R2")
	a.op("ADD R7, R5")
	a.op("SUB $1, R0")
	a.op("CBNZ R0, %s", segment)

	a.loads("c", "R0", "ldc", "R1", "base", "R2", "ldbase", "R3")
	a.op("CBZ R2, %s", store)
	for i := range rows {
		a.op("VLD1 (R2), %s", group(B, neonVectors))
		a.op("ADD R3, R2")
		for j := range neonVectors {
			a.two(fadd, i*neonVectors+j, i*neonVectors+j, B+j)
		}
	}
	a.op("%s:", store)
	for i := range rows {
		a.op("VST1 %s, (R0)", group(i*neonVectors, neonVectors))
		a.op("ADD R1, R0")
	}
	a.op("RET")
}

// fmas writes rounds of independent multiply-adds, 16 of them.
func (a *assembly) fmas() {
	a.kernel("fmas", "", "n int")
	a.load("n", "R0")
	for i := range 24 {
		a.zero(i)
	}
	loop := a.label("loop")
	a.op("%s:", loop)
	for i := range 16 {
		a.fma(i, 16+i%8, 16+(i+1)%8, 0)
	}
	a.op("SUB $1, R0")
	a.op("CBNZ R0, %s", loop)
	a.op("RET")
}
