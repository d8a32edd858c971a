package display

import (
	"encoding/json"
	"html"
	"image"
	"regexp"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// Show shows each value in its richest form, as if it were the last
// expression of the cell.
func Show(values ...any) {
	for _, v := range values {
		send(mustRender("Show", v))
	}
}

// Text shows s as it is.
func Text(s string) { send(cell.Text(s)) }

// HTML shows s, a piece of HTML. It is not cleaned: pass what you do not
// trust through html.EscapeString.
func HTML(s string) { send(pair(cell.HTML, s, htmlText(s))) }

// Markdown shows s, written in Markdown.
func Markdown(s string) { send(pair(cell.Markdown, s, s)) }

// LaTeX typesets s. A formula without delimiters of its own is set as a
// displayed formula.
func LaTeX(s string) {
	tex := s
	if !strings.Contains(s, "$") && !strings.Contains(s, `\(`) && !strings.Contains(s, `\[`) && !strings.Contains(s, `\begin{`) {
		tex = `$\displaystyle ` + s + `$`
	}
	send(pair(cell.LaTeX, tex, s))
}

// SVG shows s, the text of an SVG picture. Like HTML, it is not cleaned.
func SVG(s string) {
	text := htmlText(s)
	if text == "" {
		text = "picture (SVG)"
	}
	send(pair(cell.SVG, s, text))
}

// JSON shows v as a tree that can be folded, in the form that
// [encoding/json.Marshal] gives it.
func JSON(v any) {
	data, err := json.Marshal(v)
	if err != nil {
		misuse("JSON", "%v", err)
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		misuse("JSON", "%v", err)
	}
	send(pair(cell.JSON, string(data), string(text)))
}

// Image shows a picture, pixel by pixel, as PNG.
func Image(img image.Image) {
	if isNil(img) {
		misuse("Image", "the picture is nil")
	}
	send(mustRender("Image", img))
}

// Clear removes what the cell has shown so far.
func Clear() { cell.Current().Output().Clear(false) }

func send(b cell.Bundle) { cell.Current().Output().Display(b, "") }

// mustRender renders v for the function fn, where a failure stops the cell.
func mustRender(fn string, v any) cell.Bundle {
	b, err := render(v, "")
	if err != nil {
		misuse(fn, "%T: %v", v, err)
	}
	return b
}

func pair(mime, data, text string) cell.Bundle {
	return cell.Bundle{Data: map[string][]byte{mime: []byte(data), cell.Plain: []byte(text)}}
}

var (
	unseen = regexp.MustCompile(`(?is)<(script|style)\b.*?</(script|style)\s*>|<!--.*?-->`)
	breaks = regexp.MustCompile(`(?i)<(br|/p|/div|/tr|/li|/h[1-6]|/pre|/table)\b[^>]*>`)
	tag    = regexp.MustCompile(`<[^>]*>`)
	blanks = regexp.MustCompile(`[ \t\r]+`)
	lines  = regexp.MustCompile(` ?\n[ \n]*`)
)

// htmlText returns the words of a piece of HTML, for the text/plain twin. It
// need not be exact: nothing is made of it but text.
func htmlText(s string) string {
	s = unseen.ReplaceAllString(s, " ")
	s = strings.ReplaceAll(s, "\n", " ")
	s = breaks.ReplaceAllString(s, "\n")
	s = tag.ReplaceAllString(s, "")
	s = html.UnescapeString(s)
	s = blanks.ReplaceAllString(s, " ")
	return strings.TrimSpace(lines.ReplaceAllString(s, "\n"))
}
