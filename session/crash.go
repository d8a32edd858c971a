package session

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// A death is what is known about the end of a child.
type death struct {
	what string // "concurrent map writes"
	call uint64 // whose goroutine did it; 0 where unknown
	in   string // the innermost compiled function outside the runtime, or ""
}

var (
	// What the Go runtime writes: https://pkg.go.dev/runtime, "Environment
	// Variables", says of GOTRACEBACK and tracebacklabels what there is.
	reason    = regexp.MustCompile(`(?m)^(fatal error|panic): (.*)$`)
	goroutine = regexp.MustCompile(`(?m)^goroutine \d+[^\n]*:\n`)
	labelled  = regexp.MustCompile(`"` + callLabel + `": "(\d+)"`)
	function  = regexp.MustCompile(`(?m)^([^\s(][^\n]*)\([^()\n]*\)\n\t`)
)

// explain reads the last words of a process. killed says why its parent ended
// it, "" if it did not.
func explain(words []byte, state *os.ProcessState, killed string) death {
	if killed != "" {
		return death{what: killed}
	}
	m := reason.FindSubmatch(words)
	if m == nil {
		return death{what: "the process ended: " + describeState(state)}
	}
	d := death{what: string(m[2])}
	if string(m[1]) == "panic" {
		d.what = "panic: " + strings.TrimSuffix(d.what, " [recovered]")
	}
	at := goroutine.FindIndex(words) // the first is the one that did it
	if at == nil {
		return d
	}
	if l := labelled.FindSubmatch(words[at[0]:at[1]]); l != nil {
		d.call, _ = strconv.ParseUint(string(l[1]), 10, 64)
	}
	trace, _, _ := bytes.Cut(words[at[1]:], []byte("\n\n"))
	for _, f := range function.FindAllSubmatch(trace, -1) {
		if name := string(f[1]); !ours(name) {
			d.in = name
			break
		}
	}
	return d
}

// ours tells whether a function of a trace says nothing to a person: it is of
// the runtime, or runs cells.
func ours(name string) bool {
	for _, prefix := range []string{"runtime.", "internal/", "panic", "reflect.", "created by ", "github.com/fluxion-go/fluxion/interp", "github.com/traefik/yaegi"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// error is what a running cell is told: guilty where it was a goroutine of its
// own, and culprit the execution count of the cell whose it was, 0 where that
// is not known.
func (d death) error(guilty bool, culprit int) *cell.Error {
	e := &cell.Error{
		Kind:    cell.FatalError,
		Message: d.what,
		Hint:    "nothing can recover from this in Go: the session ended, and its values are gone; the next cell starts in an empty one",
	}
	if d.in != "" {
		e.Message += "\nin " + d.in
	}
	if !guilty && culprit > 0 {
		e.Message += fmt.Sprintf("\nin a goroutine of cell %d", culprit)
	}
	return e
}
