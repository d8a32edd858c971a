//go:build !unix

package session

import "os/exec"

// apart does nothing: there are no process groups here.
func apart(*exec.Cmd) {}

// killGroup ends a child.
func killGroup(cmd *exec.Cmd) { cmd.Process.Kill() }
