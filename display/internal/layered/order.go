package layered

import (
	"cmp"
	"slices"
)

// order permutes the layers so that few edges cross: sweeps up and down set
// each item by the mean position of its neighbours, then neighbours in a layer
// change places where that helps. The best order met is kept.
func (d *drawing) order() {
	best, fewest := d.snapshot(), d.crossings()
	const sweeps = 16
	for s := 0; s < sweeps && fewest > 0; s++ {
		if s%2 == 0 {
			for l := 1; l < len(d.layers); l++ {
				d.sortLayer(l, func(it *item) []int { return it.below })
			}
		} else {
			for l := len(d.layers) - 2; l >= 0; l-- {
				d.sortLayer(l, func(it *item) []int { return it.above })
			}
		}
		d.exchange()
		if n := d.crossings(); n < fewest {
			best, fewest = d.snapshot(), n
		}
	}
	d.layers = best
	d.number()
}

func (d *drawing) snapshot() [][]int {
	layers := make([][]int, len(d.layers))
	for l, row := range d.layers {
		layers[l] = slices.Clone(row)
	}
	return layers
}

func (d *drawing) number() {
	for _, row := range d.layers {
		for i, k := range row {
			d.items[k].pos = i
		}
	}
}

// sortLayer orders a layer by the mean position of the items' neighbours. An
// item without any keeps its place.
func (d *drawing) sortLayer(l int, neighbours func(*item) []int) {
	keys := make(map[int]float64, len(d.layers[l]))
	for _, k := range d.layers[l] {
		near := neighbours(&d.items[k])
		sum := 0.0
		for _, j := range near {
			sum += float64(d.items[j].pos)
		}
		keys[k] = float64(d.items[k].pos)
		if len(near) > 0 {
			keys[k] = sum / float64(len(near))
		}
	}
	slices.SortStableFunc(d.layers[l], func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	for i, k := range d.layers[l] {
		d.items[k].pos = i
	}
}

// exchange swaps neighbours while that removes crossings.
func (d *drawing) exchange() {
	for better, rounds := true, 0; better && rounds < 8; rounds++ {
		better = false
		for _, row := range d.layers {
			for i := 0; i+1 < len(row); i++ {
				a, b := row[i], row[i+1]
				if d.between(b, a) < d.between(a, b) {
					row[i], row[i+1] = b, a
					d.items[a].pos, d.items[b].pos = i+1, i
					better = true
				}
			}
		}
	}
}

// between counts the crossings of the edges of a with those of b, where a
// stands to the left of b.
func (d *drawing) between(a, b int) int {
	n := 0
	for _, sides := range [][2][]int{{d.items[a].below, d.items[b].below}, {d.items[a].above, d.items[b].above}} {
		for _, i := range sides[0] {
			for _, j := range sides[1] {
				if d.items[i].pos > d.items[j].pos {
					n++
				}
			}
		}
	}
	return n
}

// crossings counts all crossings.
func (d *drawing) crossings() int {
	n := 0
	for _, row := range d.layers {
		// Inversions among the upper ends, read in the order of the lower.
		var ends []int
		for _, k := range row {
			from := len(ends)
			for _, j := range d.items[k].above {
				ends = append(ends, d.items[j].pos)
			}
			slices.Sort(ends[from:])
		}
		n += inversions(ends)
	}
	return n
}

// inversions counts the pairs that are out of order, and sorts.
func inversions(a []int) int {
	if len(a) < 2 {
		return 0
	}
	m := len(a) / 2
	n := inversions(a[:m]) + inversions(a[m:])
	left, right := slices.Clone(a[:m]), slices.Clone(a[m:])
	for i, x, y := 0, 0, 0; i < len(a); i++ {
		if y == len(right) || x < len(left) && left[x] <= right[y] {
			a[i] = left[x]
			x++
		} else {
			a[i] = right[y]
			y++
			n += len(left) - x
		}
	}
	return n
}
