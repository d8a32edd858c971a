// Package unique is the interpreted form of the standard library's package
// unique. Unlike there, a value that was once made unique is kept for good.
package unique

import "sync"

// A Handle stands for a value: two are equal when their values are.
type Handle[T comparable] struct{ p *T }

// values maps each value to the pointer in its handle. A key is of the value's
// type, so that equal values of different types do not meet.
var values sync.Map

// Make returns the handle of value.
func Make[T comparable](value T) Handle[T] {
	p, ok := values.Load(value)
	if !ok {
		v := value
		p, _ = values.LoadOrStore(value, &v)
	}
	return Handle[T]{p.(*T)}
}

// Value returns the value of h.
func (h Handle[T]) Value() T { return *h.p }
