package vm

import (
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/interp/vm/internal/workloads"
)

// cellOf is the text of the workloads as a cell.
func cellOf(source string) string {
	_, declarations, _ := strings.Cut(source, "package workloads")
	return declarations
}

// workload is the function that runs a workload on the vm, one for each.
func workload(t testing.TB, s *session, name string) func() any {
	c, err := s.check("func cell() any { return " + name + "() }")
	if err != nil {
		t.Fatal(err)
	}
	entry, err := s.machine.add(c)
	if err != nil {
		t.Fatal(err)
	}
	r := s.machine.latest.Load()
	return func() any {
		t := s.machine.thread(r)
		f := entry.enter(t)
		entry.call(t, f, 0)
		v := *at[any](f, entry.results[0].off)
		entry.leave(t, f)
		s.machine.release(t)
		return v
	}
}

// TestWorkloads checks that the workloads give what they give when compiled.
func TestWorkloads(t *testing.T) {
	s := newSession(t)
	mustRun(t, s, cellOf(workloads.Source)+"\nfunc cell() {}")
	for _, w := range workloads.All {
		if got, want := workload(t, s, w.Name)(), w.Run(); got != want {
			t.Errorf("%s gives %v, want %d", w.Name, got, want)
		}
	}
}

// BenchmarkRatio reports how many times as long as the compiled code a workload
// takes on the vm, and the ratio that is aimed at.
func BenchmarkRatio(b *testing.B) {
	s := newSession(b)
	c, err := s.check(cellOf(workloads.Source) + "\nfunc cell() {}")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.machine.Run(b.Context(), c); err != nil {
		b.Fatal(err)
	}
	for _, w := range workloads.All {
		run := workload(b, s, w.Name)
		b.Run(w.Name, func(b *testing.B) {
			best, compiled := time.Duration(1<<62), time.Duration(1<<62)
			for b.Loop() { // in turn, and the best of each: other programs run as well
				start := time.Now()
				run()
				best = min(best, time.Since(start))
				start = time.Now()
				w.Run()
				compiled = min(compiled, time.Since(start))
			}
			b.ReportMetric(float64(best)/float64(compiled), "×compiled")
			b.ReportMetric(w.Goal, "×goal")
		})
	}
}
