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
	mu sync.Mutex
	id string // "" until something is shown
}

// Show replaces what is at the place by v.
func (l *Live) Show(v any) { l.put(mustRender("Live.Show", v)) }

// HTML replaces what is at the place by a piece of HTML.
func (l *Live) HTML(s string) { l.put(pair(cell.HTML, s, htmlText(s))) }

// Text replaces what is at the place by a text.
func (l *Live) Text(s string) { l.put(cell.Text(s)) }

func (l *Live) put(b cell.Bundle) { l.putTo(cell.Current().Output(), b) }

// putFigure replaces what is at the place by a figure. The first may well be the
// only one.
func (l *Live) putFigure(f *figure) {
	l.mu.Lock()
	first := l.id == ""
	l.mu.Unlock()
	if first {
		l.put(f.bundle())
	} else {
		l.put(f.passing())
	}
}

func (l *Live) putTo(out cell.Output, b cell.Bundle) {
	l.mu.Lock()
	defer l.mu.Unlock()
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
