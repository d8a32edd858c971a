package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sync"
)

// questions asks the person who sits before a front end.
type questions struct {
	channel *channel
	replies chan *request
	one     sync.Mutex // one question at a time
}

// answer takes what comes on the stdin channel. Nobody waits for a reply when
// the buffer is full.
func (q *questions) answer(r *request) {
	if r.header.Type != "input_reply" {
		return
	}
	select {
	case q.replies <- r:
	default:
	}
}

// endOfFile is what front ends send for control-D.
const endOfFile = "\x04"

// ask sends the question to the front end with these ids and waits for its
// answer.
func (q *questions) ask(ctx context.Context, ids [][]byte, parent json.RawMessage, prompt string, password bool) (string, error) {
	q.one.Lock()
	defer q.one.Unlock()
	for len(q.replies) > 0 { // answers to a question that was interrupted
		<-q.replies
	}
	if ctx.Err() != nil {
		return "", errInterrupted
	}
	question := q.channel.sender.header("input_request")
	err := q.channel.send(ids, question, parent, nil, fields{"prompt": prompt, "password": password})
	if err != nil {
		return "", err
	}
	for {
		select {
		case r := <-q.replies:
			if !slices.EqualFunc(r.ids, ids, bytes.Equal) {
				continue // another front end answers a question it was not asked
			}
			// JupyterLab says which question it answers, the Python client does not.
			if r.replyTo.ID != "" && r.replyTo.ID != question.ID {
				continue
			}
			var reply struct {
				Value string `json:"value"`
			}
			if err := json.Unmarshal(r.content, &reply); err != nil {
				return "", errors.New("the front end's answer is not as the protocol says")
			}
			if reply.Value == endOfFile {
				return "", io.EOF
			}
			return reply.Value, nil
		case <-ctx.Done():
			return "", errInterrupted
		}
	}
}

var errInterrupted = errors.New("interrupted while waiting for input")
