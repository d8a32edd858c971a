package cpu

import (
	"golang.org/x/sys/cpu"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// kernelSets lists what this processor can run, the best first.
func kernelSets() []*kernelSet {
	var sets []*kernelSet
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		sets = append(sets, &avx512)
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		sets = append(sets, &avx2)
	}
	return append(sets, &portable)
}

var avx2 = kernelSet{
	name:     "AVX2",
	tileRows: 6, tileCols: 16,
	gemm:     []tileKernel{1: gemm1AVX2, gemm2AVX2, gemm3AVX2, gemm4AVX2, gemm5AVX2, gemm6AVX2},
	gemmT:    []tileKernel{1: gemmT1AVX2, gemmT2AVX2, gemmT3AVX2, gemmT4AVX2, gemmT5AVX2, gemmT6AVX2},
	packRows: packRowsAVX2, packStrip: packStripAVX2,
	unary: map[backend.Op]unaryKernel{
		"neg": negAVX2, "abs": absAVX2, "sign": signAVX2, "square": squareAVX2, "sqrt": sqrtAVX2,
		"reciprocal": reciprocalAVX2, "relu": reluAVX2, "floor": floorAVX2, "ceil": ceilAVX2, "round": roundAVX2,
		"exp": expAVX2, "expm1": expm1AVX2, "log": logAVX2, "log1p": log1pAVX2, "erf": erfAVX2, "gelu": geluAVX2, "gelu_grad": geluGradAVX2, roundBF16: roundBF16AVX2,
		"tanh": tanhAVX2, "sigmoid": sigmoidAVX2, "softplus": softplusAVX2,
	},
	binary: map[backend.Op]binaryKernel{
		"add": addAVX2, "sub": subAVX2, "mul": mulAVX2, "div": divAVX2, "maximum": maximumAVX2, "minimum": minimumAVX2,
		"equal": equalAVX2, "not_equal": notEqualAVX2, "less": lessAVX2, "less_equal": lessEqualAVX2,
	},
	choose:    chooseAVX2,
	addScalar: addScalarAVX2, mulScalar: mulScalarAVX2, addScaled: addScaledAVX2,
	fmas: fmasAVX2, fmaFlops: 2 * 10 * 8,
	total: totalAVX2, maximumOf: maximumOfAVX2,
	dots4: dots4AVX2, dots1: dots1AVX2,
	addRows8: addRows8AVX2, addRows1: addRows1AVX2,
	transpose8: transpose8AVX2,
	poolLanes:  8, maxPool2x2: maxPool2x2AVX2, maxPool2x2Grad: maxPool2x2GradAVX2,
	maxPool2x2Which: maxPool2x2WhichAVX2, maxPool2x2WhichGrad: maxPool2x2WhichGradAVX2,
	winograd: map[int]winogradKernels{
		3: {winogradSource3AVX2, winogradResults3AVX2, winogradGrads3AVX2},
		5: {winogradSource5AVX2, winogradResults5AVX2, winogradGrads5AVX2},
	},
}

var avx512 = kernelSet{
	name:     "AVX-512",
	tileRows: 14, tileCols: 32,
	gemm: []tileKernel{1: gemm1AVX512, gemm2AVX512, gemm3AVX512, gemm4AVX512, gemm5AVX512, gemm6AVX512,
		gemm7AVX512, gemm8AVX512, gemm9AVX512, gemm10AVX512, gemm11AVX512, gemm12AVX512, gemm13AVX512, gemm14AVX512},
	gemmT: []tileKernel{1: gemmT1AVX512, gemmT2AVX512, gemmT3AVX512, gemmT4AVX512, gemmT5AVX512, gemmT6AVX512,
		gemmT7AVX512, gemmT8AVX512, gemmT9AVX512, gemmT10AVX512, gemmT11AVX512, gemmT12AVX512, gemmT13AVX512, gemmT14AVX512},
	packRows: packRowsAVX512, packStrip: packStripAVX512,
	unary: map[backend.Op]unaryKernel{
		"neg": negAVX512, "abs": absAVX512, "sign": signAVX512, "square": squareAVX512, "sqrt": sqrtAVX512,
		"reciprocal": reciprocalAVX512, "relu": reluAVX512, "floor": floorAVX512, "ceil": ceilAVX512, "round": roundAVX512,
		"exp": expAVX512, "expm1": expm1AVX512, "log": logAVX512, "log1p": log1pAVX512, "erf": erfAVX512, "gelu": geluAVX512, "gelu_grad": geluGradAVX512, roundBF16: roundBF16AVX512,
		"tanh": tanhAVX512, "sigmoid": sigmoidAVX512, "softplus": softplusAVX512,
	},
	binary: map[backend.Op]binaryKernel{
		"add": addAVX512, "sub": subAVX512, "mul": mulAVX512, "div": divAVX512, "maximum": maximumAVX512, "minimum": minimumAVX512,
		"equal": equalAVX512, "not_equal": notEqualAVX512, "less": lessAVX512, "less_equal": lessEqualAVX512,
	},
	choose:    chooseAVX512,
	addScalar: addScalarAVX512, mulScalar: mulScalarAVX512, addScaled: addScaledAVX512,
	fmas: fmasAVX512, fmaFlops: 2 * 10 * 16,
	total: totalAVX512, maximumOf: maximumOfAVX512,
	dots4: dots4AVX512, dots1: dots1AVX512,
	addRows8: addRows8AVX512, addRows1: addRows1AVX512,
	transpose8: transpose8AVX2,
	poolLanes:  16, maxPool2x2: maxPool2x2AVX512, maxPool2x2Grad: maxPool2x2GradAVX512,
	maxPool2x2Which: maxPool2x2WhichAVX512, maxPool2x2WhichGrad: maxPool2x2WhichGradAVX512,
	winograd: map[int]winogradKernels{
		3: {winogradSource3AVX512, winogradResults3AVX512, winogradGrads3AVX512},
		5: {winogradSource5AVX512, winogradResults5AVX512, winogradGrads5AVX512},
	},
}
