package display

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// get reads an entry of a state, which is a T or, when it came from the page,
// JSON. A value that is no T is the zero value.
func get[T any](w *widget, name string) (v T) {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	switch x := w.m.state[name].(type) {
	case T:
		return x
	case json.RawMessage:
		if json.Unmarshal(x, &v) != nil {
			var zero T
			return zero
		}
	}
	return v
}

// hear makes the widget tell its listeners when the page changes an entry to
// what is a T.
func hear[T any](w *widget, name string) {
	w.m.take = func(changes map[string]json.RawMessage) {
		var v T
		if text, ok := changes[name]; ok && json.Unmarshal(text, &v) == nil {
			w.changed()
		}
	}
}

// A SliderWidget chooses a number; see [Slider].
type SliderWidget struct{ widget }

// Slider makes a slider for a number from min to max that stands at value. It
// moves in a hundredth of the range unless [SliderWidget.Step] says otherwise.
func Slider(label string, min, max, value float64) *SliderWidget {
	if !(min < max) || math.IsInf(max-min, 0) || !(value >= min && value <= max) {
		misuse("Slider", "%q goes from %v to %v and stands at %v; want finite numbers min < max and a value between them", label, min, max, value)
	}
	s := &SliderWidget{}
	s.m = newControl("FloatSliderModel", "FloatSliderView", "SliderStyleModel", state{
		"description": label, "min": min, "max": max, "value": value, "step": (max - min) / 100,
		"orientation": "horizontal", "readout": true, "readout_format": ".4~g", "continuous_update": true, "disabled": false, "behavior": "drag-tap",
	})
	hear[float64](&s.widget, "value")
	return s
}

// Step sets how far the slider moves at a time.
func (s *SliderWidget) Step(by float64) *SliderWidget {
	if !(by > 0) || math.IsInf(by, 0) {
		misuse("Slider", "a step of %v; want a number above 0", by)
	}
	s.m.set(state{"step": by})
	return s
}

// Value returns where the slider stands.
func (s *SliderWidget) Value() float64 {
	v, min, step := get[float64](&s.widget, "value"), get[float64](&s.widget, "min"), get[float64](&s.widget, "step")
	// The page adds steps up, and says 1.9999999999999998 for 2.
	if at := min + math.Round((v-min)/step)*step; math.Abs(at-v) < 1e-9*step {
		return at
	}
	return v
}

// Set moves the slider. It does not call the functions that hear of changes.
func (s *SliderWidget) Set(value float64) {
	s.m.set(state{"value": math.Min(math.Max(value, get[float64](&s.widget, "min")), get[float64](&s.widget, "max"))})
}

// OnChange makes f take each value that the person moves the slider to.
func (s *SliderWidget) OnChange(f func(value float64)) *SliderWidget {
	s.notify(func() { f(s.Value()) })
	return s
}

// String returns label and value.
func (s *SliderWidget) String() string {
	return fmt.Sprintf("%s: %v (slider from %v to %v)", get[string](&s.widget, "description"), s.Value(), get[float64](&s.widget, "min"), get[float64](&s.widget, "max"))
}

// MIMEBundle implements MIMEBundler.
func (s *SliderWidget) MIMEBundle() map[string][]byte { return s.bundle(s.String()) }

// An IntSliderWidget chooses a whole number; see [IntSlider].
type IntSliderWidget struct{ widget }

// IntSlider makes a slider for a whole number from min to max that stands at
// value.
func IntSlider(label string, min, max, value int) *IntSliderWidget {
	if min >= max || value < min || value > max {
		misuse("IntSlider", "%q goes from %d to %d and stands at %d; want min < max and a value between them", label, min, max, value)
	}
	s := &IntSliderWidget{}
	s.m = newControl("IntSliderModel", "IntSliderView", "SliderStyleModel", state{
		"description": label, "min": min, "max": max, "value": value, "step": 1,
		"orientation": "horizontal", "readout": true, "readout_format": "d", "continuous_update": true, "disabled": false, "behavior": "drag-tap",
	})
	hear[int](&s.widget, "value")
	return s
}

// Value returns where the slider stands.
func (s *IntSliderWidget) Value() int { return get[int](&s.widget, "value") }

