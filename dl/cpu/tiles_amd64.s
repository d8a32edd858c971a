#include "go_asm.h"
#include "textflag.h"

// Instructions of AMX, which the assembler does not know. Registers of memory
// operands are given by their numbers, of which R8 to R15 are 8 to 15; t, a and
// b are the numbers of tile registers. The base must not be 5 or 13.

#define BASE_AX 0
#define BASE_CX 1
#define BASE_DX 2
#define BASE_BX 3
#define BASE_SI 6
#define BASE_DI 7
#define INDEX_R8 8
#define INDEX_R9 9
#define INDEX_R10 10

// A tile's rows at base, base+index, and so on.
#define TILEMEMORY(prefix, t, base, index) \
	BYTE $0xc4; BYTE $(0xe2 ^ ((index>>3)<<6) ^ ((base>>3)<<5)); BYTE $prefix; BYTE $0x4b; BYTE $(4 | (t<<3)); BYTE $(((index&7)<<3) | (base&7))

#define TILELOADD(t, base, index) TILEMEMORY(0x7b, t, base, index)
#define TILESTORED(t, base, index) TILEMEMORY(0x7a, t, base, index)

// c += a·b
#define TDPBF16PS(c, a, b) \
	BYTE $0xc4; BYTE $0xe2; BYTE $(0x02 | ((15-b)<<3)); BYTE $0x5c; BYTE $(0xc0 | (c<<3) | a)

#define TILEZERO(t) \
	BYTE $0xc4; BYTE $0xe2; BYTE $0x7b; BYTE $0x49; BYTE $(0xc0 | (t<<3))

#define LDTILECFG_AX \
	BYTE $0xc4; BYTE $0xe2; BYTE $0x78; BYTE $0x49; BYTE $0x00

#define TILERELEASE \
	BYTE $0xc4; BYTE $0xe2; BYTE $0x78; BYTE $0x49; BYTE $0xc0

// func multiplyAMX(t *tileCall)
//
// Tiles 0 to 3 are C, row by row; 4 and 5 are A, 6 and 7 are B.
TEXT ·multiplyAMX(SB), NOSPLIT, $0-8
	MOVQ t+0(FP), AX
	LDTILECFG_AX
	MOVQ tileCall_lda(AX), R8
	MOVQ tileCall_ldb(AX), R9
	MOVQ tileCall_ldc(AX), R10
	MOVQ tileCall_panels(AX), R13
	MOVQ tileCall_b(AX), R14
	MOVQ tileCall_c(AX), R15

panel:
	MOVQ  R15, DX
	MOVQ  R15, DI
	ADDQ  $64, DI
	CMPQ  tileCall_add(AX), $0
	JNE   load
	TILEZERO(0)
	CMPQ  tileCall_cols2(AX), $0
	JEQ   zeroBelow
	TILEZERO(1)
zeroBelow:
	CMPQ  tileCall_rows2(AX), $0
	JEQ   start
	TILEZERO(2)
	CMPQ  tileCall_cols2(AX), $0
	JEQ   start
	TILEZERO(3)
	JMP   start

load:
	TILELOADD(0, BASE_DX, INDEX_R10)
	CMPQ  tileCall_cols2(AX), $0
	JEQ   loadBelow
	TILELOADD(1, BASE_DI, INDEX_R10)
loadBelow:
	CMPQ  tileCall_rows2(AX), $0
	JEQ   start
	ADDQ  tileCall_rowsC(AX), DX
	ADDQ  tileCall_rowsC(AX), DI
	TILELOADD(2, BASE_DX, INDEX_R10)
	CMPQ  tileCall_cols2(AX), $0
	JEQ   start
	TILELOADD(3, BASE_DI, INDEX_R10)

start:
	MOVQ  R14, BX
	MOVQ  R14, CX
	ADDQ  $64, CX
	MOVQ  tileCall_nseg(AX), R12
	MOVQ  tileCall_a(AX), DX

segment:
	MOVQ  DX, SI
	MOVQ  DX, DI
	ADDQ  tileCall_rowsA(AX), DI
	MOVQ  tileCall_chunks(AX), R11

chunk:
	TILELOADD(4, BASE_SI, INDEX_R8)
	TILELOADD(6, BASE_BX, INDEX_R9)
	TDPBF16PS(0, 4, 6)
	CMPQ  tileCall_cols2(AX), $0
	JEQ   narrow
	TILELOADD(7, BASE_CX, INDEX_R9)
	TDPBF16PS(1, 4, 7)
	CMPQ  tileCall_rows2(AX), $0
	JEQ   next
	TILELOADD(5, BASE_DI, INDEX_R8)
	TDPBF16PS(2, 5, 6)
	TDPBF16PS(3, 5, 7)
	JMP   next
narrow:
	CMPQ  tileCall_rows2(AX), $0
	JEQ   next
	TILELOADD(5, BASE_DI, INDEX_R8)
	TDPBF16PS(2, 5, 6)
next:
	ADDQ  tileCall_chunkA(AX), SI
	ADDQ  tileCall_chunkA(AX), DI
	ADDQ  tileCall_chunkB(AX), BX
	ADDQ  tileCall_chunkB(AX), CX
	DECQ  R11
	JNZ   chunk
	ADDQ  tileCall_sega(AX), DX
	DECQ  R12
	JNZ   segment

	MOVQ  R15, DX
	MOVQ  R15, DI
	ADDQ  $64, DI
	TILESTORED(0, BASE_DX, INDEX_R10)
	CMPQ  tileCall_cols2(AX), $0
	JEQ   storeBelow
	TILESTORED(1, BASE_DI, INDEX_R10)
storeBelow:
	CMPQ  tileCall_rows2(AX), $0
	JEQ   stored
	ADDQ  tileCall_rowsC(AX), DX
	ADDQ  tileCall_rowsC(AX), DI
	TILESTORED(2, BASE_DX, INDEX_R10)
	CMPQ  tileCall_cols2(AX), $0
	JEQ   stored
	TILESTORED(3, BASE_DI, INDEX_R10)
stored:
	ADDQ  tileCall_panelB(AX), R14
	ADDQ  $128, R15
	DECQ  R13
	JNZ   panel
	TILERELEASE
	RET
