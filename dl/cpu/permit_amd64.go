//go:build !linux

package cpu

// permitAMX reports that tiles may not be used: how to ask other systems than
// Linux for them was not tried.
func permitAMX() bool { return false }
