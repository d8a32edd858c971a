// Package workloads holds small programs that are run compiled and on the vm, to
// compare how long they take. Their text is embedded, so both run the same.
package workloads

import _ "embed"

// Source is the text of the programs, a file of this package.
//
//go:embed workloads.go
var Source string

// All are the programs by name, with the ratio of the vm's time to the compiled
// code's that is aimed at.
var All = []struct {
	Name string
	Run  func() int
	Goal float64
}{
	{"Fib", Fib, 8},
	{"Sieve", Sieve, 8},
	{"MatMul", MatMul, 8},
	{"Strings", Strings, 3},
	{"Map", Map, 2},
	{"Channel", Channel, 3},
	{"Interface", Interface, 15},
	{"Float32", Float32, 15},
}
