package cpu

import "time"

// A pace finds out whether a program is done sooner by the whole team or by the
// caller alone. For programs of some ten microseconds that depends on what else
// the machine does: a goroutine that loses its processor in the middle of a
// piece keeps the others waiting for a thousand times as long as the piece
// takes. Results are the same either way.
//
// It does so in rounds: some runs to settle, trials by both in turn, and many
// runs by the faster one. The first rounds are short, as what they find may be
// due to a session that has just begun.
type pace struct {
	length int // of this round, in runs; 0 before the first
	runs   int // of this round, or −1 for a program that is long
	alone  bool
	spent  [2]time.Duration // by the team, alone: in the trials of this round
	slow   int              // latest runs in a row by the team that took very long
}

const (
	settling   = 8  // runs by the team that a round begins with: helpers wake up, caches fill
	trials     = 32 // half of them alone
	firstRound = 256
	roundRuns  = 4096
	longRun    = 500 * time.Microsecond
	// slowRun is so long that nobody tries it alone, if it was no accident.
	slowRun = 2 * time.Millisecond
)

// begin reports whether the next run is to be timed, and whether the caller is
// to do it alone.
func (p *pace) begin() (timed, alone bool) {
	switch {
	case p.runs < 0:
		return false, false
	case p.length == 0:
		p.length = firstRound
	case p.runs == p.length:
		p.length, p.runs, p.spent = min(2*p.length, roundRuns), 0, [2]time.Duration{}
	}
	p.runs++
	if p.runs <= settling+trials {
		return true, p.runs > settling && p.runs%2 == 0 && p.slow == 0
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
		if p.slow > 0 { // an accident: the round begins anew
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
	switch tried := p.runs - settling; {
	case tried <= 0:
		p.spent = [2]time.Duration{}
	case tried%4 == 0 && p.spent[1] > time.Duration(tried/2)*longRun:
		// Its trials would be felt: a short training has few steps.
		p.runs, p.alone = -1, false
	case tried == trials:
		p.alone = p.spent[1] < p.spent[0]
	}
}
