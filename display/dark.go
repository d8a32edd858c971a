package display

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"sync/atomic"

	"gonum.org/v1/plot/vg"
)

// Theme chooses the colours of the figures that are drawn from now on:
//
//   - "light", where the session begins: dark on a white card;
//   - "dark": light on a dark card, for a dark notebook or a talk;
//   - "auto": what the reader's system prefers at the time of reading. Most
//     notebook front ends have a theme of their own that need not agree with
//     that.
//
// A page that fluxion run writes shows light figures as if they were auto,
// since it follows the reader's system itself.
func Theme(name string) {
	i := slices.Index(themes, name)
	if i < 0 {
		misuse("Theme", "name is %q; give one of %s", name, strings.Join(themes, ", "))
	}
	theme.Store(int32(i))
}

var (
	themes = []string{"light", "dark", "auto"}
	theme  atomic.Int32 // index into themes
)

func themeIs(name string) bool { return themes[theme.Load()] == name }

// darkColors says for each colour of a light figure what takes its place on a
// dark card. Colours that are not here, the user's own and those of heat maps,
// stay.
var darkColors = map[color.RGBA]color.RGBA{
	cardColor:       {0x1A, 0x1E, 0x25, 0xFF},
	edgeColor:       {0x30, 0x36, 0x3E, 0xFF},
	inkColor:        {0xE6, 0xEA, 0xF0, 0xFF},
	mutedColor:      {0x9E, 0xA8, 0xB4, 0xFF},
	axisColor:       {0x56, 0x60, 0x6C, 0xFF},
	gridColor:       {0x2B, 0x31, 0x39, 0xFF},
	{0, 0, 0, 0xFF}: {0xE6, 0xEA, 0xF0, 0xFF}, // gonum's default
	wordColor:       {0x8F, 0xBF, 0xFF, 0xFF},
	inputFill:       {0x17, 0x2A, 0x42, 0xFF},
	variableFill:    {0x12, 0x31, 0x2A, 0xFF},
	constantFill:    {0x27, 0x2C, 0x34, 0xFF},
	resultFill:      {0x3B, 0x25, 0x1A, 0xFF},

	cycle[0]: {0x5A, 0xA9, 0xFF, 0xFF},
	cycle[1]: {0xFF, 0x8A, 0x4C, 0xFF},
	cycle[2]: {0x3C, 0xCB, 0xA0, 0xFF},
	cycle[3]: {0xCB, 0x8B, 0xE0, 0xFF},
	cycle[4]: {0xA5, 0xDF, 0xFF, 0xFF},
	cycle[5]: {0xE3, 0xB2, 0x3C, 0xFF},
	cycle[6]: {0xA0, 0xA8, 0xB4, 0xFF},
	cycle[7]: {0xF5, 0x6E, 0xA5, 0xFF},
	cycle[8]: {0x7C, 0x9C, 0xD6, 0xFF},
	cycle[9]: {0xC7, 0x9A, 0x6B, 0xFF},
}

// dimmed is a canvas on which light colours come out as their dark ones.
type dimmed struct{ vg.CanvasSizer }

// SetColor implements vg.Canvas.
func (d dimmed) SetColor(c color.Color) {
	if c != nil {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		if to, ok := darkColors[color.RGBA{n.R, n.G, n.B, 0xFF}]; ok {
			c = color.NRGBA{to.R, to.G, to.B, n.A}
		}
	}
	d.CanvasSizer.SetColor(c)
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

const (
	figureClass = "fluxion-figure"
	adaptsClass = "fluxion-adapts" // beside figureClass: the rules of darkStyle hold
)

// darkStyle writes the rules that turn a light drawing into a dark one where
// the reader's system prefers that. They hold below an element of adaptsClass
// alone, which whoever knows the page to follow the system can set.
func darkStyle(svg string) string {
	var rules []string
	for from, to := range darkColors {
		for _, what := range []string{"fill", "stroke"} {
			var selectors []string
			for _, form := range []string{`style*="%s:%s`, `%s="%s`} {
				if strings.Contains(svg, fmt.Sprintf(strings.Replace(form, `style*="`, "", 1), what, hex(from))) {
					selectors = append(selectors, "."+adaptsClass+" ["+fmt.Sprintf(form, what, hex(from))+`"]`)
				}
			}
			if len(selectors) > 0 {
				rules = append(rules, fmt.Sprintf("%s{%s:%s!important}", strings.Join(selectors, ","), what, hex(to)))
			}
		}
	}
	slices.Sort(rules)
	// What has no colour of its own would be black.
	rules = append(rules, fmt.Sprintf(".%s{fill:%s}", adaptsClass, hex(darkColors[inkColor])))
	rules = append(rules, fmt.Sprintf(".%s .%s{display:none}.%s .%s{display:inline}", adaptsClass, dayClass, adaptsClass, nightClass))
	return "<style>@media screen and (prefers-color-scheme:dark){" + strings.Join(rules, "") + "}</style>\n"
}

// dressed puts a finished light drawing into the theme: body is what stands
// within the svg element.
func dressed(body string) (class, dressedBody string) {
	switch {
	case themeIs("dark"):
		var pairs []string
		for from, to := range darkColors {
			pairs = append(pairs, hex(from), hex(to))
		}
		return figureClass, strings.NewReplacer(pairs...).Replace(body)
	case themeIs("auto"):
		return figureClass + " " + adaptsClass, darkStyle(body) + body
	}
	return figureClass, darkStyle(body) + body
}
