package display

import (
	"fmt"
	"image/color"
	"math"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// A graphCost colours the nodes of a graph by what they cost.
type graphCost struct {
	name        string // "time", "memory", or "" where nothing is coloured
	total, most float64
}

// costOf reads what the nodes of g cost; by is the user's choice, or "".
func costOf(g cell.Graph, by string) (graphCost, error) {
	c := graphCost{name: by}
	switch by {
	case "time", "memory":
	case "":
		for _, n := range g.Nodes {
			if n.Time > 0 {
				c.name = "time"
			}
		}
	default:
		return c, fmt.Errorf("it cannot be coloured by %q; give time or memory", by)
	}
	if c.name == "" {
		return c, nil
	}
	for _, n := range g.Nodes {
		c.total += c.of(n)
		c.most = math.Max(c.most, c.of(n))
	}
	if c.total == 0 {
		return c, fmt.Errorf("the %s of its nodes is not known", c.name)
	}
	return c, nil
}

func (c graphCost) of(n cell.GraphNode) float64 {
	switch c.name {
	case "time":
		return float64(n.Time)
	case "memory":
		return float64(n.Bytes)
	}
	return 0
}

func (c graphCost) text(x float64) string {
	if c.name == "memory" {
		return byteText(int(x))
	}
	d := time.Duration(x)
	for _, unit := range []struct {
		d    time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "µs"}} {
		if d >= unit.d {
			return significant(float64(d)/float64(unit.d), 3) + " " + unit.name
		}
	}
	return fmt.Sprintf("%d ns", d)
}

// noted returns n with what it costs said in its note.
func (c graphCost) noted(n cell.GraphNode) cell.GraphNode {
	if x := c.of(n); x > 0 {
		line := fmt.Sprintf("%s, %.0f %%", c.text(x), 100*x/c.total)
		if n.Note != "" {
			line = n.Note + "\n" + line
		}
		n.Note = line
	}
	return n
}

// color returns the colour of a node that was measured, from nearly white to a
// dark red for the most expensive.
func (c graphCost) color(n cell.GraphNode) (color.RGBA, bool) {
	x := c.of(n)
	if x == 0 || c.most == 0 {
		return color.RGBA{}, false
	}
	return heatSteps[int(math.Round(x/c.most*(heatLevels-1)))], true
}

// heatSteps go from nearly white to red, for what is to be looked at first, and
// on a dark card from nearly black to a light orange. They are steps, so that
// each has its place in darkColors, and so do the texts on them; between the
// lower and the upper ones is a gap, where no text would read.
var (
	lowHeat, highHeat         = ramp{{0xFE, 0xF3, 0xE9, 0xFF}, {0xFD, 0xD0, 0xA6, 0xFF}, {0xF6, 0x93, 0x58, 0xFF}}, ramp{{0xC4, 0x42, 0x1F, 0xFF}, {0x96, 0x22, 0x14, 0xFF}}
	lowDarkHeat, highDarkHeat = ramp{{0x2C, 0x26, 0x24, 0xFF}, {0x4E, 0x30, 0x20, 0xFF}, {0x86, 0x42, 0x1C, 0xFF}}, ramp{{0xF0, 0x8A, 0x45, 0xFF}, {0xFF, 0xC0, 0x80, 0xFF}}

	heatInk   = color.RGBA{0x1F, 0x23, 0x2A, 0xFF} // on light steps
	heatWhite = color.RGBA{0xFD, 0xFE, 0xFE, 0xFF} // on dark ones

	heatSteps [heatLevels]color.RGBA
)

const (
	heatLevels    = 21
	lowHeatLevels = 13
)

func init() {
	for i := range heatSteps {
		t, light, dark := float64(i)/(lowHeatLevels-1), lowHeat, lowDarkHeat
		if i >= lowHeatLevels {
			t, light, dark = float64(i-lowHeatLevels)/(heatLevels-lowHeatLevels-1), highHeat, highDarkHeat
		}
		heatSteps[i] = light.at(t)
		darkColors[heatSteps[i]] = dark.at(t)
	}
	darkColors[heatInk] = color.RGBA{0xF4, 0xF6, 0xF9, 0xFF}
	darkColors[heatWhite] = color.RGBA{0x14, 0x12, 0x10, 0xFF}
}

// heatText returns the colour of text on a step.
func heatText(step color.RGBA) color.RGBA {
	if inkOn(step) == cellWhite {
		return heatWhite
	}
	return heatInk
}

func (c graphCost) legend() string {
	if c.name == "" {
		return ""
	}
	return fmt.Sprintf("coloured by %s: %s in all, %s at most", c.name, c.text(c.total), c.text(c.most))
}
func byteText(n int) string {
	x, unit := float64(n), "B"
	for _, u := range []string{"kB", "MB", "GB", "TB"} {
		if x < 1000 {
			break
		}
		x, unit = x/1000, u
	}
	return significant(x, 3) + " " + unit
}
