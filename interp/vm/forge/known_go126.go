//go:build go1.26 && !go1.27

package forge

// layoutKnown says that layout_go126.go was written for this version of Go.
const layoutKnown = true
