package page

import (
	"fmt"
	"html"
	"strings"
)

// command translates the command called name, which has been read.
func (p *texParser) command(name string) (element string, where limits) {
	if s, ok := texSymbols[name]; ok {
		if s.letter {
			return "<mi>" + inAlphabet(p.font, s.text) + "</mi>", beside
		}
		if s.under {
			where = under
		}
		return "<mo>" + s.text + "</mo>", where
	}
	if width, ok := texSpaces[name]; ok {
		return fmt.Sprintf(`<mspace width="%s"/>`, width), beside
	}
	if alphabet, ok := texAlphabets[name]; ok {
		return p.inFont(alphabet), beside
	}
	if mark, ok := texAccents[name]; ok {
		return fmt.Sprintf(`<mover accent="true">%s<mo stretchy="%t">%s</mo></mover>`, p.argument(), mark.wide, mark.text), beside
	}
	if strings.Contains(texFunctions, " "+name+" ") {
		return p.function(name, beside), beside
	}
	if strings.Contains(texLimitFunctions, " "+name+" ") {
		return p.function(strings.Replace(name, "arg", "arg ", 1), under), under
	}
	switch name {
	case "frac", "dfrac", "tfrac":
		return p.fraction(name), beside
	case "binom":
		top, bottom := p.argument(), p.argument()
		return `<mrow><mo>(</mo><mfrac linethickness="0">` + top + bottom + `</mfrac><mo>)</mo></mrow>`, beside
	case "sqrt":
		return p.root(), beside
	case "text", "textrm", "mbox", "textit", "textbf", "texttt":
		return "<mtext>" + html.EscapeString(strings.ReplaceAll(p.name(), " ", "\u00a0")) + "</mtext>", beside
	case "operatorname":
		if p.peek() == "*" {
			p.next()
			where = under
		}
		return p.function(p.name(), where), where
	case "left":
		return p.fenced(), beside
	case "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr":
		size := map[byte]string{'b': "1.4em", 'B': "1.9em"}[name[0]]
		return fmt.Sprintf(`<mo minsize="%s" maxsize="%s">%s</mo>`, size, size, p.delimiter()), beside
	case "underbrace", "overbrace":
		brace, tag := "⏟", "munder"
		if name == "overbrace" {
			brace, tag = "⏞", "mover"
		}
		return fmt.Sprintf("<%s>%s<mo stretchy=\"true\">%s</mo></%s>", tag, p.argument(), brace, tag), under
	case "overset", "underset", "stackrel":
		mark, base := p.argument(), p.argument()
		if name == "underset" {
			return "<munder>" + base + mark + "</munder>", beside
		}
		return "<mover>" + base + mark + "</mover>", beside
	case "underline":
		return `<munder>` + p.argument() + `<mo stretchy="true">_</mo></munder>`, beside
	case "begin":
		return p.environment(), beside
	case "displaystyle", "textstyle":
		return "", beside
	case "{", "}", "%", "$", "#", "&", "_":
		return `<mo stretchy="false">` + html.EscapeString(name) + "</mo>", beside
	case "|":
		return `<mo stretchy="false">‖</mo>`, beside
	}
	return p.fail("unknown command \\%s", name), beside
}

// function is a name such as log: an upright operator with a thin space around
// it, but none before a parenthesis.
func (p *texParser) function(name string, where limits) string {
	space := "0.167em"
	if next := p.peek(); next == "(" || next == "[" || next == `\left` {
		space = "0"
	}
	name = html.EscapeString(strings.ReplaceAll(name, " ", "\u2009"))
	return fmt.Sprintf(`<mo lspace="0.167em" rspace="%s" movablelimits="%t">%s</mo>`, space, where == under, name)
}

