package main

import (
	"bytes"
	"fmt"
)

// stubCount is how many methods the types of one process can have. A method with
// a value receiver takes up to three stubs.
const stubCount = 8192

// stubs writes the method entry points for amd64: stub i jumps to the func value
// stubFuncs[i], with its address in the register (DX) that closures expect.
func stubs() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n\n", header)
	b.WriteString(`#include "textflag.h"

#define STUB(name, i) \
	TEXT name(SB), NOSPLIT|NOFRAME, $0-0; \
	MOVQ ·stubFuncs+(i*8)(SB), DX; \
	MOVQ (DX), R12; \
	JMP R12; \
	DATA ·stubCode+(i*8)(SB)/8, $name(SB)

`)
	for i := range stubCount {
		fmt.Fprintf(&b, "STUB(·stub%d, %d)\n", i, i)
	}
	fmt.Fprintf(&b, "\nGLOBL ·stubCode(SB), NOPTR, $%d\n", stubCount*8)
	return b.Bytes()
}

// stubConst declares the number of stubs to Go.
func stubConst() []byte {
	return fmt.Appendf(nil, "// %s\n\npackage forge\n\nconst stubCount = %d\n", header, stubCount)
}
