package display

import (
	"crypto/rand"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/fluxion-go/fluxion/cell"
)

// Live is a place in the notebook whose contents can be replaced, also from a
// later cell. The place is where Show is first called on it, or a figure is
// drawn into it with the option [In]:
//
//	var curve display.Live
//	for step := range 100 {
//		…
//		display.Line(nil, losses, display.In(&curve))
//	}
//
// The zero Live is ready. Its methods may be called from any goroutine.
type Live struct {
	mu     sync.Mutex
	id     string  // "" until something is shown
	figure *figure // that is there; nil where it is something else
}

// Show replaces what is at the place by v.
func (l *Live) Show(v any) { l.put(mustRender("Live.Show", v)) }

// HTML replaces what is at the place by a piece of HTML.
func (l *Live) HTML(s string) { l.put(pair(cell.HTML, s, htmlText(s))) }

// Text replaces what is at the place by a text.
func (l *Live) Text(s string) { l.put(cell.Text(s)) }

func (l *Live) put(b cell.Bundle) { l.putTo(cell.Current().Output(), b) }

func (l *Live) putTo(out cell.Output, b cell.Bundle) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.figure = nil
	l.send(out, b)
}

// putFigure replaces what is at the place by a figure. The one that is there
// when the cell has ended is what will be saved, so it is then sent whole.
func (l *Live) putFigure(f *figure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.figure = f
	now := cell.Current()
	l.send(now.Output(), f.passing())
	if terminal.Load() == nil {
		now.AtEnd(l, func() { l.complete(now.Output()) })
	}
}

func (l *Live) complete(out cell.Output) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.figure != nil {
		l.send(out, l.figure.bundle())
		l.figure = nil
	}
}

// send is called with the lock held.
func (l *Live) send(out cell.Output, b cell.Bundle) {
	if l.id == "" {
		l.id = newID()
		out.Display(b, l.id)
		return
	}
	out.Update(b, l.id)
}

// A page that is still open remembers ids of kernels that have ended, so an id
// must differ from theirs too.
var (
	session  = rand.Text()
	idsGiven atomic.Int64
)

func newID() string { return session + "-" + strconv.FormatInt(idsGiven.Add(1), 10) }
