package page

import (
	"fmt"
	"html"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// highlight returns source with its tokens marked, for use within pre. Where
// the language is unknown the text is only escaped. The marks are classes that
// page.css colours, so that one page serves light and dark.
func highlight(language, source string) (marked string) {
	defer func() {
		if recover() != nil { // chroma's way to say that a lexer failed on this text
			marked = html.EscapeString(source)
		}
	}()
	lexer := lexers.Get(language)
	if lexer == nil {
		return html.EscapeString(source)
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, source)
	if err != nil {
		return html.EscapeString(source)
	}
	var b strings.Builder
	for t := range tokens.Stdlib() {
		text := html.EscapeString(t.Value)
		if class := tokenClass(t.Type); class != "" {
			text = fmt.Sprintf(`<span class="%s">%s</span>`, class, text)
		}
		b.WriteString(text)
	}
	return b.String()
}

// tokenClass returns the class of a token, "" where it looks like plain text.
func tokenClass(t chroma.TokenType) string {
	switch {
	case t == chroma.KeywordType, t == chroma.NameBuiltin, t == chroma.NameClass:
		return "ht"
	case t.InCategory(chroma.Keyword):
		return "hk"
	case t.InSubCategory(chroma.LiteralString):
		return "hs"
	case t.InSubCategory(chroma.LiteralNumber):
		return "hm"
	case t.InCategory(chroma.Comment):
		return "hc"
	case t.InSubCategory(chroma.NameFunction):
		return "hf"
	}
	return ""
}
