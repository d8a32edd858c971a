// Package vm runs cells by compiling them to trees of Go closures.
//
// A cell that type-checks is put into SSA form by golang.org/x/tools/go/ssa and
// joins one growing program. A function is compiled when it is first called.
//
// # Values
//
// Every interpreted value has the memory layout that the Go compiler would give it.
// Named types, interface types and structs with embedded fields that cells
// declare get run-time type descriptors with real methods (package forge,
// rtype.go), so fmt, encoding/json, sort and errors.As in compiled code see
// ordinary Go values, and interpreted code makes ordinary interface values.
// A func value of interpreted code is a real func value too (closure.go).
//
// # Execution
//
// An SSA value that is used once, in its own block, becomes a sub-closure of its
// user: an expr[T], where T is the Go type of its kind. Other values live in
// the frame of their function at a fixed offset. The frame is one heap object
// whose forged type tells the garbage collector which words are pointers;
// frames are pooled by goroutine and function. A block is a list of steps and a
// terminator that returns the next block; a loop of one block runs inside its
// terminator, and one that counts or fills a slice is a closure of its own. What is
// frequent in one piece is one closure: an element with its index (affine.go,
// element.go), a field (field.go), an assignment with an operator (update.go).
// Phis that are moved into each other share a place (places.go).
//
// The files follow this order: compile.go has the order of evaluation, operand.go
// what an operand is, kind.go the operations that each kind of value has, and
// control.go blocks and jumps; arith.go, memory.go, convert.go, iface.go,
// index.go, builtin.go, call.go, channel.go and range.go compile the
// instructions, one group each.
//
// # What is forgotten
//
// What the machine knows of a cell's package hangs on the package (known.go), so that
// it goes when nothing can mention the package any more; forget.go takes such packages
// out of the SSA program, and brings them back while something that mentions them is
// built.
//
// # Compiled packages
//
// Packages that are known only by their types are bound through symbol tables.
// Calls go through compiled bridges, one for each shape of argument and result
// registers (bridge.go), and through package reflect where a shape has none.
//
// # Interrupts
//
// Back edges and calls poll the flag of the run that a goroutine belongs to, and
// blocking operations wait for it as well, those of package sync too (locks.go).
// Deferred calls run while a cancelled run unwinds, for a short time. What waits
// in other compiled code is left behind after a grace period and unwinds when it
// returns.
package vm
