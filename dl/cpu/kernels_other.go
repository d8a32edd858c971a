//go:build !amd64 && !arm64

package cpu

// kernelSets lists what this processor can run, the best first.
func kernelSets() []*kernelSet { return []*kernelSet{&portable} }
