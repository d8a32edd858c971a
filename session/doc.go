// Package session runs an evaluator of cells in a process of its own.
//
// A fatal error of the Go runtime (concurrent map writes, an exhausted memory,
// a panic in time.AfterFunc) ends a process, and no recover catches it. So the
// part that talks to front ends starts a child process, which runs the
// student's code, and outlives it: [Start] returns a cell.Evaluator that passes
// everything on, and the child calls [Serve] with the evaluator that does the
// work. When the child dies, its running cells end with an error that says what
// happened, and another child takes its place, with an empty session.
//
// # The wire
//
// Both directions carry a stream of package encoding/gob, one value of type
// message after another, over the child's standard input and output: a pipe, a
// socket or a connection of ssh will do. gob was taken because both ends are
// this program: it frames by length, carries binary data as it is, tolerates
// fields that one end does not know, is in the standard library, and needs two
// microseconds for a short message. The child's first message is ready, which
// names the version of the wire.
//
// Every request of the parent has a number of its own, which what the child
// says about it carries, results and output alike. Requests are dealt with at
// the same time and answered as each is done. Output of a call that is not yet
// taken is bounded: the child sends window bytes ahead, and the parent says how
// much was taken (credit). So a cell whose output nobody reads waits, and
// nothing else does. The child says when nothing in it can produce output of a
// call any more (forget).
//
// The child's standard error carries what the Go runtime says when the process
// dies. Whatever else comes there, from code that bypasses package os, is
// output of the latest cell, as is what compiled code writes to os.Stdout and
// os.Stderr.
//
// The child ends when its standard input does.
package session
