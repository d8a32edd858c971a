package nn

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/fluxion-go/fluxion/dl"
	"github.com/fluxion-go/fluxion/dl/opt"
)

// A Moment is when a [Callback] is called.
type Moment int

// The moments of a run of Fit.
const (
	Began      Moment = iota // before the first step
	StepBegins               // before each step
	StepEnded                // after each step
	EpochEnded               // after each epoch and its validation
	Ended                    // after the last step, unless the run failed
)

// An Event is what a [Callback] is told. It holds until the callback returns.
type Event struct {
	Moment    Moment
	Model     *Model
	Optimizer opt.Optimizer
	History   *History // what was measured so far
	Epoch     int      // the current one, from 1; when a run goes on from a checkpoint, the first that it will do
	Epochs    int      // how many there will be
	Step      int      // steps taken, over all epochs
	Steps     int      // an epoch

	t *training
}

// A Callback is called at each moment of a run of Fit, and does something at
// those that it is meant for. An error ends the run.
type Callback func(e *Event) error

// Stop ends the run after this event, without an error: the history says why.
func (e *Event) Stop(why string) {
	if e.t.stop == "" {
		e.t.stop = why
	}
}

// Better reports whether a value of what is measured under this name is better
// than another: higher for metrics that say so, lower for losses and all
// others. No value is worse than a number that is none.
func (e *Event) Better(name string, value, than float64) bool {
	switch {
	case math.IsNaN(value):
		return false
	case math.IsNaN(than):
		return true
	case e.t.higher[name]:
		return value > than
	}
	return value < than
}

// series returns the values of name at the ends of the epochs.
func (e *Event) series(name string) ([]float64, error) {
	if !slices.Contains(e.History.names, name) {
		err := callbackError("nothing called %q is measured; there are %q", name, e.History.names)
		err.Kind = dl.ErrName
		err.Help = "names that begin with val_ are measured where FitOptions has Validation, others where it has Metrics"
		return nil, err
	}
	return e.History.epochs[name], nil
}

// best returns the epoch, from 0, of the first best value of name, −1 before
// the first epoch.
func (e *Event) best(name string) (int, error) {
	s, err := e.series(name)
	best := -1
	for i, v := range s {
		if best < 0 || e.Better(name, v, s[best]) {
			best = i
		}
	}
	return best, err
}

func (t *training) tell(at Moment) error {
	if len(t.o.Callbacks) == 0 {
		return nil
	}
	t.event = Event{Moment: at, Model: t.m, Optimizer: t.o.Optimizer, History: t.history,
		Epoch: t.epoch, Epochs: t.o.Epochs, Step: t.taken, Steps: t.steps, t: t}
	for _, c := range t.o.Callbacks {
		if err := c(&t.event); err != nil {
			var own *dl.Error
			if errors.As(err, &own) {
				return own
			}
			return &dl.Error{Op: "fit", Axis: -1, Msg: "a callback failed: " + err.Error(), Cause: err}
		}
	}
	return nil
}

func callbackError(format string, args ...any) *dl.Error {
	return &dl.Error{Op: "fit", Axis: -1, Msg: fmt.Sprintf(format, args...)}
}

// eachEpoch returns a callback that calls f with the best epoch so far: at the
// beginning, after each epoch, and at the end.
func eachEpoch(name string, f func(e *Event, best int) error) Callback {
	return func(e *Event) error {
		if e.Moment != Began && e.Moment != EpochEnded && e.Moment != Ended {
			return nil
		}
		best, err := e.best(name)
		if err != nil {
			return err
		}
		return f(e, best)
	}
}

// EarlyStopping ends the run when what is measured under name, such as
// "val_loss", was not better than before for as many epochs as patience says.
// The model keeps the parameters of the last epoch; see [BestWeights].
func EarlyStopping(name string, patience int) Callback {
	return eachEpoch(name, func(e *Event, best int) error {
		if e.Moment == EpochEnded && e.History.Epochs()-1-best >= patience {
			e.Stop(fmt.Sprintf("%s was best in epoch %d", name, best+1))
		}
		return nil
	})
}

