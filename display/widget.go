package display

import (
	"encoding/json"
	"maps"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
)

// A Widget is a control in the page, such as a slider, that calls functions of
// the cell that made it: [Slider], [IntSlider], [Button], [Dropdown],
// [Checkbox], [TextBox], [Progress], [Output], and [Row] and [Column] of them.
//
// It is shown as the last value of a cell or with [Show]; all places where it is
// shown stand for the same control. The functions that it calls are code of the
// cell that made it: what they show appears there, an error is written there and
// the session goes on, and an interrupt stops them. Where the front end has no
// widgets, as in a terminal, a widget is shown as a text.
//
// The front end is that of ipywidgets 8 (jupyter.widget, version 2.1.0 of its
// messages).
type Widget interface {
	MIMEBundler

	// String returns the widget's text: its label and value.
	String() string

	// Close takes the widget out of the page; it calls nothing from then on.
	Close()

	model() *model
	notify(f func())
}

const (
	widgetTarget    = "jupyter.widget"
	controlTarget   = "jupyter.widget.control"
	widgetVersion   = `{"version":"2.1.0"}`
	widgetView      = "application/vnd.jupyter.widget-view+json"
	baseModule      = "@jupyter-widgets/base"
	controlsModule  = "@jupyter-widgets/controls"
	outputModule    = "@jupyter-widgets/output"
	controlsVersion = "2.0.0" // of base, too
	outputVersion   = "1.0.0"
)

// A state is what the two halves of a widget have in common: names and values
// as the models of the front end define them.
type state map[string]any

// models are the halves of all widgets that are open, by comm.
var models = struct {
	sync.Mutex
	open map[string]*model
	once sync.Once
}{open: map[string]*model{}}

// A model is the kernel's half of a widget, or of its layout or style.
type model struct {
	id    string
	out   cell.CommOutput // of the cell that made it; nil where it has no front end
	parts []*model        // closed with it

	mu    sync.Mutex
	state state

	take func(changes map[string]json.RawMessage) // of the front end's changes; called without the lock
	said func(content map[string]json.RawMessage) // what the front end says besides
}

// newModel opens a comm for a widget with a state of its own kind.
func newModel(module, version, name, view string, s state) *model {
	m := &model{id: cell.NewCommID(), state: state{
		"_model_module": module, "_model_module_version": version, "_model_name": name,
		"_view_module": module, "_view_module_version": version, "_view_name": view,
	}}
	maps.Copy(m.state, s)
	out, ok := cell.Current().Output().(cell.CommOutput)
	if !ok {
		return m
	}
	m.out = out
	models.once.Do(func() { cell.HandleCommTarget(controlTarget, control) })
	models.Lock()
	models.open[m.id] = m
	models.Unlock()
	cell.HandleComm(m.id, m.receive)
	m.out.Comm(cell.CommMessage{
		Kind: cell.CommOpen, ID: m.id, Target: widgetTarget,
		Data: encode(state{"state": m.state, "buffer_paths": []any{}}), Metadata: json.RawMessage(widgetVersion),
	})
	return m
}

// newControl makes the model of a control with its layout and style.
func newControl(name, view, style string, s state) *model {
	layout := newModel(baseModule, controlsVersion, "LayoutModel", "LayoutView", nil)
	s["layout"] = reference(layout)
	parts := []*model{layout}
	if style != "" {
		own := state{"_view_module": baseModule}
		if style != "ButtonStyleModel" {
			own["description_width"] = "initial" // long labels are not cut
		}
		look := newModel(controlsModule, controlsVersion, style, "StyleView", own)
		s["style"] = reference(look)
		parts = append(parts, look)
	}
	m := newModel(controlsModule, controlsVersion, name, view, s)
	m.parts = parts
	return m
}

// reference is how a state names another model.
func reference(m *model) string { return "IPY_MODEL_" + m.id }

func encode(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil { // a number that JSON does not know
		misuse("Widget", "the state of a widget cannot be written as JSON: %v", err)
	}
	return data
}

// set changes the state here and in the page.
func (m *model) set(changes state) {
	encode(changes) // stops the caller before a value is kept that cannot be sent
	m.mu.Lock()
	maps.Copy(m.state, changes)
	m.mu.Unlock()
	m.say("update", changes)
}

