package interp_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp"
	"github.com/fluxion-go/fluxion/preload"
)

// startSignal is an Output that tells when a cell has printed something.
type startSignal struct {
	recorder
	once    sync.Once
	started chan bool
}

func (s *startSignal) Stream(name, text string) {
	s.recorder.Stream(name, text)
	s.once.Do(func() { close(s.started) })
}

func TestInterrupt(t *testing.T) {
	for _, executor := range executorsUnderTest {
		t.Run(executor, func(t *testing.T) {
			e := newEvaluator(t, executor)
			if got := evaluate(t, e, 1, "x := 1\nch := make(chan int)\nfunc spin(n int) int { if n < 2 { return n }; return spin(n-1) + spin(n-2) }\ndouble := func(n int) int { return n * 2 }"); got != "" {
				t.Fatal(got)
			}
			for i, code := range []string{
				"for {\n}",
				"for i := 0; ; i++ {\n\tx = i\n}",
				"spin(90)",
				"<-ch",
				"ch <- 1",
				"select {}",
				"select {\ncase <-ch:\ncase ch <- 1:\n}",
				"time.Sleep(time.Hour)",
				"sort.Slice([]int{2, 1}, func(i, j int) bool {\n\tfor {\n\t}\n})",
			} {
				ctx, cancel := context.WithCancel(t.Context())
				out := &startSignal{started: make(chan bool)}
				go func() {
					<-out.started
					cancel()
				}()
				res := e.Eval(ctx, cell.Request{Code: "fmt.Println(\"on\")\n" + code, Count: i + 2}, out)
				if res.Err == nil || res.Err.Kind != cell.Interrupted {
					t.Errorf("%q: %+v, want an interrupt", code, res)
				}
				// Functions and closures of before work as they did.
				if got := evaluate(t, e, i+2, "x = 7\nspin(5) + double(x)"); got != "= 19\n" {
					t.Fatalf("after %q: %s", code, got)
				}
			}
		})
	}
}

func TestGoroutinePanic(t *testing.T) {
	for _, executor := range executorsUnderTest {
		t.Run(executor, func(t *testing.T) {
			e := newEvaluator(t, executor)
			// The cell would wait for ever: the panic ends it.
			got := evaluate(t, e, 1, "var wg sync.WaitGroup\nwg.Add(1)\ngo func() {\n\tvar m map[string]int\n\tm[\"a\"] = 1\n\twg.Done()\n}()\nwg.Wait()")
			if !strings.Contains(got, "panic: assignment to entry in nil map") || !strings.Contains(got, "goroutine") {
				t.Errorf("got %s", got)
			}
			if got := evaluate(t, e, 2, "1 + 1"); got != "= 2\n" {
				t.Errorf("the session is gone: %s", got)
			}
			// A goroutine that outlives its cell tells on the stream of that cell.
			out := &startSignal{started: make(chan bool)}
			if res := e.Eval(t.Context(), cell.Request{Code: "gate := make(chan bool)\ngo func() { <-gate; panic(\"late\") }()", Count: 3}, out); res.Err != nil {
				t.Fatal(res.Err)
			}
			if got := evaluate(t, e, 4, "close(gate)"); strings.Contains(got, "late") {
				t.Errorf("the panic went to another cell: %s", got)
			}
			select {
			case <-out.started:
			case <-time.After(10 * time.Second):
				t.Fatal("no word of the panic")
			}
			if s := out.String(); !strings.Contains(s, "stderr: panic: late") {
				t.Errorf("got %s", s)
			}
		})
	}
}

func TestOutputBelongsToItsCell(t *testing.T) {
	for _, executor := range executorsUnderTest {
		t.Run(executor, func(t *testing.T) {
			e := newEvaluator(t, executor)
			out := &startSignal{started: make(chan bool)}
			res := e.Eval(t.Context(), cell.Request{Code: "gate := make(chan bool)\ngo func() { <-gate; fmt.Println(\"mine\") }()", Count: 1}, out)
			if res.Err != nil {
				t.Fatal(res.Err)
			}
			if got := evaluate(t, e, 2, "close(gate)\nfmt.Println(\"yours\")"); got != "stdout: yours\n" {
				t.Errorf("got %s", got)
			}
			<-out.started
			if s := out.String(); s != "stdout: mine\n" {
				t.Errorf("got %s", s)
			}
		})
	}
}

