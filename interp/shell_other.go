//go:build !unix

package interp

import "os/exec"

// ownGroup does nothing: an interrupt ends the shell alone.
func ownGroup(*exec.Cmd) {}
