package braille

import (
	"image/color"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// A pen writes characters in colours, and changes colour only where it must.
type pen struct {
	palette Palette
	style   string // the sequence in force; "" for the terminal's own colours
}

// write writes r. On the terminal's own ground greys are its own colour of
// text, or a fainter one, so that they can be read on light and dark.
func (p *pen) write(b *strings.Builder, r rune, ink, ground color.Color) {
	style := ""
	if p.palette != Monochrome {
		block := r == '▀' || r == '▄' || ground != nil
		switch {
		case ink == nil:
		case block:
			style = ansi.NewStyle().ForegroundColor(p.color(ink)).String()
		case !grey(ink):
			style = ansi.NewStyle().ForegroundColor(p.color(lighter(ink))).String()
		case bright(ink) > .5:
			style = ansi.NewStyle().Faint().String()
		}
		if ground != nil {
			style += ansi.NewStyle().BackgroundColor(p.color(ground)).String()
		}
	}
	if style != p.style && (r != ' ' || ground != nil || p.style != "") {
		p.lift(b)
		b.WriteString(style)
		p.style = style
	}
	b.WriteRune(r)
}

// lift goes back to the terminal's own colours.
func (p *pen) lift(b *strings.Builder) {
	if p.style != "" {
		b.WriteString(ansi.ResetStyle)
		p.style = ""
	}
}

func (p *pen) color(c color.Color) color.Color {
	if p.palette == TrueColor {
		return opaque(c)
	}
	return ansi.Convert256(opaque(c))
}

// lighter lifts a dark colour, which black would swallow.
func lighter(c color.Color) color.Color {
	n := opaque(c).(color.NRGBA)
	if bright(n) > .45 {
		return n
	}
	lift := func(v uint8) uint8 { return v + (255-v)/3 }
	return color.NRGBA{lift(n.R), lift(n.G), lift(n.B), 0xff}
}

func opaque(c color.Color) color.Color {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = 0xff
	return n
}

// grey reports whether c has next to no hue.
func grey(c color.Color) bool {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return max(n.R, n.G, n.B)-min(n.R, n.G, n.B) < 0x18
}
