package page

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

func TestANSI(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"plain <b> & \"q\"", "plain &lt;b&gt; &amp; &#34;q&#34;"},
		{"\x1b[31mred\x1b[0m on", `<span style="color:var(--ansi-1)">red</span> on`},
		{"\x1b[1;32mx\x1b[22my\x1b[39mz", `<span style="color:var(--ansi-2);font-weight:600">x</span><span style="color:var(--ansi-2)">y</span>z`},
		{"\x1b[mx", "x"},
		{"\x1b[91;104mx", `<span style="color:var(--ansi-9);background:var(--ansi-12)">x</span>`},
		{"\x1b[38;5;208mx", `<span style="color:rgb(255 135 0)">x</span>`},
		{"\x1b[38;5;3mx", `<span style="color:var(--ansi-3)">x</span>`},
		{"\x1b[48;5;244mx", `<span style="background:rgb(128 128 128)">x</span>`},
		{"\x1b[38;2;1;2;300mx", `<span style="color:rgb(1 2 255)">x</span>`},
		{"\x1b[7mx", `<span style="color:var(--bg);background:var(--fg)">x</span>`},
		{"\x1b[3;4;9mx\x1b[23;24;29my", `<span style="font-style:italic;text-decoration:underline line-through">x</span>y`},
		{"\x1b[31m\x1b[0mx", "x"},
		{"a\x1b[2Kb\x1b[1;1Hc", "abc"},
		{"\x1b]8;;http://x\x1b\\link\x1b]8;;\x07", "link"},
		{"\x1b]0;title", ""},
		{"a\x1b", "a"},
		{"a\x1b[3", "a"},
		{"a\x1b[3\nb", "a\nb"},
		{"tab\there\r\n", "tab\there\n"},
		{"bad \xff byte", "bad \uFFFD byte"},
		{"\x1b[38m\x1b[38;5mx", `<span style="color:var(--ansi-0)">x</span>`},
	} {
		if got := ansi(tt.in); got != tt.want {
			t.Errorf("%q\ngot  %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

// Whatever the text, the HTML is balanced and holds the same visible text as
// one without markup would.
func FuzzANSI(f *testing.F) {
	f.Add("\x1b[1;31mred\x1b[0m <b>")
	f.Add("\x1b]8;;u\x1b\\l\x1b[38;5;200;48;2;1;2;3mx")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.Map(func(r rune) rune {
			if r >= 0xFFFE || r == 0xFFFD { // no characters of XML, which checks the result
				return -1
			}
			return r
		}, strings.ToValidUTF8(text, ""))
		balanced(t, ansi(text))
	})
}

// balanced fails the test where s is not well-formed: every element closed, in
// order, and every character escaped.
func balanced(t *testing.T, s string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader("<x>" + s + "</x>"))
	for {
		_, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%v in %q", err, s)
		}
	}
}
