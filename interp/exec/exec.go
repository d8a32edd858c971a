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
	File   *ast.File
	Pkg    *types.Package
	Info   *types.Info

	// Entry is the function that runs the cell's statements:
	// func() any where the cell ends in an expression with one value, whose
	// value it returns, and func() otherwise.
	Entry *types.Func

	// Replaces maps each object that this cell declares anew to the earlier one
	// of the same name. Variables of identical type share their storage;
	// functions of identical signature are called in the new form by everybody.
	Replaces map[types.Object]types.Object
}

// An Executor runs cells. It is used by one cell at a time, but the goroutines
// that cells start may go on meanwhile.
type Executor interface {
	// Run runs c's Entry. The value is Entry's result, the invalid
	// reflect.Value where it has none. Run returns when Entry does or soon after ctx is
	// cancelled, then with ctx's error. A panic in the cell is a *Panic, a call
	// of os.Exit (or log.Fatal) an *Exit; what the executor cannot run is an
	// *Unsupported, found before anything has run.
	Run(ctx context.Context, c *Cell) (reflect.Value, error)

	// Value returns the present value of a package variable of an earlier
	// cell, addressable.
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

// An Exit says that the cell asked to end the process.
type Exit struct{ Code int }

func (e *Exit) Error() string { return "exit" }

// An Unsupported names a construct that the executor does not run.
type Unsupported struct {
	Pos  token.Pos
	What string
}

func (u *Unsupported) Error() string { return u.What }
