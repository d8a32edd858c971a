package cell

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// The MIME types that fluxion itself makes.
const (
	Plain    = "text/plain"
	HTML     = "text/html"
	Markdown = "text/markdown"
	LaTeX    = "text/latex"
	SVG      = "image/svg+xml"
	PNG      = "image/png"
	JPEG     = "image/jpeg"
	JSON     = "application/json"
)

// A Bundle is one value in several representations. Each entry of Data holds
// the bytes of its MIME type as they are: UTF-8 text, the file of a picture,
// or a JSON document. A bundle without Data stands for "no value".
type Bundle struct {
	Data     map[string][]byte
	Metadata map[string]any // what the Jupyter protocol calls metadata; may be nil
}

// Text returns a bundle with a text/plain representation alone.
func Text(s string) Bundle { return Bundle{Data: map[string][]byte{Plain: []byte(s)}} }

// Empty reports whether b holds nothing.
func (b Bundle) Empty() bool { return len(b.Data) == 0 }

// String returns the text/plain representation.
func (b Bundle) String() string { return string(b.Data[Plain]) }

// Encoded returns Data as the Jupyter protocol and notebook files write it:
// text as a string, JSON types as JSON, everything else in base64.
func (b Bundle) Encoded() map[string]any {
	m := make(map[string]any, len(b.Data))
	for mime, data := range b.Data {
		switch {
		case IsJSON(mime):
			m[mime] = json.RawMessage(data)
		case IsText(mime):
			m[mime] = string(data)
		default:
			m[mime] = base64.StdEncoding.EncodeToString(data)
		}
	}
	return m
}

// IsJSON reports whether mime holds a JSON document.
func IsJSON(mime string) bool {
	return mime == JSON || strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json")
}

// IsText reports whether mime holds text that needs no encoding.
func IsText(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == SVG || strings.HasSuffix(mime, "+xml") ||
		mime == "application/javascript" || mime == "application/xml"
}
