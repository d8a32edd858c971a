package cpu

import (
	"unsafe"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// kernelSets lists what this processor can run, the best first. All of arm64 has
// NEON.
func kernelSets() []*kernelSet { return []*kernelSet{&neon, &portable} }

var neon = func() kernelSet {
	ks := portable
	ks.name = "NEON"
	ks.tileRows, ks.tileCols = 6, 16
	ks.gemm = []tileKernel{1: gemm1NEON, gemm2NEON, gemm3NEON, gemm4NEON, gemm5NEON, gemm6NEON}
	ks.gemmT = []tileKernel{1: gemmT1NEON, gemmT2NEON, gemmT3NEON, gemmT4NEON, gemmT5NEON, gemmT6NEON}
	ks.packRows = packRowsNEON
	ks.unary = map[backend.Op]unaryKernel{
		"neg": negNEON, "abs": absNEON, "sign": signNEON, "square": squareNEON, "sqrt": sqrtNEON,
		"reciprocal": reciprocalNEON, "relu": reluNEON, "floor": floorNEON, "ceil": ceilNEON, "round": roundNEON,
		"exp": expNEON, "expm1": expm1NEON, "log": logNEON, "log1p": log1pNEON, "erf": erfNEON, "gelu": geluNEON, "gelu_grad": geluGradNEON, roundBF16: roundBF16NEON,
		"tanh": tanhNEON, "sigmoid": sigmoidNEON, "softplus": softplusNEON,
	}
	ks.binary = map[backend.Op]binaryKernel{
		"add": addNEON, "sub": subNEON, "mul": mulNEON, "div": divNEON, "maximum": maximumNEON, "minimum": minimumNEON,
		"equal": equalNEON, "not_equal": notEqualNEON, "less": lessNEON, "less_equal": lessEqualNEON,
	}
	ks.choose = chooseNEON
	ks.addScalar, ks.mulScalar, ks.addScaled = addScalarNEON, mulScalarNEON, addScaledNEON
	ks.fmas, ks.fmaFlops = fmasNEON, 2*16*4
	ks.total, ks.maximumOf = totalNEON, maximumOfNEON
	ks.dots4, ks.dots1 = dots4NEON, dots1NEON
	ks.addRows8, ks.addRows1 = addRows8NEON, addRows1NEON
	ks.transpose8 = transpose8NEON
	ks.poolLanes, ks.maxPool2x2, ks.maxPool2x2Grad = 4, maxPool2x2NEON, maxPool2x2GradNEON
	ks.maxPool2x2Which, ks.maxPool2x2WhichGrad = maxPool2x2WhichNEON, maxPool2x2WhichGradNEON
	ks.winograd = map[int]winogradKernels{
		3: {winogradSource3NEON, winogradResults3NEON, winogradGrads3NEON},
		5: {winogradSource5NEON, winogradResults5NEON, winogradGrads5NEON},
	}
	return ks
}()

func packRowsNEON(dst *float32, panel int, x *float32, ldx, rows, panels int) {
	for q := range rows {
		for j := range panels {
			*(*[16]float32)(unsafe.Pointer(at(dst, j*panel+64*q))) = *(*[16]float32)(unsafe.Pointer(at(x, q*ldx+64*j)))
		}
	}
}
