package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/fluxion-go/fluxion/cell"
)

// A calculator is an evaluator for constant expressions, with a few words
// that do what cells can do besides.
type calculator struct{}

func (calculator) Eval(ctx context.Context, req cell.Request, out cell.Output) cell.Result {
	fail := func(kind cell.ErrorKind, format string, args ...any) cell.Result {
		return cell.Result{Err: &cell.Error{Kind: kind, Message: fmt.Sprintf(format, args...),
			Pos: cell.Pos{Cell: req.Count, Line: 1, Column: 1}, Source: req.Code}}
	}
	word, rest, _ := strings.Cut(req.Code, " ")
	switch word {
	case "print":
		out.Stream("stdout", rest)
	case "warn":
		out.Stream("stderr", rest+"\n")
	case "ask", "secret":
		line, err := out.Input(rest, word == "secret")
		if err != nil {
			return fail(cell.RuntimePanic, "%v", err)
		}
		return cell.Result{Value: cell.Text("got " + line)}
	case "train":
		for _, s := range []string{"epoch 1/3", "epoch 2/3", "3 epochs"} {
			out.Display(cell.Text(s), "bar")
		}
		out.Display(cell.Bundle{Data: map[string][]byte{cell.PNG: nil}}, "")
	case "spin":
		out.Stream("stdout", "spinning\n")
		<-ctx.Done()
		return fail(cell.Interrupted, "the cell was interrupted")
	default:
		v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, strings.Trim(req.Code, "{} \n"))
		if err != nil {
			return fail(cell.CompileError, "%v", err)
		}
		return cell.Result{Value: cell.Text(v.Value.String())}
	}
	return cell.Result{}
}

func (calculator) IsComplete(code string) cell.Completeness {
	if open := strings.Count(code, "{") - strings.Count(code, "}"); open > 0 {
		return cell.Completeness{Status: cell.Incomplete, Indent: strings.Repeat("\t", open)}
	}
	return cell.Completeness{Status: cell.Complete}
}

func (calculator) Complete(string, int) cell.Completion             { return cell.Completion{} }
func (calculator) Inspect(string, int, int) (b cell.Bundle, _ bool) { return b, false }
func (calculator) Close() error                                     { return nil }

func TestScript(t *testing.T) {
	for _, tt := range []struct{ name, in, out, stderr, err string }{
		{"value", "1+1\n", "2\n", "", ""},
		{"no line end", "1+1", "2\n", "", ""},
		{"windows line ends", "1+1\r\n2+2\r\n", "2\n4\n", "", ""},
		{"blank lines", "\n\n1+1\n\n", "2\n", "", ""},
		{"several lines", "{\n40 +\n2\n}\n7\n", "42\n7\n", "", ""},
		{"incomplete at the end", "{40+2", "42\n", "", ""},
		{"output without line end", "print a\n1+1\n", "a\n2\n", "", ""},
		{"stderr is apart", "warn oops\n1+1\n", "2\n", "oops\n", ""},
		{"quit", "1+1\n:quit\n2+2\n", "2\n", "", ""},
		{"input is the next line", "ask name? \nGopher\n1+1\n", "got Gopher\n2\n", "", ""},
		{"only the last of what changes", "train\n", "<image/png>\n3 epochs\n", "", ""},
		{"stops at an error", "1+1\nnope\n2+2\n", "2\n", "",
			"compile error: eval:1:1: undefined: nope\n  cell 2, line 1, column 1\n    nope\n    ^"},
	} {
		var out, stderr bytes.Buffer
		err := Run(context.Background(), Options{In: strings.NewReader(tt.in), Out: &out, Err: &stderr, Evaluator: calculator{}, Banner: "hello"})
		got := ""
		if err != nil {
			got = err.Error()
		}
		if out.String() != tt.out || stderr.String() != tt.stderr || got != tt.err {
			t.Errorf("%s:\ngot  %q, %q, %q\nwant %q, %q, %q", tt.name, out.String(), stderr.String(), got, tt.out, tt.stderr, tt.err)
		}
	}
}

func TestScriptErrorIsTheCells(t *testing.T) {
	err := Run(context.Background(), Options{In: strings.NewReader("nope"), Out: &bytes.Buffer{}, Evaluator: calculator{}})
	var ce *cell.Error
	if !errors.As(err, &ce) || ce.Pos.Cell != 1 {
		t.Errorf("got %v, want the cell's error", err)
	}
}

