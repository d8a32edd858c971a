package dl

import (
	"errors"
	"fmt"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// An Error is what the functions and methods of this package panic with when
// they are misused. See [Try] for how to get it as an error.
type Error struct {
	Op     string  // the operation: "matmul"
	Shapes [][]int // of its operands, with −1 for unknown dimensions
	DTypes []DType // of its operands
	Axis   int     // the axis at fault, or −1
	Msg    string  // what is wrong
	Help   string  // what to do about it, or ""
	Cause  error   // the error behind it, or nil
}

// Error returns the operation and what is wrong.
func (e *Error) Error() string { return e.Op + ": " + e.Msg }

// Hint returns one line that says what to do, or "".
func (e *Error) Hint() string { return e.Help }

// Unwrap returns the error behind e, or nil.
func (e *Error) Unwrap() error { return e.Cause }

// ErrInterrupted is behind the [Error] of a computation that was stopped
// because the cell that it ran in was interrupted.
var ErrInterrupted = backend.ErrInterrupted

// ErrNoDerivative is behind the [Error] of differentiating through an operation
// that has no derivative, such as a [While] without a bound.
var ErrNoDerivative = graph.ErrNoDerivative

// Try calls f and returns the error that this package panicked with in it, or
// nil. Other panics go on.
func Try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Error:
			err = r
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

// raise panics with err as an *Error, if it is not nil.
func raise(op string, err error) {
	if err == nil {
		return
	}
	var own *Error
	if errors.As(err, &own) {
		panic(own)
	}
	var g *graph.Error
	if errors.As(err, &g) {
		panic(&Error{g.Op, g.Shapes, g.DTypes, g.Axis, g.Msg, g.Help, g.Cause})
	}
	e := &Error{Op: op, Axis: -1, Msg: err.Error(), Cause: err}
	var u *backend.Unsupported
	if errors.As(err, &u) {
		e.Help = `another backend may: dl.Use("cpu")`
	}
	panic(e)
}

// misuse returns an error of op applied to ts.
func misuse(op string, ts []*Tensor, format string, args ...any) *Error {
	e := &Error{Op: op, Axis: -1, Msg: fmt.Sprintf(format, args...)}
	for _, t := range ts {
		e.Shapes = append(e.Shapes, t.Shape())
		e.DTypes = append(e.DTypes, t.DType())
	}
	return e
}

func (e *Error) at(axis int) *Error {
	e.Axis = axis
	return e
}

func (e *Error) help(format string, args ...any) *Error {
	e.Help = fmt.Sprintf(format, args...)
	return e
}
