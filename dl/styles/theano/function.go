package theano

import "github.com/fluxion-go/fluxion/dl"

// Inputs are the symbols for which a function takes arguments.
type Inputs []*Variable

// Outputs are the expressions whose values a function returns.
type Outputs []*Variable

// An Option of [Function] is [Updates] or [Givens].
type Option interface {
	option(*options)
}

type options struct {
	updates Updates
	givens  dl.Feed
}

// Updates says which shared variables get new values at each call: pairs of a
// variable and an expression. They happen together, after the outputs are
// computed.
type Updates [][2]*Variable

func (u Updates) option(o *options) { o.updates = append(o.updates, u...) }

// Givens puts expressions in the places of symbols in this function, such as a
// batch of a shared data set in the place of an input.
type Givens map[*Variable]*Variable

func (g Givens) option(o *options) {
	for x, v := range g {
		o.givens[x] = v
	}
}

// Function compiles the computation of outputs from inputs; its Call takes an
// argument for each input and returns a tensor for each output.
func Function(inputs Inputs, outputs Outputs, given ...Option) *dl.Func {
	o := options{givens: dl.Feed{}}
	for _, g := range given {
		g.option(&o)
	}
	all := append([]*Variable{}, outputs...)
	for _, u := range o.updates {
		all = append(all, u[1])
	}
	if len(o.givens) > 0 {
		all = dl.Replace(all, o.givens)
	}
	updates := make([]dl.Update, len(o.updates))
	for i, u := range o.updates {
		updates[i] = dl.Set(u[0], all[len(outputs)+i])
	}
	return dl.Function(inputs, all[:len(outputs)], updates...)
}

// Grad returns the derivatives of cost, a number, by each of wrt.
func Grad(cost *Variable, wrt ...*Variable) []*Variable {
	g := dl.Grads(cost, wrt...)
	out := make([]*Variable, len(wrt))
	for i, x := range wrt {
		out[i] = g.Of(x)
	}
	return out
}

// ScanOptions are the keyword arguments of scan.
type ScanOptions struct {
	Sequences        []dl.Sequence // with Taps where a step sees more than one row
	OutputsInfo      []dl.State    // for each result; {} (None) for one that does not come back
	NonSequences     []*Variable
	NSteps           int // 0: as many as the sequences have rows
	TruncateGradient int // 0: the gradient goes back to the start
	GoBackwards      bool
}

// Scan calls fn for one row of the sequences after another and returns the stack
// of each of its results. fn takes the rows, then what comes back of earlier
// results, then the NonSequences; see [dl.Scan].
func Scan(fn any, o ScanOptions) []*Variable {
	return dl.Scan(fn, dl.ScanOptions{
		Sequences: o.Sequences, States: o.OutputsInfo, Others: o.NonSequences,
		Steps: o.NSteps, Truncate: o.TruncateGradient, Backwards: o.GoBackwards,
	})
}