func TestCancelledWhileWaiting(t *testing.T) {
	in, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer in.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Run(ctx, Options{In: in, Out: &bytes.Buffer{}, Evaluator: calculator{}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// TestMain runs a REPL instead of the tests where TestTerminal started us.
func TestMain(m *testing.M) {
	if os.Getenv("FLUXION_TEST_REPL") != "" {
		err := Run(context.Background(), Options{In: os.Stdin, Out: os.Stdout, Evaluator: calculator{}, Banner: "fluxion test"})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A person at a terminal: what they type, and what must then appear.
func TestTerminal(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "FLUXION_TEST_REPL=1", "TERM=xterm", "NO_COLOR=1")
	f, err := pty.Start(cmd)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	defer f.Close()
	// Reads of a pseudo-terminal know no deadline; it ends with the process.
	watchdog := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
	defer watchdog.Stop()
	loud, err := term.GetState(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	screen := &screen{t: t, f: f, loud: loud}
	screen.wait("fluxion test\r\n", "[1]> ")
	for _, step := range []struct {
		keys string
		want []string
	}{
		{"1+1\n", []string{"\r\n2\r\n", "[2]> "}},
		{"nope\n", []string{"compile error: eval:1:1: undefined: nope\r\n", "[3]> "}},
		{"{\n", []string{"...>     "}},
		{"7}\n", []string{"\r\n7\r\n", "[4]> "}},
		{"{\n", []string{"...>     "}},
		{"\x03", []string{"[4]> "}}, // ctrl-C drops what was typed
		{"2+", nil},
		{"\x03", []string{"\r\n[4]> "}},
		{"spin\n", []string{"spinning\r\n"}},
		{"\x03", []string{"interrupted: the cell was interrupted\r\n", "[5]> "}},
		{"20+1\n", []string{"\r\n21\r\n", "[6]> "}},
		{"print half\n", []string{"half\r\n[7]> "}},
		{"ask who? \n", []string{"\r\nwho? "}},
		{"me\n", []string{"\r\ngot me\r\n", "[8]> "}},
		{"secret key? \n", []string{"\r\nkey? ", silence}},
		{"hidden\n", []string{"\r\ngot hidden\r\n", "[9]> "}},
		{"ask who? \n", []string{"\r\nwho? "}},
		{"\x03", []string{"panic: context canceled\r\n", "[10]> "}},
		{"6*7\n", []string{"\r\n42\r\n", "[11]> "}}, // the read that the interrupt left is for us
		{"train\n", []string{"epoch 2/3", "\r\x1b[K3 epochs\r\n", "[12]> "}},
		{":help\n", []string{"ctrl-D    leaves", "[12]> "}},
		{"\x04", []string{"\r\n"}}, // ctrl-D
	} {
		fmt.Fprint(f, step.keys)
		screen.wait(step.want...)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("ctrl-D: %v", err)
	}
	if strings.Count(screen.all.String(), "hidden") != 1 { // in the value alone
		t.Error("a password was shown")
	}
}

// silence, among the texts to wait for, means that the terminal's settings have
// changed: it shows no longer what is typed.
const silence = "\x00silence"

// A screen collects what a terminal shows.
type screen struct {
	t    *testing.T
	f    *os.File
	loud *term.State // the settings at first
	all  strings.Builder
	seen int // how much of all was waited for
}

// wait reads until the texts have appeared, one after another.
func (s *screen) wait(texts ...string) {
	s.t.Helper()
	buf := make([]byte, 4096)
	for _, text := range texts {
		for text == silence {
			if now, err := term.GetState(int(s.f.Fd())); err != nil || !reflect.DeepEqual(now, s.loud) {
				break
			}
			time.Sleep(time.Millisecond)
		}
		for text != silence {
			rest := s.all.String()[s.seen:]
			if i := strings.Index(rest, text); i >= 0 {
				s.seen += i + len(text)
				break
			}
			n, err := s.f.Read(buf)
			s.all.Write(buf[:n])
			if err != nil {
				s.t.Fatalf("%v while waiting for %q; the terminal shows %q", err, text, s.all.String())
			}
		}
	}
}
