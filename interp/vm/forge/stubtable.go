//go:build amd64 || arm64

package forge

//go:generate go run ../gen

var (
	stubFuncs [stubCount]Pointer // what stub i jumps to
	stubCode  [stubCount]Pointer // where stub i is; set by the linker
)
