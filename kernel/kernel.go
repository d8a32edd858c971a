package kernel

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/fluxion-go/fluxion/cell"
)

// Config is what a kernel needs.
type Config struct {
	ConnectionFile string         // path of the file that Jupyter wrote
	Evaluator      cell.Evaluator // runs the cells; Run does not close it
	Info           Info
	History        cell.History // remembers executed cells; nil remembers none
	Log            *slog.Logger // hears of refused clients and dropped messages; may be nil
}

// Info is what a kernel says about itself.
type Info struct {
	Implementation  string // "fluxion"
	Version         string // of the implementation
	LanguageVersion string // of Go, such as "1.26"
	Banner          string // what a console shows at its start
	HelpLinks       []HelpLink
}

// A HelpLink is an entry of a front end's help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

const (
	// lastWords bounds how long an ending kernel waits for its cell to stop and
	// then for what it said to be written.
	lastWords = 2 * time.Second
)

// A kernel is one session with its channels.
type kernel struct {
	Config
	conn *connection
	log  *slog.Logger
	ctx  context.Context
	stop context.CancelFunc

	pub                   *publisher
	shell, control, stdin *channel
	heartbeat             *channel
	questions             questions
	comms                 comms
	meter                 meter
	count                 atomic.Int64 // the latest execution count

	main      *lane
	workers   sync.WaitGroup // of all lanes
	lanesMu   sync.Mutex
	subshells map[string]*lane
}

// Run listens where the connection file says and serves until a front end asks
// for shutdown, ctx is done, or the process is told to end. Cells of
// the main shell run one after another, and so do those of every subshell.
// SIGINT interrupts the running cell.
func Run(ctx context.Context, config Config) error {
	k, err := open(ctx, config)
	if err != nil {
		return err
	}
	defer k.close()

	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go k.watch(signals)

	idle := make(chan struct{})
	go func() {
		defer close(idle)
		k.workers.Wait()
	}()
	go k.shell.receive(k.ctx, k.enqueue)
	go k.control.receive(k.ctx, k.serve)
	go k.stdin.receive(k.ctx, k.questions.answer)
	go k.heartbeat.echo(k.ctx)

	<-k.ctx.Done()
	select {
	case <-idle:
	case <-time.After(lastWords): // the cell does not stop; the process ends without it
	}
	return nil
}

func open(ctx context.Context, config Config) (*kernel, error) {
	if config.Evaluator == nil {
		return nil, errors.New("kernel: no evaluator was given")
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	conn, err := readConnection(config.ConnectionFile, config.Log)
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	signer, err := newSigner(conn.SignatureScheme, conn.Key)
	if err != nil {
		return nil, fmt.Errorf("kernel: connection file %s: %w", config.ConnectionFile, err)
	}
	k := &kernel{Config: config, conn: conn, log: config.Log, comms: comms{open: map[string]string{}}, subshells: map[string]*lane{}}
	if conn.Key == "" && conn.Transport == "tcp" {
		k.log.Warn("the connection file has no key: whoever reaches the ports can run code")
	}
	k.ctx, k.stop = context.WithCancel(ctx)
	if k.History == nil {
		k.History = noHistory{}
	}
	k.questions.replies = make(chan *request, 16)

	sender := &sender{signer: signer, session: newSession()}
	k.pub = &publisher{sender: sender, fail: k.unsaid}
	k.pub.starting.Store(true)
	router := func(name string, port int) *channel {
		network, address := conn.address(port)
		e := newEndpoint(network, address, k.log, "DEALER", "REQ", "ROUTER")
		c := &channel{name: name, sender: sender, endpoint: e, log: k.log}
		if err == nil {
			c.socket, err = listen(e, name, zmq4.NewRouter)
		}
		return c
	}
	// The publishing socket is opened first: a client that gets an answer on
	// another one must be able to find this one.
	network, address := conn.address(conn.IOPubPort)
	k.pub.endpoint = newEndpoint(network, address, k.log, "SUB", "XSUB")
	k.pub.endpoint.subscribed = k.pub.welcome
	k.pub.socket, err = listen(k.pub.endpoint, "iopub", zmq4.NewPub)
	k.heartbeat = router("heartbeat", conn.HeartbeatPort)
	k.stdin = router("stdin", conn.StdinPort)
	k.control = router("control", conn.ControlPort)
	k.shell = router("shell", conn.ShellPort)
	k.questions.channel = k.stdin
	k.main = k.newLane("")
	if err != nil {
		k.close()
		return nil, fmt.Errorf("kernel: %w", err)
	}
	return k, nil
}

// close lets what was said be written and closes the channels.
func (k *kernel) close() {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	channels := []*channel{k.shell, k.control, k.stdin, k.heartbeat}
	k.pub.endpoint.wait(ctx, 0)
	for _, c := range channels {
		c.endpoint.wait(ctx, 0)
	}
	k.stop()
	sockets := []zmq4.Socket{k.pub.socket}
	for _, c := range channels {
		sockets = append(sockets, c.socket)
	}
	for _, s := range sockets {
		if s != nil {
			s.Close()
		}
	}
}

// watch turns signals into what they ask for, and notices when the program
// that started the kernel is gone.
func (k *kernel) watch(signals <-chan os.Signal) {
	var orphaned <-chan time.Time
	parent := os.Getppid()
	if os.Getenv("JPY_PARENT_PID") != "" { // set by who wants its kernels to end with it
		t := time.NewTicker(2 * time.Second)
		defer t.Stop()
		orphaned = t.C
	}
	for {
		select {
		case s := <-signals:
			if s == os.Interrupt {
				k.interrupt("")
				continue
			}
			k.stop()
		case <-orphaned:
			if os.Getppid() != parent {
				k.stop()
			}
		case <-k.ctx.Done():
			return
		}
	}
}

// unsaid is where messages end that cannot be encoded.
func (k *kernel) unsaid(err error) { k.log.Error("a message could not be encoded", "reason", err) }

// newSession returns a random name for a session.
func newSession() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
