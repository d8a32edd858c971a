package main

// pools writes pooling by 2×2 windows over a pair of rows, as poolKernels for amd64
// does, for channels that are a multiple of 4.
func (a *assembly) pools() {
	s := &neonLanes{a: a}
	greatest := func(x []neonVector) neonVector { return s.max(s.max(x[0], x[1]), s.max(x[2], x[3])) }

	for _, which := range []bool{false, true} {
		name, parameters := "maxPool2x2", []string{"y *float32"}
		if which {
			name, parameters = "maxPool2x2Which", append(parameters, "which *uint8")
		}
		a.kernel(name, "", append(parameters, "x0 *float32", "x1 *float32", "bias *float32", "channels int", "pixels int")...)
		a.load("y", "R8")
		if which {
			a.load("which", "R9")
		}
		a.windows([]string{"x0", "x1"}, "bias", func() {
			x, b := s.begin(4), s.given()
			for i := range x {
				x[i] = s.add(x[i], b)
			}
			top := greatest(x)
			results := []neonVector{top}
			if which {
				found := s.bits(3)
				for i := 2; i >= 0; i-- {
					found = s.choose(s.compare(x[i], top, equalOrUnordered), s.bits(uint32(i)), found)
				}
				results = append(results, s.one(narrowBytes, s.one(narrowHalves, found)))
			}
			registers := s.write(results...)
			a.op("FMOVQ.P F%d, 16(R8)", registers[0])
			if which {
				a.op("FMOVS.P F%d, 4(R9)", registers[1])
			}
		})
	}

	// The gradient goes to the first place that holds the maximum.
	a.kernel("maxPool2x2Grad", "", "dx0 *float32", "dx1 *float32", "x0 *float32", "x1 *float32", "dy *float32", "channels int", "pixels int")
	a.load("dy", "R8")
	a.windows([]string{"x0", "x1", "dx0", "dx1"}, "", func() {
		x, left := s.begin(4), s.given()
		a.op("FMOVQ.P 16(R8), F4")
		top := greatest(x)
		var parts []neonVector
		for i := range 3 {
			part := s.keep(s.compare(x[i], top, equalOrUnordered), left)
			parts = append(parts, part)
			left = s.two(eor, left, part) // 0 once it has been given
		}
		a.storeWindow(s.write(append(parts, left)...))
	})

	a.kernel("maxPool2x2WhichGrad", "", "dx0 *float32", "dx1 *float32", "which *uint8", "dy *float32", "channels int", "pixels int")
	a.load("dy", "R8")
	a.load("which", "R9")
	a.windows([]string{"dx0", "dx1"}, "", func() {
		given := s.begin(2)
		a.op("FMOVQ.P 16(R8), F0")
		a.op("FMOVS.P 4(R9), F1")
		found := s.one(widenHalves, s.one(widenBytes, given[1]))
		var parts []neonVector
		for i := range uint32(4) {
			parts = append(parts, s.keep(s.two(cmeq, found, s.bits(i)), given[0]))
		}
		a.storeWindow(s.write(parts...))
	})
}

// windows writes the loop over the windows of a pair of rows, 4 channels at a time.
// Of rows that begin with x, the four places of a window are read to vectors 0 to 3,
// and the bias to the next. dx are rows that storeWindow writes.
func (a *assembly) windows(rows []string, bias string, body func()) {
	a.loads("channels", "R0", "pixels", "R1")
	a.op("LSL $2, R0")
	a.op("MOVD $neonConstants<>(SB), R15")
	read := []string{"R2", "R3", "R4", "R5"} // the places of x
	for i, row := range rows {
		at := read[2*(i%2):]
		if row[0] == 'd' {
			at = windowPlaces[2*(i%2):]
		}
		a.load(row, at[0])
		a.op("ADD R0, %s, %s", at[0], at[1])
	}
	pixel, channel := a.label("pixel"), a.label("channel")
	a.op("%s:", pixel)
	a.op("MOVD R0, R10")
	if bias != "" {
		a.load(bias, "R14")
	}
	a.op("%s:", channel)
	if rows[0] == "x0" {
		for i, at := range read {
			a.op("FMOVQ.P 16(%s), F%d", at, i)
		}
	}
	if bias != "" {
		a.op("FMOVQ.P 16(R14), F4")
	}
	body()
	a.op("SUB $16, R10")
	a.op("CBNZ R10, %s", channel)
	// A place has come to where its neighbour began, which is at the next window.
	for i := range rows {
		at := read[2*(i%2):]
		if rows[i][0] == 'd' {
			at = windowPlaces[2*(i%2):]
		}
		a.op("MOVD %s, %s", at[1], at[0])
		a.op("ADD R0, %s, %s", at[0], at[1])
	}
	a.op("SUB $1, R1")
	a.op("CBNZ R1, %s", pixel)
	a.op("RET")
}

// windowPlaces are where the results of the four places of a window go.
var windowPlaces = []string{"R11", "R12", "R13", "R19"}

func (a *assembly) storeWindow(registers []int) {
	for i, r := range registers {
		a.op("FMOVQ.P F%d, 16(%s)", r, windowPlaces[i])
	}
}
