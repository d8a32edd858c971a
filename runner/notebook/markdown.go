package notebook

import (
	"fmt"
	"slices"
	"strings"
)

// FromMarkdown makes a notebook from a Markdown text, which is pleasant to
// write and to review where an .ipynb is not:
//
//   - A fence that opens with ```go at the start of a line is a code cell.
//     Words of the form key=value may follow: tags=a,b gives the cell tags,
//     id=name its id.
//   - Everything between two such fences is one markdown cell. A line
//     <!-- cell --> splits it in two.
//   - Go code that is to be read but not run stands in a ~~~go fence, and text
//     of any other kind in whichever fence it likes.
//
// A cell's id comes from its content, so editing one cell leaves the ids of
// the others alone.
func FromMarkdown(text string) (*Notebook, error) {
	p := &markdownParser{seen: map[string]bool{}}
	line := 0
	for l := range strings.Lines(text) {
		line++
		if err := p.line(line, strings.TrimSuffix(strings.TrimSuffix(l, "\n"), "\r")); err != nil {
			return nil, err
		}
	}
	if p.code != nil {
		return nil, fmt.Errorf("line %d: the fence ```go is never closed", p.opened)
	}
	p.endProse()
	n := &Notebook{Cells: p.cells, Minor: 5, Metadata: goMetadata()}
	n.ensureIDs()
	return n, nil
}

// goMetadata is the metadata of a notebook that the fluxion kernel runs.
func goMetadata() map[string]any {
	return map[string]any{
		"kernelspec":    map[string]any{"name": "fluxion", "display_name": "Go (fluxion)", "language": "go"},
		"language_info": map[string]any{"name": "go", "file_extension": ".go", "mimetype": "text/x-go"},
	}
}

type markdownParser struct {
	cells  []*Cell
	text   []string // lines of the cell being read
	code   *Cell    // the code cell being read, nil within prose
	fence  string   // what closes the fence within prose, "" outside one
	opened int      // line of the open ```go
	seen   map[string]bool
}

func (p *markdownParser) line(number int, line string) error {
	switch {
	case p.code != nil && strings.TrimRight(line, " ") == "```":
		p.code.Source = strings.Join(p.text, "\n")
		p.cells = append(p.cells, p.code)
		p.code, p.text = nil, nil
	case p.code != nil:
		p.text = append(p.text, line)
	case p.fence != "":
		if strings.TrimRight(strings.TrimLeft(line, " "), " ") == p.fence {
			p.fence = ""
		}
		p.text = append(p.text, line)
	case line == "```go" || strings.HasPrefix(line, "```go "):
		p.endProse()
		p.opened = number
		p.code = &Cell{Kind: Code, Metadata: map[string]any{}}
		for _, word := range strings.Fields(line)[1:] {
			if err := p.option(word); err != nil {
				return fmt.Errorf("line %d: %w", number, err)
			}
		}
	case strings.TrimSpace(line) == "<!-- cell -->":
		p.endProse()
	default:
		p.fence = fenceOf(line)
		p.text = append(p.text, line)
	}
	return nil
}

// fenceOf returns the fence that line opens, or "".
func fenceOf(line string) string {
	line = strings.TrimLeft(line, " ")
	for _, mark := range []string{"`", "~"} {
		rest := strings.TrimLeft(line, mark)
		if n := len(line) - len(rest); n >= 3 && !strings.Contains(rest, mark) {
			return line[:n]
		}
	}
	return ""
}

func (p *markdownParser) endProse() {
	text := strings.Trim(strings.Join(p.text, "\n"), "\n")
	p.text = nil
	if strings.TrimSpace(text) != "" {
		p.cells = append(p.cells, &Cell{Kind: Markdown, Source: text, Metadata: map[string]any{}})
	}
}

func (p *markdownParser) option(word string) error {
	key, value, _ := strings.Cut(word, "=")
	switch {
	case key == "tags" && value != "":
		var tags []any
		for tag := range strings.SplitSeq(value, ",") {
			tags = append(tags, tag)
		}
		p.code.Metadata["tags"] = tags
	case key == "id" && !validID.MatchString(value):
		return fmt.Errorf("id %q: want 1 to 64 letters, digits, - or _", value)
	case key == "id" && p.seen[value]:
		return fmt.Errorf("id %q is another cell's already", value)
	case key == "id":
		p.code.ID, p.seen[value] = value, true
	default:
		return fmt.Errorf("unknown word %q behind ```go; want tags=a,b or id=name", word)
	}
	return nil
}

// KeepOutputs gives the code cells of n the outputs that the cells of old with
// the same id and source have.
func (n *Notebook) KeepOutputs(old *Notebook) {
	byID := map[string]*Cell{}
	for _, c := range old.Cells {
		byID[c.ID] = c
	}
	for _, c := range n.Cells {
		if o := byID[c.ID]; o != nil && c.Kind == Code && o.Kind == Code && o.Source == c.Source {
			c.Outputs, c.Count = o.Outputs, o.Count
		}
	}
}

// Diff says where the cells of n and other first differ in kind, id, source or
// tags; outputs do not count. It returns "" where they agree.
func (n *Notebook) Diff(other *Notebook) string {
	for i := range max(len(n.Cells), len(other.Cells)) {
		if i == len(n.Cells) || i == len(other.Cells) {
			return fmt.Sprintf("%d cells and %d", len(n.Cells), len(other.Cells))
		}
		a, b := n.Cells[i], other.Cells[i]
		for _, pair := range []struct{ what, a, b string }{
			{"kind", a.Kind, b.Kind}, {"source", a.Source, b.Source}, {"id", a.ID, b.ID},
		} {
			if pair.a != pair.b {
				return fmt.Sprintf("cell %d: %s %q and %q", i+1, pair.what, pair.a, pair.b)
			}
		}
		if !slices.Equal(a.Tags(), b.Tags()) {
			return fmt.Sprintf("cell %d: tags %q and %q", i+1, a.Tags(), b.Tags())
		}
	}
	return ""
}
