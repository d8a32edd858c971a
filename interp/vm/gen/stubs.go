package main

import (
	"bytes"
	"fmt"
)

// stubCount is how many methods the types of one process can have. A method with
// a value receiver takes up to three stubs.
const stubCount = 8192

// stubCode is the body of stub i for each processor: it jumps to the func value
// stubFuncs[i], with its address in the register that closures expect (DX, R26)
// and no register of arguments touched.
var stubCode = map[string]string{
	"amd64": `MOVQ ·stubFuncs+(i*8)(SB), DX; \
	MOVQ (DX), R12; \
	JMP R12; \`,
	"arm64": `MOVD ·stubFuncs+(i*8)(SB), R26; \
	MOVD (R26), R16; \
	JMP (R16); \`,
}

// stubs writes the method entry points for a processor.
func stubs(arch string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n\n", header)
	b.WriteString("#include \"textflag.h\"\n\n#define STUB(name, i) \\\n\tTEXT name(SB), NOSPLIT|NOFRAME, $0-0; \\\n\t")
	b.WriteString(stubCode[arch])
	b.WriteString("\n\tDATA ·stubCode+(i*8)(SB)/8, $name(SB)\n\n")
	for i := range stubCount {
		fmt.Fprintf(&b, "STUB(·stub%d, %d)\n", i, i)
	}
	fmt.Fprintf(&b, "\nGLOBL ·stubCode(SB), NOPTR, $%d\n", stubCount*8)
	return b.Bytes()
}

// stubConst declares the number of stubs to Go.
func stubConst() []byte {
	return fmt.Appendf(nil, "// %s\n\n//go:build amd64 || arm64\n\npackage forge\n\nconst stubCount = %d\n", header, stubCount)
}
