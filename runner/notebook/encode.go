package notebook

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// Encode returns the content of an .ipynb file: of nbformat 4.5, or the later
// one that the notebook came in.
func (n *Notebook) Encode() ([]byte, error) {
	n.ensureIDs()
	cells := make([]any, len(n.Cells))
	for i, c := range n.Cells {
		cells[i] = c.object()
	}
	root := with(n.rest, map[string]any{
		"nbformat":       4,
		"nbformat_minor": max(n.Minor, 5),
		"metadata":       orEmpty(n.Metadata),
		"cells":          cells,
	})
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(root); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// WriteFile writes the notebook to the file called path. The file is replaced
// at once: whatever goes wrong, there is either the old one or the new one.
func (n *Notebook) WriteFile(path string) error {
	data, err := n.Encode()
	if err != nil {
		return err
	}
	return ReplaceFile(path, data)
}

// ReplaceFile makes data the content of the file called path, atomically. An
// existing file keeps its permissions.
func ReplaceFile(path string, data []byte) error {
	mode := os.FileMode(0o644)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // replace the file, not the link to it
		if info, err := os.Stat(path); err == nil {
			mode = info.Mode().Perm()
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails, as it should, once the file is renamed
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (c *Cell) object() map[string]any {
	known := map[string]any{
		"cell_type": c.Kind,
		"id":        c.ID,
		"source":    lines(c.Source),
		"metadata":  orEmpty(c.Metadata),
	}
	if c.Kind == Code {
		outputs := make([]any, len(c.Outputs))
		for i, o := range c.Outputs {
			outputs[i] = o.object()
		}
		known["outputs"] = outputs
		known["execution_count"] = countOrNull(c.Count)
	}
	return with(c.rest, known)
}

func (o *Output) object() map[string]any {
	known := map[string]any{"output_type": o.Kind}
	switch o.Kind {
	case Stream:
		known["name"], known["text"] = o.Name, lines(o.Text)
	case Display, Result:
		data := make(map[string]any, len(o.Data))
		for mime, v := range o.Data {
			if s, ok := v.(string); ok && splitsIntoLines(mime) {
				v = lines(s)
			}
			data[mime] = v
		}
		known["data"], known["metadata"] = data, orEmpty(o.Metadata)
		if o.Kind == Result {
			known["execution_count"] = countOrNull(o.Count)
		}
	case Failure:
		known["ename"], known["evalue"] = o.EName, o.EValue
		known["traceback"] = append([]string{}, o.Traceback...)
	}
	return with(o.rest, known)
}

// with returns known together with the other fields that the file had.
func with(rest, known map[string]any) map[string]any {
	m := maps.Clone(rest)
	if m == nil {
		return known
	}
	maps.Copy(m, known)
	return m
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func countOrNull(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

// lines splits s behind every line end, as notebook files write text.
func lines(s string) []string {
	list := []string{}
	for l := range strings.Lines(s) {
		list = append(list, l)
	}
	return list
}

// splitsIntoLines reports whether Jupyter writes data of this type as a list
// of lines. Base64 and other text stays one string.
func splitsIntoLines(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == cell.SVG || mime == "application/javascript"
}

func isJSON(mime string) bool { return cell.IsJSON(mime) }
