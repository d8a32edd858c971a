package page

import (
	"go/scanner"
	"go/token"
	"go/types"
	"html"
	"strings"
)

// highlight returns source with its tokens marked, for use within pre. Only Go
// is known: text in another language is escaped and no more. The marks are
// classes that page.css colours, so that one page serves light and dark.
//
// The scanner is the standard library's. A highlighter of many languages takes
// tens of milliseconds to load its tables, at the start of every fluxion
// process, whatever it is to do.
func highlight(language, source string) string {
	if language != "go" {
		return html.EscapeString(source)
	}
	var b strings.Builder
	mark := func(class, text string) {
		text = html.EscapeString(text)
		if class != "" {
			text = `<span class="` + class + `">` + text + `</span>`
		}
		b.WriteString(text)
	}
	file := token.NewFileSet().AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), nil, scanner.ScanComments) // what is no token is passed over
	done := 0
	pos, tok, text := s.Scan()
	for tok != token.EOF {
		from := file.Offset(pos)
		afterPos, after, afterText := s.Scan()
		to := from + len(text)
		switch {
		case tok == token.SEMICOLON && text == "\n": // not written
			to = from
		case tok.IsOperator():
			to = from + len(tok.String())
		case tok == token.COMMENT, tok == token.STRING: // the scanner takes carriage returns out
			to = end(source, from, text)
		}
		if to = min(to, len(source)); to > from && from >= done {
			mark("", source[done:from])
			mark(tokenClass(tok, text, after), source[from:to])
			done = to
		}
		pos, tok, text = afterPos, after, afterText
	}
	mark("", source[done:])
	return b.String()
}

// end returns where a token ends that begins at from and reads as text without
// its carriage returns.
func end(source string, from int, text string) int {
	at := from
	for i := 0; i < len(text) && at < len(source); at++ {
		if source[at] == text[i] {
			i++
		}
	}
	return at
}

// tokenClass returns the class of a token, "" where it looks like plain text.
func tokenClass(tok token.Token, text string, after token.Token) string {
	switch {
	case tok.IsKeyword():
		return "hk"
	case tok == token.STRING, tok == token.CHAR:
		return "hs"
	case tok == token.INT, tok == token.FLOAT, tok == token.IMAG:
		return "hm"
	case tok == token.COMMENT:
		return "hc"
	case tok == token.IDENT && types.Universe.Lookup(text) != nil:
		switch types.Universe.Lookup(text).(type) {
		case *types.Const, *types.Nil:
			return "hk"
		}
		return "ht"
	case tok == token.IDENT && after == token.LPAREN:
		return "hf"
	}
	return ""
}
