package runner

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

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
