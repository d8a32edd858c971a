//go:build !linux

package kernel

// What the host has is not known here.

func hostMemory() fields { return nil }

func hostTime() (busy, all float64, ok bool) { return 0, 0, false }