func (m *model) say(method string, s state) {
	if m.out != nil {
		m.out.Comm(cell.CommMessage{Kind: cell.CommData, ID: m.id, Data: encode(state{"method": method, "state": s, "buffer_paths": []any{}})})
	}
}

// snapshot returns a copy of the state.
func (m *model) snapshot() state {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.state)
}

// receive takes a message of the front end. It may say anything: what is not as
// the protocol says is passed over.
func (m *model) receive(c cell.CommMessage) {
	if c.Kind == cell.CommClose {
		m.forget()
		return
	}
	var data struct {
		Method  string                     `json:"method"`
		State   map[string]json.RawMessage `json:"state"`
		Content map[string]json.RawMessage `json:"content"`
	}
	if json.Unmarshal(c.Data, &data) != nil {
		return
	}
	switch data.Method {
	case "update":
		// Other pages that show the widget learn of the change by an echo.
		echo := state{}
		m.mu.Lock()
		for name, v := range data.State {
			if _, known := m.state[name]; known && name[0] != '_' {
				m.state[name], echo[name] = v, v
			}
		}
		m.mu.Unlock()
		if len(echo) > 0 {
			m.say("echo_update", echo)
		}
		if m.take != nil {
			m.take(data.State)
		}
	case "request_state":
		m.say("update", m.snapshot())
	case "custom":
		if m.said != nil {
			m.said(data.Content)
		}
	}
}

// control answers a page that was loaded anew and wants all widgets at once.
func control(open cell.CommMessage) {
	out, ok := cell.Current().Output().(cell.CommOutput)
	if !ok {
		return
	}
	cell.HandleComm(open.ID, func(c cell.CommMessage) {
		var data struct {
			Method string `json:"method"`
		}
		if json.Unmarshal(c.Data, &data) != nil || data.Method != "request_states" {
			return
		}
		models.Lock()
		open := maps.Clone(models.open)
		models.Unlock()
		states := state{}
		for id, m := range open {
			s := m.snapshot()
			states[id] = state{
				"model_name": s["_model_name"], "model_module": s["_model_module"],
				"model_module_version": s["_model_module_version"], "state": s,
			}
		}
		out.Comm(cell.CommMessage{Kind: cell.CommData, ID: c.ID, Data: encode(state{"method": "update_states", "states": states, "buffer_paths": []any{}})})
	})
}

func (m *model) forget() {
	cell.ForgetComm(m.id)
	models.Lock()
	delete(models.open, m.id)
	models.Unlock()
}

func (m *model) close() {
	for _, p := range append([]*model{m}, m.parts...) {
		p.forget()
		if p.out != nil {
			p.out.Comm(cell.CommMessage{Kind: cell.CommClose, ID: p.id})
		}
	}
}

// A widget is what all widgets have.
type widget struct {
	m *model

	mu        sync.Mutex
	listeners []func()
}

func (w *widget) model() *model { return w.m }

// Close takes the widget out of the page; it calls nothing from then on.
func (w *widget) Close() { w.m.close() }

// notify makes f hear of changes that the person makes.
func (w *widget) notify(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listeners = append(w.listeners, f)
}

// changed tells who wants to hear.
func (w *widget) changed() {
	w.mu.Lock()
	fs := w.listeners[:len(w.listeners):len(w.listeners)]
	w.mu.Unlock()
	for _, f := range fs {
		f()
	}
}

func (w *widget) bundle(text string) map[string][]byte {
	b := map[string][]byte{cell.Plain: []byte(text)}
	if w.m.out != nil {
		b[widgetView] = encode(state{"version_major": 2, "version_minor": 0, "model_id": w.m.id})
	}
	return b
}

// Redraw calls f now, and again whenever the person changes one of the widgets:
//
//	k := display.Slider("frequency", 1, 10, 3)
//	display.Show(k)
//	var place display.Live
//	display.Redraw(func() { display.Line(nil, wave(k.Value()), display.In(&place)) }, k)
func Redraw(f func(), on ...Widget) {
	f()
	for _, w := range on {
		w.notify(f)
	}
}
