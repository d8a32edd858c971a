// Package iter is the interpreted form of the standard library's package iter.
package iter

import "runtime"

// A Seq is a sequence of values: it calls yield for each until yield is false.
type Seq[V any] func(yield func(V) bool)

// A Seq2 is a sequence of pairs.
type Seq2[K, V any] func(yield func(K, V) bool)

// Pull turns a sequence into a function that returns its next value at each
// call, and one that ends it.
func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) {
	var v V
	c := start(func(yield func() bool) {
		seq(func(w V) bool {
			v = w
			return yield()
		})
	})
	next = func() (V, bool) {
		var zero V
		if !c.resume(true) {
			return zero, false
		}
		w := v
		v = zero
		return w, true
	}
	return next, func() { c.resume(false) }
}

// Pull2 is Pull for pairs.
func Pull2[K, V any](seq Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	var k K
	var v V
	c := start(func(yield func() bool) {
		seq(func(a K, b V) bool {
			k, v = a, b
			return yield()
		})
	})
	next = func() (K, V, bool) {
		var zeroK K
		var zeroV V
		if !c.resume(true) {
			return zeroK, zeroV, false
		}
		a, b := k, v
		k, v = zeroK, zeroV
		return a, b, true
	}
	return next, func() { c.resume(false) }
}

// A coroutine runs a sequence in a goroutine of its own, in turns with its caller.
type coroutine struct {
	body    func(yield func() bool)
	started bool
	over    bool
	running bool

	turn    chan bool     // to the body: go on, or (false) end
	yielded chan struct{} // from the body: it has yielded or is over

	panicked bool
	exited   bool // by runtime.Goexit
	value    any
}

func start(body func(yield func() bool)) *coroutine {
	return &coroutine{body: body, turn: make(chan bool), yielded: make(chan struct{})}
}

// resume runs the body to its next yield, which it reports; with goOn false, to
// its end.
func (c *coroutine) resume(goOn bool) bool {
	if c.running {
		panic("iter: next or stop called from within the sequence")
	}
	if c.over {
		return false
	}
	if !c.started {
		if !goOn {
			c.over = true
			return false
		}
		c.started = true
		c.running = true
		go c.run()
	} else {
		c.running = true
		c.turn <- goOn
	}
	<-c.yielded
	c.running = false
	switch {
	case c.panicked:
		c.panicked = false
		panic(c.value)
	case c.exited:
		c.exited = false
		runtime.Goexit()
	}
	return !c.over
}

func (c *coroutine) run() {
	returned := false
	defer func() {
		if !returned {
			if c.value = recover(); c.value != nil {
				c.panicked = true
			} else {
				c.exited = true
			}
		}
		c.over = true
		c.yielded <- struct{}{}
	}()
	c.body(func() bool {
		c.yielded <- struct{}{}
		return <-c.turn
	})
	returned = true
}
