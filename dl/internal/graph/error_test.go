package graph

import (
	"errors"
	"testing"

	"github.com/fluxion-go/fluxion/dl/backend"
)

// TestUnsupported: what the backend does not know is an error with the operation
// and what it was applied to.
func TestUnsupported(t *testing.T) {
	bools := Constant(Type{backend.Bool, []int{2}}, backend.NewBuffer(backend.Bool, 2))
	_, err := Apply(backend.Add, nil, bools, bools)
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v is no *Error", err)
	}
	if want := "add: backend reference cannot run add: dtype bool"; err.Error() != want || len(e.Shapes) != 2 || e.Shapes[0][0] != 2 || e.DTypes[1] != backend.Bool || e.Help == "" {
		t.Errorf("got %+v, want %s with shapes, dtypes and help", e, want)
	}
	var u *backend.Unsupported
	if !errors.As(err, &u) || u.Op != backend.Add {
		t.Errorf("the cause is %v", e.Cause)
	}
}
