package kernel

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"

	"github.com/go-zeromq/zmq4"
)

// A publisher is the iopub channel. zmq4's PUB socket accepts its clients;
// messages go from here straight into the queues of those that subscribed, so
// a slow client delays nobody and it is known when everything is written.
type publisher struct {
	*sender
	socket   zmq4.Socket
	endpoint *endpoint
	fail     func(error) // hears of messages that cannot be encoded

	// starting is true until the first client has been told that the kernel
	// starts: before that nobody could have heard it.
	starting atomic.Bool
}

func (p *publisher) topic(msgType string) string { return "kernel." + p.session + "." + msgType }

// publish sends a message to all who subscribed to its topic.
func (p *publisher) publish(msgType string, parent json.RawMessage, content any) {
	p.publishWith(msgType, parent, nil, content, nil)
}

// publishWith sends a message with metadata and binary buffers.
func (p *publisher) publishWith(msgType string, parent json.RawMessage, metadata, content any, buffers [][]byte) {
	topic := p.topic(msgType)
	data, err := p.frame(topic, msgType, parent, metadata, content, buffers...)
	if err != nil {
		p.fail(err)
		return
	}
	for _, c := range p.endpoint.all() {
		c.queue.mu.Lock()
		if c.wants(topic) {
			c.queue.addLocked(data)
		}
		c.queue.mu.Unlock()
	}
}

// wants tells whether a subscription covers topic. The queue is locked.
func (c *conn) wants(topic string) bool {
	for t := range c.topics {
		if strings.HasPrefix(topic, t) {
			return true
		}
	}
	return false
}

func (p *publisher) frame(topic, msgType string, parent json.RawMessage, metadata, content any, buffers ...[]byte) ([]byte, error) {
	frames, err := p.encode(p.header(msgType), parent, metadata, content)
	if err != nil {
		return nil, err
	}
	return appendMessage(nil, append(append([][]byte{[]byte(topic)}, frames...), buffers...)), nil
}

// welcome answers a new subscription, so that the client knows that it misses
// nothing from now on (Jupyter enhancement proposal 65). The topic of the
// answer is the subscription itself: the client would not see another.
func (p *publisher) welcome(c *conn, subscription string) {
	topic := subscription
	if topic == "" {
		topic = p.topic("iopub_welcome")
	}
	if data, err := p.frame(topic, "iopub_welcome", noParent, nil, fields{"subscription": subscription}); err == nil {
		c.queue.addLocked(data)
	}
	if topic := p.topic("status"); c.wants(topic) && p.starting.CompareAndSwap(true, false) {
		if data, err := p.frame(topic, "status", noParent, nil, fields{"execution_state": "starting"}); err == nil {
			c.queue.addLocked(data)
		}
	}
}

func (p *publisher) status(parent json.RawMessage, state string) {
	p.starting.Store(false)
	p.publish("status", parent, fields{"execution_state": state})
}

// room waits until the clients have read enough that a cell may print on.
func (p *publisher) room(ctx context.Context) { p.endpoint.wait(ctx, softLimit) }
