//go:build !linux || !amd64

package forge

func moreStub(Pointer) Pointer { return nil }

func isMoreStub(uintptr) bool { return false }
