package kernel

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
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
func readConnection(path string, log *slog.Logger) (*connection, error) {
	if path == "" {
		return nil, fmt.Errorf("no connection file was named: Jupyter passes its path as {connection_file}")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the connection file cannot be read: %w", err)
	}
	if err := checkPrivate(path, log); err != nil {
		return nil, err
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

// checkPrivate refuses a file that others can read or change: whoever knows the
// key can run code as this user. Where the system has no such permissions, or
// Jupyter is told not to care, it is only logged. A group that can read the file
// may be meant.
func checkPrivate(path string, log *slog.Logger) error {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" {
		return nil
	}
	mode := info.Mode().Perm()
	if mode&0o027 == 0 {
		if mode&0o070 != 0 {
			log.Warn("a group can read the connection file", "file", path, "mode", mode)
		}
		return nil
	}
	switch strings.ToLower(os.Getenv("JUPYTER_ALLOW_INSECURE_WRITES")) {
	case "1", "true":
		log.Warn("others can read or change the connection file", "file", path, "mode", mode)
		return nil
	}
	return fmt.Errorf("connection file %s has mode %v: others than its owner can read or change it, and so run code as you; chmod 600 it, or set JUPYTER_ALLOW_INSECURE_WRITES=1 where file permissions mean nothing", path, mode)
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
