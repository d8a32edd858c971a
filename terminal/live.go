package terminal

import (
	"maps"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/cell"
)

// Twin returns what stands for b where only text can be shown.
func Twin(b cell.Bundle) string {
	if b.Empty() {
		return ""
	}
	if text, ok := b.Data[cell.Plain]; ok {
		return strings.TrimRight(string(text), " \r\n")
	}
	return "<" + strings.Join(slices.Sorted(maps.Keys(b.Data)), ", ") + ">"
}

// Live holds the texts of the displays that may change while their cell runs.
// Its zero value is empty.
type Live struct{ twins []twin }

type twin struct {
	id, text string
	changed  bool
}

// Set notes the text of the display called id.
func (l *Live) Set(id, text string) {
	i := slices.IndexFunc(l.twins, func(t twin) bool { return t.id == id })
	if i < 0 {
		l.twins = append(l.twins, twin{id: id, text: text})
		return
	}
	l.twins[i].text, l.twins[i].changed = text, true
}

// News returns the texts of the displays that have changed, in the order of
// their first appearance: of a training run, the line that tells how far it is
// and the figure of its losses.
func (l *Live) News() []string {
	var texts []string
	for _, t := range l.twins {
		if t.changed && t.text != "" {
			texts = append(texts, t.text)
		}
	}
	return texts
}

// Take returns the texts as they are in the end and forgets them.
func (l *Live) Take() []string {
	var texts []string
	for _, t := range l.twins {
		if t.text != "" {
			texts = append(texts, t.text)
		}
	}
	l.twins = nil
	return texts
}
