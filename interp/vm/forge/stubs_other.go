//go:build !amd64 && !arm64

package forge

const stubCount = 0

var stubFuncs, stubCode []Pointer
