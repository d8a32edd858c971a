package page

import "strings"

// A texSymbol is what a command without arguments stands for.
type texSymbol struct {
	text   string
	letter bool // a variable; an operator otherwise
	under  bool // its scripts go above and below
}

// texSymbols holds the symbols by command.
var texSymbols = func() map[string]texSymbol {
	m := map[string]texSymbol{}
	add := func(kind texSymbol, list string) {
		words := strings.Fields(list)
		for i := 0; i < len(words); i += 2 {
			kind.text = words[i+1]
			m[words[i]] = kind
		}
	}
	add(texSymbol{letter: true}, `
		alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ
		lambda λ mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ
		chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
		ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ infty ∞ emptyset ∅ varnothing ∅ partial ∂ nabla ∇ imath ı jmath ȷ
		top ⊤ bot ⊥`)
	add(texSymbol{}, `
		times × cdot ⋅ div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet ∙ odot ⊙ oplus ⊕ otimes ⊗ ominus ⊖
		leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅ propto ∝ ll ≪ gg ≫ lt &lt; gt &gt;
		in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖ land ∧ wedge ∧ lor ∨ vee ∨
		neg ¬ lnot ¬ forall ∀ exists ∃ to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ implies ⟹
		Leftarrow ⇐ Leftrightarrow ⇔ iff ⟺ mapsto ↦ longrightarrow ⟶ uparrow ↑ downarrow ↓ hookrightarrow ↪
		ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ prime ′ mid ∣ parallel ∥ perp ⊥ angle ∠ triangle △ colon : coloneqq ≔
		langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lbrace { rbrace } vert | Vert ‖ lVert ‖ rVert ‖ lvert | rvert |
		int ∫ iint ∬ oint ∮ surd √ dagger † degree ° backslash \`)
	add(texSymbol{under: true}, `
		sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ bigvee ⋁ bigwedge ⋀`)
	return m
}()

// texSpaces holds the widths of spaces.
var texSpaces = map[string]string{
	",": "0.167em", ":": "0.222em", ">": "0.222em", ";": "0.278em", "!": "-0.167em", " ": "0.333em",
	"quad": "1em", "qquad": "2em", "thinspace": "0.167em",
}

// The names that TeX sets upright; the second kind has its scripts below.
const (
	texFunctions      = " sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan log ln lg exp deg dim ker hom arg "
	texLimitFunctions = " lim max min sup inf det gcd Pr argmax argmin limsup liminf "
)

// texDelimiters holds the delimiters that are commands.
var texDelimiters = map[string]string{
	"{": "{", "}": "}", "lbrace": "{", "rbrace": "}", "langle": "⟨", "rangle": "⟩", "|": "‖", "Vert": "‖", "vert": "|",
	"lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
}

// texAccents holds the marks above a letter; wide ones stretch.
var texAccents = map[string]struct {
	text string
	wide bool
}{
	"hat": {"^", false}, "widehat": {"^", true}, "tilde": {"~", false}, "widetilde": {"~", true},
	"bar": {"¯", false}, "overline": {"¯", true}, "vec": {"→", false}, "dot": {"˙", false}, "ddot": {"¨", false},
	"check": {"ˇ", false}, "acute": {"´", false}, "grave": {"`", false}, "overrightarrow": {"→", true},
}

// texAlphabets maps font commands to the alphabets of inAlphabet.
var texAlphabets = map[string]string{
	"mathbf": "bold", "mathbfit": "bolditalic", "boldsymbol": "bolditalic", "bm": "bolditalic", "mathbb": "double",
	"mathcal": "script", "mathscr": "script", "mathfrak": "fraktur", "mathsf": "sans", "mathtt": "mono",
	"mathrm": "normal", "mathit": "",
}

// texEnvironments holds what stands around a table, and how page.css aligns it.
var texEnvironments = map[string]struct{ open, close, class string }{
	"matrix": {"", "", "matrix"}, "pmatrix": {"(", ")", "matrix"}, "bmatrix": {"[", "]", "matrix"},
	"Bmatrix": {"{", "}", "matrix"}, "vmatrix": {"|", "|", "matrix"}, "Vmatrix": {"‖", "‖", "matrix"},
	"smallmatrix": {"", "", "matrix"}, "array": {"", "", "matrix"}, "cases": {"{", "", "cases"},
	"aligned": {"", "", "aligned"}, "align": {"", "", "aligned"}, "align*": {"", "", "aligned"},
	"split": {"", "", "aligned"}, "equation": {"", "", "aligned"}, "equation*": {"", "", "aligned"},
	"gathered": {"", "", "matrix"}, "gather": {"", "", "matrix"}, "gather*": {"", "", "matrix"},
}

// An alphabet is one of Unicode's mathematical alphabets: where its capitals,
// small letters, digits and Greek letters begin (0: it has none), and the
// letters that Unicode had before and left out of the sequence.
type alphabet struct {
	upper, lower, digit, greekUpper, greekLower rune
	except                                      map[rune]rune
}

// The code points are those of the block Mathematical Alphanumeric Symbols.
var alphabets = map[string]alphabet{
	"bold":       {0x1D400, 0x1D41A, 0x1D7CE, 0x1D6A8, 0x1D6C2, nil},
	"bolditalic": {0x1D468, 0x1D482, 0, 0x1D71C, 0x1D736, nil},
	"script": {0x1D49C, 0x1D4B6, 0, 0, 0, map[rune]rune{
		'B': 'ℬ', 'E': 'ℰ', 'F': 'ℱ', 'H': 'ℋ', 'I': 'ℐ', 'L': 'ℒ', 'M': 'ℳ', 'R': 'ℛ', 'e': 'ℯ', 'g': 'ℊ', 'o': 'ℴ'}},
	"fraktur": {0x1D504, 0x1D51E, 0, 0, 0, map[rune]rune{'C': 'ℭ', 'H': 'ℌ', 'I': 'ℑ', 'R': 'ℜ', 'Z': 'ℨ'}},
	"double": {0x1D538, 0x1D552, 0x1D7D8, 0, 0, map[rune]rune{
		'C': 'ℂ', 'H': 'ℍ', 'N': 'ℕ', 'P': 'ℙ', 'Q': 'ℚ', 'R': 'ℝ', 'Z': 'ℤ'}},
	"sans": {0x1D5A0, 0x1D5BA, 0x1D7E2, 0, 0, nil},
	"mono": {0x1D670, 0x1D68A, 0x1D7F6, 0, 0, nil},
}

// inAlphabet returns s with its letters and digits in the named alphabet;
// what that does not have stays as it is.
func inAlphabet(name, s string) string {
	a, ok := alphabets[name]
	if !ok {
		return s
	}
	return strings.Map(func(r rune) rune {
		if e, ok := a.except[r]; ok {
			return e
		}
		for _, run := range []struct{ first, last, to rune }{
			{'A', 'Z', a.upper}, {'a', 'z', a.lower}, {'0', '9', a.digit},
			{'Α', 'Ω', a.greekUpper}, {'α', 'ω', a.greekLower},
		} {
			if r >= run.first && r <= run.last && run.to != 0 {
				return run.to + r - run.first
			}
		}
		return r
	}, s)
}
