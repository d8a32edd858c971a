package runner

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/runner/notebook"
)

// A recorder stores the outputs of a notebook's cells as Jupyter does. Its lock
// guards the outputs of all cells, because a goroutine may write to its cell
// and an update may reach back to an earlier one at any time.
type recorder struct {
	sync.Mutex
	displays map[string][]*notebook.Output // by display id
	cells    []*recording
}

// record returns the output for one more cell.
func (r *recorder) record(c *notebook.Cell, s *screen) *recording {
	r.Lock()
	defer r.Unlock()
	rec := &recording{recorder: r, cell: c, screen: s}
	r.cells = append(r.cells, rec)
	return rec
}

// snapshot calls f while the stored outputs are complete and do not change.
func (r *recorder) snapshot(f func() error) error {
	r.Lock()
	defer r.Unlock()
	for _, c := range r.cells {
		c.flush()
	}
	return f()
}

// A recording is the output of one cell: a [cell.Output].
type recording struct {
	*recorder
	cell   *notebook.Cell
	screen *screen
	clear  bool   // before the next output, the ones so far go
	stream []byte // the text of the last stream, which its output gets by flush
}

// Stream joins text to the last output where that is the same stream.
func (r *recording) Stream(name, text string) {
	if text == "" {
		return
	}
	r.screen.text(text)
	r.Lock()
	defer r.Unlock()
	r.clearIfDue()
	last := r.last()
	if last == nil || last.Kind != notebook.Stream || last.Name != name {
		r.flush()
		r.cell.Outputs = append(r.cell.Outputs, &notebook.Output{Kind: notebook.Stream, Name: name})
		r.stream = nil
	}
	r.stream = appendOverwriting(r.stream, text)
}

// appendOverwriting appends text to stream. A carriage return takes back its
// line once something follows it, as on a terminal, so that a counter that
// rewrites itself leaves one line.
func appendOverwriting(stream []byte, text string) []byte {
	for len(text) > 0 {
		if n := len(stream); n > 0 && stream[n-1] == '\r' && text[0] != '\n' && text[0] != '\r' {
			for n > 0 && stream[n-1] != '\n' {
				n--
			}
			stream = stream[:n]
		}
		end := strings.IndexByte(text, '\r') + 1
		if end == 0 {
			end = len(text)
		}
		stream, text = append(stream, text[:end]...), text[end:]
	}
	return stream
}

// Display adds an output. A display id that is in use already stands for all
// its places, so those show the bundle too.
func (r *recording) Display(b cell.Bundle, id string) {
	r.screen.display(b, id)
	r.Lock()
	defer r.Unlock()
	r.clearIfDue()
	if id != "" {
		r.update(b, id)
	}
	r.add(b, notebook.Display, id)
}

// Update changes what is stored under id, in whichever cell that is.
func (r *recording) Update(b cell.Bundle, id string) {
	r.Lock()
	r.update(b, id)
	shown := len(r.displays[id]) > 0
	r.Unlock()
	if shown {
		r.screen.display(b, id)
	}
}

func (r *recording) Clear(wait bool) {
	r.Lock()
	defer r.Unlock()
	r.clear = true
	if !wait {
		r.clearIfDue()
	}
}

// Page shows nothing: the pager is beside a notebook, not in it.
func (r *recording) Page(cell.Bundle) {}

func (r *recording) Input(string, bool) (string, error) {
	return "", errors.New("the cell asks for input, and nobody is there: the notebook runs without a front end")
}

// result adds the value of the cell.
func (r *recording) result(b cell.Bundle) {
	r.screen.display(b, "")
	r.Lock()
	defer r.Unlock()
	r.clearIfDue()
	r.add(b, notebook.Result, "")
}

// failure adds the error of the cell.
func (r *recording) failure(e *cell.Error) {
	r.Lock()
	defer r.Unlock()
	r.clearIfDue()
	r.flush()
	r.cell.Outputs = append(r.cell.Outputs, &notebook.Output{
		Kind:      notebook.Failure,
		EName:     string(e.Kind),
		EValue:    e.Message,
		Traceback: e.Traceback(),
	})
}

// The methods below are called with the lock held.

func (r *recording) add(b cell.Bundle, kind, id string) {
	r.flush()
	o := &notebook.Output{Kind: kind}
	o.Data, o.Metadata = stored(b)
	if kind == notebook.Result {
		o.Count = r.cell.Count
	}
	r.cell.Outputs = append(r.cell.Outputs, o)
	if id != "" {
		r.displays[id] = append(r.displays[id], o)
	}
}

func (r *recording) update(b cell.Bundle, id string) {
	for _, o := range r.displays[id] {
		o.Data, o.Metadata = stored(b)
	}
}

func (r *recording) last() *notebook.Output {
	if n := len(r.cell.Outputs); n > 0 {
		return r.cell.Outputs[n-1]
	}
	return nil
}

// flush gives the text that was collected to its output.
func (r *recording) flush() {
	if last := r.last(); last != nil && last.Kind == notebook.Stream {
		last.Text = string(r.stream)
	}
}

func (r *recording) clearIfDue() {
	if r.clear {
		r.clear, r.cell.Outputs, r.stream = false, nil, nil
	}
}

// stored returns what a notebook file keeps of b. What is no JSON would make
// the whole file unwritable: such data is kept as a string, such metadata not.
func stored(b cell.Bundle) (data, metadata map[string]any) {
	data = b.Encoded()
	for mime, v := range data {
		if raw, ok := v.(json.RawMessage); ok && !json.Valid(raw) {
			data[mime] = string(raw)
		}
	}
	if _, err := json.Marshal(b.Metadata); err == nil {
		metadata = b.Metadata
	}
	return data, metadata
}
