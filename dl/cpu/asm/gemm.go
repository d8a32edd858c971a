package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemm emits the tile of matmul and convolution: rows × two vectors of C,
//
//	C(i,:) = [base(i,:) +] Σ_{seg<nseg} Σ_{k<kseg} A(seg,i,k) · B(seg,k,:)
//
// without the first term where base is nil. Distances are in bytes:
//
//	A(seg,i,k) at a + seg·sega + i·lda + 4k    for gemm: rows of a matrix, or
//	                                           pixels of a channels-last image
//	A(seg,i,k) at a + seg·sega + 4i + k·lda    for gemmT: the same transposed
//	B(seg,k,:) at b + (seg·kseg+k)·ldb + seg·segb
//	C(i,:)     at c + i·ldc
//	base(i,:)  at base + i·ldbase
//
// A segment is a row of taps of a convolution; a matmul has one. Unless next is
// nil, each k asks for one more line of memory that will be wanted soon: at next,
// next+skip, and so on.
func gemm(s simd, rows int, trans bool) {
	name := "gemm"
	if trans {
		name = "gemmT"
	}
	tile{
		s: s, name: name, rows: rows, trans: trans,
		vec:      func() Op { return s.vec() },
		multiply: func(a, b, c Op) { VFMADD231PS(a, b, c) },
	}.emit()
}

// A tile is a kernel like that of gemm.
type tile struct {
	s        simd
	name     string
	rows     int
	trans    bool
	vec      func() Op        // a vector register
	multiply func(a, b, c Op) // adds a·b to c
	masked   bool             // C has cols columns only
}

func (t tile) emit() {
	s, rows, trans, vec := t.s, t.rows, t.trans, t.vec
	parameters := "nseg, kseg int, a *float32, lda, sega int, b *float32, ldb, segb int, c *float32, ldc int, base *float32, ldbase int, next *float32, skip int"
	if t.masked {
		parameters += ", cols int"
	}
	TEXT(s.name(fmt.Sprintf("%s%d", t.name, rows)), NOSPLIT, "func("+parameters+")")
	Pragma("noescape")
	a, lda := pointer("a"), pointer("lda")
	b, ldb := pointer("b"), pointer("ldb")
	next, skip := pointer("next"), pointer("skip")
	const vectors = 2
	var C [][vectors]Op
	for range rows {
		var c [vectors]Op
		for j := range c {
			c[j] = vec()
			s.clear(c[j])
		}
		C = append(C, c)
	}
	B, A := [vectors]Op{vec(), vec()}, vec()

	// Three rows are addressed from one register: base, base+lda, base+2·lda.
	bases := (rows + 2) / 3
	if trans {
		bases = 1
	}
	base := make([]reg.GPVirtual, bases)
	for i := range base {
		base[i] = GP64()
	}
	// forward steps over a number of rows that are ld bytes apart.
	forward := func(at, ld gp, rows int) {
		if rows == 1 {
			ADDQ(ld, at)
			return
		}
		LEAQ(Mem{Base: at, Index: ld, Scale: uint8(rows)}, at)
	}
	row := func(at, ld gp, r int) Mem {
		if r == 0 {
			return Mem{Base: at}
		}
		return Mem{Base: at, Index: ld, Scale: uint8(r)}
	}
	// round emits n steps of k. Where a core's other thread is at work, how fast
	// they are depends on the number of instructions beside the multiply-adds: rows
	// of B, and of A transposed, are stepped over two at a time.
	round := func(n int, ahead bool) {
		for u := range n {
			for j := range B {
				m := row(b, ldb, u%2)
				m.Disp = j * s.bytes()
				VMOVUPS(m, B[j])
			}
			for i := range C {
				var m Mem
				if trans {
					m = row(base[0], lda, u%2)
					m.Disp = 4 * i
				} else {
					m = row(base[i/3], lda, i%3)
					m.Disp = 4 * u
				}
				VBROADCASTSS(m, A)
				for j := range B {
					t.multiply(A, B[j], C[i][j])
				}
			}
			if ahead {
				PREFETCHT0(row(next, skip, u%2))
			}
			if u%2 == 0 && u+1 < n {
				continue
			}
			forward(b, ldb, u%2+1)
			if trans {
				forward(base[0], lda, u%2+1)
			}
			if ahead {
				forward(next, skip, u%2+1)
			}
		}
		if !trans {
			for _, r := range base {
				ADDQ(Imm(uint64(4*n)), r)
			}
		}
	}
	const unroll = 4

	// C is brought to the cache while it is computed. Its rows are far apart, and
	// each may lie on one more line than its length says. More lines than a processor
	// fetches at a time would keep A and B waiting: then it is a row in each round.
	const atOnce = 16
	c, ldc := pointer("c"), pointer("ldc")
	fetch := func() {
		for line := 0; line < vectors*s.bytes(); line += 64 {
			PREFETCHT0(Mem{Base: c, Disp: line})
		}
		PREFETCHT0(Mem{Base: c, Disp: vectors*s.bytes() - 4})
	}
	spread := rows*(vectors*s.bytes()/64+1) > atOnce
	fetched := GP64()
	if spread {
		MOVQ(I32(int32(1-rows)), fetched)
	} else {
		for range C {
			fetch()
			ADDQ(ldc, c)
		}
	}

	Label("segment")
	k := GP64()
	if bases > 1 {
		LEAQ(Mem{Base: lda, Index: lda, Scale: 2}, k) // three rows, for a moment
	}
	MOVQ(a, base[0])
	for i := 1; i < bases; i++ {
		LEAQ(Mem{Base: base[i-1], Index: k, Scale: 1}, base[i])
	}
	Load(Param("kseg"), k)
	TESTQ(next, next)
	JNZ(LabelRef("ahead"))
	for _, ahead := range []bool{false, true} {
		prefix := ""
		if ahead {
			prefix = "ahead_"
			JMP(LabelRef("next"))
			Label("ahead")
		}
		SUBQ(Imm(unroll), k)
		JLT(LabelRef(prefix + "rest"))
		Label(prefix + "loop")
		round(unroll, ahead)
		if spread {
			fetch()
			ADDQ(ldc, c)
			INCQ(fetched)
			CMOVQEQ(fetched, ldc) // the last row it is from then on
		}
		SUBQ(Imm(unroll), k)
		JGE(LabelRef(prefix + "loop"))
		Label(prefix + "rest")
		ADDQ(Imm(unroll), k)
		JZ(LabelRef("next"))
		Label(prefix + "one")
		round(1, ahead)
		DECQ(k)
		JNZ(LabelRef(prefix + "one"))
	}
	Label("next")
	for _, r := range []struct {
		by string
		to reg.GPVirtual
	}{{"sega", a}, {"segb", b}} {
		by := pointer(r.by)
		ADDQ(by, r.to)
	}
	DECQ(paramMem("nseg")) // no register is left for it
	JNZ(LabelRef("segment"))

	c, ldc = pointer("c"), pointer("ldc")
	from, ldbase := pointer("base"), pointer("ldbase")
	add := func(m Mem, j int, c Op) { VADDPS(m, c, c) }
	store := func(c Op, j int, m Mem) { VMOVUPS(c, m) }
	if t.masked {
		masks := s.columnMasks(pointer("cols"), vectors)
		add = func(m Mem, j int, c Op) { VADDPS(m, c, masks[j], c) }
		store = func(c Op, j int, m Mem) { VMOVUPS(c, masks[j], m) }
	}
	TESTQ(from, from)
	JZ(LabelRef("store"))
	for i := range C {
		for j := range C[i] {
			add(Mem{Base: from, Disp: j * s.bytes()}, j, C[i][j])
		}
		ADDQ(ldbase, from)
	}
	Label("store")
	for i := range C {
		for j := range C[i] {
			store(C[i][j], j, Mem{Base: c, Disp: j * s.bytes()})
		}
		ADDQ(ldc, c)
	}
	VZEROUPPER()
	RET()
}

