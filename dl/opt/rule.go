package opt

import (
	"fmt"
	"math"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
)

// A Rule is one of the rules of this package: [SGD], [Adam], [AdamW],
// [RMSProp], [Adagrad], [Adadelta], [Adamax], [NAdam], [RAdam], [RProp].
type Rule struct {
	name    string
	initial float64
	rate    *dl.Tensor // a variable, so that it can change between calls of a compiled function
	settings
	slots  []slot
	memory map[*dl.Tensor][]*dl.Tensor // of each parameter, one variable for each slot
	step   func(r *Rule, w, g *dl.Tensor, s []*dl.Tensor) (*dl.Tensor, []*dl.Tensor)
}

// A slot is something that a rule remembers of each parameter.
type slot struct {
	name   string
	number bool // it is one number; otherwise it has the shape of the parameter
	start  float64
}

// settings are what options change.
type settings struct {
	momentum, decay            float64
	beta1, beta2, rho, epsilon float64
	nesterov, amsgrad          bool
	centered, decoupled        bool
}

// An Option changes a rule. An option that the rule does not have is an error.
type Option struct {
	name  string
	apply func(*settings)
}

// newRule returns a rule with the options given, whose names are among those
// allowed; every rule has WeightDecay.
func newRule(name string, learningRate float64, defaults settings, given []Option, allowed ...string) *Rule {
	r := &Rule{name: name, initial: learningRate, settings: defaults, memory: map[*dl.Tensor][]*dl.Tensor{},
		rate: dl.Variable(float32(learningRate), "learning rate")}
	if !(learningRate >= 0) || math.IsInf(learningRate, 0) {
		panic(&dl.Error{Op: "opt", Axis: -1, Msg: fmt.Sprintf("%s with a learning rate of %g", name, learningRate), Help: "it is a positive number, such as 0.01; the rule itself goes down"})
	}
	allowed = append(allowed, "WeightDecay")
	for _, o := range given {
		if !slices.Contains(allowed, o.name) {
			panic(&dl.Error{Op: "opt", Axis: -1, Msg: fmt.Sprintf("%s has no option %s", name, o.name), Help: fmt.Sprintf("its options are %v", allowed)})
		}
		o.apply(&r.settings)
	}
	return r
}

// String returns the name of the rule and its learning rate.
func (r *Rule) String() string { return fmt.Sprintf("%s(%g)", r.name, r.LearningRate()) }

// LearningRate returns the learning rate.
func (r *Rule) LearningRate() float64 { return r.rate.Item() }

// SetLearningRate changes the learning rate, and with it what [Rule.Scale]
// multiplies. Functions that were compiled with the rule use it from their
// next call on.
func (r *Rule) SetLearningRate(value float64) {
	r.initial = value
	r.Scale(1)
}

// Scale implements [Scalable].
func (r *Rule) Scale(factor float64) { r.rate.Assign(float32(r.initial * factor)) }

// of returns the learning rate in the dtype of w.
func (r *Rule) of(w *dl.Tensor) *dl.Tensor {
	if w.DType() == dl.Float32 {
		return r.rate
	}
	return r.rate.Cast(w.DType())
}

// Updates implements [Optimizer].
func (r *Rule) Updates(parameters, gradients []*dl.Tensor) []dl.Update {
	var updates []dl.Update
	for i, w := range parameters {
		g := gradients[i]
		if r.decay != 0 && !r.decoupled {
			g = g.Add(w.Mul(r.decay))
		}
		slots := r.remembered(w)
		next, slotsNext := r.step(r, w, g, slots)
		for k, s := range slots {
			updates = append(updates, dl.Set(s, slotsNext[k]))
		}
		updates = append(updates, dl.Set(w, next))
	}
	return updates
}

// State implements [Stateful].
func (r *Rule) State(parameters []*dl.Tensor) []*dl.Tensor {
	var all []*dl.Tensor
	for _, w := range parameters {
		all = append(all, r.remembered(w)...)
	}
	return all
}

// remembered returns what the rule remembers of w, by slot.
func (r *Rule) remembered(w *dl.Tensor) []*dl.Tensor {
	vs, ok := r.memory[w]
	if !ok {
		for _, s := range r.slots {
			name, start := s.name, dl.ZerosLike(w)
			if w.Name() != "" {
				name += " of " + w.Name()
			}
			if s.number {
				start = dl.NewAs(w.DType(), s.start)
			} else if s.start != 0 {
				start = start.Add(s.start)
			}
			vs = append(vs, dl.Variable(start, name))
		}
		r.memory[w] = vs
	}
	return vs
}

// Momentum makes [SGD] or [RMSProp] remember the fraction m, such as 0.9, of
// its last step.
func Momentum(m float64) Option { return Option{"Momentum", func(s *settings) { s.momentum = m }} }

// Nesterov makes [SGD] take the gradient as if the step of the momentum had
// been made already. It needs [Momentum] beside it to have an effect.
func Nesterov() Option { return Option{"Nesterov", func(s *settings) { s.nesterov = true }} }

// WeightDecay pulls parameters to 0, by adding λ·w to the gradient of each
// parameter w. For [AdamW] it is taken from the parameter directly.
func WeightDecay(lambda float64) Option {
	return Option{"WeightDecay", func(s *settings) { s.decay = lambda }}
}

// Betas sets what fraction of their two moments [Adam] and its kin remember.
func Betas(beta1, beta2 float64) Option {
	return Option{"Betas", func(s *settings) { s.beta1, s.beta2 = beta1, beta2 }}
}

// Epsilon sets what keeps a rule from dividing by 0.
func Epsilon(e float64) Option { return Option{"Epsilon", func(s *settings) { s.epsilon = e }} }

// Rho sets what fraction of its mean square [RMSProp] or [Adadelta] remembers.
func Rho(rho float64) Option { return Option{"Rho", func(s *settings) { s.rho = rho }} }

// Centered makes [RMSProp] divide by an estimate of the standard deviation of
// the gradient rather than of its root mean square.
func Centered() Option { return Option{"Centered", func(s *settings) { s.centered = true }} }

// AMSGrad makes [Adam] or [AdamW] divide by the greatest second moment there
// was: Reddi, Kale and Kumar, "On the convergence of Adam and beyond" (2018).
func AMSGrad() Option { return Option{"AMSGrad", func(s *settings) { s.amsgrad = true }} }
