package display

import (
	"errors"
	"fmt"
	"image"
	"maps"
	"reflect"

	"github.com/fluxion-go/fluxion/cell"
	"gonum.org/v1/plot"
)

// A MIMEBundler knows how it wants to be shown. The keys of the map are MIME
// types ("text/html", "image/png"), its values the bytes of each
// representation as they are: text in UTF-8, pictures as the bytes of their
// file. A text/plain entry that is missing is made from the value's String
// method or by fmt.
type MIMEBundler interface {
	MIMEBundle() map[string][]byte
}

// A grapher has a computational graph to be drawn.
type grapher interface{ Graph() cell.Graph }

// Render returns the MIME bundle that stands for v. Typ is the static type of
// the expression as Go writes it, used where the value itself cannot tell; it
// may be "". Render does not panic: what goes wrong while v is rendered is
// said in the text.
func Render(v any, typ string) cell.Bundle {
	b, err := render(v, typ)
	if err != nil {
		return cell.Text(fmt.Sprintf("%%!v(%s: %v)", typeName(v, typ), err))
	}
	return b
}

// render chooses the representation. A panic in one of v's methods is an error.
func render(v any, typ string) (b cell.Bundle, err error) {
	defer func() {
		if p := recover(); p != nil {
			if e, ok := p.(*Error); ok {
				err = errors.New(e.Message)
				return
			}
			err = fmt.Errorf("panic while it was rendered: %v", p)
		}
	}()
	if isNil(v) {
		return cell.Text("<nil>"), nil
	}
	switch v := v.(type) {
	case cell.Bundle:
		return withText(v, func() string { return "[" + typeName(v, typ) + "]" }), nil
	case *Board:
		return v.bundle(), nil
	case MIMEBundler:
		b := cell.Bundle{Data: maps.Clone(v.MIMEBundle())}
		return withText(b, func() string { return plain(v, typ) }), nil
	}
	if mime, text := written(v); mime != "" {
		return pair(mime, text, twin(v, mime, text)), nil
	}
	switch v := v.(type) {
	case cell.Graph:
		return graphBundle(v, "", &options{})
	case grapher:
		text := ""
		if s, ok := v.(fmt.Stringer); ok {
			text = s.String()
		}
		return graphBundle(v.Graph(), text, &options{})
	case *plot.Plot:
		return plotBundle(v), nil
	case image.Image:
		return imageBundle(v)
	case tensor:
		return tensorBundle(v), nil
	case album:
		return albumBundle(v, &options{fn: "Show"}), nil
	case error:
		return errorBundle(v), nil
	case fmt.Formatter, fmt.Stringer:
		return cell.Text(plain(v, typ)), nil
	}
	if b, ok := structured(v, typ); ok {
		return b, nil
	}
	return cell.Text(plain(v, typ)), nil
}

// withText adds the text/plain twin where b has none.
func withText(b cell.Bundle, text func() string) cell.Bundle {
	if _, ok := b.Data[cell.Plain]; ok {
		return b
	}
	data := maps.Clone(b.Data)
	if data == nil {
		data = map[string][]byte{}
	}
	data[cell.Plain] = []byte(text())
	b.Data = data
	return b
}

func isNil(v any) bool {
	if v == nil {
		return true
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Pointer, reflect.Func, reflect.Chan:
		return rv.IsNil()
	}
	return false
}

func typeName(v any, typ string) string {
	if typ != "" {
		return typ
	}
	return fmt.Sprintf("%T", v)
}
