package cpu

import "time"

// A pace finds out whether a program is done sooner by the whole team or by the
// caller alone. For programs of some ten microseconds that depends on what else
// the machine does: a goroutine that loses its processor in the middle of a
// piece keeps the others waiting for a thousand times as long as the piece
// takes. Results are the same either way.
type pace struct {
	runs  int // of this round
	alone bool
	spent [2]time.Duration // by the team, alone: in the trials of this round
	slow  int              // latest runs in a row by the team that took very long
}

const (
	trials    = 32   // runs at the beginning of a round that are timed, half of them alone
	roundRuns = 4096 // runs until it is found out again
	longRun   = 500 * time.Microsecond
	// slowRun is so long that nobody tries it alone, if it was no accident.
	slowRun = 2 * time.Millisecond
)

// begin reports whether the next run is to be timed, and whether the caller is
// to do it alone.
func (p *pace) begin() (timed, alone bool) {
	if p.runs < 0 { // a long program
		return false, false
	}
	if p.runs == roundRuns {
		p.runs, p.spent = 0, [2]time.Duration{}
	}
	p.runs++
	if p.runs <= trials {
		return true, p.runs%2 == 0 && p.slow == 0
	}
	return false, p.alone
}

// ended notes how long a timed run took.
func (p *pace) ended(alone bool, took time.Duration) {
	mode := 0
	switch {
	case alone:
		mode = 1
	case took < slowRun:
		if p.slow > 0 { // an accident: the trials begin anew
			p.runs, p.spent, p.slow = 0, [2]time.Duration{}, 0
			return
		}
	default:
		if p.slow++; p.slow == 2 {
			p.runs, p.alone = -1, false
			return
		}
	}
	p.spent[mode] += took
	if p.runs%4 == 0 && p.spent[1] > time.Duration(p.runs/2)*longRun {
		// Its trials would be felt: a short training has few steps.
		p.runs, p.alone = -1, false
		return
	}
	if p.runs == trials {
		p.alone = p.spent[1] < p.spent[0]
	}
}
