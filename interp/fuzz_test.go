package interp

import (
	"go/token"
	"strings"
	"testing"
)

// seeds are cells with what makes them hard to cut.
var seeds = []string{
	"x := 1; y := 2\nx + y", "func f() {\n}\nf()", "import (\n\t\"fmt\"\n)\nfmt.Println()", "s := `a\n%time\n!ls`\ns",
	"%time x\n%who\n", "%%writefile f\nx", "/* %who\n!ls */ x", "!ls\nx", "a &&\n!b", "f(\n!b)", "?x", "x.y??", "%timeit for {\n}\ny",
	"x := '\"'\n%who", "\"%d\" // `", "}", "{", "func (t T) M() {}; t.M()", "func(a int) int { return a }(3)", "package main\nx", "\r\n%who\r\n",
	"é := `%\n", "%time %", "%", "%%", "!", "?", "??", "%time", "%time\n", "% %\n%%x", "//\n!", "`", "//%%\n", "type T struct{\n!x\n}", "goto L\nL:\n!ls",
}

// FuzzSplit checks that the parts of a cell cover it, that each is kept by one
// kind, and that blanking moves nothing.
func FuzzSplit(f *testing.F) {
	for _, code := range seeds {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		parts, bad := split(code)
		if bad != nil {
			if bad.offset < 0 || bad.offset > len(code) {
				t.Errorf("a mistake at %d of %d bytes", bad.offset, len(code))
			}
			return
		}
		at := 0
		for _, p := range parts {
			if p.end < at {
				t.Fatalf("a part ends at %d, the one before at %d", p.end, at)
			}
			at = p.end
		}
		if at != len(code) {
			t.Errorf("the parts end at %d of %d bytes", at, len(code))
		}
		merged := []byte(code)
		blank(merged)
		for kind := isNothing; kind <= isStmt; kind++ {
			kept, _ := keep(code, parts, kind)
			if len(kept) != len(code) || strings.Count(kept, "\n") != strings.Count(code, "\n") {
				t.Fatalf("what is kept of kind %d has another shape", kind)
			}
			for i := range len(kept) {
				if kept[i] != ' ' && kept[i] != '\n' {
					if merged[i] != ' ' {
						t.Fatalf("byte %d is kept twice", i)
					}
					merged[i] = kept[i]
				}
			}
		}
		if string(merged) != code {
			t.Errorf("together the parts are %q, not %q", merged, code)
		}
		o := newOrigins(token.NewFileSet())
		text := &text{shown: code, code: code}
		if _, mistakes := o.parse(text); len(mistakes) > 0 {
			for _, m := range mistakes {
				text.pos(m.offset)
				text.line(m.offset)
			}
		}
	})
}

// FuzzMagics checks that what is no magic stays where it is, that nothing of a
// cell runs twice, and that the steps keep the order of the text.
func FuzzMagics(f *testing.F) {
	for _, code := range seeds {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		d := splitMagics(code)
		if len(d.rest) != len(code) || strings.Count(d.rest, "\n") != strings.Count(code, "\n") {
			t.Fatalf("the rest of %q is %q", code, d.rest)
		}
		for i := range len(d.rest) {
			if d.rest[i] != code[i] && d.rest[i] != ' ' {
				t.Fatalf("byte %d of %q has become %q", i, code, d.rest[i])
			}
		}
		if again := splitMagics(d.rest); len(again.magics) > 0 && !strings.Contains(code, "!") && !strings.Contains(code, "%time") {
			t.Errorf("the rest of %q has magics: %v", code, again.magics)
		}
		at, last := 0, 0
		for i, s := range d.steps() {
			if s.magic != nil {
				if s.magic.offset < last || s.magic.end > len(code) || s.magic.end < s.magic.offset {
					t.Fatalf("step %d of %q: a magic from %d to %d", i, code, s.magic.offset, s.magic.end)
				}
				last = s.magic.offset
				continue
			}
			if s.start < at || s.end < s.start || s.end > len(code) {
				t.Fatalf("step %d of %q: code from %d to %d, the step before ends at %d", i, code, s.start, s.end, at)
			}
			at = s.end
			last = max(last, s.start)
		}
		withoutMagics(code, "save", "load")
		closing(code)
		declarations(code)
		statementEnd(code)
	})
}
