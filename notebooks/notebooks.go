// Package notebooks holds the lessons, so that a program can run them on a
// machine that has nothing else.
//
// A lesson is written as NAME.md; go run ./notebooks/author makes NAME.ipynb of
// it.
package notebooks

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

//go:embed *.ipynb
var files embed.FS

// Names lists the lessons, without the ending .ipynb, in their order.
func Names() []string {
	paths, err := fs.Glob(files, "*.ipynb")
	if err != nil {
		panic(err) // the pattern is ours
	}
	for i, p := range paths {
		paths[i] = strings.TrimSuffix(p, ".ipynb")
	}
	return paths
}

// Write writes the lesson called name to dir, which is made if need be, and
// returns the path of the file.
func Write(name, dir string) (string, error) {
	text, err := files.ReadFile(name + ".ipynb")
	if err != nil {
		return "", fmt.Errorf("there is no lesson %q (there are: %s)", name, strings.Join(Names(), ", "))
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	path := filepath.Join(dir, name+".ipynb")
	return path, os.WriteFile(path, text, 0o666)
}
