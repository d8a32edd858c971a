//go:build !amd64 && !arm64

package forge

// Goroutine identifies the calling goroutine while it lives, on other processors.
func Goroutine() uintptr { return 0 }
