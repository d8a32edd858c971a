package cntk

import (
	"maps"
	"slices"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// A Learner changes parameters by a rule.
type Learner struct {
	rule       opt.Optimizer
	parameters []*Variable
}

// SGD returns the learner that moves parameters by the learning rate times the
// gradient; see [opt.SGD].
func SGD(parameters []*Variable, learningRate float64) Learner {
	return Learner{opt.SGD(learningRate), parameters}
}

// MomentumSGD is [SGD] with momentum.
func MomentumSGD(parameters []*Variable, learningRate, momentum float64) Learner {
	return Learner{opt.SGD(learningRate, opt.Momentum(momentum)), parameters}
}

// Adam returns the learner of Kingma and Ba; see [opt.Adam].
func Adam(parameters []*Variable, learningRate float64) Learner {
	return Learner{opt.Adam(learningRate), parameters}
}

// LearnBy returns the learner of any rule of dl/opt, or of one's own.
func LearnBy(rule opt.Optimizer, parameters []*Variable) Learner { return Learner{rule, parameters} }

// A Minibatch gives inputs their samples.
type Minibatch map[*Variable]any

// A Trainer trains a model by minibatches.
type Trainer struct {
	cost, judged *Variable
	updates      []dl.Update
	inputs       []*Variable // of the compiled functions
	train, test  *dl.Func
	last         []*dl.Tensor // loss and evaluation of the last minibatch
}

// NewTrainer returns the trainer that makes the mean of loss over the samples
// smaller. evaluation, which need not have a derivative, is reported besides.
func NewTrainer(model, loss, evaluation *Variable, learners ...Learner) *Trainer {
	t := &Trainer{cost: loss.Mean(), judged: evaluation.Mean()}
	for _, l := range learners {
		t.updates = append(t.updates, opt.Minimize(l.rule, t.cost, l.parameters...)...)
	}
	return t
}

// args returns the samples in the order of the inputs of the functions, which are
// compiled when there are other inputs than before.
func (t *Trainer) args(m Minibatch) []any {
	fits := t.train != nil && len(m) == len(t.inputs)
	for _, x := range t.inputs {
		_, ok := m[x]
		fits = fits && ok
	}
	if !fits {
		t.inputs = slices.Collect(maps.Keys(m))
		t.train = dl.Function(t.inputs, []*dl.Tensor{t.cost, t.judged}, t.updates...)
		t.test = dl.Function(t.inputs, []*dl.Tensor{t.judged})
	}
	args := make([]any, len(t.inputs))
	for i, x := range t.inputs {
		args[i] = m[x]
	}
	return args
}

// TrainMinibatch takes a step with each learner.
func (t *Trainer) TrainMinibatch(m Minibatch) {
	args := t.args(m)
	t.last = t.train.Call(args...)
}

// TestMinibatch returns the mean of the evaluation over samples, and changes
// nothing.
func (t *Trainer) TestMinibatch(m Minibatch) float64 {
	args := t.args(m)
	return t.test.Call(args...)[0].Item()
}

// PreviousMinibatchLossAverage returns the mean of the loss over the last
// minibatch, before the step.
func (t *Trainer) PreviousMinibatchLossAverage() float64 { return t.previous(0) }

// PreviousMinibatchEvaluationAverage returns the mean of the evaluation over the
// last minibatch, before the step.
func (t *Trainer) PreviousMinibatchEvaluationAverage() float64 { return t.previous(1) }

func (t *Trainer) previous(i int) float64 {
	if t.last == nil {
		panic(&dl.Error{Op: "trainer", Axis: -1, Msg: "there was no minibatch yet"})
	}
	return t.last[i].Item()
}
