package main

import (
	"bufio"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// programs lists the programs of one file in dir and its folders.
func programs(dir string) ([]string, error) {
	var names []string
	for _, pattern := range []string{"*.go", "*/*.go"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if !isProgram(f) {
				continue
			}
			name, err := filepath.Rel(dir, f)
			if err != nil {
				return nil, err
			}
			names = append(names, filepath.ToSlash(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

// isProgram reports whether a file is a program to be run on this system.
func isProgram(file string) bool {
	if ok, err := build.Default.MatchFile(filepath.Dir(file), filepath.Base(file)); err != nil || !ok {
		return false
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line != "" && !strings.HasPrefix(line, "//go:build") && !strings.HasPrefix(line, "// +build") {
			return line == "// run"
		}
	}
	return false
}
