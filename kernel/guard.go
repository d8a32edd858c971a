package kernel

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// guarded is the name of the transport that zmq4 knows the guard by.
const guarded = "fluxion"

func init() {
	if err := zmq4.RegisterTransport(guarded, guard{}); err != nil {
		panic(err) // only if somebody else took the name
	}
}

const (
	// messageLimit bounds what a client may send as one message. Widgets send
	// buffers of some megabytes; uploads are cut into pieces.
	messageLimit = 256 << 20
	// frameCost is what a frame counts besides its bytes, so that a message of
	// a billion empty frames is bounded as well.
	frameCost = 64
)

// guard is a transport for zmq4 that lets through only connections that have
// introduced themselves. Whom it listens for comes with the context.
type guard struct{}

type endpointKey struct{}

func (guard) Addr(ep string) (string, error) { return ep, nil }

func (guard) Dial(context.Context, transport.Dialer, string) (net.Conn, error) {
	return nil, errors.New("a kernel listens; it does not dial")
}

func (guard) Listen(ctx context.Context, _ string) (net.Listener, error) {
	e := ctx.Value(endpointKey{}).(*endpoint)
	if e.network == "unix" {
		// A kernel that was killed leaves its socket file behind, and a
		// restarted one gets the same name.
		if s, err := os.Lstat(e.address); err == nil && s.Mode()&os.ModeSocket != 0 {
			os.Remove(e.address)
		}
	}
	l, err := net.Listen(e.network, e.address)
	if err != nil {
		return nil, err
	}
	e.raw = l
	go e.serve()
	return e, nil
}

// An endpoint is one listening socket and its connections. It is the listener
// that zmq4 accepts from.
type endpoint struct {
	network, address string
	accept           []string // the socket types a client may have
	log              *slog.Logger

	// subscribed is set on the publishing endpoint. It is called, with the
	// connection's queue locked, for every new subscription. Clients of such an
	// endpoint send nothing else, and zmq4 sees nothing of what they send.
	subscribed func(c *conn, topic string)

	raw   net.Listener
	ready chan net.Conn
	done  chan struct{}

	mu     sync.Mutex
	conns  map[*conn]bool
	closed bool
}

func newEndpoint(network, address string, log *slog.Logger, accept ...string) *endpoint {
	return &endpoint{
		network: network, address: address, accept: accept, log: log,
		ready: make(chan net.Conn), done: make(chan struct{}), conns: map[*conn]bool{},
	}
}

func (e *endpoint) Addr() net.Addr { return e.raw.Addr() }

// Accept returns the next client that has introduced itself.
func (e *endpoint) Accept() (net.Conn, error) {
	select {
	case c := <-e.ready:
		return c, nil
	case <-e.done:
		return nil, net.ErrClosed
	}
}

// Close ends the endpoint and its connections.
func (e *endpoint) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	conns := e.conns
	e.conns = nil
	e.mu.Unlock()
	close(e.done)
	for c := range conns {
		c.queue.close()
	}
	return e.raw.Close()
}

func (e *endpoint) serve() {
	for {
		c, err := e.raw.Accept()
		if err != nil {
			select {
			case <-e.done:
				return
			case <-time.After(50 * time.Millisecond): // out of file descriptors: some will be given back
				continue
			}
		}
		go e.receive(c)
	}
}

// receive shakes hands with a client and hands it to zmq4.
func (e *endpoint) receive(raw net.Conn) {
	r := bufio.NewReader(raw)
	raw.SetDeadline(time.Now().Add(handshakeTime))
	p, err := introduce(raw, r, e.accept)
	if err != nil {
		e.log.Debug("refused a connection", "address", e.address, "reason", err)
		raw.Close()
		return
	}
	raw.SetDeadline(time.Time{})
	c := &conn{Conn: raw, endpoint: e, r: r, unread: p.replay(), swallow: greetingSize, topics: map[string]bool{}}
	c.queue = newQueue(raw)
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		c.queue.close()
		return
	}
	e.conns[c] = true
	e.mu.Unlock()
	select {
	case e.ready <- c:
	case <-e.done:
	}
}

