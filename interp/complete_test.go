package interp_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

// at splits a text at the mark ‸, the cursor.
func at(text string) (code string, cursor int) {
	cursor = strings.Index(text, "‸")
	if cursor < 0 {
		return text, len(text)
	}
	return strings.Replace(text, "‸", "", 1), cursor
}

func TestIsComplete(t *testing.T) {
	e := newEvaluator(t, "")
	for _, test := range []struct {
		status cell.Status
		codes  []string
	}{
		{cell.Complete, []string{
			"x := 1", `import "fmt"`, "func f() int { return 1 }", `fmt.Println("a")`, "1 + 1", "", "// note",
			"type T struct { A int }", "for i := 0; i < 3; i++ {\n}", "s := `raw\nstring`",
			"%who", "?fmt.Println", "/* a\nb */", "x := '\"'", "if x := f(); x > 0 {\n}\nx", "func (t T) M() {}",
			"func(a int) int { return a }(3)", "f := func() {\n\tx := `}`\n}", "a, b := b, a", "L:\nfor {\n\tbreak L\n}",
		}},
		{cell.Incomplete, []string{
			"func f() {", "if x {", "x := []int{1,", `fmt.Println("a",`, "1 +", "s := `open", "/* open", "type T struct {", "import (",
			"x :=", "f(", "for i := range 3 {\n\tg(i)", "x := map[string]int{\n\t\"a\": 1,", "func f(a int,", "func (t T) M() {", "if a {\n} else {", "%time f(",
		}},
		{cell.Invalid, []string{
			"x := )", "func 1f() {}", "if }", `fmt.Println("a"))`, "} {", "x := 08z", `s := "open`, "a b", "x = = 1", "func f() { 1 + } }",
		}},
	} {
		for _, code := range test.codes {
			if got := e.IsComplete(code); got.Status != test.status {
				t.Errorf("%q is %s, want %s", code, got.Status, test.status)
			}
		}
	}
	for code, want := range map[string]string{
		"func f() {": "\t", "func f() {\n\tif x {": "\t\t", "x := f(a, []int{": "\t", "s := `": "", "1 +": "",
	} {
		if got := e.IsComplete(code); got.Indent != want {
			t.Errorf("%q: indent %q, want %q", code, got.Indent, want)
		}
	}
}

