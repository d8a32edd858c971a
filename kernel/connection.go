package kernel

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
)

// A connection is the content of a connection file: where to listen, and the
// key that signs messages.
type connection struct {
	Transport       string `json:"transport"`
	IP              string `json:"ip"`
	ShellPort       int    `json:"shell_port"`
	IOPubPort       int    `json:"iopub_port"`
	StdinPort       int    `json:"stdin_port"`
	ControlPort     int    `json:"control_port"`
	HeartbeatPort   int    `json:"hb_port"`
	Key             string `json:"key"`
	SignatureScheme string `json:"signature_scheme"`
}

// readConnection reads and checks a connection file.
func readConnection(path string) (*connection, error) {
	if path == "" {
		return nil, fmt.Errorf("no connection file was named: Jupyter passes its path as {connection_file}")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the connection file cannot be read: %w", err)
	}
	c := &connection{Transport: "tcp", IP: "127.0.0.1", SignatureScheme: "hmac-sha256"}
	if err := json.Unmarshal(data, c); err != nil {
		return nil, fmt.Errorf("connection file %s is not what Jupyter writes: %w", path, err)
	}
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return nil, fmt.Errorf("connection file %s asks for transport %q: only tcp and ipc are known", path, c.Transport)
	}
	for name, port := range map[string]int{"shell_port": c.ShellPort, "iopub_port": c.IOPubPort, "stdin_port": c.StdinPort, "control_port": c.ControlPort, "hb_port": c.HeartbeatPort} {
		if port < 1 || port > 65535 {
			return nil, fmt.Errorf("connection file %s gives %s as %d: want a port from 1 to 65535", path, name, port)
		}
	}
	return c, nil
}

// address returns the network and the address of one port, as net.Listen
// takes them. For ipc the "ports" number socket files.
func (c *connection) address(port int) (network, address string) {
	if c.Transport == "ipc" {
		return "unix", c.IP + "-" + strconv.Itoa(port)
	}
	host := c.IP
	if host == "*" {
		host = ""
	}
	return "tcp", net.JoinHostPort(host, strconv.Itoa(port))
}
