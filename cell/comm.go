package cell

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"sync"
)

// A CommKind says what a [CommMessage] does.
type CommKind string

// The kinds of comm message, as the Jupyter protocol names them.
const (
	CommOpen  CommKind = "comm_open"
	CommData  CommKind = "comm_msg"
	CommClose CommKind = "comm_close"
)

// A CommMessage is one message of a comm: a conversation between something in
// the page, such as a slider, and its other half in the code of cells.
type CommMessage struct {
	Kind     CommKind
	ID       string          // of the comm
	Target   string          // who is to take the other half; where Kind is CommOpen
	Data     json.RawMessage // a JSON object
	Metadata json.RawMessage // a JSON object; may be nil
	Buffers  [][]byte        // binary data that Data refers to
}

// A CommOutput is an [Output] behind which a front end takes part in comms.
type CommOutput interface {
	Output

	// Comm sends m to the front ends.
	Comm(m CommMessage)
}

// A CommEvaluator is an [Evaluator] whose session takes part in comms.
type CommEvaluator interface {
	Evaluator

	// Comm hands the session a message of a front end and returns when it has
	// been dealt with. What the code that deals with it shows goes to out.
	// known is false where nobody has asked for messages of this comm, or, for
	// CommOpen, for this target.
	Comm(ctx context.Context, m CommMessage, out Output) (known bool)
}

// comms are who takes the messages of this process's comms.
var comms = struct {
	sync.Mutex
	byID     map[string]func(CommMessage)
	byTarget map[string]func(CommMessage)
}{byID: map[string]func(CommMessage){}, byTarget: map[string]func(CommMessage){}}

// NewCommID returns an identifier for a new comm.
func NewCommID() string { return rand.Text() }

// HandleComm makes f take what front ends send to the comm id, until it is
// closed by them or with [ForgetComm]. Messages of one comm come one after
// another, and f runs as code of the cell that [Current] then returns.
func HandleComm(id string, f func(CommMessage)) {
	comms.Lock()
	defer comms.Unlock()
	comms.byID[id] = f
}

// ForgetComm ends what [HandleComm] began.
func ForgetComm(id string) {
	comms.Lock()
	defer comms.Unlock()
	delete(comms.byID, id)
}

// HandleCommTarget makes f take the comms that front ends open for target.
func HandleCommTarget(target string, f func(CommMessage)) {
	comms.Lock()
	defer comms.Unlock()
	comms.byTarget[target] = f
}

// DeliverComm hands m to whoever asked for it with [HandleComm] or
// [HandleCommTarget], as the code of a cell with this context and output, and
// returns when that is done. known is false where nobody did.
func DeliverComm(ctx context.Context, m CommMessage, out Output) (known bool) {
	comms.Lock()
	f := comms.byID[m.ID]
	switch m.Kind {
	case CommOpen:
		f = comms.byTarget[m.Target]
	case CommClose:
		delete(comms.byID, m.ID)
	}
	comms.Unlock()
	if f == nil {
		return false
	}
	Enter(ctx, out, nil, func() { f(m) })
	return true
}
