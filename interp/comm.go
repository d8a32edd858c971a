package interp

import (
	"context"
	"errors"

	"github.com/fluxion-go/fluxion/cell"
)

// Comm implements cell.CommEvaluator. The functions of cells that take the
// message run as a cell does: what they show belongs to the cell that made the
// comm, an error is written there, and an interrupt stops them. On an executor
// that runs one cell at a time they wait for their turn.
func (e *evaluator) Comm(ctx context.Context, m cell.CommMessage, out cell.Output) (known bool) {
	take, owner := cell.TakeComm(m)
	if take == nil {
		return false
	}
	if owner != nil {
		out = owner
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	e.mu.Lock()
	x := e.exec
	e.mu.Unlock()
	if x == nil {
		return false
	}
	if !x.Concurrent() {
		e.turn.Lock()
		defer e.turn.Unlock()
	}
	var rep cell.Reporter
	if e.config.Reporter != nil {
		rep = e.config.Reporter(out)
	}
	cell.Enter(ctx, out, rep, func() {
		r := &run{evaluator: e, ctx: ctx, cancel: cancel, self: cell.Current(), out: out}
		e.stdio.enter(r)
		defer e.stdio.leave(r)
		err := x.Call(ctx, func() { take(m) })
		e.stdio.flush()
		if r.strayed() != nil || err == nil { // what a goroutine died of has been written
			return
		}
		report := r.runError(err)
		if errors.Is(err, context.Canceled) {
			report.Message = "the function that a widget called was stopped; what it had done so far stays"
		}
		out.Stream("stderr", report.Report())
	})
	return true
}
