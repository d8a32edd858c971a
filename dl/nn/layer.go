package nn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fluxion-go/fluxion/dl"
)

// A Layer computes outputs from inputs with parameters that training changes.
// A layer with a method String is called by what that returns.
//
// Three more methods are optional: ApplyIn ([Moded]) for a layer that does
// something else in training, State ([Stateful]) for variables that are not
// learned, Layers ([Parent]) for a layer made of others. A layer may also be
// written as one function; see [New].
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

// Moded is a layer that does something else in training than in evaluation, or
// that passes the difference on to the layers in it.
type Moded interface {
	Layer

	// ApplyIn is Apply in a pass; Apply is ApplyIn in a pass of evaluation.
	ApplyIn(p *Pass, x *dl.Tensor) *dl.Tensor
}

// Stateful is a layer with variables that change while it is trained, but not
// by gradients, such as running means. They are saved with the parameters.
type Stateful interface {
	Layer

	// State returns those variables: none before the first Apply.
	State() []*dl.Tensor
}

// A Parent is a layer made of other layers, whose parameters and state are
// among its own.
type Parent interface {
	Layer
	Layers() []Layer
}

// A Joiner is a layer of several inputs; see [Join].
type Joiner interface {
	Layer
	ApplyAll(p *Pass, xs ...*dl.Tensor) *dl.Tensor
}

// plain is a layer without parameters.
type plain struct {
	name string
	f    func(x *dl.Tensor) *dl.Tensor
}

func (l plain) Apply(x *dl.Tensor) *dl.Tensor { return l.f(x) }
func (l plain) Parameters() []*dl.Tensor      { return nil }
func (l plain) String() string                { return l.name }

// Func returns a layer without parameters that computes f. See [New] for one
// with parameters.
func Func(name string, f func(x *dl.Tensor) *dl.Tensor) Layer { return &plain{name, f} }

// describe returns what a layer is called in errors and tables.
func describe(l Layer) string {
	switch l := l.(type) {
	case *Model:
		return fmt.Sprintf("model of %d layers", len(l.nodes))
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

// oneExample says what to do with an example that is no batch of examples.
const oneExample = "the first axis counts the examples: x.ExpandDims(0) is a batch of one"

// misuse returns an error of op on x.
func misuse(op string, x *dl.Tensor, help, format string, args ...any) *dl.Error {
	e := &dl.Error{Op: op, Axis: -1, Msg: fmt.Sprintf(format, args...), Help: help}
	if x != nil {
		e.Shapes, e.DTypes, e.Kind = [][]int{x.Shape()}, []dl.DType{x.DType()}, dl.ErrShape
	}
	return e
}
