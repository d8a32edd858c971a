//go:build unix

package session

import (
	"os"

	"golang.org/x/sys/unix"
)

// replaceDescriptors puts three files in the place of the standard streams,
// below the Go files of that name, and returns what was there.
func replaceDescriptors(in, out, err *os.File) (oldIn, oldOut, oldErr *os.File, failed error) {
	var old [3]*os.File
	for fd, f := range []*os.File{in, out, err} {
		kept, failed := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
		if failed != nil {
			return nil, nil, nil, os.NewSyscallError("dup", failed)
		}
		if fd < 2 {
			// It becomes part of the poller, so that a read holds no thread. The
			// runtime's last words must be written whole.
			unix.SetNonblock(kept, true)
		}
		old[fd] = os.NewFile(uintptr(kept), f.Name())
		raw, failed := f.SyscallConn()
		if failed != nil {
			return nil, nil, nil, failed
		}
		var dupFailed error
		failed = raw.Control(func(from uintptr) { dupFailed = unix.Dup2(int(from), fd) })
		if failed == nil {
			failed = dupFailed
		}
		if failed != nil {
			return nil, nil, nil, os.NewSyscallError("dup2", failed)
		}
	}
	return old[0], old[1], old[2], nil
}
