package display

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// An OutputWidget is a place for what functions show; see [Output].
type OutputWidget struct {
	widget

	mu      sync.Mutex
	entries []entry
	due     bool // the page is told soon
}

// An entry is one output, as notebook files have it.
type entry struct {
	kind   string // name of the stream, or "" for a bundle
	text   string
	bundle cell.Bundle
	id     string
}

// Output makes a place that takes what is shown within [OutputWidget.Capture]:
//
//	out := display.Output()
//	display.Show(display.Button("go").OnClick(func() {
//		out.Clear()
//		out.Capture(func() { fmt.Println("pressed") })
//	}), out)
func Output() *OutputWidget {
	layout := newModel(baseModule, controlsVersion, "LayoutModel", "LayoutView", nil)
	o := &OutputWidget{}
	o.m = newModel(outputModule, outputVersion, "OutputModel", "OutputView", state{"msg_id": "", "outputs": []any{}, "layout": reference(layout)})
	o.m.parts = []*model{layout}
	return o
}

// Capture calls f; what f prints and shows, also from goroutines that it starts,
// goes into the widget.
func (o *OutputWidget) Capture(f func()) {
	c := &capture{to: o, Output: cell.Current().Output()}
	defer o.tell()
	cell.Redirect(c, NewReporter(c), f)
}

// Clear empties the widget.
func (o *OutputWidget) Clear() {
	o.mu.Lock()
	o.entries = nil
	o.mu.Unlock()
	o.later()
}

// String returns what is in the widget as text.
func (o *OutputWidget) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var b strings.Builder
	for _, e := range o.entries {
		if e.kind != "" {
			b.WriteString(e.text)
		} else {
			fmt.Fprintln(&b, e.bundle.String())
		}
	}
	if b.Len() == 0 {
		return "(nothing yet)"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// MIMEBundle implements MIMEBundler.
func (o *OutputWidget) MIMEBundle() map[string][]byte { return o.bundle(o.String()) }

const (
	// tellAfter is how long the page waits for what is new.
	tellAfter = 50 * time.Millisecond
	// maxCaptured bounds the text of one stream; its beginning goes.
	maxCaptured = 256 << 10
)

// later tells the page soon what is in the widget.
func (o *OutputWidget) later() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.due {
		o.due = true
		time.AfterFunc(tellAfter, o.tell)
	}
}

func (o *OutputWidget) tell() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.due = false
	outputs := make([]state, len(o.entries))
	for i, e := range o.entries {
		if e.kind != "" {
			outputs[i] = state{"output_type": "stream", "name": e.kind, "text": e.text}
			continue
		}
		metadata := e.bundle.Metadata
		if metadata == nil {
			metadata = map[string]any{}
		}
		outputs[i] = state{"output_type": "display_data", "data": e.bundle.Encoded(), "metadata": metadata}
	}
	o.m.set(state{"outputs": outputs})
}

// A capture is the output of code within Capture. Input and Page are the cell's.
type capture struct {
	to *OutputWidget
	cell.Output
}

func (c *capture) Stream(name, text string) {
	o := c.to
	defer o.later()
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(o.entries); n > 0 && o.entries[n-1].kind == name {
		e := &o.entries[n-1]
		e.text += text
		if cut := len(e.text) - maxCaptured; cut > 0 {
			e.text = strings.ToValidUTF8(e.text[cut:], "")
		}
		return
	}
	o.entries = append(o.entries, entry{kind: name, text: text})
}

func (c *capture) Display(b cell.Bundle, id string) {
	c.to.mu.Lock()
	c.to.entries = append(c.to.entries, entry{bundle: b, id: id})
	c.to.mu.Unlock()
	c.to.later()
}

func (c *capture) Update(b cell.Bundle, id string) {
	c.to.mu.Lock()
	here := false
	for i := range c.to.entries {
		if e := &c.to.entries[i]; id != "" && e.id == id {
			e.bundle, here = b, true
		}
	}
	c.to.mu.Unlock()
	if here {
		c.to.later()
	}
	c.Output.Update(b, id) // it may be shown elsewhere, too
}

func (c *capture) Clear(bool) { c.to.Clear() }

// Comm lets widgets be made within Capture.
func (c *capture) Comm(m cell.CommMessage) {
	if out, ok := c.Output.(cell.CommOutput); ok {
		out.Comm(m)
	}
}
