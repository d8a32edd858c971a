package cpu

import (
	"testing"
	"time"
)

// TestPace gives a pace programs of known speed and counts who runs them.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		name              string
		team, alone       time.Duration
		first             time.Duration // the first run by the team, where it differs
		wantAlone, wantBy int           // runs of 2·roundRuns that are done alone, and timed
	}{
		{"the team is faster", 20 * time.Microsecond, 30 * time.Microsecond, 0, trials, 2 * trials},
		{"the team is held up", 200 * time.Microsecond, 30 * time.Microsecond, 0, 2*roundRuns - trials, 2 * trials},
		{"long programs are not measured again", time.Millisecond, time.Millisecond, 0, 2, 4},
		{"very long ones are not tried alone", 3 * time.Millisecond, 5 * time.Millisecond, 0, 0, 2},
		{"an accident", 20 * time.Microsecond, 30 * time.Microsecond, 5 * time.Millisecond, trials, 2*trials + 2},
	} {
		var p pace
		var alone, timed int
		for range 2 * roundRuns {
			measured, single := p.begin()
			if single {
				alone++
			}
			if measured {
				timed++
				took := c.team
				if single {
					took = c.alone
				} else if timed == 1 && c.first > 0 {
					took = c.first
				}
				p.ended(single, took)
			}
		}
		if alone != c.wantAlone || timed != c.wantBy {
			t.Errorf("%s: %d runs alone, %d timed; want %d, %d", c.name, alone, timed, c.wantAlone, c.wantBy)
		}
	}
}
