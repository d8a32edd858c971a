package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"

	"github.com/go-zeromq/zmq4"
)

// A channel is a ROUTER socket on which requests come and replies go.
type channel struct {
	name     string
	sender   *sender
	socket   zmq4.Socket
	endpoint *endpoint
	log      *slog.Logger
}

// quiet keeps zmq4 from writing to the standard error.
var quiet = zmq4.WithLogger(log.New(io.Discard, "", 0))

// listen opens a socket, by zmq4.NewRouter or zmq4.NewPub, on an endpoint.
func listen(e *endpoint, name string, open func(context.Context, ...zmq4.Option) zmq4.Socket) (zmq4.Socket, error) {
	s := open(context.WithValue(context.Background(), endpointKey{}, e), quiet)
	if err := s.Listen(guarded + "://" + name); err != nil {
		return nil, fmt.Errorf("the %s channel cannot listen on %s: %w", name, e.address, err)
	}
	return s, nil
}

// receive calls handle with every valid message until ctx is done.
func (c *channel) receive(ctx context.Context, handle func(*request)) {
	for {
		m, err := c.socket.Recv()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			c.log.Debug("nothing received", "channel", c.name, "reason", err)
			continue
		}
		r, err := c.sender.decode(m.Frames)
		if err != nil {
			c.log.Warn("dropped what a client sent", "channel", c.name, "reason", err)
			continue
		}
		r.channel = c
		handle(r)
	}
}

// send routes a message to the client with these ids. A client that is gone is
// no error.
func (c *channel) send(ids [][]byte, h header, parent json.RawMessage, metadata, content any) error {
	frames, err := c.sender.encode(h, parent, metadata, content)
	if err != nil {
		return err
	}
	all := append(append([][]byte{}, ids...), frames...)
	return c.socket.Send(zmq4.NewMsgFrom(all...))
}

// echo sends back whatever comes: the heartbeat.
func (c *channel) echo(ctx context.Context) {
	for {
		m, err := c.socket.Recv()
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			c.socket.Send(m)
		}
	}
}