// Set moves the slider. It does not call the functions that hear of changes.
func (s *IntSliderWidget) Set(value int) {
	s.m.set(state{"value": min(max(value, get[int](&s.widget, "min")), get[int](&s.widget, "max"))})
}

// OnChange makes f take each value that the person moves the slider to.
func (s *IntSliderWidget) OnChange(f func(value int)) *IntSliderWidget {
	s.notify(func() { f(s.Value()) })
	return s
}

// String returns label and value.
func (s *IntSliderWidget) String() string {
	return fmt.Sprintf("%s: %d (slider from %d to %d)", get[string](&s.widget, "description"), s.Value(), get[int](&s.widget, "min"), get[int](&s.widget, "max"))
}

// MIMEBundle implements MIMEBundler.
func (s *IntSliderWidget) MIMEBundle() map[string][]byte { return s.bundle(s.String()) }

// A ButtonWidget is pressed; see [Button].
type ButtonWidget struct{ widget }

// Button makes a button.
func Button(label string) *ButtonWidget {
	b := &ButtonWidget{}
	b.m = newControl("ButtonModel", "ButtonView", "ButtonStyleModel", state{"description": label, "button_style": "", "icon": "", "tooltip": nil, "disabled": false})
	b.m.said = func(content map[string]json.RawMessage) {
		if string(content["event"]) == `"click"` {
			b.changed()
		}
	}
	return b
}

// OnClick makes f be called whenever the button is pressed.
func (b *ButtonWidget) OnClick(f func()) *ButtonWidget {
	b.notify(f)
	return b
}

// String returns the label.
func (b *ButtonWidget) String() string { return "[" + get[string](&b.widget, "description") + "]" }

// MIMEBundle implements MIMEBundler.
func (b *ButtonWidget) MIMEBundle() map[string][]byte { return b.bundle(b.String()) }

// A DropdownWidget chooses one of several texts; see [Dropdown].
type DropdownWidget struct {
	widget
	options []string
}

// Dropdown makes a list to choose from; the first option is chosen at first.
func Dropdown(label string, options ...string) *DropdownWidget {
	if len(options) == 0 {
		misuse("Dropdown", "%q has no options", label)
	}
	d := &DropdownWidget{options: append([]string(nil), options...)}
	d.m = newControl("DropdownModel", "DropdownView", "DescriptionStyleModel", state{"description": label, "_options_labels": d.options, "index": 0, "disabled": false})
	hear[int](&d.widget, "index")
	return d
}

// Value returns the chosen option.
func (d *DropdownWidget) Value() string {
	if i := get[int](&d.widget, "index"); i >= 0 && i < len(d.options) {
		return d.options[i]
	}
	return ""
}

// Set chooses an option. It does not call the functions that hear of changes.
func (d *DropdownWidget) Set(option string) {
	for i, o := range d.options {
		if o == option {
			d.m.set(state{"index": i})
			return
		}
	}
	misuse("Dropdown", "%q is none of the options; there are %q", option, d.options)
}

// OnChange makes f take each option that the person chooses.
func (d *DropdownWidget) OnChange(f func(option string)) *DropdownWidget {
	d.notify(func() { f(d.Value()) })
	return d
}

// String returns label and value.
func (d *DropdownWidget) String() string {
	return fmt.Sprintf("%s: %s (one of %s)", get[string](&d.widget, "description"), d.Value(), strings.Join(d.options, ", "))
}

// MIMEBundle implements MIMEBundler.
func (d *DropdownWidget) MIMEBundle() map[string][]byte { return d.bundle(d.String()) }

// A CheckboxWidget is ticked or not; see [Checkbox].
type CheckboxWidget struct{ widget }

// Checkbox makes a box to tick.
func Checkbox(label string, checked bool) *CheckboxWidget {
	c := &CheckboxWidget{}
	c.m = newControl("CheckboxModel", "CheckboxView", "CheckboxStyleModel", state{"description": label, "value": checked, "indent": false, "disabled": false})
	hear[bool](&c.widget, "value")
	return c
}

// Value reports whether the box is ticked.
func (c *CheckboxWidget) Value() bool { return get[bool](&c.widget, "value") }

// Set ticks the box or not. It does not call the functions that hear of changes.
func (c *CheckboxWidget) Set(checked bool) { c.m.set(state{"value": checked}) }

