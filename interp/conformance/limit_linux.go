package main

import "syscall"

// limitMemory limits the address space of this process, so that a program that
// takes too much dies alone.
func limitMemory() {
	const most = 64 << 30
	syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most})
}
