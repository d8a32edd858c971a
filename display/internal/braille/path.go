package braille

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// flatten makes a path into broken lines, in the canvas's own coordinates.
func flatten(path vg.Path, at affine) [][]vg.Point {
	var lines [][]vg.Point
	var line []vg.Point
	end := func() {
		if len(line) > 0 {
			lines = append(lines, line)
		}
		line = nil
	}
	var pen vg.Point
	to := func(p vg.Point) {
		pen = p
		line = append(line, at.apply(p))
	}
	for _, part := range path {
		switch part.Type {
		case vg.MoveComp:
			end()
			to(part.Pos)
		case vg.LineComp:
			to(part.Pos)
		case vg.ArcComp:
			n := 4 + int(math.Abs(part.Angle)*math.Sqrt(math.Abs(float64(part.Radius))))
			for i := range n + 1 {
				sin, cos := math.Sincos(part.Start + part.Angle*float64(i)/float64(n))
				to(vg.Point{X: part.Pos.X + part.Radius*vg.Length(cos), Y: part.Pos.Y + part.Radius*vg.Length(sin)})
			}
		case vg.CurveComp:
			from := pen
			for i := 1; i <= 16; i++ {
				to(bezier(from, part.Control, part.Pos, float64(i)/16))
			}
		case vg.CloseComp:
			if len(line) > 0 {
				line = append(line, line[0])
			}
		}
	}
	end()
	return lines
}

// bezier returns the point at t of the curve from p to q, by repeated
// interpolation (de Casteljau).
func bezier(p vg.Point, control []vg.Point, q vg.Point, t float64) vg.Point {
	points := append(append([]vg.Point{p}, control...), q)
	for n := len(points) - 1; n > 0; n-- {
		for i := range n {
			points[i].X += (points[i+1].X - points[i].X) * vg.Length(t)
			points[i].Y += (points[i+1].Y - points[i].Y) * vg.Length(t)
		}
	}
	return points[0]
}

// spans returns from where to where the height y is inside of the lines, by
// the even-odd rule.
func spans(lines [][]vg.Point, y vg.Length) [][2]vg.Length {
	var cuts []vg.Length
	for _, line := range lines {
		for i, p := range line {
			q := line[(i+1)%len(line)]
			if (p.Y <= y) != (q.Y <= y) {
				cuts = append(cuts, p.X+(y-p.Y)/(q.Y-p.Y)*(q.X-p.X))
			}
		}
	}
	slices.Sort(cuts)
	var inside [][2]vg.Length
	for i := 0; i+1 < len(cuts); i += 2 {
		inside = append(inside, [2]vg.Length{cuts[i], cuts[i+1]})
	}
	return inside
}

// box returns the corners of the rectangle around the lines.
func box(lines [][]vg.Point) (lo, hi vg.Point) {
	if len(lines) == 0 {
		return lo, hi
	}
	lo, hi = lines[0][0], lines[0][0]
	for _, line := range lines {
		for _, p := range line {
			lo.X, lo.Y = min(lo.X, p.X), min(lo.Y, p.Y)
			hi.X, hi.Y = max(hi.X, p.X), max(hi.Y, p.Y)
		}
	}
	return lo, hi
}

// span returns the longer side of the box around the lines.
func span(lines [][]vg.Point) vg.Length {
	lo, hi := box(lines)
	return max(hi.X-lo.X, hi.Y-lo.Y)
}

// clip cuts the segment from p to q to the rectangle of w by h (Liang and
// Barsky, 1984); ok is false where nothing is left, or a number is not finite.
func clip(p, q vg.Point, w, h vg.Length) (_, _ vg.Point, ok bool) {
	dx, dy := float64(q.X-p.X), float64(q.Y-p.Y)
	if d := dx + dy + float64(p.X) + float64(p.Y); math.IsNaN(d) || math.IsInf(d, 0) {
		return p, q, false
	}
	from, to := 0.0, 1.0
	for _, edge := range [4][2]float64{{-dx, float64(p.X)}, {dx, float64(w - p.X)}, {-dy, float64(p.Y)}, {dy, float64(h - p.Y)}} {
		step, room := edge[0], edge[1]
		switch {
		case step == 0 && room < 0:
			return p, q, false
		case step < 0:
			from = max(from, room/step)
		case step > 0:
			to = min(to, room/step)
		}
	}
	if from > to {
		return p, q, false
	}
	at := func(t float64) vg.Point { return vg.Point{X: p.X + vg.Length(t*dx), Y: p.Y + vg.Length(t*dy)} }
	return at(from), at(to), true
}
