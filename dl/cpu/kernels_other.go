//go:build !amd64

package cpu

// kernelSets lists what this processor can run, the best first.
func kernelSets() []*kernelSet { return []*kernelSet{&portable} }

// pause lets a spinning core rest a little.
func pause(n int) {
	for range n {
		spun++
	}
}

var spun int
