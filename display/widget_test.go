package display

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/fluxion-go/fluxion/cell"
)

// A page is a front end with widgets: it keeps the models as ipywidgets does.
type page struct {
	outputLog
	mu     sync.Mutex
	models map[string]map[string]any
	last   cell.CommMessage
}

func (p *page) Comm(m cell.CommMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = m
	var data struct {
		Method string
		State  map[string]any
	}
	if m.Data != nil {
		if err := json.Unmarshal(m.Data, &data); err != nil {
			panic(err)
		}
	}
	switch {
	case m.Kind == cell.CommOpen:
		p.models[m.ID] = data.State
	case m.Kind == cell.CommClose:
		delete(p.models, m.ID)
	case data.Method == "update":
		for k, v := range data.State {
			p.models[m.ID][k] = v
		}
	}
}

// inPage runs f as a cell of a new page.
func inPage(f func()) *page {
	p := &page{models: map[string]map[string]any{}}
	cell.Enter(context.Background(), p, nil, f)
	return p
}

// send is what the page says to a widget.
func (p *page) send(w Widget, text string) bool {
	return cell.DeliverComm(context.Background(), cell.CommMessage{Kind: cell.CommData, ID: w.model().id, Data: json.RawMessage(text)}, p)
}

// The names are those of ipywidgets 8.1 (its model specification,
// jupyter-widgets/schema 3.0).
func TestWidgets(t *testing.T) {
	var heard []string
	hear := func(v any) { heard = append(heard, fmt.Sprintf("%v", v)) }
	for name, c := range map[string]struct {
		make             func() Widget
		model, view      string
		text, say, after string
		heard            string
	}{
		"slider": {func() Widget { return Slider("k", 0, 2, 1).Step(0.5).OnChange(func(v float64) { hear(v) }) },
			"FloatSliderModel", "FloatSliderView", "k: 1 (slider from 0 to 2)", `{"method":"update","state":{"value":1.5}}`, "k: 1.5 (slider from 0 to 2)", "1.5"},
		"int slider": {func() Widget { return IntSlider("n", 1, 9, 3).OnChange(func(v int) { hear(v) }) },
			"IntSliderModel", "IntSliderView", "n: 3 (slider from 1 to 9)", `{"method":"update","state":{"value":4}}`, "n: 4 (slider from 1 to 9)", "4"},
		"not a number": {func() Widget { return IntSlider("n", 1, 9, 3).OnChange(func(v int) { hear(v) }) },
			"IntSliderModel", "IntSliderView", "n: 3 (slider from 1 to 9)", `{"method":"update","state":{"value":"x","_model_name":"y"}}`, "n: 0 (slider from 1 to 9)", ""},
		"button": {func() Widget { return Button("go").OnClick(func() { hear("pressed") }) },
			"ButtonModel", "ButtonView", "[go]", `{"method":"custom","content":{"event":"click"}}`, "[go]", "pressed"},
		"dropdown": {func() Widget { return Dropdown("opt", "sgd", "adam").OnChange(func(v string) { hear(v) }) },
			"DropdownModel", "DropdownView", "opt: sgd (one of sgd, adam)", `{"method":"update","state":{"index":1}}`, "opt: adam (one of sgd, adam)", "adam"},
		"checkbox": {func() Widget { return Checkbox("bias", false).OnChange(func(v bool) { hear(v) }) },
			"CheckboxModel", "CheckboxView", "[ ] bias", `{"method":"update","state":{"value":true}}`, "[x] bias", "true"},
		"text box": {func() Widget { return TextBox("name", "a").OnChange(func(v string) { hear(v) }) },
			"TextModel", "TextView", `name: "a"`, `{"method":"update","state":{"value":"b"}}`, `name: "b"`, "b"},
		"progress": {func() Widget { p := Progress("done", 4); p.Set(3); return p },
			"FloatProgressModel", "ProgressView", "done: 3 of 4", `{"method":"request_state"}`, "done: 3 of 4", ""},
		"column": {func() Widget { return Column(Button("a"), Row(Button("b"))) },
			"VBoxModel", "VBoxView", "[a]\n[b]", `no JSON`, "[a]\n[b]", ""},
		"output": {func() Widget { return Output() },
			"OutputModel", "OutputView", "(nothing yet)", `{"method":"update"}`, "(nothing yet)", ""},
	} {
		t.Run(name, func(t *testing.T) {
			heard = nil
			var w Widget
			p := inPage(func() { w = c.make(); Show(w) })
			m := p.models[w.model().id]
			if m["_model_name"] != c.model || m["_view_name"] != c.view {
				t.Errorf("the model is %v with %v, want %s with %s", m["_model_name"], m["_view_name"], c.model, c.view)
			}
			for _, part := range []string{"layout", "style"} {
				if id, ok := m[part].(string); ok && p.models[strings.TrimPrefix(id, "IPY_MODEL_")] == nil {
					t.Errorf("%s is %s, which the page does not know", part, id)
				}
			}
			b := p.messages[0].bundle
			if want := fmt.Sprintf(`{"model_id":%q,"version_major":2,"version_minor":0}`, w.model().id); string(b.Data[widgetView]) != want || b.String() != c.text {
				t.Errorf("shown as %s and %q, want %s and %q", b.Data[widgetView], b, want, c.text)
			}
			if !p.send(w, c.say) {
				t.Error("what the page says is not taken")
			}
			if got := strings.Join(heard, " "); got != c.heard || w.String() != c.after {
				t.Errorf("after %s the functions heard %q and the text is %q, want %q and %q", c.say, got, w, c.heard, c.after)
			}
			w.Close()
			if p.models[w.model().id] != nil || p.send(w, c.say) {
				t.Error("a closed widget is still there")
			}
			var plain cell.Bundle
			for _, m := range shown(func() { Show(c.make()) }) {
				plain = m.bundle
			}
			if len(plain.Data) != 1 || plain.String() != c.text {
				t.Errorf("without widgets it is shown as %v, want the text alone", plain)
			}
		})
	}
}