func TestComplete(t *testing.T) {
	e := newEvaluator(t, "")
	for i, code := range []string{
		"// Area is of a rectangle.\nfunc Area(w, h float64) float64 { return w * h }",
		"type Point struct{ X, Y int; name string }\n// Norm is a length.\nfunc (p Point) Norm() float64 { return 0 }\nfunc (p *Point) Move(dx int) {}",
		"type Deep struct { Point; Depth int }",
		"origin := Point{}\ndeep := &Deep{}\nvalues := map[string][]Point{}",
	} {
		if got := evaluate(t, e, i+1, code); got != "" {
			t.Fatal(got)
		}
	}
	for _, test := range []struct {
		text string
		want string // names, all of them; or "+ names", those at least; or "- names", none of them
	}{
		{"import \"strings\"\nstrings.HasPref", "HasPrefix"},
		{"strings.HasPref", "HasPrefix"},
		{"import \"fmt\"\nfmt.Fprintl", "Fprintln"},
		{"fun", "func"},
		{"import \"os\"\nos.Getp", "Getpagesize Getpid Getppid"},
		{"Are", "Area"},
		{"are", "Area"},
		{"origin.", "Move Norm X Y name"},
		{"origin.‸\nfmt.Println(1)", "Move Norm X Y name"},
		{"deep.N", "Norm"},
		{"deep.", "Depth Move Norm Point X Y name"},
		{"(&origin).M", "Move"},
		{"values[\"a\"][0].N", "Norm"},
		{"f := func() Point { return origin }\nf().X", "X"},
		{"if origin.N", "Norm"},
		{"for _, p := range values[\"a\"] {\n\tp.No", "Norm"},
		{"for i := 0; i < origin.X; i++ {\n\tif i > 2 {\n\t\tfmt.Printl", "Println"},
		{"func g(param int) int {\n\tlocal := 3\n\treturn lo‸\n}", "+ local"},
		{"func g(param int) int {\n\treturn par‸\n}", "+ param"},
		{"func g() {\n\tlater‸\n\tlaterOn := 1\n}", "- laterOn"},
		{"Point{na", "+ name"},
		{"Point{X: 1, ", "+ Y name origin"},
		{"Point{X: 1, ", "- X"},
		{"p := &Deep{De", "+ Depth"},
		{"[]Point{{X: 1, na", "+ name"},
		{"fmt.Println(origin.X, stri", "+ strings string"},
		{"import \"path/fi", "path/filepath"},
		{"import (\n\t\"fmt\"\n\tr \"math/ra", "math/rand math/rand/v2"},
		{"%ti", "time timeit"},
		{"%%wri", "writefile"},
		{"?strings.HasP", "HasPrefix"},
		{"x := \"strings.Has", ""},
		{"// strings.Has", ""},
		{"'a", ""},
		{"nothing.", ""},
		{"time.Now().Wee", "Weekday"},
		{"sync.WaitGroup{}.", "+ Wait Add Go"},
		{"1.", ""},
		{"origin.X + deep.Point.na", "name"},
		{"switch v := any(origin).(type) {\ncase Point:\n\tv.Nor", "Norm"},
		{"go func() {\n\torigin.Nor", "Norm"},
		{"type List[T any] struct{ items []T }\nx := List[int]{}\nx.it", "items"},
		{"é := 3\né", "é"},
		{"return", "return"},
		{"a := origin\na.Norm() + a.‸ * 2", "Move Norm X Y name"},
		{"math.Pi‸ + 1", "Pi"},
		{"func (p Point) Extra() { p.Nor‸ }", "Norm"},
		{"if x := origin.No‸; x > 0 {\n}", "Norm"},
		{"for i := origin.X‸; i < 3; i++ {\n}", "X"},
		{"switch x := origin.No‸; {\n}", "Norm"},
		{"switch origin.N‸ {\n}", "Norm"},
		{"defer origin.Nor", "Norm"},
		{"go origin.Nor", "Norm"},
		{"defer fmt.Println(origin.Nor", "Norm"},
		{"outer:\nfor {\n\tbreak ou", "outer"},
		{"goto en‸\nend:\n", "end"},
		{"hel‸\n\nfunc helper() {}\n", "helper"},
		{"func main() {\n\tvar l Lat‸\n}\n\ntype Later struct{}\n", "Later"},
		{"lat‸\nlater := 1", ""},
		{"Map := func(f func(Point) string) {}\nMap(func(p Point) string { return p.Nor", "Norm"},
		{"ch := make(chan Point)\n(<-ch).Nor", "Norm"},
		{"x := struct{ Aa, Bb int }{}\nx.", "Aa Bb"},
		{"type Big struct{ Poi‸ }", "Point"},
		{"any(origin).(Poi", "Point"},
		{"%time origin.Nor", "Norm"},
		{"%timeit origin.Nor", "Norm"},
		{"%executor y", "yaegi"},
		{"%load testdata/ord", "testdata/order.txt"},
		{"!cat testdata/ord", "testdata/order.txt"},
		{"%who o", ""},
		{"%get git", ""},
	} {
		code, cursor := at(test.text)
		got := e.Complete(code, cursor)
		var names []string
		for _, item := range got.Items {
			names = append(names, item.Text)
		}
		if got.Start > cursor || got.End != cursor {
			t.Errorf("%q: replaces %d to %d, the cursor is at %d", test.text, got.Start, got.End, cursor)
		}
		want := strings.Fields(strings.TrimLeft(test.want, "+- "))
		switch {
		case strings.HasPrefix(test.want, "+"), strings.HasPrefix(test.want, "-"):
			for _, w := range want {
				if slices.Contains(names, w) != strings.HasPrefix(test.want, "+") {
					t.Errorf("%q: %v, want %s", test.text, names, test.want)
				}
			}
		case !slices.Equal(names, want):
			t.Errorf("%q: %v, want %v", test.text, names, want)
		}
	}

	// The keys of a struct literal come before what else can stand there.
	if items := e.Complete("Point{", 6).Items; len(items) < 4 || items[0].Text != "X" || items[1].Text != "Y" || items[2].Text != "name" {
		t.Errorf("in a struct literal: %v", items)
	}
	evaluate(t, e, 9, "// A Shape has an area.\ntype Shape struct {\n\t// Sides are counted.\n\tSides int\n\tColor string // as CSS has it\n\tPoint\n}\nconst (\n\t// Few is three.\n\tFew = 3\n\tMany = 1000 // or so\n)\nvar shape Shape")
	for text, want := range map[string]cell.CompletionItem{
		"shape.Si":              {Text: "Sides", Kind: "field", Signature: "int", Doc: "Sides are counted."},
		"shape.Co":              {Text: "Color", Kind: "field", Signature: "string", Doc: "as CSS has it"},
		"shape.Nor":             {Text: "Norm", Kind: "method", Signature: "func() float64", Doc: "Norm is a length."},
		"Fe":                    {Text: "Few", Kind: "constant", Signature: "untyped int = 3", Doc: "Few is three."},
		"Man":                   {Text: "Many", Kind: "constant", Signature: "untyped int = 1000", Doc: "or so"},
		"Shap":                  {Text: "Shape", Kind: "type", Signature: "type struct{Sides int; Color string; Point}", Doc: "A Shape has an area."},
		"cle":                   {Text: "clear", Kind: "function", Signature: "func(x T)"},
		"nn.Dens":               {Text: "Dense", Kind: "function"},
		"dl.New(3).MatM":        {Text: "MatMul", Kind: "method"},
		"(nn.FitOptions{}).Epo": {Text: "Epochs", Kind: "field", Signature: "int"},
	} {
		items := e.Complete(text, len(text)).Items
		if len(items) != 1 {
			t.Errorf("%q: %v, want one item", text, items)
			continue
		}
		got := items[0]
		if want.Signature == "" || strings.HasPrefix(text, "(nn") { // of another room: that it is there
			if got.Signature == "" || got.Doc == "" {
				t.Errorf("%q: %+v has no signature or no documentation", text, got)
			}
			got.Signature, got.Doc = want.Signature, want.Doc
		}
		if text == "cle" {
			got.Doc = "" // is where Go is installed
		}
		if got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}

	item := e.Complete("Are", 3).Items[0]
	if want := (cell.CompletionItem{Text: "Area", Kind: "function", Signature: "func(w float64, h float64) float64", Doc: "Area is of a rectangle."}); item != want {
		t.Errorf("got %+v, want %+v", item, want)
	}
	for text, kind := range map[string]string{
		"origin.X": "field", "origin.Nor": "method", "Poin": "type", "math.Pi": "constant", "origi": "variable", "fall": "keyword", "strconv": "package",
	} {
		if items := e.Complete(text, len(text)).Items; len(items) != 1 || items[0].Kind != kind {
			t.Errorf("%q: %+v, want kind %s", text, items, kind)
		}
	}
}

