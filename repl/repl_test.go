package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/history"
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
		v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, strings.Trim(req.Code, "{} \t\n"))
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

func (calculator) Complete(code string, cursor int) cell.Completion {
	if !strings.HasPrefix("square", code[:cursor]) {
		return cell.Completion{}
	}
	return cell.Completion{End: cursor, Items: []cell.CompletionItem{{Text: "square", Kind: "function", Signature: "func(x int) int"}}}
}

func (calculator) Inspect(code string, cursor, detail int) (cell.Bundle, bool) {
	return cell.Text("square(x) is x times x"), code == "square"
}

func (calculator) Close() error { return nil }

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
	if file := os.Getenv("FLUXION_TEST_REPL"); file != "" {
		err := Run(context.Background(), Options{In: os.Stdin, Out: os.Stdout, Evaluator: calculator{}, Banner: "fluxion test", History: history.Open(file)})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A person at a terminal: what they type, and what the screen then shows below
// what it showed before.
func TestTerminal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state", "history.jsonl")
	notebook := history.Open(file)
	notebook.Add(1, "30+3", "33")
	term := startTerminal(t, "FLUXION_TEST_REPL="+file)
	term.wait("fluxion test", "[1]>")
	for _, step := range []struct{ what, keys, want string }{
		{"a value", "1+1\r", "[1]> 1+1\n2\n[2]>"},
		{"an error", "nope\r", "[2]> nope\ncompile error: eval:1:1: undefined: nope\n  cell 2, line 1, column 1\n    nope\n    ^\n[3]>"},
		{"Enter in an open block is a new line, indented", "{\r7", "[3]> {\n          7"},
		{"Enter where it is closed runs it", "}\r", "7}\n7\n[4]>"},
		{"a closing brace moves out", "{\r8\r}\r", "[4]> {\n          8\n     }\n8\n[5]>"},
		{"ctrl-C drops what is typed", "2+\x03", "[5]> 2+^C\n[5]>"},
		{"ctrl-C stops a cell", "spin\r", "[5]> spin\nspinning"},
		{"and says so", "\x03", "spinning\n^C\ninterrupted: the cell was interrupted\n  cell 5, line 1, column 1\n    spin\n    ^\n[6]>"},
		{"the session goes on", "20+1\r", "[6]> 20+1\n21\n[7]>"},
		{"a line that does not end", "print half\r", "[7]> print half\nhalf\n[8]>"},
		{"a question", "ask who? \r", "[8]> ask who?\nwho?"},
		{"and its answer", "me\r", "who? me\ngot me\n[9]>"},
		{"a secret", "secret key? \r", "[9]> secret key?\nkey?"},
		{"is not shown", "hidden\r", "key? ••••••\ngot hidden\n[10]>"},
		{"ctrl-C at a question", "ask who? \r", "[10]> ask who?\nwho?"},
		{"stops the cell", "\x03", "who? ^C\npanic: context canceled\n  cell 10, line 1, column 1\n    ask who?\n    ^\n[11]>"},
		{"the question takes nothing more", "6*7\r", "[11]> 6*7\n42\n[12]>"},
		{"progress leaves its last state", "train\r", "[12]> train\n<image/png>\n3 epochs\n[13]>"},
		{"Up brings back what was typed", "\x1b[A\x1b[A", "[13]> 6*7"},
		{"and runs it again", "\r", "[13]> 6*7\n42\n[14]>"},
		{"ctrl-R searches", "\x1220+", "(inc-search): 20+_\n6  20+1"},
		{"Enter takes what was found", "\r", "[14]> 20+1"},
		{"and runs it", "\r", "[14]> 20+1\n21\n[15]>"},
		{"Tab completes", "squ\t", "square"},
		{"ctrl-C at a completion", "\x03", "square^C\n[15]>"},
		{"ctrl-R finds a cell of a notebook", "\x1230+", "(inc-search): 30+_\n0  30+3"},
		{"which can be run", "\r\r", "[15]> 30+3\n33\n[16]>"},
		{"what is pasted stays as it is", "\x1b[200~{\r\t{\r\t\t9\r\t}\r}\x1b[201~", "[16]> {\n           {\n                9\n           }\n      }"},
		{"and is one cell", "\r", "      }\n9\n[17]>"},
		{"Alt-H tells about a name", "square\x1bh", "[17]> square\nsquare(x) is x times x"},
		{"ctrl-C after that", "\x03", "square^C\n[17]>"},
		{"Tab at the begin of a line indents", "\t5", "[17]>      5"},
		{"ctrl-C once more", "\x03", "5^C\n[17]>"},
		{"help", ":help\r", "NO_COLOR=1 turns colours off.\n[17]>"},
	} {
		term.keys(step.keys)
		term.wait(step.what, step.want)
	}
	term.keys("\x04") // ctrl-D
	term.end()
	if term.saw("hidden") != 1 { // in the value alone
		t.Error("a password was shown")
	}
	kept, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(kept, []byte("20+1")) || bytes.Contains(kept, []byte("hidden")) {
		t.Errorf("the history holds %q (%v), want what was typed and no answer to a question", kept, err)
	}
	found := false
	for _, e := range notebook.Entries() {
		found = found || e.Session == notebook.Session()+1 && e.Line == 6 && e.Source == "20+1"
	}
	if !found {
		t.Error("a notebook does not find what ran in the REPL")
	}
}
