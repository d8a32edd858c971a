//go:build !unix

package terminal

func cellWidth(int) int { return charPixels }
