package kernel

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// hostMemory reads proc(5), meminfo: bytes under the names of psutil's
// virtual_memory. It is nil where that cannot be read.
func hostMemory() fields {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return nil
	}
	defer f.Close()
	kib := map[string]int64{}
	for s := bufio.NewScanner(f); s.Scan(); {
		var name string
		var n int64
		if got, _ := fmt.Sscanf(s.Text(), "%s %d", &name, &n); got == 2 {
			kib[strings.TrimSuffix(name, ":")] = n
		}
	}
	total, available := kib["MemTotal"]<<10, kib["MemAvailable"]<<10
	if total == 0 {
		return nil
	}
	return fields{
		"total":     total,
		"available": available,
		"free":      kib["MemFree"] << 10,
		"used":      total - available,
		"percent":   100 * float64(total-available) / float64(total),
		"active":    kib["Active"] << 10,
		"inactive":  kib["Inactive"] << 10,
		"buffers":   kib["Buffers"] << 10,
		"cached":    kib["Cached"] << 10,
		"shared":    kib["Shmem"] << 10,
	}
}

// hostTime reads proc(5), stat: how long the processors were busy, and were
// there at all, since the machine began.
func hostTime() (busy, all float64, ok bool) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, false
	}
	var t [8]float64 // user nice system idle iowait irq softirq steal
	if n, _ := fmt.Sscanf(string(text), "cpu %f %f %f %f %f %f %f %f", &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]); n != len(t) {
		return 0, 0, false
	}
	for _, x := range t {
		all += x
	}
	return all - t[3] - t[4], all, true
}
