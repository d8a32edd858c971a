package display

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// barBundle shows how far a run is. The text of a run that has ended holds
// nothing that differs between two equal runs; times stand in the HTML alone,
// in elements of class fluxion-time.
func (u *run) barBundle(elapsed time.Duration) cell.Bundle {
	return pair(cell.HTML, u.barHTML(elapsed), u.barText(elapsed))
}

func (u *run) title() string {
	if u.last.Title == "" {
		return "train"
	}
	return u.last.Title
}

// fraction returns how much of the run is done, from 0 to 1.
func (u *run) fraction() float64 {
	p := u.last
	if p.Done && p.Stopped == "" {
		return 1
	}
	epochs := max(p.Epochs, 1)
	done := float64(max(p.Epoch-1, 0))
	switch {
	case p.EpochEnd && p.Epochs > 0:
		done = float64(p.Epoch)
	case p.Steps > 0:
		done += float64(p.Step) / float64(p.Steps)
	}
	return min(1, done/float64(epochs))
}

// place returns "epoch 3/10, step 20/79".
func (u *run) place() string {
	p := u.last
	var parts []string
	if p.Epochs > 0 {
		parts = append(parts, fmt.Sprintf("epoch %d/%d", p.Epoch, p.Epochs))
	}
	if p.Steps > 0 && !p.Done && !(p.EpochEnd && p.Epochs > 0) {
		parts = append(parts, fmt.Sprintf("step %d/%d", p.Step, p.Steps))
	}
	return strings.Join(parts, ", ")
}

// extent returns what a run that has ended did: "10 epochs, 790 steps".
func (u *run) extent() string {
	p := u.last
	var parts []string
	switch {
	case p.Epochs > 0 && p.Stopped != "":
		parts = append(parts, fmt.Sprintf("stopped in epoch %d of %d (%s)", p.Epoch, p.Epochs, p.Stopped))
	case p.Stopped != "":
		parts = append(parts, fmt.Sprintf("stopped (%s)", p.Stopped))
	case p.Epochs > 0:
		parts = append(parts, plural(p.Epochs, "epoch"))
	}
	if u.stepsDone > 0 {
		parts = append(parts, plural(u.stepsDone, "step"))
	}
	if len(parts) == 0 {
		return "done"
	}
	return strings.Join(parts, ", ")
}

// pace returns steps a second, and the time that is left at this pace; "" where
// that cannot be told yet.
func (u *run) pace(elapsed time.Duration) (rate, left string) {
	steps := u.stepsDone - u.beganAt
	if elapsed <= 0 || steps <= 0 {
		return "", ""
	}
	perSecond := float64(steps) / elapsed.Seconds()
	rate = groupedNumber(significant(perSecond, 3)) + " steps/s"
	if p := u.last; p.Steps > 0 {
		rest := max(p.Epochs, 1)*p.Steps - u.stepsDone
		left = durationText(time.Duration(float64(max(rest, 0)) / perSecond * float64(time.Second)))
	}
	return rate, left
}

// significant writes x with n significant digits and no exponent.
func significant(x float64, n int) string {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', n, 64), 64)
	if err != nil {
		return strconv.FormatFloat(x, 'g', n, 64)
	}
	return strconv.FormatFloat(r, 'f', -1, 64)
}

// groupedNumber groups the digits before the point.
func groupedNumber(s string) string {
	whole, rest, ok := strings.Cut(s, ".")
	if !ok {
		return groupedDigits(s)
	}
	return groupedDigits(whole) + "." + rest
}

// durationText writes d as a person would say it: "400 ms", "12 s", "3 min 20 s".
func durationText(d time.Duration) string {
	switch s := d.Seconds(); {
	case s < .0005:
		return "0 s"
	case s < .95:
		return fmt.Sprintf("%.0f ms", s*1000)
	case s < 9.95:
		return fmt.Sprintf("%.1f s", s)
	case s < 59.5:
		return fmt.Sprintf("%.0f s", s)
	}
	d = d.Round(time.Second)
	if d < time.Hour {
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}

// metricText writes a value as wide as the last, so that the line stands still.
func metricText(m cell.Metric) string {
	if x := m.Value; finite(x) && x != 0 && (x < 1e-3 && x > -1e-3 || x >= 1e5 || x <= -1e5) {
		return fmt.Sprintf("%.3e", x)
	}
	return fmt.Sprintf("%.4f", m.Value)
}

func (u *run) barText(elapsed time.Duration) string {
	var values []string
	for _, m := range u.values() {
		values = append(values, m.Name+" "+metricText(m))
	}
	if u.last.Done {
		s := u.title() + ": " + u.extent()
		if len(values) > 0 {
			s += ": " + strings.Join(values, ", ")
		}
		return s
	}
	const width = 24
	full := int(u.fraction()*width + .5)
	parts := []string{u.title()}
	if place := u.place(); place != "" {
		parts[0] += ": " + place
	}
	parts = append(parts, "["+strings.Repeat("█", full)+strings.Repeat("░", width-full)+"]")
	parts = append(parts, values...)
	if rate, left := u.pace(elapsed); rate != "" {
		parts = append(parts, rate)
		if left != "" {
			parts = append(parts, left+" left")
		}
	}
	return strings.Join(parts, "  ")
}

// barHTML colours the bar alone; text and track take the page's colours, so
// that they read on light and dark pages.
func (u *run) barHTML(elapsed time.Duration) string {
	f := u.fraction()
	color := "#0b62c4"
	switch {
	case u.last.Done && u.last.Stopped != "":
		color = "#e0561b"
	case u.last.Done:
		color = "#129a74"
	}
	var b strings.Builder
	b.WriteString(`<div class="fluxion-progress" style="font-size:13px;line-height:1.5;max-width:605px;font-variant-numeric:tabular-nums">`)
	what, times := u.place(), ""
	if u.last.Done {
		what = u.extent()
		times = "in " + durationText(elapsed)
	}
	if rate, left := u.pace(elapsed); rate != "" {
		switch {
		case u.last.Done:
			times += ", " + rate
		case left != "":
			times = rate + ", " + left + " left"
		default:
			times = rate
		}
	}
	fmt.Fprintf(&b, `<div style="display:flex;justify-content:space-between;gap:16px"><span><b>%s</b> %s</span> <span class="fluxion-time" style="opacity:.65">%s</span></div>`,
		html.EscapeString(u.title()), html.EscapeString(what), times)
	fmt.Fprintf(&b, `<div role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="%.0f" style="height:6px;border-radius:3px;margin:3px 0;background:rgba(128,128,128,.25);overflow:hidden"><div style="height:100%%;width:%.1f%%;border-radius:3px;background:%s"></div></div>`,
		f*100, f*100, color)
	if vs := u.values(); len(vs) > 0 {
		b.WriteString(`<div>`)
		for i, m := range vs {
			if i > 0 {
				b.WriteString(" &ensp; ")
			}
			fmt.Fprintf(&b, `<span style="white-space:nowrap"><span style="opacity:.65">%s</span> %s</span>`, html.EscapeString(m.Name), typeset(metricText(m)))
		}
		b.WriteString(`</div>`)
	}
	b.WriteString(`</div>`)
	return b.String()
}
