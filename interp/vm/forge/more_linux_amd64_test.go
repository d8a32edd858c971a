package forge

import "testing"

// TestMoreStubs uses up the stubs that are compiled, and some pages of those that are
// written at run time.
func TestMoreStubs(t *testing.T) {
	if !layoutKnown {
		t.Skip("the vm does not run here")
	}
	stubMu.Lock()
	before := stubUsed
	stubUsed = stubCount
	stubMu.Unlock()
	defer func() { stubUsed = before }()
	for range 3 {
		for range 2 {
			if err := tryTypes(); err != nil {
				t.Fatal(err)
			}
		}
		for range moreStubs {
			if _, err := stub(FuncPointer(func() {})); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(stubPages) < 3 {
		t.Errorf("%d pages of stubs were written, want 3", len(stubPages))
	}
	for _, p := range stubPages {
		if !isStub(uintptr(Pointer(&p.code[0]))) {
			t.Error("a stub is not known as one")
		}
	}
	if isStub(CodeOf(func() {})) {
		t.Error("a function is known as a stub")
	}
}
