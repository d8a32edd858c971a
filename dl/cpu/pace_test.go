package cpu

import (
	"slices"
	"testing"
	"time"
)

// TestPace gives a pace programs of known speed and counts who runs them.
func TestPace(t *testing.T) {
	const us = time.Microsecond
	// Rounds of 256, 512, 1024, 2048 and 4096 runs.
	const rounds, runs = 5, 31 * firstRound
	const timed = rounds * (settling + trials)
	for _, c := range []struct {
		name              string
		team, alone       time.Duration
		begin             []time.Duration // runs by the team at the beginning, where they differ
		wantAlone, wantBy int             // runs that are done alone, and timed
	}{
		{"the team is faster", 20 * us, 30 * us, nil, rounds * trials / 2, timed},
		{"the team is held up", 200 * us, 30 * us, nil, runs - timed + rounds*trials/2, timed},
		{"helpers wake up", 20 * us, 30 * us, []time.Duration{1700 * us, 160 * us, 120 * us, 90 * us}, rounds * trials / 2, timed},
		// The first round finds the caller alone faster, which the second one corrects.
		{"a session begins", 20 * us, 30 * us, slices.Repeat([]time.Duration{50 * us}, 30), rounds*trials/2 + firstRound - settling - trials, timed},
		{"long programs are not measured again", 1000 * us, 1000 * us, nil, 2, settling + 4},
		{"very long ones are not tried alone", 3000 * us, 5000 * us, nil, 0, 2},
		{"an accident", 20 * us, 30 * us, []time.Duration{5000 * us}, rounds * trials / 2, timed + 2},
	} {
		var p pace
		var alone, timed int
		begin := c.begin
		for range runs {
			measured, single := p.begin()
			if single {
				alone++
			}
			if !measured {
				continue
			}
			timed++
			took := c.team
			if single {
				took = c.alone
			} else if len(begin) > 0 {
				took, begin = begin[0], begin[1:]
			}
			p.ended(single, took)
		}
		if alone != c.wantAlone || timed != c.wantBy {
			t.Errorf("%s: %d runs alone, %d timed; want %d, %d", c.name, alone, timed, c.wantAlone, c.wantBy)
		}
	}
}
