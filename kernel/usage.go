package kernel

import (
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// A meter turns processor times into percentages.
type meter struct {
	mu   sync.Mutex
	when time.Time
	cpu  time.Duration
	busy float64 // of the host, in hundredths of a second
	all  float64
}

// usage answers usage_request, which extensions send to show what a kernel
// takes. The message is ipykernel's; its fields are those of the Python package
// psutil.
func (k *kernel) usage(*request) any {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	u := cell.Usage{PID: os.Getpid(), Memory: int64(memory.Sys)}
	if e, ok := k.Evaluator.(cell.Measured); ok {
		if its, ok := e.Usage(); ok { // the process that people mean
			its.Memory += u.Memory
			u = its
		}
	}
	host, _ := os.Hostname()
	content := fields{
		"status":        "ok",
		"hostname":      host,
		"pid":           u.PID,
		"kernel_memory": u.Memory,
		"cpu_count":     runtime.NumCPU(),
	}
	busy, all, known := hostTime()
	k.meter.mu.Lock()
	now := time.Now()
	if past := now.Sub(k.meter.when); !k.meter.when.IsZero() && past > 0 && u.CPU >= k.meter.cpu {
		content["kernel_cpu"] = 100 * (u.CPU - k.meter.cpu).Seconds() / past.Seconds()
	} else {
		content["kernel_cpu"] = 0.0
	}
	if known && all > k.meter.all {
		content["host_cpu_percent"] = 100 * (busy - k.meter.busy) / (all - k.meter.all)
	}
	k.meter.when, k.meter.cpu, k.meter.busy, k.meter.all = now, u.CPU, busy, all
	k.meter.mu.Unlock()
	if m := hostMemory(); m != nil {
		content["host_virtual_memory"] = m
	}
	return content
}
