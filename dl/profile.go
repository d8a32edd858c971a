package dl

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/internal/graph"
)

// A TimeTable says where the time of a compiled function goes, as [Profile]
// measured it.
type TimeTable struct {
	Calls int           // that were measured
	Wall  time.Duration // of a call
	Peak  float64       // operations a second that one core can do, in 10⁹; 0 where that is unknown
	Rows  []TimeRow     // in the order in which they run

	of   *Func
	cost map[*graph.Node]nodeCost
}

// A nodeCost is what the value of a node took.
type nodeCost struct {
	time  time.Duration
	fused int   // other nodes that are computed in the same pass
	shape []int // nil where it is not known
}

// A TimeRow is one piece of a compiled function, which may be an operation, a
// part of one, or several fused ones.
type TimeRow struct {
	Name  string
	Shape []int         // of its result; the backend may have turned its layout
	Time  time.Duration // of a call, of all cores together
	Flops int           // additions and multiplications that a call does, for matrix products and, without padding, convolutions

	peak float64 // of a core that computes in the way of this row, if another than the table's
}

// PercentOfPeak returns how much of what the cores can do the row's matrix
// products reached, in percent; 0 for other rows.
func (t *TimeTable) PercentOfPeak(r TimeRow) float64 {
	peak := t.Peak
	if r.peak > 0 {
		peak = r.peak
	}
	if r.Flops == 0 || peak == 0 || r.Time == 0 {
		return 0
	}
	return 100 * float64(r.Flops) / float64(r.Time) / peak
}

// Profile calls f a number of times with the same arguments and measures its
// pieces. The calls are real: updates of variables happen. One more call
// before them compiles f and warms the caches.
//
// The table, printed, lists what takes longest first. As the last expression of
// a cell it draws the operations of f, coloured by their times; see
// [TimeTable.Graph]. It panics with an [Error] where the backend cannot be
// profiled.
func Profile(f *Func, calls int, args ...any) *TimeTable {
	if calls < 1 {
		panic(&Error{Op: "profile", Axis: -1, Msg: fmt.Sprintf("%d calls, want at least 1", calls)})
	}
	f.Call(args...)
	f.mu.Lock()
	x, ok := f.plans[0].Executable.(backend.Profiler)
	shapes := make([][]int, len(f.shapes))
	for i, s := range f.shapes {
		shapes[i] = slices.Clone(s)
	}
	f.mu.Unlock()
	if !ok {
		panic(&Error{Op: "profile", Axis: -1, Msg: fmt.Sprintf("backend %s cannot tell where its time goes", Backend()), Help: `choose another with dl.Use("cpu")`})
	}
	x.Profile(true)
	defer x.Profile(false)
	outs := make([]*Tensor, len(f.f.Outputs))
	begin := time.Now()
	for range calls {
		f.CallInto(outs, args...)
	}
	t := &TimeTable{Calls: calls, Wall: time.Since(begin) / time.Duration(calls), Peak: x.Peak(), of: f, cost: map[*graph.Node]nodeCost{}}
	origins, err := f.f.Origins(shapes)
	raise("profile", err)
	for n, shape := range origins.Shapes {
		t.cost[n] = nodeCost{shape: shape}
	}
	for _, s := range x.Timings() {
		row := TimeRow{s.Name, slices.Clone(s.Shape), s.Time / time.Duration(max(s.Runs, 1)), s.Flops, s.Peak}
		t.Rows = append(t.Rows, row)
		t.share(row.Time, s.Values, origins.Nodes)
	}
	return t
}

// share gives the time of a piece to the nodes whose values it computes, in
// equal parts.
func (t *TimeTable) share(d time.Duration, values []int, nodes []*graph.Node) {
	var made []*graph.Node
	for _, v := range values {
		if v < len(nodes) && nodes[v] != nil && !slices.Contains(made, nodes[v]) {
			made = append(made, nodes[v])
		}
	}
	for _, n := range made {
		c := t.cost[n]
		c.time += d / time.Duration(len(made))
		c.fused = max(c.fused, len(made)-1)
		t.cost[n] = c
	}
}

// String returns the table with what takes longest first, and at its end what
// took less than a hundredth of the whole in one line.
func (t *TimeTable) String() string {
	rows := slices.Clone(t.Rows)
	slices.SortStableFunc(rows, func(a, b TimeRow) int { return int(b.Time - a.Time) })
	var total, small time.Duration
	for _, r := range rows {
		total += r.Time
	}
	share := func(d time.Duration) float64 { return 100 * float64(d) / float64(max(total, 1)) }
	var b strings.Builder
	fmt.Fprintf(&b, "%v a call, %v of work on all cores, mean of %d calls\n", t.Wall.Round(time.Microsecond), total.Round(time.Microsecond), t.Calls)
	fmt.Fprintf(&b, "%-28s %-20s %12s %6s %9s %8s\n", "operation", "shape", "time", "share", "GFLOP/s", "of peak")
	few := 0
	for _, r := range rows {
		if share(r.Time) < 1 {
			small += r.Time
			few++
			continue
		}
		fmt.Fprintf(&b, "%-28s %-20s %12v %5.1f%%", r.Name, graph.ShapeString(r.Shape), r.Time.Round(100*time.Nanosecond), share(r.Time))
		if r.Flops > 0 {
			fmt.Fprintf(&b, " %9.1f", float64(r.Flops)/float64(max(r.Time, 1)))
			if t.Peak > 0 {
				fmt.Fprintf(&b, " %7.0f%%", t.PercentOfPeak(r))
			}
		}
		b.WriteByte('\n')
	}
	if few > 0 {
		fmt.Fprintf(&b, "%-49s %12v %5.1f%%\n", fmt.Sprintf("%d others", few), small.Round(100*time.Nanosecond), share(small))
	}
	return b.String()
}
