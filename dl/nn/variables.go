package nn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxion-go/fluxion/dl"
)

// each applies f to all layers.
func each(ls []Layer, f func(Layer) []*dl.Tensor) [][]*dl.Tensor {
	out := make([][]*dl.Tensor, len(ls))
	for i, l := range ls {
		out[i] = f(l)
	}
	return out
}

// union joins lists and leaves out what stands in one before: a layer may
// stand in two places.
func union(lists ...[]*dl.Tensor) []*dl.Tensor {
	var all []*dl.Tensor
	for _, list := range lists {
		for _, v := range list {
			if v != nil && !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
	}
	return all
}

// stateOf returns the state of a layer that has one.
func stateOf(l Layer) []*dl.Tensor {
	if s, ok := l.(Stateful); ok {
		return s.State()
	}
	return nil
}

// A parent is what layers made of others embed.
type parent struct {
	layers []Layer
	names  []string // of the layers; their numbers from 1 where it is nil
}

func (p *parent) Layers() []Layer { return slices.Clone(p.layers) }

func (p *parent) Parameters() []*dl.Tensor { return union(each(p.layers, Layer.Parameters)...) }

func (p *parent) State() []*dl.Tensor { return union(each(p.layers, stateOf)...) }

func (p *parent) layerNames() []string { return p.names }

// A namedVariable is a variable with its name within a layer.
type namedVariable struct {
	name string
	v    *dl.Tensor
}

// variables returns the parameters and then the state of a layer with names
// that are unique in it: of a variable in layer 2 of a model, "2." and the
// name that it has there.
func variables(l Layer) []namedVariable {
	var all []namedVariable
	seen, taken := map[*dl.Tensor]bool{}, map[string]bool{}
	add := func(name string, v *dl.Tensor) {
		if seen[v] {
			return
		}
		free := name
		for i := 2; taken[free]; i++ {
			free = fmt.Sprintf("%s %d", name, i)
		}
		seen[v], taken[free] = true, true
		all = append(all, namedVariable{free, v})
	}
	if p, ok := l.(Parent); ok {
		var names []string
		if n, ok := l.(interface{ layerNames() []string }); ok {
			names = n.layerNames()
		}
		for i, child := range p.Layers() {
			name := fmt.Sprint(i + 1)
			if names != nil {
				name = names[i]
			}
			for _, v := range variables(child) {
				add(name+"."+v.name, v.v)
			}
		}
	}
	for _, v := range union(l.Parameters(), stateOf(l)) {
		name := v.Name()
		add(name[strings.LastIndex(name, ".")+1:], v)
	}
	return all
}
