package repl

import (
	"go/scanner"
	"go/token"
	"go/types"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// The colours of code are those of the terminal's own theme.
var (
	keyword = ansi.NewStyle().ForegroundColor(ansi.Magenta)
	literal = ansi.NewStyle().ForegroundColor(ansi.Green)
	number  = ansi.NewStyle().ForegroundColor(ansi.Cyan)
	comment = ansi.NewStyle().Faint()
	builtin = ansi.NewStyle().ForegroundColor(ansi.BrightBlue)
	magic   = ansi.NewStyle().ForegroundColor(ansi.Yellow)
)

// highlight returns Go code in colours, also while it is being typed. The text
// stays as it is otherwise.
func highlight(line []rune) string {
	code := string(line)
	var b strings.Builder
	for part := range strings.Lines(code) {
		if strings.ContainsAny(part[:1], "%!?:") {
			paint(&b, magic, part)
			continue
		}
		break
	}
	done := len(ansi.Strip(b.String()))
	src := []byte(code)[done:]
	file := token.NewFileSet().AddFile("", 1, len(src))
	var s scanner.Scanner
	s.Init(file, src, func(token.Position, string) {}, scanner.ScanComments)
	at := 0
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		from := file.Offset(pos)
		if text == "" {
			text = tok.String()
		}
		to := from + len(text)
		if from < at || to > len(src) || string(src[from:to]) != text {
			continue // a semicolon that is not written, or a literal without its carriage returns
		}
		b.Write(src[at:from])
		paint(&b, styleOf(tok, text), text)
		at = to
	}
	b.Write(src[at:])
	if ansi.Strip(b.String()) != code {
		return code // the text matters more than its colours
	}
	return b.String()
}

// paint writes text in a style, each line by itself: between them stands the
// prompt.
func paint(b *strings.Builder, style ansi.Style, text string) {
	for part := range strings.Lines(text) {
		end := strings.TrimSuffix(part, "\n")
		if end == "" || len(style) == 0 {
			b.WriteString(part)
			continue
		}
		b.WriteString(style.Styled(end))
		b.WriteString(part[len(end):])
	}
}

func styleOf(tok token.Token, text string) ansi.Style {
	switch {
	case tok == token.COMMENT:
		return comment
	case tok == token.STRING || tok == token.CHAR:
		return literal
	case tok.IsLiteral() && tok != token.IDENT:
		return number
	case tok.IsKeyword():
		return keyword
	case tok == token.IDENT && types.Universe.Lookup(text) != nil:
		return builtin
	}
	return nil
}
