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
	// been dealt with. What the code that deals with it shows goes to the cell
	// that the comm belongs to, or to out where it belongs to none. known is false where nobody has asked for messages of this comm, or, for
	// CommOpen, for this target.
	Comm(ctx context.Context, m CommMessage, out Output) (known bool)
}

// comms are who takes the messages of this process's comms.
var comms = struct {
	sync.Mutex
	byID     map[string]commHandler
	byTarget map[string]func(CommMessage)
}{byID: map[string]commHandler{}, byTarget: map[string]func(CommMessage){}}

type commHandler struct {
	f     func(CommMessage)
	owner Output
}

// NewCommID returns an identifier for a new comm.
func NewCommID() string { return rand.Text() }

// HandleComm makes f take what front ends send to the comm id, until it is
// closed by them or with [ForgetComm]. The comm belongs to the running cell:
// what f shows goes to the output of that. Messages of one comm come one after
// another.
func HandleComm(id string, f func(CommMessage)) {
	comms.Lock()
	defer comms.Unlock()
	comms.byID[id] = commHandler{f, Current().Output()}
}

// ForgetComm ends what [HandleComm] began.
func ForgetComm(id string) {
	comms.Lock()
	defer comms.Unlock()
	delete(comms.byID, id)
}

// HandleCommTarget makes f take the comms that front ends open for target. What
// it shows goes to the output that came with the message.
func HandleCommTarget(target string, f func(CommMessage)) {
	comms.Lock()
	defer comms.Unlock()
	comms.byTarget[target] = f
}

// TakeComm returns who asked for m with [HandleComm] or [HandleCommTarget], nil
// where nobody did, and the output of the cell that the comm belongs to, nil
// where it belongs to none. A comm that m closes is forgotten.
func TakeComm(m CommMessage) (f func(CommMessage), owner Output) {
	comms.Lock()
	defer comms.Unlock()
	if m.Kind == CommOpen {
		return comms.byTarget[m.Target], nil
	}
	h := comms.byID[m.ID]
	if m.Kind == CommClose {
		delete(comms.byID, m.ID)
	}
	return h.f, h.owner
}

// DeliverComm hands m to whoever asked for it, as the code of a cell with this
// context and the output of the comm's own cell, or out where it has none, and
// returns when that is done. known is false where nobody asked.
func DeliverComm(ctx context.Context, m CommMessage, out Output) (known bool) {
	f, owner := TakeComm(m)
	if f == nil {
		return false
	}
	if owner == nil {
		owner = out
	}
	Enter(ctx, owner, nil, func() { f(m) })
	return true
}
