// Package install tells Jupyter about the kernel: it writes a kernel spec (a
// folder with kernel.json and logos) where Jupyter looks for them, and takes it
// away again. Jupyter itself is not needed for that, and need not be there yet.
package install

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Options say what to install and where. At most one of User, Prefix and
// SysPrefix may be set; with none of them it is User.
type Options struct {
	User      bool   // the user's own Jupyter folder
	Prefix    string // PREFIX/share/jupyter
	SysPrefix bool   // share/jupyter of the active Python environment

	Name        string   // of the kernel spec; "" is "fluxion"
	DisplayName string   // what people choose by; "" is what the template says
	Executable  string   // the program that Jupyter starts; "" is the running one
	Arguments   []string // further arguments, such as a choice of executor
	Template    []byte   // the content of kernel.json, with {executable} in its argv
}

// A spec is the content of kernel.json; see
// https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs.
type spec struct {
	Argv            []string          `json:"argv"`
	DisplayName     string            `json:"display_name"`
	Language        string            `json:"language"`
	InterruptMode   string            `json:"interrupt_mode"`
	ProtocolVersion string            `json:"kernel_protocol_version"`
	Env             map[string]string `json:"env,omitempty"`
	Metadata        map[string]any    `json:"metadata"`
}

const executable = "{executable}"

// Install writes the kernel spec and returns its folder. A spec of that name
// that is there already is replaced.
func Install(o Options) (dir string, err error) {
	dir, err = o.dir()
	if err != nil {
		return "", err
	}
	program, err := o.program()
	if err != nil {
		return "", err
	}
	data, err := o.fill(program)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", refused(dir, err)
	}
	// kernel.json comes last: without it Jupyter sees no kernel.
	files := []struct {
		name string
		data []byte
	}{
		{"logo-32x32.png", logoPNG(32)},
		{"logo-64x64.png", logoPNG(64)},
		{"logo-svg.svg", []byte(logoSVG())},
		{"kernel.json", data},
	}
	for _, f := range files {
		if err := write(filepath.Join(dir, f.name), f.data); err != nil {
			return "", refused(dir, err)
		}
	}
	return dir, nil
}

// Uninstall removes the kernel spec that Install wrote with the same options
// and returns the folder that it was in.
func Uninstall(o Options) (dir string, err error) {
	dir, err = o.dir()
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no kernel %q in %s: jupyter kernelspec list shows where kernels are", o.name(), filepath.Dir(dir))
	}
	if err != nil {
		return "", err
	}
	var s spec
	if json.Unmarshal(data, &s) != nil || s.Language != "go" || len(s.Argv) < 2 || s.Argv[1] != "kernel" {
		return "", fmt.Errorf("the kernel in %s is not fluxion's, so it was left alone: jupyter kernelspec remove %s removes it", dir, o.name())
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", refused(dir, err)
	}
	return dir, nil
}

func (o Options) name() string {
	if o.Name == "" {
		return "fluxion"
	}
	return o.Name
}

// names are what Jupyter accepts as the name of a kernel spec.
var names = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// dir returns the folder of the kernel spec.
func (o Options) dir() (string, error) {
	if !names.MatchString(o.name()) || strings.Trim(o.name(), ".") == "" {
		return "", fmt.Errorf("%q cannot name a kernel: use letters, digits, dots, hyphens and underscores", o.name())
	}
	var share string
	var err error
	switch {
	case o.User && o.SysPrefix || (o.User || o.SysPrefix) && o.Prefix != "":
		return "", errors.New("the kernel can go to one place at a time: choose one of user, prefix and sys-prefix")
	case o.Prefix != "":
		share, err = filepath.Abs(filepath.Join(o.Prefix, "share", "jupyter"))
	case o.SysPrefix:
		share, err = sysPrefix()
		share = filepath.Join(share, "share", "jupyter")
	default:
		share, err = userFolder()
	}
	return filepath.Join(share, "kernels", o.name()), err
}

// program returns the absolute path of the program to start.
func (o Options) program() (string, error) {
	path := o.Executable
	if path == "" {
		running, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("the path of the running program is not known: name the program to install: %w", err)
		}
		if strings.Contains(running, string(filepath.Separator)+"go-build") {
			return "", errors.New("this program was started by go run and is deleted when it ends: build it first (go build or go install), then run its install command")
		}
		path = running
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("there is no program to install: %w", err)
	} else if info.IsDir() {
		return "", fmt.Errorf("%s is a folder: want the fluxion program", path)
	}
	return path, nil
}

// fill returns kernel.json for a program.
func (o Options) fill(program string) ([]byte, error) {
	var s spec
	d := json.NewDecoder(bytes.NewReader(o.Template))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("the kernel spec template is damaged: %w", err)
	}
	at := slices.Index(s.Argv, executable)
	if at < 0 {
		return nil, fmt.Errorf("the kernel spec template has no %s in its argv", executable)
	}
	s.Argv[at] = program
	s.Argv = append(s.Argv, o.Arguments...)
	if o.DisplayName != "" {
		s.DisplayName = o.DisplayName
	}
	data, err := json.MarshalIndent(s, "", "  ")
	return append(data, '\n'), err
}

// write writes a file in one step: readers see the old content or the new.
func write(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// refused says what to do where the system lets nothing be written.
func refused(dir string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s cannot be changed: choose a folder of your own with --user or --prefix: %w", dir, err)
	}
	return fmt.Errorf("%s cannot be changed: %w", dir, err)
}
