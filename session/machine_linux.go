package session

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// usage reads what a process uses.
func usage(pid int) (u cell.Usage, ok bool) {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return u, false
	}
	fields := bytes.Fields(statm)
	if len(fields) < 2 {
		return u, false
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	u = cell.Usage{PID: pid, Memory: pages * int64(os.Getpagesize())}
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		// The name, in parentheses, may hold blanks. Processor time is fields 14
		// and 15 of proc(5), in hundredths of a second.
		_, rest, _ := bytes.Cut(stat, []byte(") "))
		if fields := bytes.Fields(rest); len(fields) > 12 {
			user, _ := strconv.ParseInt(string(fields[11]), 10, 64)
			system, _ := strconv.ParseInt(string(fields[12]), 10, 64)
			u.CPU = time.Duration(user+system) * 10 * time.Millisecond
		}
	}
	return u, true
}

// machineMemory is how many bytes the machine has, or the control group that
// this process is in; 0 where that cannot be read.
func machineMemory() int64 {
	var least int64
	lower := func(n int64, err error) {
		if err == nil && n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			var kib int64
			if n, _ := fmt.Sscanf(line, "MemTotal: %d kB", &kib); n == 1 {
				lower(kib<<10, nil)
			}
		}
	}
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if text, err := os.ReadFile(path); err == nil {
			lower(strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64))
		}
	}
	return least
}
