package kernel

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// The handshake of ZMTP 3.0 with the NULL mechanism, from the specification
// https://rfc.zeromq.org/spec/23/. zmq4 shakes hands within its accept loop,
// without a deadline, and panics on some malformed metadata, so the guard does
// it first and lets zmq4 repeat it with a peer that cannot misbehave.

// handshakeTime is how long a client may take to introduce itself.
const handshakeTime = 10 * time.Second

const (
	flagMore     = 1
	flagLong     = 2
	flagCommand  = 4
	greetingSize = 64
	readyLimit   = 8 << 10 // bytes of a READY command
)

// A peer is what the handshake tells about a client.
type peer struct {
	socketType string
	identity   string
}

// greeting is the same for both sides: signature, version 3.0, mechanism NULL.
func greeting() []byte {
	g := make([]byte, greetingSize)
	g[0], g[9], g[10] = 0xff, 0x7f, 3
	copy(g[12:], "NULL")
	return g
}

// introduce sends our greeting and reads the client's, up to its READY
// command. The deadline is the caller's.
func introduce(c net.Conn, r *bufio.Reader, accept []string) (peer, error) {
	if _, err := c.Write(greeting()); err != nil {
		return peer{}, err
	}
	var g [greetingSize]byte
	// The first ten bytes tell a ZeroMQ peer from anything else: do not wait
	// for the rest of a greeting that will never come.
	if _, err := io.ReadFull(r, g[:10]); err != nil {
		return peer{}, err
	}
	if g[0] != 0xff || g[9] != 0x7f {
		return peer{}, errors.New("the client does not speak ZeroMQ")
	}
	if _, err := io.ReadFull(r, g[10:]); err != nil {
		return peer{}, err
	}
	if g[10] < 3 {
		return peer{}, fmt.Errorf("the client speaks version %d.%d of ZMTP: want 3.0 or later", g[10], g[11])
	}
	if m := string(bytes.TrimRight(g[12:32], "\x00")); m != "NULL" {
		return peer{}, fmt.Errorf("the client wants security mechanism %q: only NULL is known", m)
	}
	flags, size, err := frameHeader(r)
	if err != nil {
		return peer{}, err
	}
	if flags != flagCommand || size > readyLimit {
		return peer{}, errors.New("the client did not send READY after its greeting")
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return peer{}, err
	}
	p, err := parseReady(body)
	if err == nil && !slices.Contains(accept, p.socketType) {
		err = fmt.Errorf("the client is a %s socket: want %s", p.socketType, strings.Join(accept, " or "))
	}
	return p, err
}

// frameHeader reads the header of a frame; the long flag is already applied
// and cleared.
func frameHeader(r *bufio.Reader) (flags byte, size uint64, err error) {
	flags, err = r.ReadByte()
	if err != nil {
		return 0, 0, err
	}
	if flags&^(flagMore|flagLong|flagCommand) != 0 {
		return 0, 0, fmt.Errorf("frame flags %#x are not of ZMTP", flags)
	}
	if flags&flagLong == 0 {
		b, err := r.ReadByte()
		return flags, uint64(b), err
	}
	var long [8]byte
	_, err = io.ReadFull(r, long[:])
	return flags &^ flagLong, binary.BigEndian.Uint64(long[:]), err
}

// appendFrame writes one frame to b.
func appendFrame(b []byte, flags byte, body []byte) []byte {
	if len(body) > 255 {
		b = append(b, flags|flagLong)
		b = binary.BigEndian.AppendUint64(b, uint64(len(body)))
	} else {
		b = append(b, flags, byte(len(body)))
	}
	return append(b, body...)
}

// appendMessage writes a message of several frames to b.
func appendMessage(b []byte, frames [][]byte) []byte {
	for i, f := range frames {
		flags := byte(flagMore)
		if i == len(frames)-1 {
			flags = 0
		}
		b = appendFrame(b, flags, f)
	}
	return b
}

const readyName = "\x05READY"

// parseReady reads the properties of a READY command.
func parseReady(body []byte) (peer, error) {
	var p peer
	bad := errors.New("the client sent malformed metadata")
	rest, ok := bytes.CutPrefix(body, []byte(readyName))
	if !ok {
		return p, errors.New("the client sent another command than READY")
	}
	for len(rest) > 0 {
		n := int(rest[0])
		if n == 0 || len(rest) < 1+n+4 {
			return p, bad
		}
		name := string(rest[1 : 1+n])
		size := binary.BigEndian.Uint32(rest[1+n:])
		rest = rest[1+n+4:]
		if uint64(size) > uint64(len(rest)) {
			return p, bad
		}
		value := string(rest[:size])
		rest = rest[size:]
		switch strings.ToLower(name) {
		case "socket-type":
			p.socketType = value
		case "identity":
			if len(value) > 255 {
				return p, bad
			}
			p.identity = value
		}
	}
	return p, nil
}

// replay returns the bytes by which p introduces itself to zmq4.
func (p peer) replay() []byte {
	property := func(b []byte, name, value string) []byte {
		b = append(b, byte(len(name)))
		b = append(b, name...)
		b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
		return append(b, value...)
	}
	body := property([]byte(readyName), "Socket-Type", p.socketType)
	if p.identity != "" {
		body = property(body, "Identity", p.identity)
	}
	return appendFrame(greeting(), flagCommand, body)
}
