package page

import (
	"bytes"
	"html"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/fluxion-go/fluxion/runner/notebook"
)

// A heading is an entry of the table of contents.
type heading struct {
	Level    int
	ID, Text string
}

// prose renders the markdown of one page and collects its headings.
type prose struct {
	md       goldmark.Markdown
	headings []heading
	ids      map[string]bool
}

func newProse() *prose {
	p := &prose{ids: map[string]bool{}}
	p.md = goldmark.New(
		goldmark.WithExtensions(extension.GFM, extension.Footnote, mathExtension{}),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(
			goldmarkhtml.WithUnsafe(), // the notebook is the user's own
			renderer.WithNodeRenderers(util.Prioritized(fenceRenderer{}, 100)),
		),
	)
	return p
}

// render returns a markdown cell as HTML.
func (p *prose) render(c *notebook.Cell) (string, error) {
	return p.markdown(c.Source, c.Attachments())
}

// markdown returns source as HTML. Images of the form attachment:NAME are
// taken from attachments, as data URIs by name.
func (p *prose) markdown(source string, attachments map[string]string) (string, error) {
	src := []byte(source)
	doc := p.md.Parser().Parse(text.NewReader(src), parser.WithContext(parser.NewContext(parser.WithIDs(p))))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level <= 3 {
				id, _ := n.AttributeString("id")
				b, _ := id.([]byte)
				p.headings = append(p.headings, heading{n.Level, string(b), plainText(n, src)})
			}
		case *ast.Image:
			if name, ok := strings.CutPrefix(string(n.Destination), "attachment:"); ok && attachments[name] != "" {
				n.Destination = []byte(attachments[name])
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = p.md.Renderer().Render(&b, src, doc)
	return b.String(), err
}

// plainText returns the text of a node without its markup.
func plainText(n ast.Node, source []byte) string {
	var b strings.Builder
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			switch n := n.(type) {
			case *ast.Text:
				b.Write(n.Segment.Value(source))
				if n.SoftLineBreak() {
					b.WriteByte(' ')
				}
			case *ast.String:
				b.Write(n.Value)
			case *mathNode:
				b.WriteString(n.tex)
			}
		}
		return ast.WalkContinue, nil
	})
	return html.UnescapeString(b.String())
}

// Generate makes the id of a heading; prose is the [parser.IDs] of a whole
// page, so that headings of two cells do not share one.
func (p *prose) Generate(value []byte, _ ast.NodeKind) []byte {
	var b strings.Builder
	for _, r := range strings.ToLower(string(value)) {
		switch {
		case r == ' ' || r == '-' || r == '_':
			b.WriteByte('-')
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 0x7f:
			b.WriteRune(r)
		}
	}
	base := strings.Trim(b.String(), "-")
	if base == "" {
		base = "heading"
	}
	id := base
	for k := 2; p.ids[id]; k++ {
		id = base + "-" + strconv.Itoa(k)
	}
	p.ids[id] = true
	return []byte(id)
}

// Put notes an id that the text sets itself.
func (p *prose) Put(value []byte) { p.ids[string(value)] = true }

// fenceRenderer highlights fenced code.
type fenceRenderer struct{}

func (fenceRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		block := n.(*ast.FencedCodeBlock)
		var code strings.Builder
		for i := range block.Lines().Len() {
			line := block.Lines().At(i)
			code.Write(line.Value(source))
		}
		w.WriteString("<pre><code>")
		w.WriteString(highlight(string(block.Language(source)), code.String()))
		w.WriteString("</code></pre>\n")
		return ast.WalkSkipChildren, nil
	})
}
