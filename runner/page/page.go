// Package page makes an HTML page of a notebook: one file that needs no
// network and no script, reads well in light and dark, and prints.
package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"

	"github.com/fluxion-go/fluxion/runner/notebook"
)

// Options says how a page presents itself.
type Options struct {
	Name string // of the notebook's file; the title where the text has none
}

//go:embed page.css
var css string

//go:embed page.tmpl
var tmpl string

var pageTemplate = template.Must(template.New("page").Parse(tmpl))

// HTML returns the page of nb. HTML that the notebook holds, in its prose and
// its outputs, is kept as it stands, scripts included: the notebook is the
// user's own. All other text is escaped.
func HTML(nb *notebook.Notebook, opts Options) ([]byte, error) {
	prose := newProse()
	view := struct {
		Title, Name string
		CSS         template.CSS
		Cells       []cellView
		Headings    []heading
	}{Title: nb.Title(), Name: opts.Name, CSS: template.CSS(css)}
	if view.Title == "" {
		view.Title = opts.Name
	}
	for i, c := range nb.Cells {
		v, err := viewOf(prose, c)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		view.Cells = append(view.Cells, v)
	}
	if len(prose.headings) > 2 { // fewer are seen at a glance
		view.Headings = prose.headings
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, view); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// A cellView is what the template shows of a cell.
type cellView struct {
	Kind, ID string
	Count    int
	Body     template.HTML // prose, or highlighted code
	Outputs  []outputView
}

// An outputView is what the template shows of an output. Class says how it is
// set: "text", "stderr", "failure", "rich" or "picture".
type outputView struct {
	Class string
	Body  template.HTML
}

func viewOf(p *prose, c *notebook.Cell) (cellView, error) {
	v := cellView{Kind: c.Kind, ID: "cell-" + c.ID, Count: c.Count}
	switch c.Kind {
	case notebook.Markdown:
		body, err := p.render(c)
		v.Body = template.HTML(body)
		return v, err
	case notebook.Raw:
		v.Body = template.HTML(template.HTMLEscapeString(c.Source))
		return v, nil
	}
	v.Body = template.HTML(highlight("go", c.Source))
	for _, o := range c.Outputs {
		ov, err := outputOf(p, o)
		if err != nil {
			return v, err
		}
		if ov.Body != "" {
			v.Outputs = append(v.Outputs, ov)
		}
	}
	return v, nil
}
