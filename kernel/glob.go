package kernel

// A glob is a pattern of history searches, compiled: * stands for any text, ?
// for any character, [ab-d] for one of a set and [!ab] for one outside it. The
// whole text must match, over lines.
type glob []element

type element struct {
	star bool
	any  bool
	not  bool
	set  []span
}

type span struct{ from, to rune }

// newGlob compiles a pattern. Every text is a pattern: a [ that no ] closes
// stands for itself.
func newGlob(pattern string) glob {
	var g glob
	p := []rune(pattern)
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '*':
			if len(g) == 0 || !g[len(g)-1].star {
				g = append(g, element{star: true})
			}
		case '?':
			g = append(g, element{any: true})
		case '[':
			if e, n := set(p[i+1:]); n > 0 {
				g = append(g, e)
				i += n
				break
			}
			fallthrough
		default:
			g = append(g, element{set: []span{{p[i], p[i]}}})
		}
	}
	return g
}

// set compiles what follows a [ and returns its length up to and with the ].
// A ] that comes first belongs to the set.
func set(p []rune) (e element, n int) {
	start := 0
	if len(p) > 0 && p[0] == '!' {
		e.not = true
		start = 1
	}
	end := start + 1
	for end < len(p) && p[end] != ']' {
		end++
	}
	if end >= len(p) {
		return e, 0
	}
	for i := start; i < end; i++ {
		s := span{p[i], p[i]}
		if i+2 < end && p[i+1] == '-' {
			s.to = p[i+2]
			i += 2
		}
		e.set = append(e.set, s)
	}
	return e, end + 1
}

func (e element) matches(r rune) bool {
	if e.any {
		return true
	}
	for _, s := range e.set {
		if s.from <= r && r <= s.to {
			return !e.not
		}
	}
	return e.not
}

// match reports whether g matches the whole text. It goes back to the last
// star only, so its time is at most the product of the lengths.
func (g glob) match(text string) bool {
	t := []rune(text)
	i, j := 0, 0
	star, resume := -1, 0
	for j < len(t) {
		switch {
		case i < len(g) && g[i].star:
			star, resume = i, j
			i++
		case i < len(g) && g[i].matches(t[j]):
			i++
			j++
		case star >= 0:
			resume++
			i, j = star+1, resume
		default:
			return false
		}
	}
	for i < len(g) && g[i].star {
		i++
	}
	return i == len(g)
}
