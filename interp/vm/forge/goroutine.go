//go:build amd64 || arm64

package forge

// Goroutine identifies the calling goroutine while it lives.
func Goroutine() uintptr
