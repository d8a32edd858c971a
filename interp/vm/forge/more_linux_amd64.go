package forge

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	moreStubs = 1024 // that are written at a time
	stubSize  = 24
)

// A stubPage is code written at run time for more stubs.
type stubPage struct {
	code  []byte
	funcs *[moreStubs]Pointer // what they jump to; the code has its address
	used  int
}

var stubPages []*stubPage // stubMu is held

// moreStub reserves a stub of those written at run time for func value f, and returns
// its code; nil where the system allows none.
func moreStub(f Pointer) Pointer {
	n := len(stubPages)
	if n == 0 || stubPages[n-1].used == moreStubs {
		p := newStubPage()
		if p == nil {
			return nil
		}
		stubPages = append(stubPages, p)
		n++
	}
	p := stubPages[n-1]
	p.funcs[p.used] = f
	p.used++
	return Pointer(&p.code[(p.used-1)*stubSize])
}

func newStubPage() *stubPage {
	code, err := unix.Mmap(-1, 0, moreStubs*stubSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	p := &stubPage{code: code, funcs: new([moreStubs]Pointer)}
	for i := range moreStubs {
		c := code[i*stubSize:]
		copy(c, []byte{0x48, 0xBA}) // MOVQ $&funcs[i], DX
		binary.LittleEndian.PutUint64(c[2:], uint64(uintptr(unsafe.Pointer(&p.funcs[i]))))
		copy(c[10:], []byte{
			0x48, 0x8B, 0x12, // MOVQ (DX), DX
			0x4C, 0x8B, 0x22, // MOVQ (DX), R12
			0x41, 0xFF, 0xE4, // JMP R12
		})
	}
	if unix.Mprotect(code, unix.PROT_READ|unix.PROT_EXEC) != nil {
		_ = unix.Munmap(code) // it has not been used
		return nil
	}
	return p
}

// isMoreStub reports whether code is the address of a stub written at run time.
func isMoreStub(code uintptr) bool {
	stubMu.Lock()
	defer stubMu.Unlock()
	for _, p := range stubPages {
		if first := uintptr(unsafe.Pointer(&p.code[0])); code >= first && code < first+moreStubs*stubSize {
			return true
		}
	}
	return false
}