// OnChange makes f hear of each change that the person makes.
func (c *CheckboxWidget) OnChange(f func(checked bool)) *CheckboxWidget {
	c.notify(func() { f(c.Value()) })
	return c
}

// String returns the box and its label.
func (c *CheckboxWidget) String() string {
	mark := "[ ] "
	if c.Value() {
		mark = "[x] "
	}
	return mark + get[string](&c.widget, "description")
}

// MIMEBundle implements MIMEBundler.
func (c *CheckboxWidget) MIMEBundle() map[string][]byte { return c.bundle(c.String()) }

// A TextBoxWidget takes a line of text; see [TextBox].
type TextBoxWidget struct{ widget }

// TextBox makes a field for a line of text. Its functions are called when the
// person leaves the field or presses Enter.
func TextBox(label, value string) *TextBoxWidget {
	t := &TextBoxWidget{}
	t.m = newControl("TextModel", "TextView", "TextStyleModel", state{"description": label, "value": value, "placeholder": "", "continuous_update": false, "disabled": false})
	hear[string](&t.widget, "value")
	return t
}

// Value returns the text.
func (t *TextBoxWidget) Value() string { return get[string](&t.widget, "value") }

// Set changes the text. It does not call the functions that hear of changes.
func (t *TextBoxWidget) Set(value string) { t.m.set(state{"value": value}) }

// OnChange makes f take each text that the person writes.
func (t *TextBoxWidget) OnChange(f func(value string)) *TextBoxWidget {
	t.notify(func() { f(t.Value()) })
	return t
}

// String returns label and text.
func (t *TextBoxWidget) String() string {
	return get[string](&t.widget, "description") + ": " + strconv.Quote(t.Value())
}

// MIMEBundle implements MIMEBundler.
func (t *TextBoxWidget) MIMEBundle() map[string][]byte { return t.bundle(t.String()) }

// A ProgressWidget shows how far something is; see [Progress].
type ProgressWidget struct{ widget }

// Progress makes a bar that is full at max. Training runs bring their own.
func Progress(label string, max float64) *ProgressWidget {
	if !(max > 0) || math.IsInf(max, 0) {
		misuse("Progress", "%q is full at %v; want a number above 0", label, max)
	}
	p := &ProgressWidget{}
	p.m = newControl("FloatProgressModel", "ProgressView", "ProgressStyleModel", state{"description": label, "min": 0.0, "max": max, "value": 0.0, "bar_style": "", "orientation": "horizontal"})
	return p
}

// Value returns how far it is.
func (p *ProgressWidget) Value() float64 { return get[float64](&p.widget, "value") }

// Set says how far it is.
func (p *ProgressWidget) Set(value float64) { p.m.set(state{"value": value}) }

// String returns label, value and maximum.
func (p *ProgressWidget) String() string {
	return fmt.Sprintf("%s: %v of %v", get[string](&p.widget, "description"), p.Value(), get[float64](&p.widget, "max"))
}

// MIMEBundle implements MIMEBundler.
func (p *ProgressWidget) MIMEBundle() map[string][]byte { return p.bundle(p.String()) }

// A BoxWidget holds other widgets; see [Row] and [Column].
type BoxWidget struct {
	widget
	children []Widget
}

// Row puts widgets side by side.
func Row(widgets ...Widget) *BoxWidget { return box("HBox", widgets) }

// Column puts widgets below each other.
func Column(widgets ...Widget) *BoxWidget { return box("VBox", widgets) }

func box(kind string, children []Widget) *BoxWidget {
	b := &BoxWidget{children: append([]Widget(nil), children...)}
	names := make([]string, len(children))
	for i, c := range children {
		names[i] = reference(c.model())
	}
	b.m = newControl(kind+"Model", kind+"View", "", state{"children": names, "box_style": ""})
	return b
}

// String returns the texts of the widgets, each on a line.
func (b *BoxWidget) String() string {
	var texts []string
	for _, c := range b.children {
		texts = append(texts, c.String())
	}
	return strings.Join(texts, "\n")
}

// MIMEBundle implements MIMEBundler.
func (b *BoxWidget) MIMEBundle() map[string][]byte { return b.bundle(b.String()) }
