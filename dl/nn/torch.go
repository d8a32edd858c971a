package nn

import (
	"fmt"
	"strings"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/safetensors"
)

// A torchVariable is a variable with the name that it has in the state_dict of
// the PyTorch module of the same kind. Matrices of weights are [outputs, inputs]
// there, and so are transposed.
type torchVariable struct {
	name       string
	v          *dl.Tensor
	transposed bool
}

// torchNames returns the variables of a layer; prefix is "" or ends in a dot.
func torchNames(l Layer, prefix string) []torchVariable {
	var all []torchVariable
	add := func(name string, v *dl.Tensor, transposed bool) {
		if v != nil {
			all = append(all, torchVariable{prefix + name, v, transposed})
		}
	}
	children := func(layers []Layer, names ...string) {
		for i, child := range layers {
			name := fmt.Sprint(i)
			if names != nil {
				name = names[i]
			}
			all = append(all, torchNames(child, prefix+name+".")...)
		}
	}
	switch l := l.(type) {
	case *dense:
		add("weight", l.w, true)
		add("bias", l.b, false)
	case *conv:
		add("weight", l.w, false)
		add("bias", l.b, false)
	case *batchNorm:
		add("weight", l.scale, false)
		add("bias", l.shift, false)
		add("running_mean", l.mean, false)
		add("running_var", l.variance, false)
	case *layerNorm:
		add("weight", l.scale, false)
		add("bias", l.shift, false)
	case *groupNorm:
		add("weight", l.scale, false)
		add("bias", l.shift, false)
	case *rmsNorm:
		add("weight", l.scale, false)
	case *prelu:
		add("weight", l.a, false)
	case *embedding:
		add("weight", l.w, false)
	case *recurrent:
		all = append(all, l.torchNames(prefix, "_l0")...)
	case *bidirectional:
		forward, ok := l.layers[0].(*recurrent)
		backward, both := l.layers[1].(*recurrent)
		if !ok || !both {
			children(l.layers, l.names...)
			break
		}
		all = append(forward.torchNames(prefix, "_l0"), backward.torchNames(prefix, "_l0_reverse")...)
	case *attention:
		add("in_proj_weight", l.w, true)
		add("in_proj_bias", l.b, false)
		add("out_proj.weight", l.out, true)
		add("out_proj.bias", l.outBias, false)
	case *transformer:
		children(l.layers, "self_attn", "norm1", "linear1", "linear2", "norm2")
	case Parent:
		children(l.Layers())
	default:
		for _, v := range variables(l) {
			add(v.name, v.v, false)
		}
	}
	return all
}

func (l *recurrent) torchNames(prefix, suffix string) []torchVariable {
	var all []torchVariable
	for _, v := range []torchVariable{{"weight_ih", l.wx, true}, {"weight_hh", l.wh, true}, {"bias_ih", l.bx, false}, {"bias_hh", l.bh, false}} {
		if v.v != nil {
			all = append(all, torchVariable{prefix + v.name + suffix, v.v, v.transposed})
		}
	}
	return all
}

func (v torchVariable) turned(t *dl.Tensor) *dl.Tensor {
	if v.transposed {
		return t.T()
	}
	return t
}

// counted ends the names of what batch normalisation of PyTorch counts and
// nothing here needs.
const counted = "num_batches_tracked"

// LoadTorch reads the weights of a PyTorch module whose state_dict was saved as
// a safetensors file. Layer k of the model is taken for module k−1 of an
// nn.Sequential: "0.weight" goes to the weights of layer 1. Where the names of
// the module are others, names maps them, or what they begin with up to a dot,
// to those of such an nn.Sequential:
//
//	model.LoadTorch("net.safetensors", map[string]string{"features.0": "0", "classifier": "2"})
//
// Matrices are transposed as needed. The model must have been applied or
// built. Where something is missing, too much, or of another shape, the error
// names it and the model stays as it was.
func (m *Model) LoadTorch(path string, names ...map[string]string) error {
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return err
	}
	if !m.named {
		return fmt.Errorf("nn: load %s: the model has no parameters before it was applied; call Build with the shape of an example", path)
	}
	given := map[string]*dl.Tensor{}
	for name, t := range f.Tensors {
		if !strings.HasSuffix(name, counted) {
			given[renamed(name, names)] = t
		}
	}
	var into []namedVariable
	for _, v := range torchNames(m, "") {
		into = append(into, namedVariable{v.name, v.v})
		if t := given[v.name]; t != nil && v.transposed {
			if t.Rank() != 2 {
				return fmt.Errorf("nn: load %s: %q has shape %v, want a matrix", path, v.name, t.Shape())
			}
			given[v.name] = t.T()
		}
	}
	if err := assign(into, given); err != nil {
		return fmt.Errorf("nn: load %s: %w", path, err)
	}
	return nil
}

// renamed replaces the longest beginning of name that maps say something about.
func renamed(name string, maps []map[string]string) string {
	best := ""
	to := ""
	for _, m := range maps {
		for from, new := range m {
			if (name == from || strings.HasPrefix(name, from+".")) && len(from) >= len(best) {
				best, to = from, new
			}
		}
	}
	return to + name[len(best):]
}

// SaveTorch writes the weights of the model as a safetensors file that
// load_state_dict of an nn.Sequential of the same modules takes, under the names
// that [Model.LoadTorch] reads.
func (m *Model) SaveTorch(path string) error {
	if !m.named {
		return fmt.Errorf("nn: the model has no parameters to save before it was applied or built")
	}
	f := &safetensors.File{Tensors: map[string]*dl.Tensor{}}
	for _, v := range torchNames(m, "") {
		f.Tensors[v.name] = v.turned(v.v)
		if module, ok := strings.CutSuffix(v.name, "running_mean"); ok {
			f.Tensors[module+counted] = dl.Scalar(0)
		}
	}
	return safetensors.WriteFile(path, f)
}
