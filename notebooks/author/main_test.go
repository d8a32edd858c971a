package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fluxion-go/fluxion/runner/notebook"
)

// Every lesson and its notebook say the same. Where they do not, run
// go run ./notebooks/author notebooks/*.md
func TestNotebooksAgreeWithLessons(t *testing.T) {
	lessons, err := filepath.Glob("../*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range lessons {
		if filepath.Base(path) == "README.md" {
			continue
		}
		want, err := fromFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := notebook.ReadFile(notebookOf(path))
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := want.Diff(got); diff != "" {
			t.Errorf("%s and its notebook differ: %s", path, diff)
		}
	}
}

func TestAuthorKeepsOutputs(t *testing.T) {
	lesson := filepath.Join(t.TempDir(), "lesson.md")
	write := func(text string) *notebook.Notebook {
		if err := os.WriteFile(lesson, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		target, err := author(lesson)
		if err != nil {
			t.Fatal(err)
		}
		nb, err := notebook.ReadFile(target)
		if err != nil {
			t.Fatal(err)
		}
		return nb
	}
	nb := write("# A\n\n```go\n1 + 1\n```\n\n```go\n2 + 2\n```\n")
	for _, c := range nb.Cells {
		if c.Kind == notebook.Code {
			c.Outputs = []*notebook.Output{{Kind: notebook.Stream, Name: "stdout", Text: c.Source}}
		}
	}
	if err := nb.WriteFile(notebookOf(lesson)); err != nil {
		t.Fatal(err)
	}
	nb = write("# B\n\n```go\n1 + 1\n```\n\nmore\n\n```go\n2 + 3\n```\n")
	if got := len(nb.Cells); got != 4 {
		t.Fatalf("%d cells, want 4", got)
	}
	if o := nb.Cells[1].Outputs; len(o) != 1 || o[0].Text != "1 + 1" {
		t.Errorf("the unchanged cell has outputs %v, want its own", o)
	}
	if o := nb.Cells[3].Outputs; len(o) != 0 {
		t.Errorf("the changed cell kept outputs %v", o)
	}
}
