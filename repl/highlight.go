package repl

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/charmbracelet/x/ansi"
)

// The colours of code are those of the terminal's own theme.
var (
	keyword = ansi.NewStyle().ForegroundColor(ansi.Magenta)
	literal = ansi.NewStyle().ForegroundColor(ansi.Green)
	number  = ansi.NewStyle().ForegroundColor(ansi.Cyan)
	comment = ansi.NewStyle().Faint()
	builtin = ansi.NewStyle().ForegroundColor(ansi.Blue)
	magic   = ansi.NewStyle().ForegroundColor(ansi.Yellow)
)

// highlight returns Go code in colours. The text stays as it is otherwise.
func highlight(line []rune) string {
	code := string(line)
	tokens, err := lexers.Get("go").Tokenise(&chroma.TokeniseOptions{State: "root"}, code)
	if err != nil {
		return code
	}
	var b strings.Builder
	begin := true // of a line
	for token := tokens(); token != chroma.EOF; token = tokens() {
		style := styleOf(token.Type)
		if begin && strings.ContainsAny(token.Value[:min(1, len(token.Value))], "%!?:") {
			style = magic
		}
		begin = strings.HasSuffix(token.Value, "\n")
		if len(style) == 0 || strings.TrimSpace(token.Value) == "" {
			b.WriteString(token.Value)
			continue
		}
		// Each line of a token is coloured by itself: between them stands the prompt.
		for i, part := range strings.Split(token.Value, "\n") {
			if i > 0 {
				b.WriteByte('\n')
			}
			if part != "" {
				b.WriteString(style.Styled(part))
			}
		}
	}
	if ansi.Strip(b.String()) != code {
		return code // the text matters more than its colours
	}
	return b.String()
}

func styleOf(t chroma.TokenType) ansi.Style {
	switch {
	case t.InCategory(chroma.Comment):
		return comment
	case t == chroma.KeywordType || t == chroma.NameBuiltin || t == chroma.KeywordConstant:
		return builtin
	case t.InCategory(chroma.Keyword):
		return keyword
	case t.InSubCategory(chroma.LiteralNumber):
		return number
	case t.InCategory(chroma.Literal):
		return literal
	}
	return nil
}
