// Package opt holds the rules by which training changes parameters: [SGD],
// with momentum, [Adam] and its kin, and the schedules by which learning rates
// change meanwhile.
//
// A rule turns parameters and the gradients of a cost into updates for
// [dl.Function], so that one compiled call computes the cost and takes a step:
//
//	train := dl.Function(
//		[]*dl.Tensor{x, y}, []*dl.Tensor{cost},
//		opt.Minimize(opt.SGD(0.1), cost, w, b)...)
//
// [ClipNorm] and [ClipValue] wrap a rule to bound what it sees; [Groups] gives
// groups of parameters rules of their own. A rule of one's own is any type
// with the method of [Optimizer].
package opt

import "github.com/fluxion-go/fluxion/dl"

// An Optimizer is a rule for changing parameters.
type Optimizer interface {
	// Updates returns what one step does to the parameters, which are
	// variables, given the gradient of the cost by each of them. It is called
	// while a function is built, not at each step. What the rule remembers
	// from step to step it keeps in variables, which it updates as well; a
	// later call with the same parameters goes on with the same variables.
	Updates(parameters, gradients []*dl.Tensor) []dl.Update
}

// Stateful is an [Optimizer] whose memory can be saved.
type Stateful interface {
	Optimizer

	// State returns the variables in which the rule remembers what it needs to
	// go on with the parameters, in an order that depends on nothing else. It
	// makes those that there are not yet.
	State(parameters []*dl.Tensor) []*dl.Tensor
}

// Scalable is an [Optimizer] whose learning rate a [Schedule] can change.
type Scalable interface {
	Optimizer

	// Scale makes the learning rate its initial value times factor. Functions
	// that were compiled with the rule use it from their next call on.
	Scale(factor float64)
}

// Minimize returns the updates of one step of rule that makes cost, a scalar,
// smaller by changing the parameters.
func Minimize(rule Optimizer, cost *dl.Tensor, parameters ...*dl.Tensor) []dl.Update {
	grads := dl.Grads(cost, parameters...)
	of := make([]*dl.Tensor, len(parameters))
	for i, p := range parameters {
		of[i] = grads.Of(p)
	}
	return rule.Updates(parameters, of)
}
