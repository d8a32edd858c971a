package interp

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
)

// A module is a Library that has the packages of one module on disk as well; they
// are interpreted.
type module struct {
	Library
	path string // of the module
	root string // its folder
}

// moduleOf returns lib with the packages of the module that folder belongs to, lib
// itself where there is no module.
func moduleOf(folder string, lib Library) Library {
	root, err := filepath.Abs(folder)
	if err != nil {
		return lib
	}
	for {
		if path := modulePath(filepath.Join(root, "go.mod")); path != "" {
			return &module{lib, path, root}
		}
		parent := filepath.Dir(root)
		if parent == root {
			return lib
		}
		root = parent
	}
}

// modulePath reads the module line of a go.mod file, "" where there is none.
func modulePath(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		words := strings.Fields(s.Text())
		if len(words) >= 2 && words[0] == "module" {
			return strings.Trim(words[1], `"`)
		}
	}
	return ""
}

// Source implements Library.
func (m *module) Source(path string) (map[string][]byte, bool) {
	if files, ok := m.Library.Source(path); ok {
		return files, true
	}
	rest, ok := strings.CutPrefix(path, m.path)
	if !ok || rest != "" && rest[0] != '/' {
		return nil, false
	}
	if _, compiled := m.Library.ExportData(path); compiled {
		return nil, false
	}
	names, err := goFiles(filepath.Join(m.root, filepath.FromSlash(rest)))
	if err != nil || len(names) == 0 {
		return nil, false
	}
	files := map[string][]byte{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, false
		}
		files[name] = text
	}
	return files, true
}
