package repl

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// Colours by name, so that the table can be read.
var named = strings.NewReplacer("\x1b[35m", "<keyword>", "\x1b[32m", "<literal>", "\x1b[36m", "<number>",
	"\x1b[2m", "<comment>", "\x1b[94m", "<builtin>", "\x1b[33m", "<magic>", "\x1b[m", "</>")

func TestHighlight(t *testing.T) {
	for _, tt := range []struct{ code, want string }{
		{"x := 3", "x := <number>3</>"},
		{"for i := range n {", "<keyword>for</> i := <keyword>range</> n {"},
		{"s := \"a\\n\" // b", "s := <literal>\"a\\n\"</> <comment>// b</>"},
		{"`a\nb`", "<literal>`a</>\n<literal>b`</>"},
		{"len(x) + len(", "<builtin>len</>(x) + <builtin>len</>("},
		{"\"not clo", "<literal>\"not clo</>"},
		{"%time f(1)\nx", "<magic>%time f(1)</>\nx"},
		{"汉 := '字'", "汉 := <literal>'字'</>"},
		{"", ""},
	} {
		if got := named.Replace(highlight([]rune(tt.code))); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.code, got, tt.want)
		}
	}
}

func FuzzHighlight(f *testing.F) {
	f.Add("func f(a int) {\n\treturn a // c\n}")
	f.Add("`\r\n\x00\xff/*")
	f.Fuzz(func(t *testing.T, code string) {
		text := []rune(code)
		if got := highlight(text); ansi.Strip(got) != ansi.Strip(string(text)) {
			t.Errorf("%q became %q", code, got)
		}
	})
}
