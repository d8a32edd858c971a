//go:build unix

package session

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// The test binary is the child of its own sessions.
func TestMain(m *testing.M) {
	if os.Getenv("FLUXION_TEST_CHILD") == "" {
		os.Exit(m.Run())
	}
	streams, err := TakeStreams()
	if err != nil {
		log.Fatal(err)
	}
	if os.Getenv("FLUXION_TEST_CHILD") == "stillborn" {
		os.Exit(7)
	}
	debug.SetMaxStack(32 << 20)
	memory, _ := strconv.ParseInt(os.Getenv("FLUXION_TEST_MEMORY"), 10, 64)
	if err := Serve(streams.In, streams.Out, &fake{}, Options{Streams: streams, Memory: memory}); err != nil {
		log.Fatal(err)
	}
}

// begin starts a session over the fake evaluator.
func begin(t *testing.T, memory int64) *Session {
	t.Helper()
	s, err := Start(Config{Command: func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "FLUXION_TEST_CHILD=1", "FLUXION_TEST_MEMORY="+strconv.FormatInt(memory, 10), "GODEBUG=tracebacklabels=1")
		return cmd
	}, Memory: memory})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A fake is an evaluator whose language has one command on each line. It counts
// its cells, so that a fresh one can be told from an old one.
type fake struct {
	mu    sync.Mutex
	cells int
	keep  [][]byte
}

func (f *fake) Eval(ctx context.Context, req cell.Request, out cell.Output) (res cell.Result) {
	f.mu.Lock()
	f.cells++
	cells := f.cells
	f.mu.Unlock()
	cell.Enter(ctx, out, nil, func() { res = f.run(ctx, req, out, cells) })
	return res
}

func (f *fake) run(ctx context.Context, req cell.Request, out cell.Output, cells int) (res cell.Result) {
	for line := range strings.Lines(req.Code) {
		command, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, _ := strconv.Atoi(arg)
		switch command {
		case "count": // the cells so far
			res.Value = cell.Text(fmt.Sprint(cells))
		case "print":
			out.Stream("stdout", arg+"\n")
		case "warn":
			out.Stream("stderr", arg+"\n")
		case "show":
			out.Display(cell.Bundle{Data: map[string][]byte{cell.PNG: {0, 1, 255}}, Metadata: map[string]any{"width": 3, "bad": func() {}}}, arg)
		case "update":
			out.Update(cell.Text("new"), arg)
		case "page":
			out.Page(cell.Text(arg))
		case "clear":
			out.Clear(true)
		case "ask":
			answer, err := out.Input(arg, true)
			out.Stream("stdout", fmt.Sprintf("%q %v\n", answer, err))
		case "comm":
			cell.HandleComm(arg, func(m cell.CommMessage) {
				c := cell.Current().Output().(cell.CommOutput)
				m.Data = []byte(`{"back":true}`)
				c.Comm(m)
			})
		case "raw": // past everything
			fmt.Fprintln(os.Stdout, arg)
			fmt.Fprintln(os.Stderr, arg)
			log.Print(arg)
			syscall.Write(1, []byte(arg+" below\n"))
		case "aside":
			println(arg)
		case "flood": // megabytes
			for range n {
				out.Stream("stdout", strings.Repeat("x", 1<<20))
			}
		case "block":
			out.Stream("stdout", "blocked\n")
			<-ctx.Done()
			return cell.Result{Err: &cell.Error{Kind: cell.Interrupted, Message: "stopped", Pos: cell.Pos{Cell: req.Count, Line: 1}}}
		case "deaf":
			out.Stream("stdout", "blocked\n")
			select {}
		case "late":
			go func() {
				time.Sleep(20 * time.Millisecond)
				cell.Current().Output().Stream("stdout", "late\n")
			}()
		case "collect":
			runtime.GC()
		case "eat": // megabytes, and keep them until "spit"
			for range n / 8 {
				if ctx.Err() != nil {
					return cell.Result{Err: &cell.Error{Kind: cell.Interrupted, Message: "stopped"}}
				}
				b := make([]byte, 8<<20)
				for i := 0; i < len(b); i += 4096 {
					b[i] = 1
				}
				f.keep = append(f.keep, b)
				time.Sleep(time.Millisecond)
			}
		case "gorge": // without looking at the interrupt
			for range n / 8 {
				b := make([]byte, 8<<20)
				for i := 0; i < len(b); i += 4096 {
					b[i] = 1
				}
				f.keep = append(f.keep, b)
				time.Sleep(time.Millisecond)
			}
		case "spit":
			f.keep = nil
		case "crash":
			panic("the evaluator is at fault")
		case "maps":
			m := map[int]int{}
			for range 8 {
				go func() {
					for i := 0; ; i++ {
						m[i%10] = i
					}
				}()
			}
			select {}
		case "maps-later":
			go func() {
				time.Sleep(50 * time.Millisecond)
				f.run(ctx, cell.Request{Code: "maps"}, out, 0)
			}()
		case "afterfunc":
			time.AfterFunc(time.Millisecond, func() { panic("too late\nand on") })
			select {}
		case "unlock":
			new(sync.Mutex).Unlock()
		case "huge":
			f.keep = append(f.keep, make([]byte, n<<30))
		case "deep":
			var deeper func(int) int
			deeper = func(n int) int { return deeper(n+1) + 1 }
			deeper(0)
		case "exit":
			os.Exit(n)
		case "kill":
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		default:
			return cell.Result{Err: &cell.Error{Kind: cell.SyntaxError, Message: "unknown command " + command, More: []cell.Error{{Message: "and more"}}}}
		}
	}
	return res
}

