package layered

// spread finds the x coordinates: sweeps up and down pull every item towards
// those on one side that it is joined to, in order and at a distance. Pulling
// from both sides at once would make slanting lines of chains, which so stand
// upright. The last sweep hangs everything below what it leads to.
func (d *drawing) spread() {
	for _, row := range d.layers {
		d.settle(row, nil)
	}
	const sweeps = 20
	for s := range sweeps {
		if s%2 == 0 {
			for _, row := range d.layers {
				d.settle(row, func(it *item) []int { return it.below })
			}
			continue
		}
		for l := len(d.layers) - 1; l >= 0; l-- {
			d.settle(d.layers[l], func(it *item) []int { return it.above })
		}
	}
}

// pull is how strongly an item follows another. Joints hold together, so that
// long edges run straight; light ones follow and do not lead.
func pull(a, b *item) float64 {
	switch {
	case a.light || b.light:
		return .001
	case a.node < 0 && b.node < 0:
		return 6
	case a.node < 0 || b.node < 0:
		return 2
	}
	return 1
}

// settle places one layer. With wish wᵢ and weight mᵢ of each item it finds
// the positions in order and at a distance for which Σ mᵢ(xᵢ-wᵢ)² is least.
// Once the distances are taken off, that is a regression by a function that
// does not fall, which pooling neighbours solves (R. E. Barlow et al.:
// Statistical Inference under Order Restrictions, 1972). With near nil the
// items are only set side by side.
func (d *drawing) settle(row []int, near func(*item) []int) {
	type block struct {
		sum, weight float64
		n           int
	}
	var blocks []block
	offsets := make([]float64, len(row))
	for i, k := range row {
		it := &d.items[k]
		if i > 0 {
			left := &d.items[row[i-1]]
			gap := edgeGap
			if it.node >= 0 && left.node >= 0 {
				gap = nodeGap
			}
			offsets[i] = offsets[i-1] + left.W/2 + gap + it.W/2
		}
		wish, weight := it.x, 0.01 // what is joined to nothing keeps its place
		if near != nil {
			sum, m := 0.0, 0.0
			for _, j := range near(it) {
				p := pull(it, &d.items[j])
				sum, m = sum+p*d.items[j].x, m+p
			}
			if m > 0 {
				wish, weight = sum/m, m
			}
		}
		blocks = append(blocks, block{(wish - offsets[i]) * weight, weight, 1})
		for n := len(blocks); n > 1 && blocks[n-2].sum/blocks[n-2].weight >= blocks[n-1].sum/blocks[n-1].weight; n-- {
			a, b := blocks[n-2], blocks[n-1]
			blocks = append(blocks[:n-2], block{a.sum + b.sum, a.weight + b.weight, a.n + b.n})
		}
	}
	i := 0
	for _, b := range blocks {
		for range b.n {
			d.items[row[i]].x = b.sum/b.weight + offsets[i]
			i++
		}
	}
}
