package forge

import (
	"errors"
	"sync"
)

// A method of a type is known to the runtime by the address of its code, so each
// method of a forged type needs code of its own. It is a stub; stub i jumps to the
// func value stubFuncs[i]. A type, once it is made, may be mentioned by values for
// ever, so stubs are not given back. When those that are compiled are used up, more
// are written at run time, where we know how.

// ErrStubs says that all stubs are in use.
var ErrStubs = errors.New("too many methods in this session; restart the kernel")

var (
	stubMu   sync.Mutex
	stubUsed int
)

// isStub reports whether code is the address of a stub.
func isStub(code uintptr) bool {
	return stubCount > 0 && code >= uintptr(stubCode[0]) && code <= uintptr(stubCode[stubCount-1]) || isMoreStub(code)
}

// stub reserves a stub for func value f and returns its offset for a descriptor.
func stub(f Pointer) (int32, error) {
	stubMu.Lock()
	defer stubMu.Unlock()
	if stubUsed == stubCount {
		code := moreStub(f)
		if code == nil {
			return 0, ErrStubs
		}
		return addReflectOff(code), nil
	}
	stubFuncs[stubUsed] = f
	stubUsed++
	return addReflectOff(stubCode[stubUsed-1]), nil
}
