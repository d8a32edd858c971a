//go:build !linux && !darwin

package repl

import "errors"

// A keyboard is not needed where the line editor asks the console, not the
// terminal, for the cursor.
type keyboard struct{}

func newKeyboard() (*keyboard, error) { return nil, errors.ErrUnsupported }

func (k *keyboard) during(read func() (string, error)) (string, error) { return read() }
