// Package data holds the data sets of the lessons, and loads those that are
// too large to be held.
//
// In the binary itself are a balanced sample of CIFAR-10 ([CIFAR10Sample]) and
// Fisher's irises ([Iris]). [LoadCIFAR10] reads the whole of CIFAR-10 from a
// folder, [CIFAR10] takes the one or the other as the environment says, and
// [Regression] makes the synthetic data of the Theano tutorial. Data of one's own
// come from files: [ReadTable], [ReadNumbers], [ReadImages], [ReadMNIST].
//
// Everything that is random here takes a seed, and the same seed gives the
// same data on every machine.
package data
