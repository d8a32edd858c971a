package runner

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/runner/notebook"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var ranIn = regexp.MustCompile(`ran in \S+`)

// write makes a notebook of a Markdown text and returns its path.
func write(t *testing.T, markdown string) string {
	t.Helper()
	nb, err := notebook.FromMarkdown(markdown)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "lesson.ipynb")
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; look at it and run the test with -update if it is right:\n%s", path, firstDifference(got, want))
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		at := func(s []string) string {
			if i < len(s) {
				return s[i]
			}
			return "(end)"
		}
		if at(g) != at(w) {
			return "got  " + at(g) + "\nwant " + at(w)
		}
	}
	return ""
}

func TestSample(t *testing.T) {
	text, err := os.ReadFile("testdata/sample.md")
	if err != nil {
		t.Fatal(err)
	}
	path := write(t, string(text))
	var progress bytes.Buffer
	report, err := Run(context.Background(), Options{Notebook: path, Evaluator: &script{}, Progress: &progress})
	if err != nil {
		t.Fatal(err)
	}
	if report.Cells != 5 || report.Ran != 5 {
		t.Errorf("ran %d of %d cells, want 5 of 5", report.Ran, report.Cells)
	}
	executed, err := os.ReadFile(report.Executed)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/sample.ipynb", executed)
	html, err := os.ReadFile(report.Page)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/sample.html", html)
	lines := strings.ReplaceAll(progress.String(), filepath.Dir(path), "DIR")
	lines = ranIn.ReplaceAllString(lines, "ran in TIME")
	golden(t, "testdata/sample.txt", []byte(lines))
	if report.Executed == path {
		t.Error("the notebook that was read was overwritten")
	}
}

// execute runs a notebook made of a Markdown text and returns it executed.
func execute(t *testing.T, markdown string) (*notebook.Notebook, Report, error) {
	t.Helper()
	path := write(t, markdown)
	report, err := Run(context.Background(), Options{Notebook: path, Evaluator: &script{}})
	nb, rerr := notebook.ReadFile(report.Executed)
	if rerr != nil {
		t.Fatal(rerr)
	}
	return nb, report, err
}

// outputs lists the outputs of the code cells of nb, a line for each cell.
func outputs(nb *notebook.Notebook) string {
	var lines []string
	for _, c := range nb.Cells {
		if c.Kind != notebook.Code {
			continue
		}
		parts := []string{}
		for _, o := range c.Outputs {
			switch o.Kind {
			case notebook.Stream:
				parts = append(parts, fmt.Sprintf("%s %q", o.Name, o.Text))
			case notebook.Failure:
				parts = append(parts, fmt.Sprintf("error %s: %s", o.EName, o.EValue))
			default:
				parts = append(parts, fmt.Sprintf("%s %v", o.Kind, o.Data[cell.Plain]))
			}
		}
		lines = append(lines, fmt.Sprintf("%d: %s", c.Count, strings.Join(parts, "; ")))
	}
	return strings.Join(lines, "\n")
}