// A page adds up steps of 0.1 and so on, and says what they come to.
func TestSliderStandsOnItsSteps(t *testing.T) {
	var k *SliderWidget
	p := inPage(func() { k = Slider("k", 0.5, 5, 1).Step(0.5) })
	for text, want := range map[string]float64{"1.9999999999999998": 2, "4.5": 4.5, "1.7": 1.7} {
		if p.send(k, `{"method":"update","state":{"value":`+text+`}}`); k.Value() != want {
			t.Errorf("at %s it says %v, want %v", text, k.Value(), want)
		}
	}
}

func TestRedraw(t *testing.T) {
	var k *SliderWidget
	p := inPage(func() {
		k = Slider("k", 0, 2, 1)
		var place Live
		Redraw(func() { place.Text(fmt.Sprint("at ", k.Value())) }, k)
	})
	p.send(k, `{"method":"update","state":{"value":2}}`)
	k.Set(5)
	if n := len(p.messages); n != 2 || p.messages[1].kind != "update" || p.messages[1].bundle.String() != "at 2" || p.messages[0].id != p.messages[1].id {
		t.Errorf("the page was told %+v", p.messages)
	}
	if k.Value() != 2 || p.models[k.m.id]["value"] != 2.0 {
		t.Errorf("set beyond its end it stands at %v here and at %v in the page, want 2", k.Value(), p.models[k.m.id]["value"])
	}
}

func TestCapture(t *testing.T) {
	var out *OutputWidget
	p := inPage(func() {
		out = Output()
		out.Capture(func() {
			cell.Current().Output().Stream("stdout", "a\n")
			cell.Current().Output().Stream("stdout", "b\n")
			var place Live
			place.Text("old")
			place.Text("new")
			Button("inner")
		})
	})
	got, _ := json.Marshal(p.models[out.m.id]["outputs"])
	want := `[{"name":"stdout","output_type":"stream","text":"a\nb\n"},{"data":{"text/plain":"new"},"metadata":{},"output_type":"display_data"}]`
	if string(got) != want || out.String() != "a\nb\nnew" {
		t.Errorf("the page has %s\nwant %s\nand the text is %q", got, want, out)
	}
	out.Clear()
	out.tell()
	if got := p.models[out.m.id]["outputs"]; len(got.([]any)) != 0 {
		t.Errorf("after Clear the page has %v", got)
	}
}

// A page that is loaded anew asks for all widgets at once.
func TestRequestStates(t *testing.T) {
	var b *ButtonWidget
	p := inPage(func() { b = Button("again") })
	send := func(m cell.CommMessage) { cell.DeliverComm(context.Background(), m, p) }
	send(cell.CommMessage{Kind: cell.CommOpen, ID: "control", Target: controlTarget})
	send(cell.CommMessage{Kind: cell.CommData, ID: "control", Data: json.RawMessage(`{"method":"request_states"}`)})
	var answer struct {
		Method string
		States map[string]struct {
			Name  string `json:"model_name"`
			State map[string]any
		}
	}
	if err := json.Unmarshal(p.last.Data, &answer); err != nil {
		t.Fatal(err)
	}
	if s := answer.States[b.m.id]; answer.Method != "update_states" || s.Name != "ButtonModel" || s.State["description"] != "again" {
		t.Errorf("the answer is %s with %+v", answer.Method, s)
	}
}

func TestWidgetMisuse(t *testing.T) {
	for name, f := range map[string]func(){
		"backwards": func() { Slider("k", 2, 1, 1) }, "outside": func() { IntSlider("k", 1, 2, 3) }, "no step": func() { Slider("k", 0, 1, 0).Step(0) },
		"no options": func() { Dropdown("d") }, "unknown option": func() { Dropdown("d", "a").Set("b") }, "empty bar": func() { Progress("p", 0) },
	} {
		func() {
			defer func() {
				err, _ := recover().(error)
				if e := (*Error)(nil); !errors.As(err, &e) {
					t.Errorf("%s: %v, want an *Error", name, err)
				}
			}()
			f()
		}()
	}
}
