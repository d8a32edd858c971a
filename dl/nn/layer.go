package nn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fluxion-go/fluxion/dl"
)

// A Layer computes outputs from inputs with parameters that training changes.
// A layer with a method String is called by what that returns.
type Layer interface {
	// Apply returns the outputs for the inputs x, of which the first axis
	// counts the examples and may have unknown length. x may be concrete or
	// symbolic. The first call makes the parameters, from the sizes of x's
	// other axes.
	Apply(x *dl.Tensor) *dl.Tensor

	// Parameters returns the variables that training changes: none before the
	// first Apply, and always the same afterwards.
	Parameters() []*dl.Tensor
}

// plain is a layer without parameters.
type plain struct {
	name string
	f    func(x *dl.Tensor) *dl.Tensor
}

func (l plain) Apply(x *dl.Tensor) *dl.Tensor { return l.f(x) }
func (l plain) Parameters() []*dl.Tensor      { return nil }
func (l plain) String() string                { return l.name }

// Func returns a layer without parameters that computes f.
func Func(name string, f func(x *dl.Tensor) *dl.Tensor) Layer { return plain{name, f} }

// ReLU returns the layer max(x, 0).
func ReLU() Layer { return Func("relu", (*dl.Tensor).ReLU) }

// Tanh returns the layer tanh(x).
func Tanh() Layer { return Func("tanh", (*dl.Tensor).Tanh) }

// Sigmoid returns the layer 1/(1+exp(−x)).
func Sigmoid() Layer { return Func("sigmoid", (*dl.Tensor).Sigmoid) }

// Softmax returns the layer exp(x)/Σexp(x), summed along the last axis. The
// loss [SoftmaxCrossEntropy] has it in it already.
func Softmax() Layer {
	return Func("softmax", func(x *dl.Tensor) *dl.Tensor { return x.Softmax(-1) })
}

// Flatten returns the layer that joins all axes but the first.
func Flatten() Layer { return Func("flatten", (*dl.Tensor).Flatten) }

// describe returns what a layer is called in errors and tables.
func describe(l Layer) string {
	switch l := l.(type) {
	case *Model:
		return fmt.Sprintf("model of %d layers", len(l.layers))
	case fmt.Stringer:
		return l.String()
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", l), "*")
}

// within calls f and puts the name of a layer in front of the error that f
// panics with.
func within(layer string, f func() *dl.Tensor) (out *dl.Tensor) {
	err := dl.Try(func() { out = f() })
	if err == nil {
		return out
	}
	var e *dl.Error
	if errors.As(err, &e) {
		named := *e
		named.Op, named.Cause = layer+": "+e.Op, e
		panic(&named)
	}
	panic(err)
}

// misuse returns an error of op on x.
func misuse(op string, x *dl.Tensor, help, format string, args ...any) *dl.Error {
	e := &dl.Error{Op: op, Axis: -1, Msg: fmt.Sprintf(format, args...), Help: help}
	if x != nil {
		e.Shapes, e.DTypes = [][]int{x.Shape()}, []dl.DType{x.DType()}
	}
	return e
}
