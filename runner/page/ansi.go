package page

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// ansi returns text as HTML in which the terminal's colour codes (select
// graphic rendition, ECMA-48 8.3.117) have become spans. Other escape
// sequences and control characters go.
func ansi(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	var b strings.Builder
	var look rendition
	open := false
	for text != "" {
		i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f })
		if i < 0 {
			i = len(text)
		}
		if i > 0 {
			if attrs := look.attrs(); attrs != "" && !open {
				b.WriteString("<span" + attrs + ">")
				open = true
			}
			b.WriteString(html.EscapeString(text[:i]))
			text = text[i:]
			continue
		}
		params, final, n := escape(text)
		text = text[n:]
		if final == 'm' {
			if open {
				b.WriteString("</span>")
				open = false
			}
			look.apply(params)
		}
	}
	if open {
		b.WriteString("</span>")
	}
	return b.String()
}

// escape reads the control character or escape sequence that text begins with
// and returns its length; for a control sequence also the parameters and the
// final byte.
func escape(text string) (params string, final byte, n int) {
	if text[0] != 0x1b || len(text) == 1 {
		return "", 0, 1
	}
	switch text[1] {
	case '[':
		for n = 2; n < len(text); n++ {
			if c := text[n]; c >= 0x40 && c <= 0x7e {
				return text[2:n], c, n + 1
			} else if c < 0x20 || c > 0x7e {
				break // not a control sequence after all
			}
		}
		return "", 0, n
	case ']': // a command to the terminal, such as a link; ends with BEL or ESC \
		end := strings.IndexAny(text[2:], "\x07\x1b\n")
		if end < 0 {
			return "", 0, len(text)
		}
		end += 2
		switch {
		case text[end] == 0x07:
			end++
		case strings.HasPrefix(text[end:], "\x1b\\"):
			end += 2
		}
		return "", 0, end
	}
	if text[1] >= 0x20 && text[1] < 0x7f {
		return "", 0, 2
	}
	return "", 0, 1
}

// A rendition is how the text that follows looks. Colours are CSS values or
// class names; "" is the page's own.
type rendition struct {
	bold, dim, italic, underline, inverse, strike bool
	fg, bg                                        string
}

func (r *rendition) apply(params string) {
	codes := strings.FieldsFunc(params, func(c rune) bool { return c == ';' || c == ':' })
	if len(codes) == 0 {
		codes = []string{"0"}
	}
	for i := 0; i < len(codes); i++ {
		n, err := strconv.Atoi(codes[i])
		if err != nil {
			return
		}
		switch {
		case n == 0:
			*r = rendition{}
		case n == 1:
			r.bold = true
		case n == 2:
			r.dim = true
		case n == 3:
			r.italic = true
		case n == 4:
			r.underline = true
		case n == 7:
			r.inverse = true
		case n == 9:
			r.strike = true
		case n == 22:
			r.bold, r.dim = false, false
		case n == 23:
			r.italic = false
		case n == 24:
			r.underline = false
		case n == 27:
			r.inverse = false
		case n == 29:
			r.strike = false
		case n >= 30 && n <= 37:
			r.fg = named(n - 30)
		case n >= 90 && n <= 97:
			r.fg = named(n - 90 + 8)
		case n >= 40 && n <= 47:
			r.bg = named(n - 40)
		case n >= 100 && n <= 107:
			r.bg = named(n - 100 + 8)
		case n == 39:
			r.fg = ""
		case n == 49:
			r.bg = ""
		case n == 38 || n == 48:
			color, used := extended(codes[i+1:])
			i += used
			if n == 38 {
				r.fg = color
			} else {
				r.bg = color
			}
		}
	}
}

// named is one of the sixteen colours that page.css defines for both themes.
func named(n int) string { return fmt.Sprintf("var(--ansi-%d)", n) }

// extended reads the colour behind a code 38 or 48: 5;N of the 256 colours or
// 2;R;G;B. It returns how many codes that were.
func extended(codes []string) (color string, used int) {
	number := func(i int) int {
		if i >= len(codes) {
			return 0
		}
		n, _ := strconv.Atoi(codes[i])
		return min(max(n, 0), 255)
	}
	switch number(0) {
	case 5:
		n := number(1)
		switch {
		case n < 16:
			color = named(n)
		case n < 232: // a cube of 6×6×6
			level := func(v int) int {
				if v == 0 {
					return 0
				}
				return 55 + 40*v
			}
			n -= 16
			color = fmt.Sprintf("rgb(%d %d %d)", level(n/36), level(n/6%6), level(n%6))
		default: // 24 greys
			grey := 8 + 10*(n-232)
			color = fmt.Sprintf("rgb(%d %d %d)", grey, grey, grey)
		}
		return color, min(2, len(codes))
	case 2:
		return fmt.Sprintf("rgb(%d %d %d)", number(1), number(2), number(3)), min(4, len(codes))
	}
	return "", min(1, len(codes))
}

// attrs returns the attributes of a span with this look, or "" for none.
func (r rendition) attrs() string {
	var style []string
	add := func(on bool, s string) {
		if on {
			style = append(style, s)
		}
	}
	fg, bg := r.fg, r.bg
	if r.inverse {
		fg, bg = bg, fg
		if fg == "" {
			fg = "var(--bg)"
		}
		if bg == "" {
			bg = "var(--fg)"
		}
	}
	add(fg != "", "color:"+fg)
	add(bg != "", "background:"+bg)
	add(r.bold, "font-weight:600")
	add(r.dim, "opacity:.7")
	add(r.italic, "font-style:italic")
	switch {
	case r.underline && r.strike:
		add(true, "text-decoration:underline line-through")
	case r.underline:
		add(true, "text-decoration:underline")
	case r.strike:
		add(true, "text-decoration:line-through")
	}
	if style == nil {
		return ""
	}
	return ` style="` + strings.Join(style, ";") + `"`
}
