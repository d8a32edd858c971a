package display

import "fmt"

// An Error says what an argument should have been.
type Error struct {
	Func    string // the function that was called: "Line"
	Message string // what was wanted, what was got, what to do
}

// Error returns "display.Line: ys has 3 values and xs 4; …".
func (e *Error) Error() string { return "display." + e.Func + ": " + e.Message }

// misuse stops the caller's cell with an *Error.
func misuse(fn, format string, args ...any) {
	panic(&Error{Func: fn, Message: fmt.Sprintf(format, args...)})
}
