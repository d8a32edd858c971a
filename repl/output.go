package repl

import (
	"context"
	"io"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/terminal"
)

// An output shows what one cell puts out: a [cell.Output]. Of values and
// pictures it shows the text.
type output struct {
	*session
	ctx context.Context // of the running cell

	mu    sync.Mutex
	live  terminal.Live
	ended bool
}

func (o *output) Stream(name, text string) {
	if name == "stderr" {
		io.WriteString(o.Err, text)
		return
	}
	o.out.WriteString(text)
}

// Display shows the text of b at once, or, where it has an id and so may still
// change, when the cell has ended.
func (o *output) Display(b cell.Bundle, id string) {
	if id == "" {
		o.show(terminal.Twin(b))
		return
	}
	o.Update(b, id)
}

// Update shows progress in the status line. Displays of cells that have ended
// stay as they were.
func (o *output) Update(b cell.Bundle, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return
	}
	o.live.Set(id, terminal.Twin(b))
	o.out.Status(o.live.News())
}

// end shows how the displays are in the end.
func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.out.Status("")
	for _, text := range o.live.Take() {
		o.show(text)
	}
}

// show writes text in lines of its own.
func (o *output) show(text string) {
	if text == "" {
		return
	}
	o.out.FreshLine()
	o.out.WriteString(text + "\n")
}

// Clear takes back the progress; what was printed stays in the terminal's
// history.
func (o *output) Clear(bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.live.Take()
	o.out.Status("")
}

func (o *output) Page(b cell.Bundle) { o.show(terminal.Twin(b)) }

// Input asks the person for a line; in a script it takes the next line of it.
func (o *output) Input(prompt string, password bool) (string, error) {
	if o.person {
		o.out.WriteString(prompt)
	}
	line, err := o.in.line(o.ctx, nil, password)
	if err == nil && o.person && !password {
		o.out.Entered()
	}
	return line, err
}
