package tf

import (
	"fmt"
	"slices"
	"sync"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// An Operation changes variables when it is run.
type Operation struct{ updates []dl.Update }

// FeedDict gives placeholders their elements in a run.
type FeedDict = dl.Feed

// An Optimizer is a rule by which operations change variables.
type Optimizer struct{ rule opt.Optimizer }

// GradientDescentOptimizer moves variables by the learning rate times the
// gradient; see [opt.SGD].
func GradientDescentOptimizer(learningRate float64) Optimizer {
	return Optimizer{opt.SGD(learningRate)}
}

// MomentumOptimizer is gradient descent with momentum; see [opt.SGD].
func MomentumOptimizer(learningRate, momentum float64) Optimizer {
	return Optimizer{opt.SGD(learningRate, opt.Momentum(momentum))}
}

// AdamOptimizer is the rule of Kingma and Ba; see [opt.Adam].
func AdamOptimizer(learningRate float64) Optimizer { return Optimizer{opt.Adam(learningRate)} }

// Minimize returns the operation that takes a step to make the loss, a number,
// smaller. It changes the given variables, or where none are given all that the
// loss is computed from.
func (o Optimizer) Minimize(loss *Tensor, variables ...*Tensor) *Operation {
	if len(variables) == 0 {
		variables = dl.Variables(loss)
	}
	return &Operation{opt.Minimize(o.rule, loss, variables...)}
}

// Assign returns the operation that gives a variable a new value.
func Assign(v *Tensor, value any) *Operation { return &Operation{[]dl.Update{dl.Set(v, value)}} }

// Group returns the operation that does several at once.
func Group(ops ...*Operation) *Operation {
	g := &Operation{}
	for _, o := range ops {
		g.updates = append(g.updates, o.updates...)
	}
	return g
}

// GlobalVariablesInitializer returns an operation that does nothing: variables
// have their initial values from the moment they are made. It is there for the
// line of the program that runs it.
func GlobalVariablesInitializer() *Operation { return &Operation{} }

// A Session runs parts of the graph. What it compiles for a combination of
// fetches and placeholders it keeps.
type Session struct {
	mu   sync.Mutex
	kept []compiled // the most recently used first
}

type compiled struct {
	fetches []any
	inputs  []*Tensor
	f       *dl.Func
}

// MaxKept is how many combinations a session keeps compiled.
const MaxKept = 32

// NewSession returns a session.
func NewSession() *Session { return &Session{} }

// Run computes the fetches, each a [*Tensor] or an [*Operation], for a feed,
// which may be nil, and returns a tensor for each of them, nil for an operation.
// All tensors are computed before any operation changes a variable.
func (s *Session) Run(feed FeedDict, fetches ...any) []*Tensor {
	c := s.compiled(feed, fetches)
	args := make([]any, len(c.inputs))
	for i, p := range c.inputs {
		args[i] = feed[p]
	}
	values := c.f.Call(args...)
	out := make([]*Tensor, len(fetches))
	for i, f := range fetches {
		if _, ok := f.(*Tensor); ok {
			out[i], values = values[0], values[1:]
		}
	}
	return out
}

// Value is Run for one tensor with one element.
func (s *Session) Value(fetch *Tensor, feed FeedDict) float64 { return s.Run(feed, fetch)[0].Item() }

func (s *Session) compiled(feed FeedDict, fetches []any) compiled {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range s.kept {
		if c.serves(feed, fetches) {
			copy(s.kept[1:i+1], s.kept[:i])
			s.kept[0] = c
			return c
		}
	}
	c := compiled{fetches: slices.Clone(fetches)}
	for p := range feed {
		c.inputs = append(c.inputs, p)
	}
	var outputs []*Tensor
	var updates []dl.Update
	for _, f := range fetches {
		switch f := f.(type) {
		case *Tensor:
			outputs = append(outputs, f)
		case *Operation:
			updates = append(updates, f.updates...)
		default:
			panic(&dl.Error{Op: "run", Axis: -1, Msg: fmt.Sprintf("a %T was to be run, want a *tf.Tensor or a *tf.Operation", f)})
		}
	}
	c.f = dl.Function(c.inputs, outputs, updates...)
	s.kept = slices.Insert(s.kept[:min(len(s.kept), MaxKept-1)], 0, c)
	return c
}

// serves reports whether c computes the fetches from placeholders that are fed.
func (c compiled) serves(feed FeedDict, fetches []any) bool {
	if len(feed) != len(c.inputs) || !slices.Equal(fetches, c.fetches) {
		return false
	}
	for _, p := range c.inputs {
		if _, ok := feed[p]; !ok {
			return false
		}
	}
	return true
}
