package interp

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// A ran cell is one that ended without an error.
type ranCell struct {
	number int
	code   string
}

// remember keeps a cell for %save.
func (r *run) remember(code string) {
	r.evaluator.mu.Lock()
	defer r.evaluator.mu.Unlock()
	r.session.ran = append(r.session.ran, ranCell{r.number, code})
}

// cellMark begins a cell in a file of several. Other programs that keep
// notebooks as text write and read the same.
var cellMark = regexp.MustCompile(`(?m)^//[ \t]*%%.*\n?`)

func (r *run) magicSave(m magic) *cell.Error {
	name := fileName(m.args)
	if name == "" {
		return magicError("%%save needs the name of a file")
	}
	r.evaluator.mu.Lock()
	ran, modules := r.session.ran, r.session.modules
	r.evaluator.mu.Unlock()
	var b strings.Builder
	n := 0
	for _, c := range ran {
		code := withoutMagics(modules.exactGets(c.code), "save", "load", "who", "help", "?", "??")
		if strings.TrimSpace(code) == "" {
			continue
		}
		n++
		fmt.Fprintf(&b, "// %%%% cell %d\n%s\n\n", c.number, strings.Trim(code, "\n"))
	}
	if err := os.WriteFile(name, []byte(strings.TrimSuffix(b.String(), "\n")), 0o644); err != nil {
		return magicError("%v", err)
	}
	r.out.Stream("stdout", fmt.Sprintf("wrote %s to %s\n", count(n, "cell"), name))
	return nil
}

// withoutMagics takes the lines of some magics out of a cell.
func withoutMagics(code string, names ...string) string {
	b := []byte(code)
	magics := splitMagics(code).magics
	for i := len(magics) - 1; i >= 0; i-- {
		m := magics[i]
		for _, name := range names {
			if m.name == name && !m.whole {
				start := strings.LastIndexByte(code[:m.offset], '\n') + 1
				b = append(b[:start], b[min(m.end+1, len(b)):]...)
			}
		}
	}
	return string(b)
}

// deepest is how many files may load each other.
const deepest = 10

// magicLoad runs a file, cell by cell. Its text takes the place of the cell's, so
// that errors tell the lines of the file.
func (r *run) magicLoad(m magic) *cell.Error {
	name := fileName(m.args)
	if name == "" {
		return magicError("%%load needs the name of a file")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return magicError("%v", err)
	}
	if strings.HasSuffix(name, ".ipynb") {
		e := magicError("%s is a notebook, and %%load runs Go code", name)
		e.Hint = "fluxion run " + name + " runs it"
		return e
	}
	if r.depth++; r.depth > deepest {
		return magicError("%s loads itself", name)
	}
	defer func() { r.depth-- }()
	file := &text{shown: string(data), code: string(data)}
	start := 0
	ends := append(cellMark.FindAllStringIndex(file.shown, -1), []int{len(file.shown), 0})
	for _, mark := range ends {
		if start > 0 {
			mark[0] = start + len(strings.TrimRight(file.shown[start:mark[0]], "\r\n"))
		}
		if res := r.part(file, start, mark[0]); res.Err != nil {
			res.Err.Message = name + ": " + res.Err.Message
			return res.Err
		}
		r.remember(file.shown[start:mark[0]])
		start = mark[1]
	}
	return nil
}
