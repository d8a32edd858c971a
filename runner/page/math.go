package page

import (
	"bytes"
	"html"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// mathExtension takes $…$ and $$…$$ out of Markdown's hands, as Jupyter does,
// and writes the formulas as MathML, which every current browser shows without
// a script. There was no small Go library to do that with: the ones in reach
// bring a JavaScript engine along. What tex does not know it shows as it is
// written.
type mathExtension struct{}

func (mathExtension) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(
		parser.WithBlockParsers(util.Prioritized(mathBlock{}, 450)),
		parser.WithInlineParsers(util.Prioritized(mathInline{}, 150)), // before emphasis and links
	)
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(mathRenderer{}, 100)))
}

// tex returns a formula as HTML: MathML, or the source where that fails.
func tex(source string, display bool) string {
	if math, err := mathML(source, display); err == nil {
		return math
	}
	if display {
		return `<pre class="tex"><code>` + html.EscapeString(source) + `</code></pre>`
	}
	return `<code class="tex">` + html.EscapeString(source) + `</code>`
}

var kindMath = ast.NewNodeKind("Math")

// A mathNode is a formula within a line of text.
type mathNode struct {
	ast.BaseInline
	tex     string
	display bool
}

func (*mathNode) Kind() ast.NodeKind              { return kindMath }
func (n *mathNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

var kindMathBlock = ast.NewNodeKind("MathBlock")

// A mathBlockNode is a formula in lines of its own.
type mathBlockNode struct {
	ast.BaseBlock
	closed bool // its first line closed it
}

func (*mathBlockNode) Kind() ast.NodeKind              { return kindMathBlock }
func (n *mathBlockNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }
func (*mathBlockNode) IsRaw() bool                     { return true }

// mathBlock reads a formula that begins with $$ at the start of a line and
// ends with $$ at the end of one.
type mathBlock struct{}

func (mathBlock) Trigger() []byte { return []byte{'$'} }

func (mathBlock) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	pos := pc.BlockOffset()
	if pos < 0 || !bytes.HasPrefix(line[pos:], []byte("$$")) {
		return nil, parser.NoChildren
	}
	rest := line[pos+2:]
	n := &mathBlockNode{}
	if i := bytes.Index(rest, []byte("$$")); i >= 0 {
		if len(bytes.TrimSpace(rest[i+2:])) > 0 {
			return nil, parser.NoChildren // text follows: a formula within a paragraph
		}
		n.Lines().Append(text.NewSegment(segment.Start+pos+2, segment.Start+pos+2+i))
		n.closed = true
		reader.AdvanceToEOL()
		return n, parser.NoChildren
	}
	n.Lines().Append(text.NewSegment(segment.Start+pos+2, segment.Stop))
	reader.AdvanceToEOL()
	return n, parser.NoChildren
}

func (mathBlock) Continue(n ast.Node, reader text.Reader, _ parser.Context) parser.State {
	if n.(*mathBlockNode).closed {
		return parser.Close
	}
	line, segment := reader.PeekLine()
	if body, ok := bytes.CutSuffix(bytes.TrimRight(line, " \t\r\n"), []byte("$$")); ok {
		n.Lines().Append(text.NewSegment(segment.Start, segment.Start+len(body)))
		reader.AdvanceToEOL()
		return parser.Close
	}
	n.Lines().Append(segment)
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

func (mathBlock) Close(ast.Node, text.Reader, parser.Context) {}
func (mathBlock) CanInterruptParagraph() bool                 { return true }
func (mathBlock) CanAcceptIndentedLine() bool                 { return false }

// mathInline reads $…$ and $$…$$ within a paragraph. As in pandoc, the opening
// $ of an inline formula has no space behind it, the closing one none before
// it and no digit behind it, so that $5 and $10 are prices.
type mathInline struct{}

func (mathInline) Trigger() []byte { return []byte{'$'} }

func (mathInline) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	start, startSegment := block.Position()
	n := &mathNode{}
	mark := "$"
	line, _ := block.PeekLine()
	if bytes.HasPrefix(line, []byte("$$")) {
		mark, n.display = "$$", true
	}
	block.Advance(len(mark))
	var body []byte
	for {
		line, _ := block.PeekLine()
		if line == nil {
			break
		}
		if i := closing(line, mark, len(body) == 0); i >= 0 {
			n.tex = string(append(body, line[:i]...))
			block.Advance(i + len(mark))
			return n
		}
		body = append(body, line...)
		block.AdvanceLine()
	}
	block.SetPosition(start, startSegment)
	return nil
}

// closing returns where mark closes a formula in line, or -1. At first the
// line begins with the formula.
func closing(line []byte, mark string, first bool) int {
	if mark == "$" && first && (len(line) == 0 || bytes.IndexByte([]byte(" \t\n$"), line[0]) >= 0) {
		return -1
	}
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case !bytes.HasPrefix(line[i:], []byte(mark)):
		case mark == "$$":
			return i
		case i > 0 && (line[i-1] == ' ' || line[i-1] == '\t'):
		case i+1 < len(line) && line[i+1] >= '0' && line[i+1] <= '9':
		default:
			return i
		}
	}
	return -1
}

type mathRenderer struct{}

func (mathRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindMath, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			m := n.(*mathNode)
			w.WriteString(tex(m.tex, m.display))
		}
		return ast.WalkContinue, nil
	})
	r.Register(kindMathBlock, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			w.WriteString(tex(string(n.Lines().Value(source)), true))
			w.WriteByte('\n')
		}
		return ast.WalkContinue, nil
	})
}
