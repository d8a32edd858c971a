package graph

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// An Error says which operation was misused and how. Package dl shows it to
// users as its own type with the same fields.
type Error struct {
	Op     string
	Shapes [][]int         // of the operands, −1 where unknown
	DTypes []backend.DType // of the operands
	Axis   int             // the axis at fault, −1 where it is none
	Msg    string
	Help   string // one line that says what to do, or ""
	Cause  error  // what else went wrong, or nil
	Kind   error  // one of those below, or nil
}

// The kinds of errors.
var (
	ErrShape  = errors.New("shapes do not fit")
	ErrDType  = errors.New("a dtype does not fit")
	ErrDevice = errors.New("the backend cannot do it")
	ErrName   = errors.New("something is not there")
)

func (e *Error) Error() string { return e.Op + ": " + e.Msg }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// fail returns an error of op applied to operands of the given types: of their
// shapes, unless kind says otherwise.
func fail(op backend.Op, in []Type, format string, args ...any) *Error {
	e := &Error{Op: string(op), Axis: -1, Msg: fmt.Sprintf(format, args...)}
	for _, t := range in {
		e.Shapes = append(e.Shapes, t.Shape)
		e.DTypes = append(e.DTypes, t.DType)
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

// ShapeString writes a shape as users see it: "(2, ?, 3)".
func ShapeString(shape []int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i, d := range shape {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(dimString(d))
	}
	b.WriteByte(')')
	return b.String()
}

func dimString(d int) string {
	if d < 0 {
		return "?"
	}
	return strconv.Itoa(d)
}
