package display

import (
	"context"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// A message is what an Output was told.
type message struct {
	kind   string // "display", "update", "clear"
	id     string
	bundle cell.Bundle
}

// An outputLog is an Output that remembers.
type outputLog struct{ messages []message }

func (r *outputLog) Stream(name, text string) { panic("something was written to " + name) }
func (r *outputLog) Display(b cell.Bundle, id string) {
	r.messages = append(r.messages, message{"display", id, b})
}
func (r *outputLog) Update(b cell.Bundle, id string) {
	r.messages = append(r.messages, message{"update", id, b})
}
func (r *outputLog) Clear(bool)                         { r.messages = append(r.messages, message{kind: "clear"}) }
func (r *outputLog) Page(cell.Bundle)                   {}
func (r *outputLog) Input(string, bool) (string, error) { return "", io.EOF }

// shown runs f as a cell and returns what it showed.
func shown(f func()) []message {
	r := &outputLog{}
	cell.Enter(context.Background(), r, nil, f)
	return r.messages
}

// one runs f as a cell that shows one thing.
func one(t *testing.T, f func()) cell.Bundle {
	t.Helper()
	ms := shown(f)
	if len(ms) != 1 || ms[0].kind != "display" {
		t.Fatalf("got %d messages, want one display", len(ms))
	}
	if ms[0].bundle.String() == "" {
		t.Error("the text/plain twin is missing")
	}
	return ms[0].bundle
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update makes it)", err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

// An element is a part of an SVG picture.
type element struct {
	name  string
	attrs map[string]string
	text  string
}

// elements parses an SVG picture strictly.
func elements(t *testing.T, svg string) []element {
	t.Helper()
	var all []element
	var open []int
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("the picture is not well-formed: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e := element{name: tok.Name.Local, attrs: map[string]string{}}
			for _, a := range tok.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			open = append(open, len(all))
			all = append(all, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				all[open[len(open)-1]].text += string(tok)
			}
		}
	}
}

// A numbers value is a tensor for tests.
type numbers struct {
	shape  []int
	values []float64
}

func (n numbers) Shape() []int        { return n.shape }
func (n numbers) String() string      { return "numbers" }
func (n numbers) Float64s() []float64 { return n.values }
