package kernel

import (
	"testing"
	"testing/quick"
	"unicode/utf8"
)

// Expectations are those of Python's fnmatch.fnmatchcase on the same strings.
func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "a\nb", true},
		{"a*b", "a\nb", true},
		{"a*b", "abc", false},
		{"?", "é", true},
		{"?", "", false},
		{"?*", "ab", true},
		{"6 [*] ?*", "6 * 7", true},
		{"6 [*] ?*", "6 + 7", false},
		{"[a-c]x", "bx", true},
		{"[a-c]x", "dx", false},
		{"[!a-c]x", "dx", true},
		{"[!a-c]x", "ax", false},
		{"[]]", "]", true},
		{"[]-a]", "a", true},
		{"[!]]", "]", false},
		{"[!]]", "a", true},
		{"[a-]", "-", true},
		{"[-a]", "-", true},
		{"[c-a]", "b", false},
		{"[", "[", true},
		{"[ab", "[ab", true},
		{"[!", "[!", true},
		{"[]", "[]", true},
		{"a[", "a[", true},
		{"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
		{`\*`, `\x`, true},
	} {
		if got := newGlob(c.pattern).match(c.text); got != c.want {
			t.Errorf("%q on %q: %v: want %v", c.pattern, c.text, got, c.want)
		}
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("a*[!b-c]?", "axyz")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		newGlob(pattern).match(text)
		if !newGlob("*" + literal(text) + "*").match(text) {
			t.Errorf("%q does not match itself", text)
		}
	})
}

// literal returns a pattern that matches exactly text.
func literal(text string) string {
	var p []rune
	for _, r := range text {
		if r == '*' || r == '?' || r == '[' {
			p = append(p, '[', r, ']')
		} else {
			p = append(p, r)
		}
	}
	return string(p)
}

func TestOffsets(t *testing.T) {
	for _, c := range []struct {
		text          string
		points, bytes int
	}{
		{"", 0, 0}, {"abc", 2, 2}, {"é😀x", 0, 0}, {"é😀x", 1, 2}, {"é😀x", 2, 6}, {"é😀x", 3, 7},
	} {
		if got := byteOffset(c.text, c.points); got != c.bytes {
			t.Errorf("code point %d of %q is byte %d: want %d", c.points, c.text, got, c.bytes)
		}
		if got := codePoints(c.text, c.bytes); got != c.points {
			t.Errorf("byte %d of %q is code point %d: want %d", c.bytes, c.text, got, c.points)
		}
	}
	if byteOffset("é", -1) != 0 || byteOffset("é", 9) != 2 || codePoints("é", -1) != 0 || codePoints("é", 9) != 1 {
		t.Error("offsets outside the text are not brought inside")
	}
}

// However text is cut into writes, what leaves are whole characters.
func TestPartial(t *testing.T) {
	f := func(s string, cut uint) bool {
		n := int(cut % uint(len(s)+1))
		whole := n - partial([]byte(s[:n]))
		return utf8.ValidString(s[:whole]) && n-whole < utf8.UTFMax
	}
	if err := quick.Check(f, nil); err != nil {
		t.Error(err)
	}
	// Bytes that are no text are not held back for ever.
	for _, s := range []string{"\xff", "a\x80", "\x80\x80\x80\x80", "\xed\xa0\x80"} {
		if n := partial([]byte(s)); n != 0 {
			t.Errorf("%d bytes of %q wait for more", n, s)
		}
	}
}