// columnMasks returns masks of cols columns in a number of vectors.
func (s simd) columnMasks(cols reg.GPVirtual, vectors int) []reg.OpmaskVirtual {
	masks, ones := make([]reg.OpmaskVirtual, vectors), GP64()
	MOVQ(I64(-1), ones)
	BZHIQ(cols, ones, ones)
	for j := range masks {
		masks[j] = K()
		KMOVW(ones.As32(), masks[j])
		SHRQ(Imm(uint64(s.lanes())), ones)
	}
	return masks
}

// packRows emits the packing of a matrix B for gemm: row q of x goes to row q
// of each of a number of panels, which are two vectors wide and panel bytes
// apart. ldx is in bytes.
func packRows(s simd) {
	TEXT(s.name("packRows"), NOSPLIT, "func(dst *float32, panel int, x *float32, ldx, rows, panels int)")
	Pragma("noescape")
	dst, panel, x, ldx := pointer("dst"), pointer("panel"), pointer("x"), pointer("ldx")
	rows, panels := pointer("rows"), pointer("panels")
	from, to, left := GP64(), GP64(), GP64()
	Label("row")
	MOVQ(x, from)
	MOVQ(dst, to)
	MOVQ(panels, left)
	Label("panel")
	// The rows are often a page apart, out of reach of the hardware's prefetch.
	for line := 0; line < 2*s.bytes(); line += 64 {
		PREFETCHT0(Mem{Base: from, Index: ldx, Scale: 8, Disp: line})
	}
	a := s.load(Mem{Base: from})
	b := s.load(Mem{Base: from, Disp: s.bytes()})
	VMOVUPS(a, Mem{Base: to})
	VMOVUPS(b, Mem{Base: to, Disp: s.bytes()})
	ADDQ(U32(uint32(2*s.bytes())), from)
	ADDQ(panel, to)
	DECQ(left)
	JNZ(LabelRef("panel"))
	ADDQ(ldx, x)
	ADDQ(U32(uint32(2*s.bytes())), dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// packStrip emits the copying of the first floats of each of a number of rows, as
// many as a vector has, to rows as far apart. ldx is in bytes.
func packStrip(s simd) {
	TEXT(s.name("packStrip"), NOSPLIT, "func(dst, x *float32, ldx, rows int)")
	Pragma("noescape")
	dst, x, ldx, rows := pointer("dst"), pointer("x"), pointer("ldx"), pointer("rows")
	Label("row")
	VMOVUPS(s.load(Mem{Base: x}), Mem{Base: dst})
	ADDQ(ldx, x)
	ADDQ(Imm(uint64(s.bytes())), dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
