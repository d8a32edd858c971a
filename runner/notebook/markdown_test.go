package notebook

import (
	"fmt"
	"strings"
	"testing"
)

func TestFromMarkdown(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"prose and code", "# Title\n\nText.\n\n```go\nx := 1\n\nx + 1\n```\n\nEnd.\n",
			"markdown:# Title\n\nText.|code:x := 1\n\nx + 1|markdown:End."},
		{"split prose", "a\n\n<!-- cell -->\n\nb\n", "markdown:a|markdown:b"},
		{"tags and id", "```go tags=timing,slow id=train\nx\n```", "code(train)[timing slow]:x"},
		{"code to read", "~~~go\nx\n~~~\n", "markdown:~~~go\nx\n~~~"},
		{"another language", "```sh\n```go\n```\n", "markdown:```sh\n```go\n```"},
		{"a longer fence", "````md\n```go\nx\n```\n````\n", "markdown:````md\n```go\nx\n```\n````"},
		{"golang is not go", "```golang\nx\n```", "markdown:```golang\nx\n```"},
		{"inline code", "```x``` is code\n```go\ny\n```", "markdown:```x``` is code|code:y"},
		{"windows line ends", "a\r\n```go\r\nx\r\ny\r\n```\r\n", "markdown:a|code:x\ny"},
		{"empty", "\n\n", ""},
	} {
		nb, err := FromMarkdown(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []string
		for _, c := range nb.Cells {
			s := c.Kind
			if c.ID != contentID(c.Kind, c.Source, 0) {
				s += "(" + c.ID + ")"
			}
			if tags := c.Tags(); tags != nil {
				s += fmt.Sprint(tags)
			}
			got = append(got, s+":"+c.Source)
		}
		if s := strings.Join(got, "|"); s != tt.want {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.name, s, tt.want)
		}
	}
}

func TestFromMarkdownErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"a\n```go\nx\n", "line 2: the fence ```go is never closed"},
		{"```go tag=x\n```\n", "line 1: unknown word \"tag=x\" behind ```go; want tags=a,b or id=name"},
		{"```go id=a/b\n```\n", "line 1: id \"a/b\": want 1 to 64 letters, digits, - or _"},
		{"```go id=a\n```\n```go id=a\n```\n", "line 3: id \"a\" is another cell's already"},
	} {
		_, err := FromMarkdown(tt.text)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

func TestIDsFollowContent(t *testing.T) {
	a, _ := FromMarkdown("one\n```go\nx\n```\n```go\nx\n```\n")
	b, _ := FromMarkdown("new\n```go\ny\n```\n```go\nx\n```\n```go\nx\n```\n")
	if a.Cells[1].ID != b.Cells[2].ID || a.Cells[2].ID != b.Cells[3].ID {
		t.Error("cells that did not change have new ids")
	}
	if a.Cells[1].ID == a.Cells[2].ID {
		t.Error("two cells share an id")
	}
}
