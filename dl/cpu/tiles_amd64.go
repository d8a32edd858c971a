package cpu

import "golang.org/x/sys/cpu"

func init() {
	if cpu.X86.HasAMXTile && cpu.X86.HasAMXBF16 && cpu.X86.HasAVX512BW {
		avx512.tiles = &tileSet{permit: permitAMX, multiply: multiplyAMX, rows: rowsBF16AVX512, pairs: pairsBF16AVX512}
	}
}

//go:noescape
func multiplyAMX(t *tileCall)
