package page

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/runner/notebook"
)

func outputOf(p *prose, o *notebook.Output) (outputView, error) {
	switch o.Kind {
	case notebook.Stream:
		class := "text"
		if o.Name == "stderr" {
			class = "stderr"
		}
		return outputView{class, template.HTML(ansi(o.Text))}, nil
	case notebook.Failure:
		text := strings.Join(o.Traceback, "\n")
		if text == "" {
			text = o.EName + ": " + o.EValue
		}
		return outputView{"failure", template.HTML(ansi(text))}, nil
	}
	return richOutput(p, o)
}

// richOutput shows the richest representation that a page can hold.
func richOutput(p *prose, o *notebook.Output) (outputView, error) {
	plain, _ := o.Data[cell.Plain].(string)
	for _, mime := range []string{cell.HTML, cell.Markdown, cell.SVG, cell.PNG, cell.JPEG, "image/gif", "image/webp", cell.LaTeX} {
		data, ok := o.Data[mime].(string)
		if !ok {
			continue
		}
		switch mime {
		case cell.HTML:
			return outputView{"rich", template.HTML(adapted(data))}, nil
		case cell.Markdown:
			body, err := p.markdown(data, nil)
			return outputView{"rich", template.HTML(body)}, err
		case cell.LaTeX:
			return outputView{"rich", template.HTML(texOutput(data))}, nil
		case cell.SVG:
			data = adapted(data)
			data = base64.StdEncoding.EncodeToString([]byte(data))
		}
		return outputView{"picture", template.HTML(picture(mime, data, plain, o.Metadata))}, nil
	}
	if plain == "" {
		return jsonOutput(o)
	}
	return outputView{"text", template.HTML(ansi(plain))}, nil
}

// adapting switches on the dark colours that display's figures carry. A figure
// may be part of an HTML text, or stand escaped in an attribute of one.
var adapting = strings.NewReplacer(
	`class="fluxion-figure"`, `class="fluxion-figure fluxion-adapts"`,
	`class=&#34;fluxion-figure&#34;`, `class=&#34;fluxion-figure fluxion-adapts&#34;`)

// adapted returns a figure as it is on a page that is dark where the reader's
// system is.
func adapted(s string) string { return adapting.Replace(s) }

// picture returns an img element that carries its own data. An SVG goes into
// an img too: as part of the page its ids and styles would meet those of the
// other pictures.
func picture(mime, data, alt string, metadata map[string]any) string {
	var size strings.Builder
	of, ok := metadata[mime].(map[string]any)
	if !ok {
		of = metadata
	}
	for _, side := range []string{"width", "height"} {
		switch n := of[side].(type) {
		case int, float64, json.Number:
			fmt.Fprintf(&size, ` %s="%v"`, side, n)
		}
	}
	data = strings.Join(strings.Fields(data), "")
	return fmt.Sprintf(`<img src="data:%s;base64,%s" alt="%s"%s>`, mime, html.EscapeString(data), html.EscapeString(alt), size.String())
}

func jsonOutput(o *notebook.Output) (outputView, error) {
	for mime, v := range o.Data {
		if cell.IsJSON(mime) {
			text, err := json.MarshalIndent(v, "", "  ")
			return outputView{"text", template.HTML(highlight("json", string(text)))}, err
		}
	}
	return outputView{}, nil
}

// texOutput shows a text/latex value, which comes with its dollars.
func texOutput(s string) string {
	s = strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(s, "$$"); ok {
		return tex(strings.TrimSuffix(inner, "$$"), true)
	}
	return tex(strings.Trim(s, "$"), true)
}
