//go:build unix

package terminal

import "golang.org/x/sys/unix"

// cellWidth returns how many pixels wide a character of the terminal is, as far
// as the terminal says so.
func cellWidth(fd int) int {
	size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 || size.Xpixel < 2*size.Col {
		return charPixels
	}
	return int(size.Xpixel / size.Col)
}
