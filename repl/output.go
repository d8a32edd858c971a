package repl

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/terminal"
)

// An output shows what one cell puts out: a [cell.Output]. Of values it shows
// the text, of pictures what the terminal can show.
type output struct {
	*session
	ctx    context.Context // of the running cell
	cancel func()

	asking sync.Mutex // one question at a time
	mu     sync.Mutex
	live   terminal.Live
	shown  []shown // what may still change
	ended  bool
}

// A shown is a display as it is now.
type shown struct {
	id     string
	bundle cell.Bundle
}

func (o *output) Stream(name, text string) {
	switch {
	case o.editor != nil && o.editor.print(text):
	case name == "stderr":
		io.WriteString(o.Err, text)
	default:
		o.out.WriteString(text)
	}
}

// Display shows b at once, or, where it has an id and so may still change, when
// the cell has ended.
func (o *output) Display(b cell.Bundle, id string) {
	if id == "" {
		o.show(b)
		return
	}
	o.Update(b, id)
}

// Update shows progress in the status lines. Displays of cells that have ended
// stay as they were.
func (o *output) Update(b cell.Bundle, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return
	}
	o.live.Set(id, terminal.Twin(b))
	if i := slices.IndexFunc(o.shown, func(s shown) bool { return s.id == id }); i >= 0 {
		o.shown[i].bundle = b
	} else {
		o.shown = append(o.shown, shown{id, b})
	}
	o.out.Status(strings.Join(o.live.News(), "\n"))
}

// end shows how the displays are in the end.
func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.out.Status("")
	for _, s := range o.shown {
		o.show(s.bundle)
	}
}

// show writes b in lines of its own.
func (o *output) show(b cell.Bundle) {
	if o.editor != nil && o.out.Picture(b) {
		return
	}
	if text := terminal.Twin(b); text != "" {
		o.out.FreshLine()
		o.out.WriteString(text + "\n")
	}
}

// Clear takes back the progress; what was printed stays in the terminal's
// history.
func (o *output) Clear(bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.live, o.shown = terminal.Live{}, nil
	o.out.Status("")
}

func (o *output) Page(b cell.Bundle) { o.show(b) }

// Input asks the person for a line; in a script it takes the next line of it.
// Ctrl-C at the question interrupts the cell.
func (o *output) Input(prompt string, password bool) (string, error) {
	if o.editor == nil {
		return o.script.line(o.ctx, nil)
	}
	o.asking.Lock()
	defer o.asking.Unlock()
	o.mu.Lock()
	ended := o.ended
	o.mu.Unlock()
	if ended {
		return "", errors.New("the cell that asks has ended, and the terminal is with the next one")
	}
	if err := o.ctx.Err(); err != nil {
		return "", err
	}
	o.out.FreshLine()
	line, err := o.editor.question(prompt, password)
	if errors.Is(err, errInterrupted) {
		o.cancel()
		<-o.ctx.Done()
		err = o.ctx.Err()
	}
	return line, err
}
