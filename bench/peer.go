package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A peer is another library in a process of its own, which rests until it is
// asked; see peers/serve.py.
type peer struct {
	version string
	cases   []string
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// startPeers starts each peer that is installed. It returns them and the
// names of those that are not.
func startPeers(python string) (peers []*peer, missing []string) {
	scripts, _ := filepath.Glob("bench/peers/*_peer.py")
	for _, script := range scripts {
		p, err := startPeer(python, script)
		if err != nil {
			missing = append(missing, strings.TrimSuffix(filepath.Base(script), "_peer.py"))
			continue
		}
		peers = append(peers, p)
	}
	return peers, missing
}

func startPeer(python, script string) (*peer, error) {
	p := &peer{command: exec.Command(python, script)}
	in, err := p.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReader(out)
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	var hello struct {
		Version string
		Cases   []string
	}
	if err := p.read(&hello); err != nil {
		p.close()
		return nil, err
	}
	p.version, p.cases = hello.Version, hello.Cases
	return p, nil
}

// library returns the name without the version.
func (p *peer) library() string {
	name, _, _ := strings.Cut(p.version, " ")
	return name
}

// measure returns the median time in seconds of a step of one case.
func (p *peer) measure(name string, turn time.Duration) (float64, error) {
	if _, err := fmt.Fprintf(p.in, "%s %g\n", name, turn.Seconds()); err != nil {
		return 0, err
	}
	var answer struct {
		Seconds float64
		Error   string
	}
	if err := p.read(&answer); err != nil {
		return 0, fmt.Errorf("%s ended: %w", p.version, err)
	}
	if answer.Error != "" {
		return 0, errors.New(answer.Error)
	}
	return answer.Seconds, nil
}

// read reads the next line that is a JSON object; libraries print others.
func (p *peer) read(v any) error {
	for {
		line, err := p.out.ReadBytes('\n')
		if err != nil {
			return err
		}
		if line[0] == '{' {
			return json.Unmarshal(line, v)
		}
		os.Stderr.Write(line)
	}
}

func (p *peer) close() {
	p.in.Close()
	p.command.Wait()
}