// BestWeights puts back, at the end of the run, the parameters and state that
// the model had after the epoch in which what is measured under name was best.
// It keeps them in memory: of a run that goes on from a checkpoint, those of
// before are not known, and the last ones stay where none after is better.
func BestWeights(name string) Callback {
	var kept []*dl.Tensor
	return eachEpoch(name, func(e *Event, best int) error {
		vs := union(e.Model.Parameters(), e.Model.State())
		switch {
		case e.Moment == Began:
			kept = nil
		case e.Moment == EpochEnded && best == e.History.Epochs()-1:
			kept = kept[:0]
			for _, v := range vs {
				kept = append(kept, v.Cast(v.DType()).StopGradient())
			}
		case e.Moment == Ended && len(kept) == len(vs):
			for i, v := range vs {
				v.Assign(kept[i])
			}
		}
		return nil
	})
}

// CheckpointBest saves the model to a file, as [Model.Save] does, after each
// epoch in which what is measured under name was better than in all before.
func CheckpointBest(name, path string) Callback {
	return eachEpoch(name, func(e *Event, best int) error {
		if e.Moment == EpochEnded && best == e.History.Epochs()-1 {
			return e.Model.Save(path)
		}
		return nil
	})
}

// EveryEpoch makes the learning rate of epoch k, counted from 0, its initial
// value times schedule(k).
func EveryEpoch(schedule opt.Schedule) Callback {
	return func(e *Event) error {
		if e.Moment == Began || e.Moment == EpochEnded {
			return scale(e, schedule(e.History.Epochs()))
		}
		return nil
	}
}

// EveryStep makes the learning rate of step k, counted from 0 over all epochs,
// its initial value times schedule(k).
func EveryStep(schedule opt.Schedule) Callback {
	return func(e *Event) error {
		if e.Moment == StepBegins {
			return scale(e, schedule(e.Step))
		}
		return nil
	}
}

// ReduceOnPlateau multiplies the learning rate by factor whenever what is
// measured under name was not better than before for more than patience
// epochs, as ReduceLROnPlateau of PyTorch does with a threshold of 0.
func ReduceOnPlateau(name string, factor float64, patience int) Callback {
	return func(e *Event) error {
		if e.Moment != Began && e.Moment != EpochEnded {
			return nil
		}
		s, err := e.series(name)
		if err != nil {
			return err
		}
		rate, best, bad := 1.0, math.NaN(), 0
		for _, v := range s {
			if bad++; e.Better(name, v, best) {
				best, bad = v, 0
			}
			if bad > patience {
				rate, bad = rate*factor, 0
			}
		}
		return scale(e, rate)
	}
}

func scale(e *Event, factor float64) error {
	r, ok := e.Optimizer.(opt.Scalable)
	if !ok {
		return callbackError("a schedule needs an optimiser with a method Scale(factor float64), %T has none", e.Optimizer)
	}
	r.Scale(factor)
	return nil
}

// TerminateOnNaN ends the run when the loss of a step is infinite or not a
// number.
func TerminateOnNaN() Callback {
	return func(e *Event) error {
		if e.Moment != StepEnded {
			return nil
		}
		s := e.History.steps["loss"]
		if v := s[len(s)-1]; math.IsNaN(v) || math.IsInf(v, 0) {
			e.Stop(fmt.Sprintf("the loss of step %d is %v", e.Step, v))
		}
		return nil
	}
}

// CSVLog writes what is measured at the end of each epoch to a file of
// comma-separated values with a line of names. A run that goes on from a
// checkpoint appends to it.
func CSVLog(path string) Callback {
	return func(e *Event) error {
		switch e.Moment {
		case Began:
			if e.Epoch > 1 {
				return nil
			}
			return writeCSV(path, os.O_TRUNC, append([]string{"epoch"}, e.History.names...))
		case EpochEnded:
			row := []string{strconv.Itoa(e.Epoch)}
			for _, name := range e.History.names {
				row = append(row, strconv.FormatFloat(e.History.Last(name), 'g', -1, 64))
			}
			return writeCSV(path, os.O_APPEND, row)
		}
		return nil
	}
}

func writeCSV(path string, how int, row []string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|how, 0o644)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	if err := w.Write(row); err != nil {
		f.Close()
		return err
	}
	w.Flush()
	return errors.Join(w.Error(), f.Close())
}
