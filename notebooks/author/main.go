// The author command turns lessons written as Markdown into notebooks:
//
//	go run ./notebooks/author notebooks/*.md
//
// writes 01-autodiff.ipynb beside 01-autodiff.md. How the text becomes cells
// is told at [notebook.FromMarkdown]. Outputs that the notebook has stay with
// the cells whose text did not change. Files called README.md are left alone.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxion-go/fluxion/runner/notebook"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./notebooks/author FILE.md...")
		os.Exit(2)
	}
	for _, path := range os.Args[1:] {
		if filepath.Base(path) == "README.md" {
			continue
		}
		written, err := author(path)
		if err != nil {
			fmt.Fprintf(os.Stderr, "author: %v\n", err)
			os.Exit(1)
		}
		fmt.Println(written)
	}
}

// author writes the notebook of the lesson at path and returns its name.
func author(path string) (string, error) {
	nb, err := fromFile(path)
	if err != nil {
		return "", err
	}
	target := notebookOf(path)
	old, err := notebook.ReadFile(target)
	switch {
	case err == nil:
		nb.KeepOutputs(old)
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("the notebook to replace: %w", err)
	}
	return target, nb.WriteFile(target)
}

func fromFile(path string) (*notebook.Notebook, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	nb, err := notebook.FromMarkdown(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return nb, nil
}

func notebookOf(path string) string { return strings.TrimSuffix(path, ".md") + ".ipynb" }
