package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/opt"
	"github.com/fluxion-go/fluxion/dl/safetensors"
)

// The parts of the names in a checkpoint of a training run.
const (
	modelPart     = "model/"
	optimizerPart = "optimizer/"
	epochsPart    = "history of epochs/"
	stepsPart     = "history of steps/"
	runKey        = "fluxion training"
)

// A progress is what a checkpoint says of a run beside tensors.
type progress struct {
	Epoch  int           `json:"epoch"` // that was completed
	Taken  int           `json:"steps"`
	Random []byte        `json:"random"` // the state of dl's generator
	Took   time.Duration `json:"took_ns"`
}

// optimizerState returns what the optimiser remembers, by name.
func (t *training) optimizerState() []namedVariable {
	s, ok := t.o.Optimizer.(opt.Stateful)
	if !ok {
		return nil
	}
	var all []namedVariable
	for i, v := range s.State(t.parameters) {
		all = append(all, namedVariable{fmt.Sprintf("%d %s", i+1, v.Name()), v})
	}
	return all
}

// save writes the checkpoint of the run after the current epoch.
func (t *training) save() {
	f := &safetensors.File{Tensors: map[string]*dl.Tensor{}}
	for _, v := range variables(t.m) {
		f.Tensors[modelPart+v.name] = v.v
	}
	for _, v := range t.optimizerState() {
		f.Tensors[optimizerPart+v.name] = v.v
	}
	for part, m := range map[string]map[string][]float64{epochsPart: t.history.epochs, stepsPart: t.history.steps} {
		for name, s := range m {
			f.Tensors[part+name] = dl.NewAs(dl.Float64, s)
		}
	}
	p := progress{Epoch: t.epoch, Taken: t.taken, Took: t.history.Took, Random: dl.RandomState()}
	text, err := json.Marshal(p)
	if err == nil {
		f.Metadata = map[string]string{runKey: string(text)}
		err = safetensors.WriteFile(t.o.Checkpoint, f)
	}
	if err != nil {
		panic(&dl.Error{Op: "fit", Axis: -1, Msg: "the checkpoint could not be written: " + err.Error(), Cause: err})
	}
}

// resume makes the run go on from its checkpoint, if there is one.
func (t *training) resume() {
	f, err := safetensors.ReadFile(t.o.Checkpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	fail := func(err error) {
		panic(&dl.Error{Op: "fit", Axis: -1, Msg: fmt.Sprintf("the checkpoint %s cannot be resumed: %v", t.o.Checkpoint, err), Cause: err,
			Help: "train with the same model, optimiser, loss and metrics, or remove the file"})
	}
	if err != nil {
		fail(err)
	}
	var p progress
	if err := json.Unmarshal([]byte(f.Metadata[runKey]), &p); err != nil {
		fail(fmt.Errorf("it says nothing about a run of Fit: %w", err))
	}
	var into []namedVariable
	for _, v := range variables(t.m) {
		into = append(into, namedVariable{modelPart + v.name, v.v})
	}
	for _, v := range t.optimizerState() {
		into = append(into, namedVariable{optimizerPart + v.name, v.v})
	}
	epochs, steps := map[string][]float64{}, map[string][]float64{}
	for key, v := range f.Tensors {
		if name, ok := strings.CutPrefix(key, epochsPart); ok {
			epochs[name] = v.Float64s()
			delete(f.Tensors, key)
		} else if name, ok := strings.CutPrefix(key, stepsPart); ok {
			steps[name] = v.Float64s()
			delete(f.Tensors, key)
		}
	}
	for _, name := range t.history.names {
		if len(epochs[name]) != p.Epoch {
			fail(fmt.Errorf("it has %d values of %q in %d epochs", len(epochs[name]), name, p.Epoch))
		}
	}
	if err := assign(into, f.Tensors); err != nil {
		fail(err)
	}
	t.history.epochs, t.history.steps = epochs, steps
	t.history.Took, t.taken, t.epoch = p.Took, p.Taken, p.Epoch+1
	dl.SetRandomState(p.Random)
}

// assign gives variables the tensors of their names. All must be there, of the
// same shapes, and no others, before any is changed.
func assign(into []namedVariable, from map[string]*dl.Tensor) error {
	left := map[string]bool{}
	for name := range from {
		left[name] = true
	}
	for _, v := range into {
		t := from[v.name]
		if t == nil {
			return fmt.Errorf("there is no %q among %s", v.name, some(from))
		}
		if !slices.Equal(t.Shape(), v.v.Shape()) {
			return fmt.Errorf("%q has shape %v, want %v", v.name, t.Shape(), v.v.Shape())
		}
		delete(left, v.name)
	}
	if len(left) > 0 {
		return fmt.Errorf("nothing here is called %s", some(left))
	}
	for _, v := range into {
		v.v.Assign(from[v.name])
	}
	return nil
}

// some lists the first names of a map.
func some[T any](m map[string]T) string {
	var names []string
	for name := range m {
		names = append(names, strconv.Quote(name))
	}
	slices.Sort(names)
	if len(names) > 8 {
		names = append(names[:8], fmt.Sprintf("and %d more", len(names)-8))
	}
	return strings.Join(names, ", ")
}

// Save writes the parameters and the state of the model to a safetensors file,
// whole or not at all. The names are those of the layers: "1.weights" is that
// of layer 1.
func (m *Model) Save(path string) error {
	f := &safetensors.File{Tensors: map[string]*dl.Tensor{}}
	if !m.named {
		return fmt.Errorf("nn: the model has no parameters to save before it was applied or built")
	}
	for _, v := range variables(m) {
		f.Tensors[v.name] = v.v
	}
	return safetensors.WriteFile(path, f)
}

// Load reads what [Model.Save] wrote for a model of the same layers. A model
// that was not applied yet must be built first; see [Model.Build]. Where
// something is missing, too much, or of another shape, the error names it and
// the model stays as it was.
func (m *Model) Load(path string) error {
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return fmt.Errorf("nn: load %s: %w", path, err)
	}
	if !m.named {
		return fmt.Errorf("nn: load %s: the model has no parameters before it was applied; call Build with the shape of an example", path)
	}
	if err := assign(variables(m), f.Tensors); err != nil {
		return fmt.Errorf("nn: load %s: %w", path, err)
	}
	return nil
}
