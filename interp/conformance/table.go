package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

// A table has a row for each program, by its name.
type table map[string]*row

// A row is what is known of one program.
type row struct {
	verdicts map[string]string // by executor
	why      string            // the vm does not pass
}

// readTable reads a table: lines of a name, a verdict for each executor and the
// reason; empty ones and those that begin with # are left out.
func readTable(file string) (table, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return table{}, nil
	}
	if err != nil {
		return nil, err
	}
	return parseTable(string(text))
}

func parseTable(text string) (table, error) {
	t := table{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		if len(words) <= len(executors) {
			return nil, fmt.Errorf("line %d: %d words, want a name and the verdicts of %v", n, len(words), executors)
		}
		r := &row{verdicts: map[string]string{}, why: strings.Join(words[1+len(executors):], " ")}
		for i, x := range executors {
			r.verdicts[x] = words[1+i]
		}
		t[words[0]] = r
	}
	return t, nil
}

// update takes the verdicts found into the table and writes it. With whole set the
// table has no other programs.
func (t table) update(file string, names []string, found []map[string]verdict, whole bool) error {
	for i, name := range names {
		r := t[name]
		if r == nil {
			r = &row{verdicts: map[string]string{}}
			t[name] = r
		}
		for x, v := range found[i] {
			r.verdicts[x] = v.kind
		}
		if r.verdicts["vm"] == pass {
			r.why = ""
		}
	}
	if whole {
		maps.DeleteFunc(t, func(name string, _ *row) bool { return !slices.Contains(names, name) })
	}
	return os.WriteFile(file, []byte(t.String()), 0o644)
}

func (t table) String() string {
	names := slices.Sorted(maps.Keys(t))
	var b strings.Builder
	b.WriteString("# The programs of the Go project's own tests, and what becomes of them.\n# Written by go run ./interp/conformance -update, but for the reasons.\n#\n")
	for _, line := range summary(names, func(i int, x string) string { return t[names[i]].verdicts[x] }) {
		fmt.Fprintf(&b, "# %s\n", line)
	}
	fmt.Fprintf(&b, "#\n# %-38s %s\n", "program", strings.Join(executors, "       "))
	for _, name := range names {
		r := t[name]
		line := fmt.Sprintf("%-40s", name)
		for _, x := range executors {
			line += fmt.Sprintf(" %-8s", orDash(r.verdicts[x]))
		}
		b.WriteString(strings.TrimRight(line+" "+r.why, " ") + "\n")
	}
	return b.String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// language says whether a program is about the language itself and not about a
// bug that was fixed once or about the calling convention.
func language(name string) bool {
	folder, _, ok := strings.Cut(name, "/")
	return !ok || slices.Contains([]string{"chan", "interface", "ken", "typeparam"}, folder)
}

// summary counts the programs that pass, on a line for each executor.
func summary(names []string, verdict func(i int, executor string) string) []string {
	var out []string
	for _, x := range executors {
		var passed, count, some, of int
		for i, name := range names {
			v := verdict(i, x)
			if v == "" {
				continue
			}
			count++
			if language(name) {
				of++
			}
			if v == pass {
				passed++
				if language(name) {
					some++
				}
			}
		}
		out = append(out, fmt.Sprintf("%s: %d of %d pass; of those about the language, chan, interface, ken and typeparam: %d of %d", x, passed, count, some, of))
	}
	return out
}
