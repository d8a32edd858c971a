package kernel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// protocolVersion is the version of the messaging protocol spoken here.
const protocolVersion = "5.5"

// delimiter stands between the routing frames of a message and its signature.
var delimiter = []byte("<IDS|MSG>")

// A header names a message and its sender.
type header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
	Subshell string `json:"subshell_id,omitempty"` // whose turn a shell request takes
}

// A request is a message that a front end sent.
type request struct {
	channel *channel
	ids     [][]byte // where an answer goes
	header  header
	parent  json.RawMessage // the header as it came; answers carry it as their parent
	replyTo header          // the header of the message that this one answers
	content json.RawMessage
	buffers [][]byte
	said    json.RawMessage // its metadata
	lane    *lane           // of a shell request; nil on other channels, and where there is no such subshell
	number  int64           // counts what the lane received

	metadata any  // of the reply; a handler may set it
	last     bool // the kernel ends after this request
}

var (
	errShort     = errors.New("a message of too few frames")
	errSignature = errors.New("a message with a wrong or repeated signature")
)

// decode takes a message apart and checks its signature.
func (s *signer) decode(frames [][]byte) (*request, error) {
	i := 0
	for i < len(frames) && !bytes.Equal(frames[i], delimiter) {
		i++
	}
	if len(frames) < i+6 {
		return nil, errShort
	}
	signature, signed := frames[i+1], frames[i+2:i+6]
	if !s.verify(signature, signed...) {
		return nil, errSignature
	}
	r := &request{ids: frames[:i], parent: signed[0], said: signed[2], content: signed[3], buffers: frames[i+6:]}
	if err := json.Unmarshal(signed[0], &r.header); err != nil {
		return nil, fmt.Errorf("a message with a bad header: %w", err)
	}
	if r.header.Type == "" {
		return nil, errors.New("a message with a header that names no msg_type")
	}
	if err := json.Unmarshal(signed[1], &r.replyTo); err != nil {
		return nil, fmt.Errorf("a message with a bad parent header: %w", err)
	}
	return r, nil
}

// noParent is the parent of messages that no request caused.
var noParent = json.RawMessage("{}")

// A sender makes the messages of one kernel session.
type sender struct {
	*signer
	session string
	count   atomic.Int64
}

// header returns the header of a new message.
func (s *sender) header(msgType string) header {
	return header{
		ID:       fmt.Sprintf("%s_%d", s.session, s.count.Add(1)),
		Session:  s.session,
		Username: "kernel",
		Date:     timestamp(time.Now()),
		Type:     msgType,
		Version:  protocolVersion,
	}
}

// encode returns a message without its routing frames. Metadata may be nil.
func (s *sender) encode(h header, parent json.RawMessage, metadata, content any) ([][]byte, error) {
	if metadata == nil {
		metadata = fields{}
	}
	var frames [4][]byte
	for i, v := range []any{h, parent, metadata, content} {
		f, err := encodeJSON(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", h.Type, err)
		}
		frames[i] = f
	}
	return append([][]byte{delimiter, s.sign(frames[:]...)}, frames[:]...), nil
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// encodeJSON leaves <, > and & as they are: HTML displays are full of them.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