func TestOutputs(t *testing.T) {
	for _, tt := range []struct{ name, cells, want string }{
		{"streams join", `//> stdout "a"
//> stdout "b\n"
//> stderr "e"
//> stdout "c"`, `1: stdout "ab\n"; stderr "e"; stdout "c"`},
		{"value", `//> stdout "a"
//> value "42"`, `1: stdout "a"; execute_result 42`},
		{"carriage return", `//> stdout "10 %\r20 "
//> stdout "%\r"
//> stdout "30 %\r\n"
//> stdout "done"`, `1: stdout "30 %\r\ndone"`},
		{"update in another cell", `//> show text/plain fig "one"
---
//> update text/plain fig "two"`, "1: display_data two\n2: "},
		{"one id, two places", `//> show text/plain fig "one"
//> show text/plain fig "two"
---
//> show text/plain fig "three"`, "1: display_data three; display_data three\n2: display_data three"},
		{"update of nothing", `//> update text/plain fig "two"`, "1: "},
		{"clear", `//> stdout "a"
//> clear now
//> stdout "b"`, `1: stdout "b"`},
		{"clear and wait", `//> stdout "a"
//> clear wait
//> value "b"`, `1: execute_result b`},
		{"clear and wait for nothing", `//> stdout "a"
//> clear wait`, `1: stdout "a"`},
		{"output after the cell", `//> stdout "a"
---
//> later "b"
---
//> later "c"`, "1: stdout \"abc\"\n2: \n3: "},
		{"no input", `//> input name?`, `1: stdout "the cell asks for input, and nobody is there: the notebook runs without a front end\n"`},
		{"invalid JSON is kept as text", `//> show application/json - "{nope"`, "1: display_data a application/json"},
		{"blank cells do not count", "\n---\n//> value \"1\"", "0: \n1: execute_result 1"},
	} {
		var text strings.Builder
		for c := range strings.SplitSeq(tt.cells, "\n---\n") {
			fmt.Fprintf(&text, "```go\n%s\n```\n", c)
		}
		nb, _, err := execute(t, text.String())
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if got := outputs(nb); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestStopsAtFirstFailure(t *testing.T) {
	nb, report, err := execute(t, "# T\n```go\n//> stdout \"a\"\n```\n```go\n\n// fit\n//> panic boom\n```\n```go\n//> stdout \"never\"\n```\n")
	var failed *CellError
	if !errors.As(err, &failed) {
		t.Fatalf("got error %v, want a *CellError", err)
	}
	if failed.Index != 3 || failed.Count != 2 || failed.FirstLine != "// fit" || failed.Err.Message != "boom" {
		t.Errorf("got %+v", failed)
	}
	if want := `cell 3 (execution 2, "// fit") failed: panic: boom`; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got  %s\nwant …%s", err, want)
	}
	if report.Ran != 2 || report.Cells != 3 {
		t.Errorf("ran %d of %d, want 2 of 3", report.Ran, report.Cells)
	}
	if got, want := outputs(nb), "1: stdout \"a\"\n2: error panic: boom\n0: "; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	page, perr := os.ReadFile(report.Page)
	if perr != nil || !bytes.Contains(page, []byte("</span>: boom")) {
		t.Errorf("the page does not show the failure (%v)", perr)
	}
}

func TestTags(t *testing.T) {
	nb, _, err := execute(t, "```go tags=raises-exception\n//> panic boom\n```\n```go tags=skip-execution\n//> panic no\n```\n```go\n//> value \"on\"\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := outputs(nb), "1: error panic: boom\n0: \n2: execute_result on"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestInterrupt(t *testing.T) {
	path := write(t, "```go tags=raises-exception\n//> stdout \"begun\"\n//> block\n```\n```go\n//> stdout \"never\"\n```\n")
	ctx, cancel := context.WithCancel(context.Background())
	report, err := Run(ctx, Options{Notebook: path, Evaluator: &script{}, Progress: cancelOn{"begun", cancel}})
	var failed *CellError
	if !errors.As(err, &failed) || failed.Err.Kind != cell.Interrupted {
		t.Errorf("got error %v, want the interrupted cell's", err)
	}
	nb, err := notebook.ReadFile(report.Executed)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := outputs(nb), "1: stdout \"begun\"; error interrupted: the cell was interrupted\n0: "; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// cancelOn cancels once text is written to it.
type cancelOn struct {
	text   string
	cancel func()
}

func (c cancelOn) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(c.text)) {
		c.cancel()
	}
	return len(p), nil
}

func TestWhereResultsGo(t *testing.T) {
	for _, tt := range []struct {
		name           string
		dir            string
		inPlace        bool
		executed, page string
	}{
		{"beside", "", false, "lesson.executed.ipynb", "lesson.html"},
		{"same folder by name", ".", false, "lesson.executed.ipynb", "lesson.html"},
		{"another folder", "out/deep", false, "out/deep/lesson.ipynb", "out/deep/lesson.html"},
		{"in place", "", true, "lesson.ipynb", "lesson.html"},
		{"in place, page elsewhere", "out", true, "lesson.ipynb", "out/lesson.html"},
	} {
		path := write(t, "```go\n//> value \"1\"\n```\n")
		before, _ := os.ReadFile(path)
		base := filepath.Dir(path)
		dir := tt.dir
		if dir != "" {
			dir = filepath.Join(base, dir)
		}
		report, err := Run(context.Background(), Options{Notebook: path, Dir: dir, InPlace: tt.inPlace, Evaluator: &script{}})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		for _, pair := range [][2]string{{report.Executed, tt.executed}, {report.Page, tt.page}} {
			if want := filepath.Join(base, pair[1]); pair[0] != want {
				t.Errorf("%s: got %s, want %s", tt.name, pair[0], want)
			}
			if _, err := os.Stat(pair[0]); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		after, _ := os.ReadFile(path)
		if changed := !bytes.Equal(before, after); changed != tt.inPlace {
			t.Errorf("%s: the notebook that was read changed: %v", tt.name, changed)
		}
		left, _ := filepath.Glob(filepath.Join(filepath.Dir(report.Executed), ".*"))
		if len(left) > 0 {
			t.Errorf("%s: %v was left behind", tt.name, left)
		}
	}
}

func TestBadNotebooks(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct{ name, content, want string }{
		{"python", `{"nbformat":4,"nbformat_minor":5,"metadata":{"kernelspec":{"name":"python3","language":"python"}},"cells":[]}`,
			"python.ipynb: the notebook is written in python, want go; its metadata names the language"},
		{"old", `{"nbformat":3,"nbformat_minor":0,"metadata":{},"worksheets":[]}`,
			"old.ipynb: the notebook is of nbformat 3, want 4; convert it with: jupyter nbconvert --to notebook --nbformat 4 FILE"},
		{"text", "# hello", "text.ipynb: not a notebook: not JSON: line 1: invalid character '#' looking for beginning of value"},
		{"missing", "", "no such file or directory"},
	} {
		path := filepath.Join(dir, tt.name+".ipynb")
		if tt.content != "" {
			if err := os.WriteFile(path, []byte(tt.content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Run(context.Background(), Options{Notebook: path, Evaluator: &script{}})
		if err == nil || !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("%s: got %v\nwant …%s", tt.name, err, tt.want)
		}
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(left) != 3 {
		t.Errorf("a bad notebook left files: %v", left)
	}
}
