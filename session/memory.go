package session

import (
	"fmt"
	"time"
)

const (
	// glance is how often the memory of a child with running cells is looked at.
	// A program can touch two gigabytes a second, so forty megabytes meanwhile.
	glance = 20 * time.Millisecond
	// indulgence is how long a child over the limit may take to get below.
	indulgence = 3 * time.Second
	// growth is how much more than at its beginning a cell may have in a session
	// that is over the limit already: enough to clean up in.
	growth = 64 << 20
)

// watchCells counts running cells, and watches the memory while there are some.
// The child is locked.
func (c *child) watchCells(more int) {
	c.cells += more
	switch {
	case c.session.config.Memory <= 0:
	case c.cells > 0 && c.watched == nil:
		c.watched = make(chan struct{})
		go c.watch(c.watched)
	case c.cells == 0 && c.watched != nil:
		close(c.watched)
		c.watched = nil
	}
}

// watch stops the cells when they have more than the limit, and the child when
// that does not help.
func (c *child) watch(stop <-chan struct{}) {
	limit := c.session.config.Memory
	tick := time.NewTicker(glance)
	defer tick.Stop()
	soft := limit // where the cells are stopped
	if u, ok := usage(c.cmd.Process.Pid); ok && u.Memory > limit-growth {
		soft = u.Memory + growth
	}
	hard := soft + soft/8
	var over time.Time // when the cells were stopped
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		u, ok := usage(c.cmd.Process.Pid)
		switch {
		case !ok || u.Memory <= soft:
			over = time.Time{}
		case u.Memory > hard || !over.IsZero() && time.Since(over) > indulgence:
			c.kill(fmt.Sprintf("the cell took %s of memory, and the limit is %s", size(u.Memory), size(limit)))
			return
		case over.IsZero():
			over = time.Now()
			c.overrun(fmt.Sprintf("the cell was stopped at %s of memory: the limit is %s", size(u.Memory), size(limit)))
		}
	}
}

// overrun stops the running cells.
func (c *child) overrun(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for number, w := range c.calls {
		if w.isCell && !w.finished() {
			w.mu.Lock()
			w.overrun = why
			w.mu.Unlock()
			c.out.send(&message{Call: number, Cancel: true})
		}
	}
}

// size writes a number of bytes for people.
func size(bytes int64) string {
	if bytes < 1<<30 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}
