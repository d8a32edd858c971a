package cpu

import (
	"github.com/fluxion-go/fluxion/dl/backend"
	"github.com/fluxion-go/fluxion/dl/backend/plan"
)

// Plan implements [backend.Planner].
func (x *executable) Plan() backend.Plan {
	p := backend.Plan{Memory: x.size}
	counted := map[int]bool{}
	for k, g := range x.groups {
		for _, s := range g.steps {
			t := backend.PlannedStep{Name: s.name, Group: k, Pieces: g.pieces}
			switch {
			case s.chain == nil:
			case len(s.chain.fused) == 1:
				t.Name = string(s.chain.fused[0])
			default:
				t.Fused = s.chain.fused
			}
			for i, v := range append(append([]int{}, s.out...), s.late...) {
				bytes := backend.Size(x.values[v].Shape) * x.values[v].DType.Size()
				if i == 0 {
					t.Shape = x.values[v].Shape
					t.Place, t.Offset = x.placeOf(v)
				}
				t.Bytes += bytes
				if place, _ := x.placeOf(v); place == backend.InMemory && !counted[v] {
					counted[v] = true
					p.Apart += bytes
				}
			}
			p.Steps = append(p.Steps, t)
		}
	}
	return p
}

func (x *executable) placeOf(v int) (backend.Place, int) {
	if x.local[v] >= 0 {
		return backend.InCache, 0
	}
	switch place := x.places[v]; place.Kind {
	case plan.Output:
		return backend.InOutput, 0
	case plan.State:
		return backend.InVariable, 0
	default:
		return backend.InMemory, place.Offset
	}
}