func TestInspect(t *testing.T) {
	e := newEvaluator(t, "")
	for i, code := range []string{
		"// Area is of a rectangle.\nfunc Area(w, h float64) float64 { return w * h }",
		"// A Point lies in the plane.\ntype Point struct{ X, Y int }\n\n// Norm is a length.\nfunc (p Point) Norm() float64 { return 0 }",
		"origin := Point{3, 4}\nconst limit = 7",
	} {
		if got := evaluate(t, e, i+1, code); got != "" {
			t.Fatal(got)
		}
	}
	for _, test := range []struct {
		text   string
		detail int
		want   []string // parts of the plain text; none where nothing is known
	}{
		{"fmt.Println", 0, []string{"func fmt.Println(a ...any) (n int, err error)"}},
		{"fmt.Pri‸ntln(1)", 0, []string{"func fmt.Println"}},
		{"x := fmt.Println(1, ‸)", 0, []string{"func fmt.Println"}},
		{"f‸mt.Println", 0, []string{"package fmt"}},
		{"Area", 0, []string{"func Area(w float64, h float64) float64", "Area is of a rectangle."}},
		{"Area(1, ‸", 0, []string{"func Area("}},
		{"Area", 1, []string{"return w * h"}},
		{"origin", 0, []string{"var origin Point = {3 4}"}},
		{"origin.Norm", 0, []string{"func (p Point) Norm() float64", "Norm is a length."}},
		{"Point", 0, []string{"type Point struct {\n\tX int\n\tY int\n}", "func (p Point) Norm() float64", "A Point lies in the plane."}},
		{"limit", 0, []string{"const limit untyped int = 7"}},
		{"len", 0, []string{"len"}},
		{"for", 0, []string{"keyword"}},
		{"strings.Builder", 0, []string{"type Builder struct", "WriteString"}},
		{"var b strings.Builder\nb.WriteStr‸ing(\"a\")", 0, []string{"WriteString(s string) (int, error)"}},
		{"nothingAtAll", 0, nil},
		{"", 0, nil},
		{"1 + 1", 0, nil},
		{"?fmt.Sprint", 0, []string{"func fmt.Sprint"}},
	} {
		code, cursor := at(test.text)
		b, ok := e.Inspect(code, cursor, test.detail)
		if ok != (test.want != nil) {
			t.Errorf("%q: found %v: %s", test.text, ok, b)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%q: got\n%s\nwant %q in it", test.text, b, want)
			}
		}
		if ok && (len(b.Data[cell.HTML]) == 0 || len(b.Data[cell.Markdown]) == 0) {
			t.Errorf("%q: HTML or Markdown is missing", test.text)
		}
	}
}

func FuzzEditor(f *testing.F) {
	for _, code := range []string{"fmt.Println(a.", "func f() {", "%time x", "?a.b", "type T struct{ A int }\nT{A", "import (\n\"fm", "x := `", "for i := range x.", "func (t T) m() { t.", "é.", "a[", "//", "\"", "}", "switch x := y.(", "import . \"math\"\nSq"} {
		f.Add(code, len(code)/2)
		f.Add(code, len(code))
	}
	e := newEvaluator(f, "yaegi")
	f.Fuzz(func(t *testing.T, code string, cursor int) {
		status := e.IsComplete(code).Status
		if status != cell.Complete && status != cell.Incomplete && status != cell.Invalid {
			t.Errorf("status %q", status)
		}
		c := e.Complete(code, cursor)
		if c.Start < 0 || c.Start > c.End || c.End > len(code) {
			t.Errorf("completion replaces %d to %d of %d bytes", c.Start, c.End, len(code))
		}
		e.Inspect(code, cursor, 1)
	})
}
