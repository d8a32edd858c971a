// Package interp runs Go cells: it is the [cell.Evaluator] of fluxion.
//
// # What a cell is
//
// A cell is Go without the ceremony: imports, declarations, statements and a
// last expression, in one text. Cells run one after another in a session that
// grows:
//
//	import "strings"                          // stays imported
//
//	func shout(s string) string { return strings.ToUpper(s) + "!" }
//
//	words := strings.Fields("a cell is go")   // a package variable from now on
//	shout(words[0])                           // the cell's value
//
// The value of a cell is that of its last statement, if that is an expression:
// a call that returns nothing or several values has none, and a semicolon behind
// it keeps it from being shown. Declarations of types, constants, functions and
// methods may stand in any order. Variables and imports may stay unused, := may
// declare a name that an earlier cell has, and a package of the standard library
// is imported when it is first mentioned, which is said. A func init runs where it
// stands, behind the variables that are declared right after it.
//
// A name that is declared anew means the new thing everywhere: a function, type,
// method or constant that mentions it is compiled again from its source, and
// variables keep their values where these fit the new types. What does not
// compile any more is reported by name and keeps its former meaning, and so are
// variables that hold values of a former type. An import line that gives a name
// to another package reaches the functions that mention it, too.
//
// Lines that begin with % are commands (%help lists them), those that begin with
// ! are for the system's shell, and ?name shows what a name is. They run in their
// place among the code. %get brings a module, which is interpreted from its
// source.
//
// # How a cell runs
//
//	text ── splitMagics ── parse ── check ── Executor.Run ── Render ── cell.Result
//
// The magics are taken out (magic.go), and what is left runs piece by piece
// (run.go). A piece is cut at the semicolons outside brackets and parsed as up
// to three files of equal length, in each of which what belongs to the others is
// blank, so that every position is one of the cell (parse.go). go/types checks the
// cell as a package of its own whose scope is seeded with what it mentions
// (check.go, pass.go); kept declarations that depend on what changes join it
// (unit.go, compat.go). The checked cell goes to an executor through the border in
// package exec. Go's type checker is the truth about a cell for errors, completion
// and inspection alike; the executors find nothing wrong that it has not found.
// What to do about an error stands in one table (advice.go).
//
// The vm runs several cells at once. A cell holds the turn of the session while
// it is compiled and loaded, so that each knows what those before it declare.
//
// What cells print goes to the output of the cell whose goroutine prints it
// (stdio.go). An interrupt, a panic, also in a goroutine, and os.Exit end the
// cell with an error, and the session goes on.
package interp
