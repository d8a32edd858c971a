package nn

import (
	"slices"

	"github.com/fluxion-go/fluxion/dl"
)

// New returns a layer that is written as one function. What the function asks
// its [Scope] for is made when it is asked for the first time, and the same
// afterwards:
//
//	scale := nn.New("scale", func(s *nn.Scope, x *dl.Tensor) *dl.Tensor {
//		return x.Mul(s.Parameter("factors", nn.Constant(1), x.Shape()[1]))
//	})
func New(name string, f func(s *Scope, x *dl.Tensor) *dl.Tensor) Layer {
	return &written{name: name, f: f, variables: map[string]*dl.Tensor{}}
}

// written is a layer that [New] makes.
type written struct {
	name              string
	f                 func(s *Scope, x *dl.Tensor) *dl.Tensor
	variables         map[string]*dl.Tensor
	parameters, state []*dl.Tensor // in the order in which they were asked for
	children          []Layer
}

func (l *written) String() string  { return l.name }
func (l *written) Layers() []Layer { return slices.Clone(l.children) }

func (l *written) Apply(x *dl.Tensor) *dl.Tensor { return l.ApplyIn(Evaluation(), x) }

func (l *written) ApplyIn(p *Pass, x *dl.Tensor) *dl.Tensor {
	y := l.f(&Scope{Pass: p, l: l, x: x}, x)
	if y == nil {
		panic(misuse(l.name, x, "", "its function returned nil, want a tensor"))
	}
	return y
}

func (l *written) Parameters() []*dl.Tensor {
	return union(append([][]*dl.Tensor{l.parameters}, each(l.children, Layer.Parameters)...)...)
}

func (l *written) State() []*dl.Tensor {
	return union(append([][]*dl.Tensor{l.state}, each(l.children, stateOf)...)...)
}

// A Scope is what the function of [New] gets: the pass, and the variables of
// the layer.
type Scope struct {
	*Pass
	l *written
	x *dl.Tensor
}

// Parameter returns the parameter of this name. The first call makes it with
// what init returns, in the dtype of the layer's input. Of a parameter of two
// axes the first counts inputs, the second outputs, for initialisers that ask.
func (s *Scope) Parameter(name string, init Initializer, shape ...int) *dl.Tensor {
	return s.variable(&s.l.parameters, name, init, shape)
}

// State returns the variable of this name, which is not learned, and which the
// layer changes by [Pass.Set].
func (s *Scope) State(name string, init Initializer, shape ...int) *dl.Tensor {
	return s.variable(&s.l.state, name, init, shape)
}

func (s *Scope) variable(list *[]*dl.Tensor, name string, init Initializer, shape []int) *dl.Tensor {
	if v := s.l.variables[name]; v != nil {
		if !slices.Equal(v.Shape(), shape) {
			panic(misuse(s.l.name, v, "", "%s has shape %v, and is asked for with shape %v", name, v.Shape(), shape))
		}
		return v
	}
	fanIn, fanOut := 1, 1
	if n := len(shape); n > 0 {
		fanOut = shape[n-1]
		for _, d := range shape[:n-1] {
			fanIn *= d
		}
	}
	v := parameter(s.x, name, init, fanIn, fanOut, shape...)
	s.l.variables[name] = v
	*list = append(*list, v)
	return v
}

// Apply applies a layer that is part of this one. Its parameters and state
// belong to this one from then on.
func (s *Scope) Apply(l Layer, x *dl.Tensor) *dl.Tensor {
	s.adopt(l)
	return s.Pass.Apply(l, x)
}

// ApplyAll is Apply for a layer of several inputs.
func (s *Scope) ApplyAll(l Layer, xs ...*dl.Tensor) *dl.Tensor {
	s.adopt(l)
	return s.Pass.ApplyAll(l, xs...)
}

func (s *Scope) adopt(l Layer) {
	if !slices.Contains(s.l.children, l) {
		s.l.children = append(s.l.children, l)
	}
}
