//go:build !amd64

package cpu

// pause lets a spinning core rest a little.
func pause(n int) {
	for range n {
		spun++
	}
}

var spun int
