package cell

import "time"

// A Measured is an [Evaluator] whose session runs in a process of its own.
type Measured interface {
	Evaluator

	// Usage says what that process uses now; ok is false where that is not
	// known.
	Usage() (u Usage, ok bool)
}

// Usage is what a process takes of its machine.
type Usage struct {
	PID    int
	Memory int64         // resident bytes
	CPU    time.Duration // processor time since it began
}
