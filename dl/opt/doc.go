// Package opt holds the rules by which training changes parameters:
// [SGD], with momentum, and [Adam].
//
// A rule turns parameters and the gradients of a cost into updates for
// [dl.Function], so that one compiled call computes the cost and takes a step:
//
//	train := dl.Function(
//		[]*dl.Tensor{x, y}, []*dl.Tensor{cost},
//		opt.Minimize(opt.SGD(0.1), cost, w, b)...)
//
// A rule of one's own is any type with the method of [Optimizer].
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

// A rate is the learning rate, as a variable so that it can change between the
// calls of a compiled function.
type rate struct{ v *dl.Tensor }

func newRate(value float64) rate { return rate{dl.Variable(float32(value), "learning rate")} }

// LearningRate returns the learning rate.
func (r rate) LearningRate() float64 { return r.v.Item() }

// SetLearningRate changes the learning rate. Functions that were compiled
// with the rule use it from their next call on.
func (r rate) SetLearningRate(value float64) { r.v.Assign(float32(value)) }

// of returns the learning rate in the dtype of p.
func (r rate) of(p *dl.Tensor) *dl.Tensor {
	if p.DType() == dl.Float32 {
		return r.v
	}
	return r.v.Cast(p.DType())
}

// zeros returns a variable with the shape and dtype of p that begins with 0.
func zeros(p *dl.Tensor, name string) *dl.Tensor {
	if p.Name() != "" {
		name += " of " + p.Name()
	}
	return dl.Variable(dl.ZerosLike(p), name)
}