func (f *fake) Complete(code string, cursor int) cell.Completion {
	if code == "deaf" {
		select {}
	}
	return cell.Completion{Start: 1, End: cursor, Items: []cell.CompletionItem{{Text: code + "!", Kind: "function"}}}
}

func (f *fake) Inspect(code string, cursor, detail int) (cell.Bundle, bool) {
	return cell.Text(fmt.Sprint(code, cursor, detail)), code != ""
}

func (f *fake) IsComplete(code string) cell.Completeness {
	return cell.Completeness{Status: cell.Incomplete, Indent: code}
}

func (f *fake) Close() error { return nil }

// A screen is an output that remembers.
type screen struct {
	mu     sync.Mutex
	text   strings.Builder
	comms  []cell.CommMessage
	said   chan bool     // gets a value whenever there is something new
	answer string        // to questions
	slow   chan struct{} // holds up streams until closed, if not nil
}

func newScreen() *screen { return &screen{said: make(chan bool, 1)} }

func (s *screen) add(format string, args ...any) {
	s.mu.Lock()
	fmt.Fprintf(&s.text, format, args...)
	s.mu.Unlock()
	select {
	case s.said <- true:
	default:
	}
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// until waits for text.
func (s *screen) until(t *testing.T, text string) {
	t.Helper()
	for deadline := time.After(10 * time.Second); !strings.Contains(s.String(), text); {
		select {
		case <-s.said:
		case <-deadline:
			t.Fatalf("%q does not come; there is %q", text, s.String())
		}
	}
}

func (s *screen) Stream(name, text string) {
	if s.slow != nil {
		<-s.slow
	}
	if name == "stdout" {
		name = ""
	}
	s.add("%s%s", name, text)
}
func (s *screen) Display(b cell.Bundle, id string) {
	s.add("display %s%v %s%s\n", id, b.Data[cell.PNG], metadata(b), b)
}
func (s *screen) Update(b cell.Bundle, id string) { s.add("update %s %s\n", id, b) }
func (s *screen) Clear(wait bool)                 { s.add("clear %v\n", wait) }
func (s *screen) Page(b cell.Bundle)              { s.add("page %s\n", b) }
func (s *screen) Input(prompt string, password bool) (string, error) {
	if s.answer == "" {
		return "", io.EOF
	}
	return fmt.Sprint(s.answer, " to ", prompt, " ", password), nil
}
func (s *screen) Comm(m cell.CommMessage) {
	s.mu.Lock()
	s.comms = append(s.comms, m)
	s.mu.Unlock()
	s.add("comm %s\n", m.ID)
}

func metadata(b cell.Bundle) string {
	var parts []string
	for k, v := range b.Metadata {
		parts = append(parts, fmt.Sprintf("%s=%v", k, v))
	}
	return strings.Join(parts, " ")
}
