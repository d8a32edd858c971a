package cpu

import (
	"sync"
	"syscall"
)

// permitAMX asks Linux for the state of tiles, which a process gets only when
// it asks, and reports whether it may use them.
var permitAMX = sync.OnceValue(func() bool {
	const (
		request  = 0x1023 // ARCH_REQ_XCOMP_PERM
		tileData = 18     // XFEATURE_XTILEDATA
	)
	_, _, err := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, request, tileData, 0)
	return err == 0
})
