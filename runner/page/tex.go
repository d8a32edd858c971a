package page

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mathML translates the mathematics of TeX that lessons use into MathML Core.
// It returns an error at the first thing it does not know; a formula is shown
// whole or as its source, never in part.
func mathML(source string, display bool) (string, error) {
	p := &texParser{rest: source}
	body := p.row(func() bool { return p.peek() == "" })
	if p.err != nil {
		return "", p.err
	}
	attr := ""
	if display {
		attr = ` display="block"`
	}
	return fmt.Sprintf(`<math%s><semantics><mrow>%s</mrow><annotation encoding="application/x-tex">%s</annotation></semantics></math>`,
		attr, body, html.EscapeString(strings.TrimSpace(source))), nil
}

// maxTexDepth bounds the nesting of a formula.
const maxTexDepth = 100

// A texParser reads TeX from the left and writes MathML. After an error its
// results mean nothing.
type texParser struct {
	rest  string
	depth int
	font  string // the alphabet that letters are in, "" the usual one
	err   error
}

func (p *texParser) fail(format string, args ...any) string {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	p.rest = ""
	return ""
}

// peek returns the next token and leaves it: a command with its backslash, or
// one character. It skips spaces and comments; at the end it returns "".
func (p *texParser) peek() string {
	for {
		p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace)
		if !strings.HasPrefix(p.rest, "%") {
			break
		}
		_, p.rest, _ = strings.Cut(p.rest, "\n")
	}
	if !strings.HasPrefix(p.rest, `\`) {
		_, n := utf8.DecodeRuneInString(p.rest)
		return p.rest[:n]
	}
	n := 1
	for n < len(p.rest) && isLetter(p.rest[n]) {
		n++
	}
	if n == 1 {
		_, k := utf8.DecodeRuneInString(p.rest[1:])
		n += k
	}
	return p.rest[:n]
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (p *texParser) next() string {
	t := p.peek()
	p.rest = p.rest[len(t):]
	return t
}

func (p *texParser) expect(token string) {
	if got := p.next(); got != token {
		p.fail("want %s, got %q", token, got)
	}
}

// row reads atoms until end, which it leaves to be read.
func (p *texParser) row(end func() bool) string {
	if p.depth++; p.depth > maxTexDepth {
		return p.fail("nested too deep")
	}
	defer func() { p.depth-- }()
	font := p.font
	defer func() { p.font = font }()
	var b strings.Builder
	for p.err == nil && !end() {
		if p.peek() == "" {
			return p.fail("the formula ends too early")
		}
		b.WriteString(p.scripted())
	}
	return b.String()
}

// group reads {…} and returns what is in it.
func (p *texParser) group() string {
	p.expect("{")
	body := p.row(func() bool { return p.peek() == "}" })
	p.expect("}")
	return body
}

// argument reads a group or one atom, as one element. Of a number it is the
// first digit, as in \frac12.
func (p *texParser) argument() string {
	switch t := p.peek(); {
	case t == "{":
		return "<mrow>" + p.group() + "</mrow>"
	case isDigit(t):
		return "<mn>" + p.next() + "</mn>"
	}
	a, _ := p.atom()
	return a
}

// name reads {…} as plain text.
func (p *texParser) name() string {
	p.expect("{")
	text, rest, ok := strings.Cut(p.rest, "}")
	if !ok || strings.Contains(text, "{") {
		return p.fail("want a name in braces")
	}
	p.rest = rest
	return text
}

// limits says where the scripts of an atom go.
type limits int

const (
	beside limits = iota // as in xᵢ
	under                // above and below in a displayed formula, as of a sum
)

// scripted reads an atom with its sub- and superscripts.
func (p *texParser) scripted() string {
	var base string
	where := beside
	if t := p.peek(); t == "^" || t == "_" {
		base = "<mrow></mrow>"
	} else {
		base, where = p.atom()
	}
	var sub, sup string
	for p.err == nil {
		switch p.peek() {
		case "_":
			p.next()
			if sub != "" {
				return p.fail("two subscripts")
			}
			sub = p.argument()
			continue
		case "^":
			p.next()
			if sup != "" && !strings.HasPrefix(sup, "<mo>′") {
				return p.fail("two superscripts")
			}
			sup += p.argument()
			if strings.HasPrefix(sup, "<mo>′") {
				sup = "<mrow>" + sup + "</mrow>"
			}
			continue
		case "'":
			primes := ""
			for p.peek() == "'" {
				p.next()
				primes += "′"
			}
			sup = "<mo>" + primes + "</mo>" + sup
			continue
		case `\limits`:
			p.next()
			where = under
			continue
		case `\nolimits`:
			p.next()
			where = beside
			continue
		}
		break
	}
	tags := [2][3]string{{"msub", "msup", "msubsup"}, {"munder", "mover", "munderover"}}[where]
	switch {
	case sub != "" && sup != "":
		return fmt.Sprintf("<%s>%s%s%s</%s>", tags[2], base, sub, sup, tags[2])
	case sub != "":
		return fmt.Sprintf("<%s>%s%s</%s>", tags[0], base, sub, tags[0])
	case sup != "":
		return fmt.Sprintf("<%s>%s%s</%s>", tags[1], base, sup, tags[1])
	}
	return base
}

// atom reads the smallest thing that can have scripts, as one element.
func (p *texParser) atom() (element string, where limits) {
	t := p.peek()
	switch {
	case t == "{":
		return "<mrow>" + p.group() + "</mrow>", beside
	case isDigit(t):
		return p.number(), beside
	case strings.HasPrefix(t, `\`):
		p.next()
		return p.command(t[1:])
	case t == "}" || t == "&" || t == "$" || t == "#" || t == "":
		return p.fail("unexpected %q", t), beside
	}
	p.next()
	r, _ := utf8.DecodeRuneInString(t)
	switch {
	case t == "~":
		return `<mspace width="0.33em"/>`, beside
	case unicode.IsLetter(r):
		return p.letter(r), beside
	case strings.ContainsRune("()[]|", r):
		return `<mo stretchy="false">` + t + "</mo>", beside
	case t == "-":
		return "<mo>−</mo>", beside
	case t == "*":
		return "<mo>∗</mo>", beside
	case r == utf8.RuneError || unicode.IsControl(r):
		return p.fail("unexpected %q", t), beside
	}
	return "<mo>" + html.EscapeString(t) + "</mo>", beside
}

func isDigit(t string) bool { return len(t) == 1 && t[0] >= '0' && t[0] <= '9' }

// number reads digits with their decimal point.
func (p *texParser) number() string {
	n := 0
	for n < len(p.rest) {
		c := p.rest[n]
		point := (c == '.' || c == ',') && n+1 < len(p.rest) && p.rest[n+1] >= '0' && p.rest[n+1] <= '9'
		if c == ',' && !thousands(p.rest[n:]) {
			point = false // a list such as 1,2
		}
		if (c < '0' || c > '9') && !point {
			break
		}
		n++
	}
	text := p.rest[:n]
	p.rest = p.rest[n:]
	if p.font == "bold" {
		return "<mn>" + inAlphabet("bold", text) + "</mn>"
	}
	return "<mn>" + text + "</mn>"
}

// thousands reports whether s is a comma and exactly three digits.
func thousands(s string) bool {
	digits := 0
	for i := 1; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		digits++
	}
	return digits == 3
}

func (p *texParser) letter(r rune) string {
	if p.font == "normal" {
		return `<mi mathvariant="normal">` + html.EscapeString(string(r)) + "</mi>"
	}
	return "<mi>" + html.EscapeString(inAlphabet(p.font, string(r))) + "</mi>"
}