func TestCompleteWhileACellRuns(t *testing.T) {
	e := newEvaluator(t, "")
	out := &startSignal{started: make(chan bool)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan cell.Result)
	go func() {
		done <- e.Eval(ctx, cell.Request{Code: "fmt.Println(1)\nselect {}", Count: 1}, out)
	}()
	<-out.started
	if items := e.Complete("fmt.Printl", 10).Items; len(items) != 1 {
		t.Errorf("got %v", items)
	}
	if _, ok := e.Inspect("fmt.Println", 11, 0); !ok {
		t.Error("nothing is known of fmt.Println")
	}
	cancel()
	<-done
}

// An error with a hint, as package dl has them.
type hinted struct{}

func (hinted) Error() string { return "shapes do not fit" }
func (hinted) Hint() string  { return "transpose the second" }

func TestRender(t *testing.T) {
	e, err := interp.New(interp.Config{
		Library: preload.Packages{},
		Render: func(v any, typ string) cell.Bundle {
			if typ == "time.Duration" {
				panic(hinted{})
			}
			return cell.Text(fmt.Sprintf("%v of type %s", v, typ))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for code, want := range map[string]string{
		"6 * 7":                         "= 42 of type int\n",
		"type P struct{ X int }\n&P{1}": "= &{1} of type *P\n",
		"import \"strings\"\n[]map[string]*strings.Builder{}": "= [] of type []map[string]*strings.Builder\n",
		"import \"time\"\ntime.Second":                        "panic: shapes do not fit\nhint: transpose the second\n",
	} {
		if got := evaluate(t, e, 1, code); got != want {
			t.Errorf("%q shows %q, want %q", code, got, want)
		}
	}
}

func TestTwoEvaluators(t *testing.T) {
	a, b := newEvaluator(t, ""), newEvaluator(t, "")
	evaluate(t, a, 1, "import \"os\"\nx := 1")
	evaluate(t, b, 1, "import \"os\"\nx := \"b\"")
	if got := evaluate(t, a, 2, "os.Stdout.WriteString(\"a\\n\")\nx"); got != "stdout: a\n= 1\n" {
		t.Error(got)
	}
	if got := evaluate(t, b, 2, "os.Stdout.WriteString(\"b\\n\")\nx"); got != "stdout: b\n= b\n" {
		t.Error(got)
	}
}

func TestConfig(t *testing.T) {
	if _, err := interp.New(interp.Config{}); err == nil {
		t.Error("an evaluator without a library")
	}
	_, err := interp.New(interp.Config{Library: preload.Packages{}, Executor: "quick"})
	if err == nil || !strings.Contains(err.Error(), `no executor "quick"`) {
		t.Errorf("got %v", err)
	}
}

func TestClosed(t *testing.T) {
	e, err := interp.New(interp.Config{Library: preload.Packages{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Error(err)
	}
	if got := evaluate(t, e, 1, "1"); !strings.Contains(got, "closed") {
		t.Errorf("got %s", got)
	}
	e.Complete("fmt.", 4)
	e.Inspect("fmt", 3, 0)
}

func TestNoGoroutineLeaks(t *testing.T) {
	for _, executor := range executorsUnderTest {
		before := runtime.NumGoroutine()
		for range 3 {
			e, err := interp.New(interp.Config{Library: preload.Packages{}, Executor: executor})
			if err != nil {
				t.Fatal(err)
			}
			evaluate(t, e, 1, "fmt.Fprintln(os.Stdout, 1)\nos.Stdout.WriteString(\"2\")\nx := []int{1}[5:]")
			e.Close()
		}
		deadline := time.Now().Add(10 * time.Second)
		for runtime.NumGoroutine() > before {
			if time.Now().After(deadline) {
				buf := make([]byte, 1<<20)
				t.Fatalf("%s: %d goroutines, %d before:\n%s", executor, runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
			}
			runtime.Gosched()
		}
	}
}

func FuzzEval(f *testing.F) {
	for _, code := range []string{"x := 1", "x", "func f() int { return 1 }", "type T struct{ A int }", "func (t T) M() {}", "T{}.M()", "%who", "?f", "import \"math\"", "const c = iota", "var a, b = 1", "}", "x := x", "type T = T", "func f[T any]() {}", "return", "goto L", "L:", "defer f()", "a.b.c", "var x [1<<62]int", "type A struct{ B }\ntype B struct{ A }"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		// What would run long, or touch the machine, is not run: only that the
		// front end stands whatever it is given is asked here.
		if strings.Contains(code, "for") || strings.Contains(code, "os") || strings.Contains(code, "goto") {
			return
		}
		e := newEvaluator(t, "yaegi")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		for range 2 {
			res := e.Eval(ctx, cell.Request{Code: code, Count: 1}, &recorder{})
			if res.Err != nil && res.Err.Kind == cell.InternalFail {
				t.Errorf("%q: %s", code, res.Err.Report())
			}
		}
	})
}
