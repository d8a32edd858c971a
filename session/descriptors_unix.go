//go:build unix

package session

import (
	"os"

	"golang.org/x/sys/unix"
)

// replaceDescriptors puts two files in the place of the standard input and
// output, below the Go files of that name, and returns what was there.
func replaceDescriptors(in, out *os.File) (oldIn, oldOut *os.File, err error) {
	var old [2]*os.File
	for fd, f := range []*os.File{in, out} {
		kept, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return nil, nil, os.NewSyscallError("dup", err)
		}
		// It becomes part of the poller, so that a read holds no thread.
		if err := unix.SetNonblock(kept, true); err != nil {
			return nil, nil, os.NewSyscallError("fcntl", err)
		}
		old[fd] = os.NewFile(uintptr(kept), f.Name())
		raw, err := f.SyscallConn()
		if err != nil {
			return nil, nil, err
		}
		var dupErr error
		if err := raw.Control(func(from uintptr) { dupErr = unix.Dup2(int(from), fd) }); err != nil {
			return nil, nil, err
		}
		if dupErr != nil {
			return nil, nil, os.NewSyscallError("dup2", dupErr)
		}
	}
	return old[0], old[1], nil
}
