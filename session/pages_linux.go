package session

import (
	"fmt"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ReleaseCode gives back the memory that holds the code and the constants of this
// program. A process that only passes messages on needs little of what its start has
// touched; what it does need comes back by itself, from the system's cache of files.
func ReleaseCode() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		fields := strings.Fields(line)
		if len(fields) < 6 || fields[5] != program || strings.Contains(fields[1], "w") {
			continue
		}
		var from, to uintptr
		if n, _ := fmt.Sscanf(fields[0], "%x-%x", &from, &to); n != 2 {
			continue
		}
		// The pages are of a file and cannot be written to, so nothing is lost.
		pages := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(nil), from)), to-from)
		_ = unix.Madvise(pages, unix.MADV_DONTNEED)
	}
}
