// Package cntk is a vocabulary for readers of programs written with Microsoft's
// Cognitive Toolkit: input variables and parameters, layers whose weights are not
// declared, learners, and a trainer that takes minibatches. It is thin: values are
// [*dl.Tensor], layers those of dl/nn, learners the rules of dl/opt.
//
//	features, label := cntk.InputVariable(784), cntk.InputVariable(1)
//	z := cntk.Dense(1, cntk.Activation(cntk.Sigmoid))(features)
//	loss := cntk.BinaryCrossEntropy(z, label)
//	trainer := cntk.NewTrainer(z, loss, loss, cntk.SGD(cntk.Parameters(z), 0.1))
//	trainer.TrainMinibatch(cntk.Minibatch{features: x, label: y})
//	fmt.Println(trainer.PreviousMinibatchLossAverage())
//
// The axis of the samples is not part of shapes, as in CNTK; images are [channels,
// rows, columns]. A loss gives one number for each sample, and the trainer takes
// the mean.
package cntk
