package kernel

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// companions is how long a failed cell waits for the requests that were sent
// along with it, so that they are aborted rather than run. "Run all" sends its
// cells within a few milliseconds; a compile error takes less than one.
const companions = 5 * time.Millisecond

// execute answers execute_request: it runs a cell.
func (k *kernel) execute(r *request) any {
	args := struct {
		Code         string            `json:"code"`
		Silent       bool              `json:"silent"`
		StoreHistory bool              `json:"store_history"`
		Expressions  map[string]string `json:"user_expressions"`
		AllowStdin   bool              `json:"allow_stdin"`
		StopOnError  bool              `json:"stop_on_error"`
	}{StoreHistory: true, AllowStdin: true, StopOnError: true}
	defer r.lane.unserved.Add(-1)
	if bad := arguments(r, &args); bad != nil {
		return bad
	}
	r.metadata = map[string]any{"started": timestamp(time.Now())}
	if r.number <= r.lane.abort {
		return fields{"status": "aborted"}
	}
	stored := args.StoreHistory && !args.Silent
	count := int(k.count.Load()) + 1
	if stored {
		count = int(k.count.Add(1))
	}
	if !args.Silent {
		k.pub.publish("execute_input", r.parent, fields{"code": args.Code, "execution_count": count})
	}

	ctx, done := r.lane.begin(r)
	defer done()
	out := &output{k: k, ctx: ctx, ids: r.ids, parent: r.parent, allowStdin: args.AllowStdin}
	result := k.eval(ctx, cell.Request{Code: args.Code, Count: count}, out)
	pages := out.end()
	if stored {
		k.History.Add(count, args.Code, result.Value.String())
	}
	reply := fields{"execution_count": count, "payload": pages, "user_expressions": fields{}}
	if e := result.Err; e != nil {
		content := errorContent(e)
		k.pub.publish("error", r.parent, content)
		reply["status"] = "error"
		for key, v := range content {
			reply[key] = v
		}
		if args.StopOnError && !args.Silent {
			r.lane.abortWaiting()
		}
		return reply
	}
	if !result.Value.Empty() && !args.Silent {
		content := bundle(result.Value)
		content["execution_count"] = count
		k.pub.publish("execute_result", r.parent, content)
	}
	reply["status"] = "ok"
	reply["user_expressions"] = k.expressions(ctx, count, args.Expressions)
	return reply
}

// eval calls the evaluator. A panic there is a fault of ours, and the session
// goes on.
func (k *kernel) eval(ctx context.Context, req cell.Request, out cell.Output) (result cell.Result) {
	defer func() {
		if p := recover(); p != nil {
			k.log.Error("the evaluator panicked", "panic", p, "stack", string(debug.Stack()))
			result = cell.Result{Err: &cell.Error{Kind: cell.InternalFail, Message: fmt.Sprint(p), Hint: "this is a fault in fluxion; the session goes on"}}
		}
	}()
	return k.Evaluator.Eval(ctx, req, out)
}

// expressions evaluates the user expressions of a request by themselves.
func (k *kernel) expressions(ctx context.Context, count int, expressions map[string]string) fields {
	values := fields{}
	for name, code := range expressions {
		result := k.eval(ctx, cell.Request{Code: code, Count: count}, unheard{})
		content := bundle(result.Value)
		content["status"] = "ok"
		if result.Err != nil {
			content = errorContent(result.Err)
			content["status"] = "error"
		}
		values[name] = content
	}
	return values
}

// abortWaiting marks the requests that were sent before anybody could know
// that this one failed.
func (l *lane) abortWaiting() {
	t := time.NewTimer(companions)
	defer t.Stop()
	select {
	case <-t.C:
	case <-l.k.ctx.Done():
	}
	l.abort = l.received.Load()
}
