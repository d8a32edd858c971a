package interp_test

import (
	"context"
	"expvar"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

// Functions of cells that compiled code calls for a front end are cells of their
// own: expvar keeps them here.
func TestComm(t *testing.T) {
	for _, executor := range []string{"vm", "yaegi"} {
		t.Run(executor, func(t *testing.T) {
			e := newEvaluator(t, executor)
			name := "fluxion-test-" + executor
			evaluate(t, e, 1, `import "expvar"
n := 0
what := "print"
expvar.Publish("`+name+`", expvar.Func(func() any {
	n++
	if what == "panic" {
		var a []int
		_ = a[n]
	}
	fmt.Println("called", n)
	for what == "loop" {
	}
	return n
}))`)
			owner := &startSignal{started: make(chan bool)}
			cell.Enter(t.Context(), owner, nil, func() {
				cell.HandleComm(name, func(cell.CommMessage) { _ = expvar.Get(name).String() })
			})
			defer cell.ForgetComm(name)
			comm := func(ctx context.Context) bool {
				return e.(cell.CommEvaluator).Comm(ctx, cell.CommMessage{Kind: cell.CommData, ID: name}, &startSignal{started: make(chan bool, 9)})
			}
			ctx, stop := context.WithCancel(t.Context())
			go func() { <-owner.started; stop() }()
			evaluate(t, e, 2, `what = "loop"`)
			if !comm(ctx) || !strings.Contains(owner.String(), "called 1") || !strings.Contains(owner.String(), "interrupted: the function that a widget called was stopped") {
				t.Errorf("an interrupted call shows %q", owner)
			}
			evaluate(t, e, 3, `what = "panic"`)
			if !comm(t.Context()) || !strings.Contains(owner.String(), "stderr: panic: ") || !strings.Contains(owner.String(), "index out of range") {
				t.Errorf("a panic shows %q", owner)
			}
			if executor == "vm" && !strings.Contains(owner.String(), "cell 1, line 8") {
				t.Errorf("the panic has no place: %q", owner)
			}
			evaluate(t, e, 4, `what = "print"`)
			if !comm(t.Context()) || !strings.Contains(owner.String(), "called 3") {
				t.Errorf("the call after them shows %q", owner)
			}
			if got := evaluate(t, e, 5, "n"); got != "= 3\n" {
				t.Errorf("the session has n%s", got)
			}
			cell.ForgetComm(name)
			if comm(t.Context()) {
				t.Error("a message that nobody asked for is taken")
			}
		})
	}
}