func (p *texParser) inFont(alphabet string) string {
	before := p.font
	p.font = alphabet
	defer func() { p.font = before }()
	if alphabet == "normal" && p.peek() == "{" {
		// A word in roman is one name, not a product of letters.
		if word, _, ok := strings.Cut(p.rest[1:], "}"); ok && isWord(word) {
			return "<mi>" + p.name() + "</mi>" // MathML sets several letters upright
		}
	}
	return p.argument()
}

func isWord(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) {
			return false
		}
	}
	return len(s) > 1
}

func (p *texParser) fraction(name string) string {
	attr := ""
	switch name {
	case "dfrac":
		attr = ` displaystyle="true"`
	case "tfrac":
		attr = ` displaystyle="false"`
	}
	top, bottom := p.argument(), p.argument()
	return "<mfrac" + attr + ">" + top + bottom + "</mfrac>"
}

func (p *texParser) root() string {
	if p.peek() != "[" {
		return "<msqrt>" + p.argument() + "</msqrt>"
	}
	p.next()
	index := p.row(func() bool { return p.peek() == "]" })
	p.expect("]")
	return "<mroot>" + p.argument() + "<mrow>" + index + "</mrow></mroot>"
}

// delimiter reads what may stand behind \left, \right and \big.
func (p *texParser) delimiter() string {
	t := p.next()
	switch t {
	case "(", ")", "[", "]", "|", "/":
		return t
	case "<":
		return "⟨"
	case ">":
		return "⟩"
	case ".":
		return ""
	}
	if d, ok := texDelimiters[strings.TrimPrefix(t, `\`)]; ok && strings.HasPrefix(t, `\`) {
		return d
	}
	return p.fail("%q is no delimiter", t)
}

// fenced reads what follows \left, up to the delimiter of its \right.
func (p *texParser) fenced() string {
	open := p.delimiter()
	body := p.row(func() bool { return p.peek() == `\right` || p.peek() == `\middle` })
	for p.peek() == `\middle` {
		p.next()
		body += `<mo stretchy="true">` + p.delimiter() + "</mo>"
		body += p.row(func() bool { return p.peek() == `\right` || p.peek() == `\middle` })
	}
	p.expect(`\right`)
	return stretchy(open, "prefix") + body + stretchy(p.delimiter(), "postfix") + "</mrow>"
}

// stretchy writes a delimiter as high as what it encloses; the opening one
// begins the row that holds both.
func stretchy(delimiter, form string) string {
	s := ""
	if form == "prefix" {
		s = "<mrow>"
	}
	if delimiter == "" {
		return s
	}
	return s + fmt.Sprintf(`<mo stretchy="true" form="%s">%s</mo>`, form, delimiter)
}

// environment reads what follows \begin.
func (p *texParser) environment() string {
	name := p.name()
	kind, ok := texEnvironments[name]
	if !ok {
		return p.fail("unknown environment %s", name)
	}
	if name == "array" {
		p.name() // the columns; they are centred here
	}
	table := p.table(kind.class)
	p.expect(`\end`)
	if end := p.name(); p.err == nil && end != name {
		return p.fail("\\begin{%s} ends with \\end{%s}", name, end)
	}
	if kind.open == "" && kind.close == "" {
		return table
	}
	return stretchy(kind.open, "prefix") + table + stretchy(kind.close, "postfix") + "</mrow>"
}

// table reads rows of cells up to the \end.
func (p *texParser) table(class string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<mtable class="%s" displaystyle="%t">`, class, class == "aligned")
	for p.err == nil && p.peek() != `\end` {
		b.WriteString("<mtr>")
		for {
			b.WriteString("<mtd>")
			b.WriteString(p.row(func() bool { t := p.peek(); return t == "&" || t == `\\` || t == `\end` }))
			b.WriteString("</mtd>")
			if p.err != nil || p.peek() != "&" {
				break
			}
			p.next()
		}
		b.WriteString("</mtr>")
		if p.peek() == `\\` {
			p.next()
		}
	}
	b.WriteString("</mtable>")
	return b.String()
}
