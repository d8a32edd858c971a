package cell

// An Output takes what a running cell shows. Its methods may be called from
// any goroutine, also after the cell has ended; they do not block for longer
// than it takes to queue the message.
type Output interface {
	// Stream writes text to the stream called name, "stdout" or "stderr".
	Stream(name, text string)

	// Display shows b. A non-empty id names the place, so that Update can
	// change it later.
	Display(b Bundle, id string)

	// Update replaces whatever was displayed under id, in this cell or an
	// earlier one.
	Update(b Bundle, id string)

	// Clear removes the cell's output; with wait, only once there is new
	// output to put in its place.
	Clear(wait bool)

	// Page shows b beside the notebook, in the pager.
	Page(b Bundle)

	// Input asks the person for one line. It returns an error where the front
	// end cannot ask or the cell was interrupted.
	Input(prompt string, password bool) (string, error)
}

// A Reporter follows the long work that a cell does, such as a training run.
// Report may be called many times a second; throttling is the reporter's
// business. Values of a Progress hold until Report returns: the next report may
// be written over them.
type Reporter interface {
	Report(Progress)
}

// Progress is the state of one run at one moment.
type Progress struct {
	Run           string // identifies the run within the cell: one bar and one figure each
	Title         string // what a person calls it: "train", "evaluate"
	Epoch, Epochs int    // the current epoch from 1, and how many there will be
	Step, Steps   int    // steps done in this epoch, and how many it has
	Values        []Metric
	EpochEnd      bool   // this report closes an epoch; Values hold its means and the validation's
	Done          bool   // the last report of the run
	Stopped       string // why the run ended early; "" when it did not

	// Watched, where not nil, reads what the run is asked to show beside its
	// values, such as weights and gradients. It takes its time, so it is for
	// those to call who draw the answer, until Report returns; the answer holds
	// as long.
	Watched func() []Sample
}

// A Sample is a named set of numbers, of which a histogram can be drawn.
type Sample struct {
	Name   string
	Size   int       // how many numbers there are
	Values []float64 // of which these are some, or all
}

// A Metric is a named number: a loss or what is measured beside it. Names of
// validation figures begin with "val_".
type Metric struct {
	Name  string
	Value float64
}
