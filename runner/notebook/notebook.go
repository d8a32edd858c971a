// Package notebook reads and writes Jupyter notebook files, nbformat 4.
//
// The handling is our own, on encoding/json: the format is small, and a file
// must come out with everything that went in, also the fields that this
// package does not know. [Notebook.Encode] writes what Jupyter's own writer
// would (keys sorted, one space of indent, texts split into lines), so running
// a notebook changes in its file only what running it changed.
package notebook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

// The kinds of cell.
const (
	Code     = "code"
	Markdown = "markdown"
	Raw      = "raw"
)

// A Notebook is the content of an .ipynb file.
type Notebook struct {
	Cells    []*Cell
	Metadata map[string]any
	Minor    int // the file is of format 4.Minor
	rest     map[string]any
}

// A Cell is one cell of a notebook.
type Cell struct {
	Kind     string // Code, Markdown or Raw
	ID       string
	Source   string
	Metadata map[string]any
	Count    int       // execution count; 0 where the cell did not run
	Outputs  []*Output // of code cells
	rest     map[string]any
}

// The kinds of output.
const (
	Stream  = "stream"
	Display = "display_data"
	Result  = "execute_result"
	Failure = "error"
)

// An Output is one stored output of a code cell. Which fields are used depends
// on its kind.
type Output struct {
	Kind string

	Name, Text string // Stream: "stdout" or "stderr", and what was written

	Data     map[string]any // Display, Result: MIME type → text, base64 or JSON value
	Metadata map[string]any
	Count    int // Result

	EName, EValue string // Failure
	Traceback     []string

	rest map[string]any
}

// Tags returns the cell's tags.
func (c *Cell) Tags() []string {
	list, _ := c.Metadata["tags"].([]any)
	var tags []string
	for _, t := range list {
		if s, ok := t.(string); ok {
			tags = append(tags, s)
		}
	}
	return tags
}

// HasTag reports whether the cell carries tag.
func (c *Cell) HasTag(tag string) bool {
	for _, t := range c.Tags() {
		if t == tag {
			return true
		}
	}
	return false
}

// FirstLine returns the first line of the source that is not blank, trimmed.
func (c *Cell) FirstLine() string {
	for line := range strings.Lines(c.Source) {
		if s := strings.TrimSpace(line); s != "" {
			return s
		}
	}
	return ""
}

// Clear removes the outputs and the execution count.
func (c *Cell) Clear() {
	c.Outputs, c.Count = nil, 0
}

// Title returns the text of the first heading, or "" where there is none.
func (n *Notebook) Title() string {
	for _, c := range n.Cells {
		if c.Kind != Markdown {
			continue
		}
		for line := range strings.Lines(c.Source) {
			if h := strings.TrimLeft(line, "#"); h != line && strings.HasPrefix(h, " ") {
				return strings.TrimSpace(h)
			}
		}
	}
	return ""
}

// validID is the rule of nbformat 4.5 for cell ids.
var validID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// ensureIDs gives an id to every cell that has none, or one that nbformat
// forbids. New ids depend on nothing but the cells, so that a run is
// repeatable.
func (n *Notebook) ensureIDs() {
	seen := map[string]bool{}
	for _, c := range n.Cells {
		if seen[c.ID] || !validID.MatchString(c.ID) {
			c.ID = "" // of two cells with one id, the first keeps it
		}
		seen[c.ID] = true
	}
	for _, c := range n.Cells {
		for k := 0; c.ID == ""; k++ {
			if id := contentID(c.Kind, c.Source, k); !seen[id] {
				c.ID, seen[id] = id, true
			}
		}
	}
}

// contentID names a cell by its content; k tells equal cells apart.
func contentID(kind, source string, k int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d\n%s", kind, k, source))
	return hex.EncodeToString(sum[:4])
}

// Attachments returns the pictures that a markdown cell carries, as data URIs
// by name.
func (c *Cell) Attachments() map[string]string {
	all, _ := c.rest["attachments"].(map[string]any)
	uris := map[string]string{}
	for name, v := range all {
		bundle, _ := v.(map[string]any)
		for mime, data := range bundle {
			if s, ok := data.(string); ok {
				uris[name] = "data:" + mime + ";base64," + strings.Join(strings.Fields(s), "")
			}
		}
	}
	return uris
}
