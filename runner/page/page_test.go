package page

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/runner/notebook"
)

// annotation is the copy of the source that goes with a formula.
var annotation = regexp.MustCompile(`<annotation encoding="application/x-tex">([^<]*)</annotation>`)

// formulas lists the formulas in a piece of HTML, displayed ones with their
// dollars doubled.
func formulas(html string) string {
	var list []string
	for part := range strings.SplitSeq(html, "<math") {
		if m := annotation.FindStringSubmatch(part); m != nil {
			mark := "$"
			if strings.HasPrefix(part, ` display="block"`) {
				mark = "$$"
			}
			list = append(list, mark+m[1]+mark)
		}
	}
	return strings.Join(list, " ")
}

func TestFormulasInMarkdown(t *testing.T) {
	for _, tt := range []struct{ markdown, want string }{
		{"a $x$ b", "$x$"},
		{"$x_i$ and $y_i$ keep their underscores", "$x_i$ $y_i$"},
		{"$a*b$ and $c*d$", "$a*b$ $c*d$"},
		{"costs $5 and $10", ""},
		{"costs 5$ and 10$", ""},
		{"$ x$ has a space", ""},
		{`a \$ sign and $x$`, "$x$"},
		{`$a \$ b$`, `$a \$ b$`},
		{"`$x$` is code", ""},
		{"    $x$ is code", ""},
		{"```\n$x$\n```", ""},
		{"$x +\ny$ over two lines", "$x +\ny$"},
		{"$x never closes\n\nand $y$ does", "$y$"},
		{"$$x$$", "$$x$$"},
		{"text $$x$$ text", "$$x$$"},
		{"text\n$$\nx\n$$\ntext", "$$x$$"},
		{"$$\na\n- b\n\n= c\n$$", "$$a\n- b\n\n= c$$"},
		{"$$ a $$\nText with $b$.", "$$a$$ $b$"},
		{"> $$\n> x\n> $$", "$$x$$"},
		{"- item $x$\n- $$y$$", "$x$ $$y$$"},
		{"| a |\n|---|\n| $x$ |", "$x$"},
		{"# Title with $x$", "$x$"},
		{"$$\nnever closed", "$$never closed$$"},
	} {
		html, err := newProse().markdown(tt.markdown, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := formulas(html); got != tt.want {
			t.Errorf("%q\ngot  %q\nwant %q\n%s", tt.markdown, got, tt.want, html)
		}
	}
}

// pageOf returns the page of a notebook in JSON cells.
func pageOf(t *testing.T, cells string) string {
	t.Helper()
	nb, err := notebook.Decode([]byte(`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[` + cells + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	html, err := HTML(nb, Options{Name: "test.ipynb"})
	if err != nil {
		t.Fatal(err)
	}
	_, body, ok := strings.Cut(string(html), "<body>")
	if !ok {
		t.Fatal("the page has no body")
	}
	return body
}

func TestPage(t *testing.T) {
	markdown := func(s string) string { return `{"cell_type":"markdown","metadata":{},"source":"` + s + `"}` }
	output := func(s string) string {
		return `{"cell_type":"code","id":"c","metadata":{},"source":"x","execution_count":3,"outputs":[` + s + `]}`
	}
	data := func(s string) string {
		return output(`{"output_type":"display_data","metadata":{"image/png":{"width":20}},"data":{` + s + `}}`)
	}
	for _, tt := range []struct{ name, cells, want string }{
		{"headings of two cells share no id", markdown("# A b") + "," + markdown("# A b") + "," + markdown("## C"),
			`<li class="level-1"><a href="#a-b-2">A b</a></li>`},
		{"raw HTML in prose is kept", markdown("<script>run()</script>"), "<script>run()</script>"},
		{"text is escaped", output(`{"output_type":"stream","name":"stdout","text":"<script>"}`), `<div class="output text"><pre>&lt;script&gt;</pre></div>`},
		{"source is escaped", `{"cell_type":"code","id":"c","metadata":{},"source":"a < b","execution_count":null,"outputs":[]}`, `a &lt; b`},
		{"raw cells are escaped", `{"cell_type":"raw","id":"r","metadata":{},"source":"<i>"}`, `<section class="raw" id="cell-r"><pre>&lt;i&gt;</pre></section>`},
		{"HTML output is kept", data(`"text/html":"<script>run()</script>","text/plain":"no"`), `<div class="output rich"><script>run()</script></div>`},
		{"PNG with its size and text", data(`"image/png":"iVBO\nRw0K\n","text/plain":"a \"plot\""`),
			`<img src="data:image/png;base64,iVBORw0K" alt="a &#34;plot&#34;" width="20">`},
		{"SVG stands apart", data(`"image/svg+xml":["<svg>","</svg>"]`), `<img src="data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=" alt="">`},
		{"a picture goes before LaTeX and text", data(`"image/jpeg":"AA==","text/latex":"$x$","text/plain":"x"`), `data:image/jpeg;base64,AA==`},
		{"LaTeX", data(`"text/latex":"$$x$$","text/plain":"x"`), `<div class="output rich"><math display="block">`},
		{"JSON without text", data(`"application/json":{"a":[1]}`), `&#34;a&#34;`},
		{"error in colour", output(`{"output_type":"error","ename":"panic","evalue":"boom","traceback":["\u001b[31mpanic\u001b[0m: boom"]}`),
			`<div class="output failure"><pre><span style="color:var(--ansi-1)">panic</span>: boom</pre></div>`},
		{"error without traceback", output(`{"output_type":"error","ename":"panic","evalue":"boom","traceback":[]}`), `<pre>panic: boom</pre>`},
		{"attachment", `{"cell_type":"markdown","metadata":{},"source":"![p](attachment:p.png)","attachments":{"p.png":{"image/png":"AA=="}}}`,
			`<img src="data:image/png;base64,AA==" alt="p">`},
		{"count", output(""), `<span class="count">3</span>`},
	} {
		if got := pageOf(t, tt.cells); !strings.Contains(got, tt.want) {
			t.Errorf("%s: want %s in\n%s", tt.name, tt.want, got)
		}
	}
}

func TestPageShowsNothingForNothing(t *testing.T) {
	nb := &notebook.Notebook{Cells: []*notebook.Cell{{Kind: notebook.Code, Source: "x", Outputs: []*notebook.Output{
		{Kind: notebook.Display, Data: map[string]any{"application/x-unknown": "secret"}},
		{Kind: notebook.Display, Data: map[string]any{cell.Plain: ""}},
	}}}}
	html, err := HTML(nb, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(html), `class="output`) {
		t.Error("an output that cannot be shown has a place on the page")
	}
}

func TestFiguresFollowThePage(t *testing.T) {
	const light, adapting = `<svg class="fluxion-figure">`, `<svg class="fluxion-figure fluxion-adapts">`
	if got := adapted("a" + light + "b" + light); got != "a"+adapting+"b"+adapting {
		t.Errorf("got %s", got)
	}
	inAttribute := html.EscapeString
	if got := adapted(inAttribute(light)); got != inAttribute(adapting) {
		t.Errorf("got %s", got)
	}
	for _, s := range []string{adapting, inAttribute(adapting)} {
		if got := adapted(s); got != s {
			t.Errorf("got %s", got)
		}
	}
}
