package page

import (
	"strings"
	"testing"
)

func TestMathML(t *testing.T) {
	const open, close = `<mo stretchy="true" form="prefix">`, `<mo stretchy="true" form="postfix">`
	for _, tt := range []struct{ tex, want string }{
		{`x`, `<mi>x</mi>`},
		{`x_i^2`, `<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>`},
		{`x^{i+1}`, `<msup><mi>x</mi><mrow><mi>i</mi><mo>+</mo><mn>1</mn></mrow></msup>`},
		{`x^10`, `<msup><mi>x</mi><mn>1</mn></msup><mn>0</mn>`},
		{`f'(x)`, `<msup><mi>f</mi><mo>′</mo></msup><mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo>`},
		{`3.14 + 10,000`, `<mn>3.14</mn><mo>+</mo><mn>10,000</mn>`},
		{`(1,2)`, `<mo stretchy="false">(</mo><mn>1</mn><mo>,</mo><mn>2</mn><mo stretchy="false">)</mo>`},
		{`a < b`, `<mi>a</mi><mo>&lt;</mo><mi>b</mi>`},
		{`\frac{1}{N}`, `<mfrac><mrow><mn>1</mn></mrow><mrow><mi>N</mi></mrow></mfrac>`},
		{`\frac12`, `<mfrac><mn>1</mn><mn>2</mn></mfrac>`},
		{`\sqrt[3]{x}`, `<mroot><mrow><mi>x</mi></mrow><mrow><mn>3</mn></mrow></mroot>`},
		{`\sum_{i}^N`, `<munderover><mo>∑</mo><mrow><mi>i</mi></mrow><mi>N</mi></munderover>`},
		{`\int_0^1`, `<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup>`},
		{`\int\limits_0`, `<munder><mo>∫</mo><mn>0</mn></munder>`},
		{`\mathbf{w}_1`, `<msub><mrow><mi>𝐰</mi></mrow><mn>1</mn></msub>`},
		{`\mathbb R`, `<mi>ℝ</mi>`},
		{`\mathcal{L}`, `<mrow><mi>ℒ</mi></mrow>`},
		{`\mathrm{ReLU}`, `<mi>ReLU</mi>`},
		{`\mathrm{d}x`, `<mrow><mi mathvariant="normal">d</mi></mrow><mi>x</mi>`},
		{`\boldsymbol\theta`, `<mi>𝜽</mi>`},
		{`\hat y`, `<mover accent="true"><mi>y</mi><mo stretchy="false">^</mo></mover>`},
		{`\text{if } x`, "<mtext>if\u00a0</mtext><mi>x</mi>"},
		{`\log x`, `<mo lspace="0.167em" rspace="0.167em" movablelimits="false">log</mo><mi>x</mi>`},
		{`\max_i`, `<munder><mo lspace="0.167em" rspace="0.167em" movablelimits="true">max</mo><mi>i</mi></munder>`},
		{`\left( x \right]`, `<mrow>` + open + `(</mo><mi>x</mi>` + close + `]</mo></mrow>`},
		{`\left\{ x \right.`, `<mrow>` + open + `{</mo><mi>x</mi></mrow>`},
		{`\begin{pmatrix} a & b \\ c & d \end{pmatrix}`, `<mrow>` + open + `(</mo><mtable class="matrix" displaystyle="false"><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c</mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable>` + close + `)</mo></mrow>`},
		{`a % comment` + "\n+ b", `<mi>a</mi><mo>+</mo><mi>b</mi>`},
		{`x \in \{0, 1\}`, `<mi>x</mi><mo>∈</mo><mo stretchy="false">{</mo><mn>0</mn><mo>,</mo><mn>1</mn><mo stretchy="false">}</mo>`},
	} {
		got, err := mathML(tt.tex, false)
		if err != nil {
			t.Errorf("%s: %v", tt.tex, err)
			continue
		}
		got = strings.TrimPrefix(got, "<math><semantics><mrow>")
		got, _, _ = strings.Cut(got, "</mrow><annotation")
		if got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.tex, got, tt.want)
		}
	}
}

// What is not understood is shown as it is written.
func TestMathMLFallsBack(t *testing.T) {
	for _, source := range []string{
		`\unknown x`, `{x`, `x}`, `\frac{1}`, `x_1_2`, `\left( x`, `\begin{nope}\end{nope}`, `\begin{matrix} a \end{pmatrix}`, `a & b`, `\`, `\left`,
		strings.Repeat("{", 1000),
	} {
		if got, err := mathML(source, false); err == nil {
			t.Errorf("%q became %s", source, got)
		}
		if got := tex(source, false); !strings.HasPrefix(got, `<code class="tex">`) {
			t.Errorf("%q is shown as %s", source, got)
		}
	}
}

func FuzzTeX(f *testing.F) {
	f.Add(`\frac{a}{b}_i^2 \left( \sum_{i=1}^N x_i \right) \begin{aligned} a &= b \\ c &= d \end{aligned}`)
	f.Add(`\mathbf{x}' \sqrt[3]{\text{a b}} \operatorname*{arg min}`)
	f.Fuzz(func(t *testing.T, source string) {
		source = strings.Map(func(r rune) rune {
			if r < ' ' && r != '\n' || r >= 0xFFFD { // no characters of XML, which checks the result
				return -1
			}
			return r
		}, strings.ToValidUTF8(source, ""))
		balanced(t, tex(source, true))
	})
}
