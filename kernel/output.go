package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/fluxion-go/fluxion/cell"
)

const (
	// gather is how long printed text waits for more, to go out as one message.
	gather = 25 * time.Millisecond
	// enough is how many bytes of it do not wait.
	enough = 128 << 10
)

// An output publishes what one cell shows. It keeps the header of the cell's
// request, so that what a goroutine says after the cell has ended still
// appears below that cell.
type output struct {
	k          *kernel
	ctx        context.Context // of the cell
	ids        [][]byte
	parent     json.RawMessage
	allowStdin bool

	mu    sync.Mutex // held while publishing: messages leave in the order of the calls
	name  string     // the stream that text belongs to
	text  []byte
	armed bool     // flush comes by itself
	pages []fields // for the reply
	ended bool
}

// Stream gathers text. What a program prints in one go becomes one message.
func (o *output) Stream(name, text string) {
	if text == "" {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if name != o.name {
		o.flush(true)
		o.name = name
	}
	o.text = append(o.text, text...)
	if len(o.text) >= enough {
		o.flush(false)
	} else if !o.armed {
		o.armed = true
		time.AfterFunc(gather, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.armed = false
			o.flush(false)
		})
	}
}

// flush publishes the gathered text. Unless all is set, a character whose last
// bytes have not been written yet stays behind.
func (o *output) flush(all bool) {
	n := len(o.text)
	if !all {
		n -= partial(o.text)
	}
	if n == 0 {
		return
	}
	o.send("stream", fields{"name": o.name, "text": string(o.text[:n])})
	o.text = append(o.text[:0], o.text[n:]...)
}

// partial returns the length of an unfinished UTF-8 sequence at the end of b.
func partial(b []byte) int {
	for n := 1; n <= min(len(b), utf8.UTFMax-1); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			break
		}
	}
	return 0
}

// publish sends a message after the text that was printed before it.
func (o *output) publish(msgType string, content fields) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(true)
	o.send(msgType, content)
}

// send makes a cell that shows things without end as slow as its clients read.
func (o *output) send(msgType string, content fields) {
	o.k.pub.room(o.ctx)
	o.k.pub.publish(msgType, o.parent, content)
}

// Display publishes display_data.
func (o *output) Display(b cell.Bundle, id string) {
	content := bundle(b)
	content["transient"] = transient(id)
	o.publish("display_data", content)
}

// Update publishes update_display_data.
func (o *output) Update(b cell.Bundle, id string) {
	content := bundle(b)
	content["transient"] = transient(id)
	o.publish("update_display_data", content)
}

func transient(id string) fields {
	if id == "" {
		return fields{}
	}
	return fields{"display_id": id}
}

// Clear publishes clear_output.
func (o *output) Clear(wait bool) { o.publish("clear_output", fields{"wait": wait}) }

// Page puts b into the reply of the cell; after the cell it can only be
// displayed.
func (o *output) Page(b cell.Bundle) {
	o.mu.Lock()
	ended := o.ended
	if !ended {
		o.pages = append(o.pages, fields{"source": "page", "data": bundle(b)["data"], "start": 0})
	}
	o.mu.Unlock()
	if ended {
		o.Display(b, "")
	}
}

// Input asks the front end that ran the cell.
func (o *output) Input(prompt string, password bool) (string, error) {
	if !o.allowStdin {
		return "", errors.New("this front end cannot be asked for input (allow_stdin is false)")
	}
	o.mu.Lock()
	o.flush(true)
	ended := o.ended
	o.mu.Unlock()
	if ended {
		return "", errors.New("the cell has ended: input can be asked for only while it runs")
	}
	return o.k.questions.ask(o.ctx, o.ids, o.parent, prompt, password)
}

// end publishes what is left and returns the pages. Streams and displays that
// come later are still published.
func (o *output) end() []fields {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush(true)
	o.ended = true
	return append([]fields{}, o.pages...)
}

// bundle returns the data and metadata of b as messages carry them. Entries
// that JSON cannot hold are left out, so that they do not take the others with
// them.
func bundle(b cell.Bundle) fields {
	data := b.Encoded()
	for mime, v := range data {
		if raw, ok := v.(json.RawMessage); ok && !json.Valid(raw) {
			delete(data, mime)
		}
	}
	metadata := fields{}
	for key, v := range b.Metadata {
		if _, err := json.Marshal(v); err == nil {
			metadata[key] = v
		}
	}
	return fields{"data": data, "metadata": metadata}
}

// unheard is the output of user expressions, which show nothing.
type unheard struct{}

func (unheard) Stream(string, string)       {}
func (unheard) Display(cell.Bundle, string) {}
func (unheard) Update(cell.Bundle, string)  {}
func (unheard) Clear(bool)                  {}
func (unheard) Page(cell.Bundle)            {}
func (unheard) Input(string, bool) (string, error) {
	return "", errors.New("a user expression cannot ask for input")
}