// all returns the connections there are.
func (e *endpoint) all() []*conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	conns := make([]*conn, 0, len(e.conns))
	for c := range e.conns {
		conns = append(conns, c)
	}
	return conns
}

// wait returns when every connection has at most limit bytes to write, or ctx
// is done.
func (e *endpoint) wait(ctx context.Context, limit int) {
	for _, c := range e.all() {
		c.queue.wait(ctx, limit)
	}
}

// A conn is a client that has introduced itself. What zmq4 reads from it are
// whole frames of bounded size; what zmq4 writes to it is queued.
type conn struct {
	net.Conn
	endpoint *endpoint
	queue    *queue

	r       *bufio.Reader
	unread  []byte // what Read returns before it reads another frame
	message uint64 // bytes of the current message so far
	swallow int    // bytes of zmq4's greeting still to be dropped: ours is sent already

	topics map[string]bool // guarded by queue.mu
}

// Read returns io.EOF on every error, which is how zmq4 learns to forget the
// connection.
func (c *conn) Read(p []byte) (int, error) {
	for len(c.unread) == 0 {
		if err := c.next(); err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				c.endpoint.log.Debug("dropped a connection", "address", c.endpoint.address, "reason", err)
			}
			c.Close()
			return 0, io.EOF
		}
	}
	n := copy(p, c.unread)
	c.unread = c.unread[n:]
	return n, nil
}

// next reads one frame. Commands (a client's pings) and, on the publishing
// endpoint, subscriptions are dealt with here.
func (c *conn) next() error {
	flags, size, err := frameHeader(c.r)
	if err != nil {
		return err
	}
	if size > messageLimit {
		return errors.New("a frame that is too long")
	}
	c.message += size + frameCost
	if c.message > messageLimit {
		return errors.New("a message that is too long")
	}
	if flags&flagMore == 0 {
		c.message = 0
	}
	body, err := readBody(c.r, int64(size))
	switch {
	case err != nil:
		return err
	case flags&flagCommand != 0:
		return nil
	case c.endpoint.subscribed != nil:
		return c.subscribe(body)
	}
	c.unread = appendFrame(nil, flags, body)
	return nil
}

// readBody does not believe a length before the bytes are there.
func readBody(r io.Reader, size int64) ([]byte, error) {
	var b bytes.Buffer
	if _, err := io.CopyN(&b, r, size); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// maxTopics bounds the subscriptions of one client.
const maxTopics = 1000

// subscribe carries out a subscription (1 and the topic) or its end (0 and the
// topic); other messages are ignored.
func (c *conn) subscribe(body []byte) error {
	if len(body) == 0 || body[0] > 1 {
		return nil
	}
	topic := string(body[1:])
	c.queue.mu.Lock()
	defer c.queue.mu.Unlock()
	if body[0] == 0 {
		delete(c.topics, topic)
		return nil
	}
	if len(c.topics) >= maxTopics || len(topic) > 1<<10 {
		return errors.New("too many subscriptions")
	}
	c.topics[topic] = true
	c.endpoint.subscribed(c, topic)
	return nil
}

// Write queues p. It fails only when the client is gone.
func (c *conn) Write(p []byte) (int, error) {
	n := len(p)
	if c.swallow > 0 {
		k := min(c.swallow, n)
		c.swallow -= k
		p = p[k:]
	}
	if !c.queue.add(bytes.Clone(p)) {
		return 0, io.EOF
	}
	return n, nil
}

// Close ends the connection and forgets it.
func (c *conn) Close() error {
	c.queue.close()
	c.endpoint.mu.Lock()
	defer c.endpoint.mu.Unlock()
	delete(c.endpoint.conns, c)
	return nil
}
