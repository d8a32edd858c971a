package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

// A FormatError says why a file is no notebook that this package can read.
type FormatError struct {
	Path string // of the file; may be ""
	What string // what is wrong, and what to do
}

func (e *FormatError) Error() string {
	if e.Path == "" {
		return e.What
	}
	return e.Path + ": " + e.What
}

// ReadFile reads the notebook in the file called path. An error is either of
// the file system or a *FormatError.
func ReadFile(path string) (*Notebook, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n, err := Decode(data)
	if fe, ok := err.(*FormatError); ok {
		fe.Path = path
	}
	return n, err
}

// Decode reads a notebook of nbformat 4. Cells without an id, which files
// before 4.5 have, get one. An error is a *FormatError.
func Decode(data []byte) (*Notebook, error) {
	root, err := decodeObject(data)
	if err != nil {
		return nil, err
	}
	d := &decoder{}
	n := d.notebook(fields(root))
	if d.err != "" {
		return nil, &FormatError{What: d.err}
	}
	n.ensureIDs()
	return n, nil
}

func decodeObject(data []byte) (map[string]any, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, &FormatError{What: "the file is empty; a notebook is a JSON document"}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // numbers in metadata come out as they went in
	var root any
	err := dec.Decode(&root)
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			err = errors.New("something follows the document")
		}
	}
	if err != nil {
		at := dec.InputOffset()
		if se, ok := err.(*json.SyntaxError); ok {
			at = se.Offset
		}
		if err == io.ErrUnexpectedEOF {
			at, err = int64(len(bytes.TrimSpace(data))), errors.New("it ends in the middle")
		}
		line := 1 + bytes.Count(data[:min(at, int64(len(data)))], []byte("\n"))
		return nil, &FormatError{What: fmt.Sprintf("not a notebook: not JSON: line %d: %v", line, err)}
	}
	m, ok := root.(map[string]any)
	if !ok {
		return nil, &FormatError{What: fmt.Sprintf("not a notebook: the document is %s, want an object with cells", typeName(root))}
	}
	return m, nil
}

// fields is a JSON object whose known members are taken out one by one; what
// stays is kept for writing.
type fields map[string]any

// A decoder remembers the first thing that was not as nbformat wants it.
type decoder struct {
	err string
	at  string // the place being read
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == "" {
		d.err = "not a notebook: " + d.at + fmt.Sprintf(format, args...)
	}
}

func (d *decoder) notebook(f fields) *Notebook {
	major, ok := f["nbformat"]
	if !ok {
		d.fail("there is no nbformat field")
		return nil
	}
	if v := d.int(f, "nbformat"); v != 4 {
		if d.err == "" {
			d.err = fmt.Sprintf("the notebook is of nbformat %v, want 4; convert it with: jupyter nbconvert --to notebook --nbformat 4 FILE", major)
		}
		return nil
	}
	if f["cells"] == nil {
		d.fail("there are no cells")
	}
	n := &Notebook{Minor: d.int(f, "nbformat_minor"), Metadata: d.object(f, "metadata"), rest: f}
	for i, c := range d.list(f, "cells") {
		d.at = fmt.Sprintf("cell %d: ", i+1)
		n.Cells = append(n.Cells, d.cell(c))
	}
	return n
}

func (d *decoder) cell(v any) *Cell {
	f, ok := v.(map[string]any)
	if !ok {
		d.fail("is %s, want an object", typeName(v))
		return nil
	}
	c := &Cell{
		Kind:     d.text(f, "cell_type"),
		ID:       d.optionalText(f, "id"),
		Source:   d.text(f, "source"),
		Metadata: d.object(f, "metadata"),
		rest:     f,
	}
	switch c.Kind {
	case Code:
		c.Count = d.count(f)
		for i, o := range d.list(f, "outputs") {
			at := d.at
			d.at = fmt.Sprintf("%soutput %d: ", at, i+1)
			c.Outputs = append(c.Outputs, d.output(o))
			d.at = at
		}
	case Markdown, Raw:
	default:
		d.fail("cell_type is %q, want code, markdown or raw", c.Kind)
	}
	return c
}

func (d *decoder) output(v any) *Output {
	f, ok := v.(map[string]any)
	if !ok {
		d.fail("is %s, want an object", typeName(v))
		return nil
	}
	o := &Output{Kind: d.text(f, "output_type"), rest: f}
	switch o.Kind {
	case Stream:
		o.Name, o.Text = d.text(f, "name"), d.text(f, "text")
	case Display, Result:
		o.Data, o.Metadata = d.object(f, "data"), d.object(f, "metadata")
		for mime, v := range o.Data {
			if lines, ok := v.([]any); ok && !isJSON(mime) {
				o.Data[mime] = d.join(mime, lines)
			}
		}
		if o.Kind == Result {
			o.Count = d.count(f)
		}
	case Failure:
		o.EName, o.EValue = d.text(f, "ename"), d.text(f, "evalue")
		for _, line := range d.list(f, "traceback") {
			s, ok := line.(string)
			if !ok {
				d.fail("traceback holds %s, want strings", typeName(line))
			}
			o.Traceback = append(o.Traceback, s)
		}
	default:
		d.fail("output_type is %q, want stream, display_data, execute_result or error", o.Kind)
	}
	return o
}

// text takes a string, which the format may also write as a list of its lines.
func (d *decoder) text(f fields, key string) string {
	if _, ok := f[key]; !ok {
		d.fail("there is no %s", key)
		return ""
	}
	return d.optionalText(f, key)
}

func (d *decoder) optionalText(f fields, key string) string {
	defer delete(f, key)
	switch v := f[key].(type) {
	case string:
		return v
	case []any:
		return d.join(key, v)
	case nil:
	default:
		d.fail("%s is %s, want a string or a list of strings", key, typeName(v))
	}
	return ""
}

func (d *decoder) join(key string, lines []any) string {
	var b strings.Builder
	for _, l := range lines {
		s, ok := l.(string)
		if !ok {
			d.fail("%s holds %s, want strings", key, typeName(l))
			return ""
		}
		b.WriteString(s)
	}
	return b.String()
}

// object takes an object; where the key is missing it returns an empty one.
func (d *decoder) object(f fields, key string) map[string]any {
	defer delete(f, key)
	switch v := f[key].(type) {
	case map[string]any:
		return v
	case nil:
	default:
		d.fail("%s is %s, want an object", key, typeName(v))
	}
	return map[string]any{}
}

func (d *decoder) list(f fields, key string) []any {
	defer delete(f, key)
	v, ok := f[key].([]any)
	if !ok && f[key] != nil {
		d.fail("%s is %s, want a list", key, typeName(f[key]))
	}
	return v
}

func (d *decoder) int(f fields, key string) int {
	defer delete(f, key)
	n, _ := f[key].(json.Number)
	v, err := n.Int64()
	if err != nil || v < 0 || v > math.MaxInt32 {
		d.fail("%s is %v, want a whole number", key, f[key])
		return 0
	}
	return int(v)
}

// count takes execution_count, which is null in a cell that did not run.
func (d *decoder) count(f fields) int {
	if f["execution_count"] == nil {
		delete(f, "execution_count")
		return 0
	}
	return d.int(f, "execution_count")
}

func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "missing"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "a list"
	}
	return "an object"
}
