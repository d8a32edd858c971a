package display

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"html/template"
	"image"
	"reflect"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// Types that can write themselves in one language join by a single method.
type (
	htmlWriter     interface{ HTML() string }
	markdownWriter interface{ Markdown() string }
	latexWriter    interface{ LaTeX() string }
	svgWriter      interface{ SVG() string }
)

// An album is a set of labelled pictures.
type album interface {
	Len() int
	Image(i int) image.Image
	Class(i int) string
}

// written returns what v writes of itself, or says by its type that it is.
func written(v any) (mime, text string) {
	switch v := v.(type) {
	case htmlWriter:
		return cell.HTML, v.HTML()
	case svgWriter:
		return cell.SVG, v.SVG()
	case markdownWriter:
		return cell.Markdown, v.Markdown()
	case latexWriter:
		return cell.LaTeX, v.LaTeX()
	case template.HTML:
		return cell.HTML, string(v)
	case json.RawMessage:
		if json.Valid(v) {
			return cell.JSON, string(v)
		}
	}
	return "", ""
}

// twin makes the text of what was written in mime: v's own, where it has one.
func twin(v any, mime, text string) string {
	switch v := v.(type) {
	case fmt.Stringer, error:
		return plain(v, "")
	}
	switch mime {
	case cell.HTML, cell.SVG:
		if words := htmlText(text); words != "" {
			return words
		}
		return "picture"
	}
	return text
}

// albumBundle shows the first pictures of a set with their classes.
func albumBundle(a album, opts *options) cell.Bundle {
	const most = 24
	var pictures []image.Image
	for i := range min(a.Len(), most) {
		pictures = append(pictures, a.Image(i))
		opts.labels = append(opts.labels, a.Class(i))
	}
	if len(pictures) == 0 {
		return cell.Text("no pictures")
	}
	note := ""
	if a.Len() > most {
		note = fmt.Sprintf("the first %d of %s", most, grouped(a.Len()))
	}
	b := pictureGrid(opts, pictures, pictureSide/2, "picture", note)
	if s, ok := a.(fmt.Stringer); ok {
		b.Data[cell.Plain] = []byte(s.String())
		b.Data[cell.HTML] = append(b.Data[cell.HTML], fmt.Appendf(nil, `<div style="font-size:12px;opacity:.65;margin-top:6px">%s</div>`, html.EscapeString(s.String()))...)
	}
	return b
}

// errorBundle shows an error with the chain of what it wraps.
func errorBundle(err error) cell.Bundle {
	var b strings.Builder
	b.WriteString(`<div class="fluxion-error" style="border-left:3px solid #d1453b;padding:2px 0 2px 10px;font-size:13px;line-height:1.5">`)
	writeError(&b, err, 0)
	b.WriteString(`</div>`)
	return pair(cell.HTML, b.String(), clip(err.Error()))
}

func writeError(b *strings.Builder, err error, depth int) {
	fmt.Fprintf(b, `<div style="margin-left:%gem;padding-left:1.4em;text-indent:-1.4em;white-space:pre-wrap"><span style="opacity:.65">%T</span> %s</div>`,
		1.4*float64(depth), err, html.EscapeString(clip(err.Error())))
	if depth == 20 {
		return
	}
	switch w := err.(type) {
	case interface{ Unwrap() []error }:
		for _, e := range w.Unwrap() {
			if e != nil {
				writeError(b, e, depth+1)
			}
		}
	default:
		if inner := errors.Unwrap(err); inner != nil {
			writeError(b, inner, depth+1)
		}
	}
}

// structured shows slices of records and maps as tables, slices of numbers as a
// matrix, and structs as trees; ok is false for everything else.
func structured(v any, typ string) (b cell.Bundle, ok bool) {
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Slice, reflect.Array:
		return sliceBundle(rv)
	case reflect.Map:
		if rv.Len() == 0 {
			return b, false
		}
		t := newTable("", v, []string{"key", "value"})
		if text := fmt.Sprintf("%v", v); len(text) <= lineLength {
			return pair(cell.HTML, t.html(), text), true
		}
		return t.bundle(), true
	case reflect.Struct, reflect.Pointer:
		if reflect.Indirect(rv).Kind() == reflect.Struct && reflect.Indirect(rv).NumField() > 0 {
			return treeBundle(rv, typ), true
		}
	}
	return b, false
}

// lineLength is how long a text may be that stands on one line.
const lineLength = 100

func sliceBundle(rv reflect.Value) (b cell.Bundle, ok bool) {
	if rv.Len() == 0 {
		return b, false
	}
	elem := rv.Type().Elem()
	if elem.Kind() == reflect.Pointer && elem.Elem().Kind() == reflect.Struct && !speaks(elem) {
		elem = elem.Elem()
	}
	switch {
	case elem == reflect.TypeFor[image.Image]():
		return pictureGrid(&options{fn: "Show"}, rv.Interface().([]image.Image), pictureSide, "picture", ""), true
	case speaks(elem):
		return b, false
	case elem.Kind() == reflect.Struct:
		for i := range elem.NumField() {
			if elem.Field(i).IsExported() {
				return newTable("", rv.Interface(), nil).bundle(), true
			}
		}
	case elem.Kind() == reflect.Map && elem.Key().Kind() == reflect.String:
		return newTable("", rv.Interface(), nil).bundle(), true
	case elem.Kind() == reflect.Slice || elem.Kind() == reflect.Array:
		return rowsBundle(rv)
	}
	return b, false
}

// speaks reports whether values of type t have a text of their own.
func speaks(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[fmt.Stringer]()) || t.Implements(reflect.TypeFor[error]()) || t.Implements(reflect.TypeFor[fmt.Formatter]())
}

// rowsBundle shows a slice of equally long slices of numbers as a matrix.
func rowsBundle(rv reflect.Value) (b cell.Bundle, ok bool) {
	switch rv.Type().Elem().Elem().Kind() {
	case reflect.Slice, reflect.Array, reflect.String, reflect.Bool, reflect.Interface, reflect.Struct, reflect.Map, reflect.Pointer:
		return b, false
	}
	cols := rv.Index(0).Len()
	if cols == 0 || rv.Len() < 2 || rv.Len()*cols > maxGridCells {
		return b, false
	}
	var e flatValues
	for i := range rv.Len() {
		row, numbers := numbersOf(rv.Index(i))
		if !numbers || len(row) != cols {
			return b, false
		}
		e.f64 = append(e.f64, row...)
	}
	var out strings.Builder
	writeMatrix(&out, e, rv.Len(), cols)
	return pair(cell.HTML, out.String(), plain(rv.Interface(), "")), true
}
