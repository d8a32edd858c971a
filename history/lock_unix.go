//go:build unix

package history

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock keeps other programs from writing the file at path until unlock is
// called. The lock is on a file beside it, since the file itself may be
// replaced. Where that cannot be there is no lock: lines that were written at
// the same time are whole all the same.
func lock(path string) (unlock func()) {
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return func() {}
	}
	for unix.Flock(int(f.Fd()), unix.LOCK_EX) == unix.EINTR {
	}
	return func() { f.Close() }
}
