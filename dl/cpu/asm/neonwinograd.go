package main

// winograd writes what winogradKernels does for amd64: four columns at a time, then
// one.
func (a *assembly) winograd() {
	s := &neonLanes{a: a}
	for _, t := range transforms[neonVector, neonVector]() {
		results := t.apply(s, s.begin(t.of))
		a.kernel(t.name, "", "dst *float32", "ldd int", "x *float32", "ldx int", "n int", "times int", "stepd int", "stepx int")
		a.loads("dst", "R0", "ldd", "R1", "x", "R2", "ldx", "R3", "times", "R5", "stepd", "R6", "stepx", "R7")
		a.op("MOVD $neonConstants<>(SB), R15")
		// columns multiplies those at R10 and writes the results to R9.
		columns := func(move string, bytes int) {
			a.op("MOVD R10, R8")
			for i := range t.of {
				a.op("%s (R8), F%d", move, i)
				if i < t.of-1 {
					a.op("ADD R3, R8")
				}
			}
			a.op("MOVD R9, R8")
			for i, r := range s.write(results...) {
				a.op("%s F%d, (R8)", move, r)
				if i < t.rows-1 {
					a.op("ADD R1, R8")
				}
			}
			a.op("ADD $%d, R9", bytes)
			a.op("ADD $%d, R10", bytes)
			a.op("SUB $%d, R4", bytes/4)
		}
		time, four, one, done := a.label("time"), a.label("four"), a.label("one"), a.label("done")
		a.op("%s:", time)
		a.op("MOVD R0, R9")
		a.op("MOVD R2, R10")
		a.load("n", "R4")
		a.op("%s:", four)
		a.op("CMP $4, R4")
		a.op("BLT %s", one)
		columns("FMOVQ", 16)
		a.op("B %s", four)
		a.op("%s:", one)
		a.op("CBZ R4, %s", done)
		columns("FMOVS", 4)
		a.op("B %s", one)
		a.op("%s:", done)
		a.op("ADD R6, R0")
		a.op("ADD R7, R2")
		a.op("SUB $1, R5")
		a.op("CBNZ R5, %s", time)
		a.op("RET")
	}
}
