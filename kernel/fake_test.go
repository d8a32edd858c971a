package kernel

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// A fake is an evaluator whose language has one command on each line:
//
//	print TEXT, warn TEXT         write a line to stdout, stderr
//	raw TEXT                      write a Go string literal's content to stdout
//	lines N                       write N numbered lines
//	show ID TEXT, update ID TEXT  display and update; ID - for none
//	broken                        display a bundle that JSON cannot hold
//	clear, clearwait              clear the output
//	page TEXT                     show in the pager
//	ask PROMPT, password PROMPT   ask, then print the answer or the error
//	block                         say so, and wait for the interrupt
//	comm ID                       open a comm with data and buffers
//	later                         start a goroutine that prints after release
//	value TEXT                    the value of the cell
//	fail TEXT                     end with a compile error
//	crash                         panic
type fake struct {
	release chan struct{} // lets goroutines of "later" go on
	after   chan struct{} // closed when they have
}

func newFake() *fake {
	return &fake{release: make(chan struct{}), after: make(chan struct{})}
}

func (f *fake) Eval(ctx context.Context, req cell.Request, out cell.Output) (res cell.Result) {
	for i, line := range strings.Split(req.Code, "\n") {
		command, arg, _ := strings.Cut(line, " ")
		id, text, _ := strings.Cut(arg, " ")
		if id == "-" {
			id = ""
		}
		switch command {
		case "":
		case "print":
			out.Stream("stdout", arg+"\n")
		case "warn":
			out.Stream("stderr", arg+"\n")
		case "raw":
			var s string
			fmt.Sscanf(arg, "%q", &s)
			out.Stream("stdout", s)
		case "lines":
			var n int
			fmt.Sscan(arg, &n)
			for i := range n {
				out.Stream("stdout", fmt.Sprintln("line", i))
			}
		case "show":
			out.Display(cell.Text(text), id)
		case "update":
			out.Update(cell.Text(text), id)
		case "broken":
			out.Display(cell.Bundle{
				Data:     map[string][]byte{cell.Plain: []byte("left"), cell.JSON: []byte("{")},
				Metadata: map[string]any{"good": 1, "bad": func() {}},
			}, "")
		case "clear", "clearwait":
			out.Clear(command == "clearwait")
		case "page":
			out.Page(cell.Text(arg))
		case "ask", "password":
			answer, err := out.Input(arg, command == "password")
			if err != nil {
				answer = "error: " + err.Error()
			}
			out.Stream("stdout", answer+"\n")
		case "comm":
			out.(cell.CommOutput).Comm(cell.CommMessage{
				Kind: cell.CommOpen, ID: arg, Target: "test.widget", Data: []byte(`{"state":{}}`),
				Metadata: []byte(`{"version":"2.1.0"}`), Buffers: [][]byte{{0, 1, 255}, {}},
			})
		case "block":
			out.Display(cell.Text("blocked"), "")
			<-ctx.Done()
			return cell.Result{Err: &cell.Error{Kind: cell.Interrupted, Message: "interrupted", Pos: cell.Pos{Cell: req.Count, Line: i + 1}}}
		case "later":
			go func() {
				<-f.release
				out.Stream("stdout", "from a goroutine\n")
				out.Page(cell.Text("page of a goroutine"))
				_, err := out.Input("?", false)
				out.Display(cell.Text(err.Error()), "")
				close(f.after)
			}()
		case "value":
			res.Value = cell.Text(arg)
		case "fail":
			return cell.Result{Err: &cell.Error{
				Kind: cell.CompileError, Message: arg, Source: line, Hint: "try value",
				Pos:    cell.Pos{Cell: req.Count, Line: i + 1, Column: len("fail ") + 1},
				Frames: []cell.Frame{{Func: "main", Pos: cell.Pos{Cell: 1, Line: 2}, Source: "\tf()"}},
				More:   []cell.Error{{Kind: cell.CompileError, Message: "and another"}},
			}}
		case "crash":
			panic("the evaluator is at fault")
		default:
			return cell.Result{Err: &cell.Error{Kind: cell.SyntaxError, Message: "unknown command " + command}}
		}
	}
	return res
}

// Complete offers the commands that begin with the word before the cursor.
func (f *fake) Complete(code string, cursor int) cell.Completion {
	start := strings.LastIndexAny(code[:cursor], " \n") + 1
	c := cell.Completion{Start: start, End: cursor}
	for _, name := range []string{"print", "page", "password"} {
		if strings.HasPrefix(name, code[start:cursor]) {
			c.Items = append(c.Items, cell.CompletionItem{Text: name, Kind: "function", Signature: "func(TEXT)"})
		}
	}
	return c
}

func (f *fake) Inspect(code string, cursor, detail int) (cell.Bundle, bool) {
	if code[:cursor] != "é print" {
		return cell.Bundle{}, false
	}
	return cell.Text(fmt.Sprintf("print writes a line (detail %d)", detail)), true
}

func (f *fake) IsComplete(code string) cell.Completeness {
	switch {
	case strings.HasSuffix(code, "{"):
		return cell.Completeness{Status: cell.Incomplete, Indent: "\t"}
	case code == ")":
		return cell.Completeness{Status: cell.Invalid}
	case code == "?":
		panic("the evaluator is at fault")
	}
	return cell.Completeness{Status: cell.Complete}
}

func (f *fake) Close() error { return nil }

// Comm takes the comms that cells have opened and those of target "test.echo",
// and sends back what it gets.
func (f *fake) Comm(_ context.Context, m cell.CommMessage, out cell.Output) bool {
	if m.Kind == cell.CommOpen && m.Target != "test.echo" || m.ID == "unknown" {
		return false
	}
	out.Stream("stdout", string(m.Kind))
	if m.Kind != cell.CommClose {
		m.Kind = cell.CommData
		out.(cell.CommOutput).Comm(m)
	}
	return true
}

// Usage says what no process ever used.
func (f *fake) Usage() (cell.Usage, bool) {
	return cell.Usage{PID: 1, Memory: 1 << 40, CPU: time.Second}, true
}
