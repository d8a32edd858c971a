package interp_test

import (
	"context"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// TestFiles covers the magics that read and write files, in one session.
func TestFiles(t *testing.T) {
	for _, executor := range executorsUnderTest {
		t.Run(executor, func(t *testing.T) {
			t.Chdir(t.TempDir())
			e := newEvaluator(t, executor)
			for i, step := range []struct{ code, want string }{
				{"%%writefile a.txt\n%who\n\tone `", "stdout: wrote 12 bytes to a.txt\n"},
				{"%%writefile -a \"a.txt\"\ntwo\n", "stdout: wrote 4 bytes to a.txt\n"},
				{"import \"os\"\nb, _ := os.ReadFile(\"a.txt\")\nstring(b)", "= %who\n\tone `\ntwo\n\n"},
				{"%%writefile\nx", "magic: %%writefile needs the name of a file\n  cell 4, line 1, column 1\n    %%writefile\n    ^\n"},
				{"%writefile a.txt", "magic: %writefile takes the cell below it\n  cell 5, line 1, column 1\n    %writefile a.txt\n    ^\nhint: begin the cell with %%writefile [-a] FILE\n"},
				{"%%who\nx := 1", "magic: %%who does not take a cell\n  cell 6, line 1, column 1\n    %%who\n    ^\nhint: write %who\n"},
				{"x := 20\n%who\n?x", ""},
				{"func double(n int) int { return 2 * n }", ""},
				{"1 +", "syntax error: expected operand, but the cell ends"},
				{"%save session.go", "stdout: wrote 5 cells to session.go\n"},
				{"%reset", ""},
				{"%load session.go", "stdout: wrote 12 bytes to a.txt\nstdout: wrote 4 bytes to a.txt\n"},
				{"double(x) + 2", "= 42\n"},
				{"%%writefile broken.go\n// %% one\ny := 1\n\n// %% two\nfmt.Println(y)\nz := nope\n", "stdout: wrote 53 bytes to broken.go\n"},
				{"%load broken.go", "compile error: broken.go: undefined: nope\n  line 6, column 6\n    z := nope\n         ^\nhint: declare it here, or run the cell first that declares it\n"},
				{"%%writefile self.go\n%load self.go", "stdout: wrote 14 bytes to self.go\n"},
				{"%load self.go", "magic: self.go: self.go: self.go:"},
				{"%load nowhere.go", "magic: open nowhere.go: no such file or directory\n"},
				{"%load a.ipynb", "magic: open a.ipynb"},
				{"%%writefile pkg.go\npackage main\n\nimport \"strings\"\n\nfunc up(s string) string { return strings.ToUpper(s) }\n\nfunc main() { fmt.Println(up(\"main\")) }\n", "stdout: wrote"},
				{"%load pkg.go\nmain()", "stdout: MAIN\n"},
			} {
				got := evaluate(t, e, i+1, step.code)
				if step.want == "" && strings.Contains(step.code, "?") {
					continue
				}
				if !strings.HasPrefix(got, step.want) || step.want == "" && got != "" {
					t.Errorf("cell %d:\n%s\nshows\n%s\nwant\n%s", i+1, step.code, got, step.want)
				}
			}
			saved, err := os.ReadFile("session.go")
			if err != nil {
				t.Fatal(err)
			}
			if want := "\n// %% cell 7\nx := 20\n\n// %% cell 8\nfunc double(n int) int { return 2 * n }\n"; !strings.HasSuffix(string(saved), want) {
				t.Errorf("session.go is\n%s\nwant it to end in\n%s", saved, want)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	for _, executor := range executorsUnderTest {
		t.Run(executor, func(t *testing.T) {
			e := newEvaluator(t, executor)
			evaluate(t, e, 1, "func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }\ncalls := 0")
			const (
				time   = `[\d.]+ (?:ns|µs|ms|s)`
				time1  = "stdout: time: " + time + "\n"
				timeit = "stdout: " + time + " ± " + time + " a run, at best " + time + ` \(\d+ rounds? of \d+ runs?\)` + "\n"
			)
			for i, step := range []struct{ code, want string }{
				{"%time fib(10)", time1 + "= 55\n"},
				{"%time\nfib(10)\nfib(11)", time1 + "= 89\n"},
				{"%%time\nfib(10)", time1 + "= 55\n"},
				{"%time for i := range 2 {\n\tfmt.Println(i)\n}\nfib(5)", "stdout: 0\nstdout: 1\n" + time1 + "= 5\n"},
				{"%time fib(3)\n%time fib(4)", time1 + time1 + "= 3\n"},
				{"%timeit fib(5)", timeit},
				{"%timeit local := fib(5); local++", timeit},
				{"local", "compile error: undefined: local\n(?s:.*)"},
				{"%timeit calls++", timeit},
				{"calls > 10", "= true\n"},
				{"%timeit fib(5) + 1", timeit},
				{"%timeit len(\"abc\")\nfib(6)", timeit + "= 8\n"},
				{"%timeit nope()", `compile error: undefined: nope\n  cell \d+, line 1, column 9\n    %timeit nope\(\)\n            \^\n(?s:.*)`},
				{"%timeit panic(\"out\")", `panic: out\n(?s:.*)`},
				{"%%timeit\na := fib(3)\n_ = a", timeit},
			} {
				if got := evaluate(t, e, i+2, step.code); !regexp.MustCompile("^(?:" + step.want + ")$").MatchString(got) {
					t.Errorf("%q shows\n%s\nwant\n%s", step.code, got, step.want)
				}
			}
		})
	}
}

func TestShell(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of a Unix shell")
	}
	e := newEvaluator(t, "")
	for i, step := range []struct{ code, want string }{
		{"!echo one; echo two >&2", ""},
		{"x := 1\n!echo between\nfmt.Println(x)", "stdout: between\nstdout: 1\n"},
		{"!exit 3", "magic: the command ended with exit status 3\n  cell 3, line 1, column 1\n    !exit 3\n    ^\n"},
		{"ok := true\n!nosuchcommand", "hint: a line that begins with ! is a command of the shell; for Go's negation write (!nosuchcommand)\n"},
		{"(!ok)", "= false\n"},
		{"b := ok &&\n!ok\nb", "= false\n"},
		{"s := fmt.Sprint(\n\t!ok,\n)\ns", "= false\n"},
		{"x\n!echo late", "stdout: late\n"},
		{"y := 1\n!echo not run\n1 +", "syntax error: expected operand"},
		{"!", "magic: ! stands before a command of the shell"},
		{"!printf 'é%.0s' $(seq 3)", "stdout: ééé\n"},
	} {
		got := evaluate(t, e, i+1, step.code)
		if !strings.Contains(got, step.want) || strings.Contains(got, "not run\nstdout") {
			t.Errorf("%q shows\n%s\nwant\n%s", step.code, got, step.want)
		}
	}

	// An interrupt ends what the shell has started as well.
	out := &startSignal{started: make(chan bool)}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-out.started
		cancel()
	}()
	begin := time.Now()
	res := e.Eval(ctx, cell.Request{Code: "!echo on; sleep 60 | cat", Count: 20}, out)
	if res.Err == nil || res.Err.Kind != cell.Interrupted || time.Since(begin) > 30*time.Second {
		t.Errorf("after %v: %+v", time.Since(begin), res.Err)
	}
}
