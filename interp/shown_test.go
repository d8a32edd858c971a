package interp_test

import (
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/display"
	"github.com/fluxion-go/fluxion/interp"
	"github.com/fluxion-go/fluxion/preload"
)

// A type that is declared in a cell says by a method how it is shown, on both
// executors.
func TestShownByAMethod(t *testing.T) {
	for _, executor := range []string{"vm", "yaegi"} {
		e, err := interp.New(interp.Config{Library: preload.Packages{}, Imports: preload.Packages{}.Implicit(), Executor: executor, Render: display.Render})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		for _, c := range []struct{ code, mime, want string }{
			{"type B struct{ n int }\nfunc (b B) MIMEBundle() map[string][]byte { return map[string][]byte{\"text/html\": []byte(fmt.Sprint(\"<b>\", b.n))} }\n\nB{7}", cell.HTML, "<b>7"},
			{"&B{8}", cell.HTML, "<b>8"},
			{"type H int\nfunc (h H) HTML() string { return \"<i>h</i>\" }\n\nH(1)", cell.HTML, "<i>h</i>"},
			{"type S int\nfunc (s S) SVG() string { return \"<svg/>\" }\n\nS(1)", cell.SVG, "<svg/>"},
			{"type M int\nfunc (m M) Markdown() string { return \"*m*\" }\n\nM(1)", cell.Markdown, "*m*"},
			{"type L int\nfunc (l L) LaTeX() string { return \"$x$\" }\n\nL(1)", cell.LaTeX, "$x$"},
			{"type T int\nfunc (t T) HTML(deep bool) string { return \"\" }\nfunc (t T) String() string { return \"t\" }\n\nT(1)", cell.Plain, "t"},
		} {
			out := &lastHTML{}
			r := e.Eval(t.Context(), cell.Request{Code: c.code, Count: 1}, out)
			if r.Err != nil || string(r.Value.Data[c.mime]) != c.want {
				t.Errorf("%s: %s: got %q and %v, want %q", executor, c.code, r.Value.Data[c.mime], r.Err, c.want)
			}
		}
		out := &lastHTML{}
		r := e.Eval(t.Context(), cell.Request{Code: "display.Show(B{9})", Count: 2}, out)
		if r.Err != nil || !strings.Contains(out.html, "<b>9") {
			t.Errorf("%s: Show shows %q, %v", executor, out.html, r.Err)
		}
	}
}

// lastHTML remembers the HTML that was displayed last.
type lastHTML struct {
	cell.Output
	html string
}

func (d *lastHTML) Display(b cell.Bundle, _ string) { d.html = string(b.Data[cell.HTML]) }
