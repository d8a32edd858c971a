package graph

import (
	"errors"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// refused returns the failure of a computation; where the backend does not know
// the operation, with what it was applied to.
func (c Call) refused(err error) error {
	var u *backend.Unsupported
	if !errors.As(err, &u) {
		return err
	}
	e := c.fail("%v", u)
	e.Cause, e.Kind = err, ErrDevice
	return e.help("another backend may: dl.Use(\"cpu\")")
}
