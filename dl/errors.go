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
	Kind   error   // what kind it is, for errors.Is: ErrShape, ErrDType, ErrDevice or ErrName; nil for others
}

// The kinds of errors, for errors.Is(err, dl.ErrShape).
var (
	ErrShape  = graph.ErrShape  // shapes, axes or indices that do not fit
	ErrDType  = graph.ErrDType  // a dtype that an operation does not take
	ErrDevice = graph.ErrDevice // an operation that the backend does not have, or a backend that is not there
	ErrName   = graph.ErrName   // a placeholder or variable that is missing, unknown, or there twice
)

// Is reports whether target is the kind of e.
func (e *Error) Is(target error) bool { return e.Kind != nil && e.Kind == target }

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
		panic(&Error{g.Op, g.Shapes, g.DTypes, g.Axis, g.Msg, g.Help, g.Cause, g.Kind})
	}
	e := &Error{Op: op, Axis: -1, Msg: err.Error(), Cause: err}
	var u *backend.Unsupported
	if errors.As(err, &u) {
		e.Help, e.Kind = `another backend may: dl.Use("cpu")`, ErrDevice
	}
	panic(e)
}

// misuse returns an error of op applied to ts: of their shapes, unless kind says
// otherwise.
func misuse(op string, ts []*Tensor, format string, args ...any) *Error {
	e := &Error{Op: op, Axis: -1, Msg: fmt.Sprintf(format, args...)}
	for _, t := range ts {
		e.Shapes = append(e.Shapes, t.Shape())
		e.DTypes = append(e.DTypes, t.DType())
		e.Kind = ErrShape
	}
	return e
}

func (e *Error) at(axis int) *Error {
	e.Axis = axis
	return e
}

func (e *Error) kind(k error) *Error {
	e.Kind = k
	return e
}

func (e *Error) help(format string, args ...any) *Error {
	e.Help = fmt.Sprintf(format, args...)
	return e
}
