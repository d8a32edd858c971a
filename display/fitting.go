package display

import (
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// Texts of users may be longer than there is room for. What is cut ends in "…";
// the figure's description has the whole.
const (
	titleLines  = 2
	longestName = 130 // points that the name of a bar, row or column gets
	leastData   = .4  // of a panel's height that are left to the data
)

// fitted returns s cut to a width.
func fitted(style text.Style, s string, width vg.Length) string {
	if style.Width(s) <= width {
		return s
	}
	r := []rune(s)
	lo, hi := 0, len(r) // the longest beginning that fits has lo to hi runes
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if style.Width(strings.TrimRight(string(r[:mid]), " ")+"…") <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return strings.TrimRight(string(r[:lo]), " ") + "…"
}

// wrapped breaks s into at most so many lines of a width.
func wrapped(style text.Style, s string, width vg.Length, lines int) []string {
	var out []string
	rest := strings.TrimSpace(oneLine(s))
	for len(out) < lines-1 && style.Width(rest) > width {
		end := 0
		for i := range rest {
			if rest[i] == ' ' && style.Width(rest[:i]) <= width {
				end = i
			}
		}
		if end == 0 {
			break // one long word
		}
		out = append(out, rest[:end])
		rest = strings.TrimLeft(rest[end:], " ")
	}
	return append(out, fitted(style, rest, width))
}

// namedTicks returns ticks at 0, 1, 2, … with names, of which long ones are cut, and
// of which only some are written where every one has no more than room.
func namedTicks(all []string, style text.Style, room vg.Length) plot.ConstantTicks {
	every := 1
	if least := style.Height("Ag") + 1; room < least {
		every = int(roundStep(float64(least / room)))
	}
	var marks plot.ConstantTicks
	for i := 0; i < len(all); i += every {
		marks = append(marks, plot.Tick{Value: float64(i), Label: fitted(style, all[i], longestName)})
	}
	return marks
}
