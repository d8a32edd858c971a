// Package exec is the border between interp's front end, which parses and
// type-checks cells, and its executors, which run them.
package exec

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
)

// Symbols are the compiled packages that cells can use: import path → exported
// name → value, as the symbol extractor writes them. A type is a nil pointer to
// it, a variable the address of it, a constant and a function their value.
type Symbols map[string]map[string]reflect.Value

// A Cell is one cell that type-checks, as one package of its own.
//
// All cells have the package path "main", so that unexported fields and methods
// stay visible; objects of earlier cells that this one mentions are in
// Info.Uses under the types.Object of the cell that declared them. Package
// variables take no value from their declarations: Entry assigns them in the
// order in which the cell states them.
type Cell struct {
	Number int // execution count
	Fset   *token.FileSet

	// Files hold the package. The first is the cell itself with Entry; the
	// others are declarations of earlier cells that are compiled anew because
	// something they mention has changed.
	Files []*ast.File
	Pkg   *types.Package
	Info  *types.Info

	// Entry is the function that runs the cell's statements:
	// func() any where the cell ends in an expression with one value, whose
	// value it returns, and func() otherwise.
	Entry *types.Func

	// Replaces maps an object that this cell declares to the earlier one whose
	// place it takes: a variable keeps the storage of the earlier one, and
	// callers of the earlier function or method call this one. The two types
	// are identical, or become so when each named type is read as the one that
	// Replaces maps it to; their values have the same layout. An earlier object
	// of another type is not in the map.
	Replaces map[types.Object]types.Object

	// Loaded is called when the cell has become part of the executor's program,
	// before it runs: from then on other cells may be run while this one does. An
	// executor that runs one cell at a time does not call it.
	Loaded func()
}

// A Config is what an executor is made with.
type Config struct {
	Fset     *token.FileSet // of all cells and interpreted packages
	Symbols  Symbols
	Packages Packages

	// Stray is told of a panic that ended a goroutine of a cell. It is called
	// on that goroutine, so cell.Current is the cell that started it.
	Stray func(*Panic)
}

// A Program is a package main that is run as a whole, as the go command runs it:
// package variables take their values from their declarations, then init
// functions and main are called.
type Program struct {
	Fset  *token.FileSet
	Files []*ast.File
	Pkg   *types.Package
	Info  *types.Info
}

// An Executor runs cells. It is given one cell after another: the next when the
// one before has ended, or, where Concurrent says that it can run several, when
// that has called its Loaded. The goroutines that cells start may go on meanwhile.
type Executor interface {
	// Run runs c's Entry. The value is Entry's result, the invalid
	// reflect.Value where it has none or the result is nil. Run returns when
	// Entry does or soon after ctx is cancelled, then with ctx's error. A panic
	// in the cell is a *Panic; a panic whose value has the method ExitCode() int,
	// which the symbols of os.Exit and log.Fatal raise, is an *Exit. What the executor cannot run is an
	// *Unsupported, found before anything has run.
	Run(ctx context.Context, c *Cell) (reflect.Value, error)

	// Concurrent reports whether Run may be called while another cell runs. Each
	// cell must have been checked, and is run, within its own cell.Enter, and is
	// cancelled by its own ctx alone. What two cells do to the same variable
	// without a lock is a data race, as between goroutines.
	Concurrent() bool

	// Call calls f, compiled code that calls functions of earlier cells, within
	// its own cell.Enter. It returns as Run does, with the same errors.
	Call(ctx context.Context, f func()) error

	// RunProgram runs p and returns when its main does, with an error as Run. A
	// panic in another goroutine goes to Config.Stray.
	RunProgram(ctx context.Context, p *Program) error

	// Value returns the present value of a package variable of an earlier
	// cell, addressable where the executor can.
	Value(v *types.Var) (reflect.Value, bool)

	// Close stops what still runs.
	Close() error
}

// Packages gives an executor the packages that cells import.
type Packages interface {
	types.Importer

	// Source returns the files and type information of a package that is
	// interpreted because it has no compiled form, such as slices; ok is false
	// for compiled packages.
	Source(path string) (files []*ast.File, info *types.Info, ok bool)
}

// A Panic is a panic that no deferred call of the cell recovered.
type Panic struct {
	Value any
	Text  string // Value as a Go program prints it when it dies: "boom", or error and Stringer text
	Trace []Call // the cells' active calls, innermost first
}

func (p *Panic) Error() string { return "panic: " + p.Text }

// A Call is one active call of interpreted code.
type Call struct {
	Func string
	Pos  token.Pos
}

// An Exit says that the cell asked to end the process, or that a program has ended for
// another reason, which Message says.
type Exit struct {
	Code    int
	Message string
}

func (e *Exit) Error() string { return "exit" }

// An Unsupported names a construct that the executor does not run.
type Unsupported struct {
	Pos  token.Pos
	What string
}

func (u *Unsupported) Error() string { return u.What }

// ExitCode is the status that the process was to end with. Executors know such
// a panic by this method.
func (e *Exit) ExitCode() int { return e.Code }
