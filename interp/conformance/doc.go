// Command conformance runs the programs with which the Go project tests its own
// compilers and compares what they do with what they do under "go run".
//
//	go run ./interp/conformance            # compares with the table
//	go run ./interp/conformance -update    # and writes it
//	go run ./interp/conformance -run chan/ # some programs, with their output
//
// The programs are the files of GOROOT/test whose first directive is exactly
// "// run". Each runs in a process of its own, with a limit on time and memory and
// without a go command on its path, on every executor; its exit status and its
// output must be those of the compiled program. What these are is kept in
// build/, so that only the first run compiles a thousand programs.
//
// The table, go1.26.txt, has the verdict of each executor, and why where the vm
// does not pass. Without -update the command fails where a program no longer
// passes that the table has as passing, and where a failure is not explained.
package main
