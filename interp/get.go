package interp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/fluxion-go/fluxion/cell"
)

// A gotten package is one of a module that %get has brought. It is interpreted
// from its source in the module cache.
type gotten struct {
	path    string
	module  string // the module's path
	dir     string
	files   []string // names in dir
	version string   // of Go, by which it is to be understood: "go1.21"
	problem string   // why it cannot be interpreted; "" where it can
	command bool     // it is a package main
}

// internal reports whether only its own module may import the package.
func (g *gotten) internal() bool {
	return slices.Contains(strings.Split(g.path, "/"), "internal")
}

// read returns the files of the package.
func (g *gotten) read() (map[string][]byte, error) {
	if g.problem != "" {
		return nil, fmt.Errorf("package %s cannot be interpreted: %s", g.path, g.problem)
	}
	texts := map[string][]byte{}
	for _, name := range g.files {
		text, err := os.ReadFile(filepath.Join(g.dir, name))
		if err != nil {
			return nil, err
		}
		texts[g.path+"/"+name] = text
	}
	return texts, nil
}

// modules are those that a session has asked for: a module of its own, in a
// folder that is gone when the session ends, requires them.
type modules struct {
	folder string            // "" before the first
	asked  []string          // module@version with the exact version, in order
	exact  map[string]string // what was written behind %get → the same with the exact version
}

func (m *modules) close() error {
	if m.folder == "" {
		return nil
	}
	return os.RemoveAll(m.folder)
}

// moduleArg is what can stand behind %get.
var moduleArg = regexp.MustCompile(`^[\w~][\w.~/-]*(@[\w.+~-]+)?$`)

// magicGet brings a module, or lists those that are there.
func (r *run) magicGet(m magic) *cell.Error {
	r.evaluator.mu.Lock()
	s := r.session
	r.evaluator.mu.Unlock()
	if m.args == "" {
		for _, asked := range s.modules.asked {
			r.out.Stream("stdout", "%get "+asked+"\n")
		}
		if len(s.modules.asked) == 0 {
			r.out.Stream("stdout", "no module was asked for; write %get MODULE@VERSION\n")
		}
		return nil
	}
	if !moduleArg.MatchString(m.args) {
		e := magicError("%q is not a module", m.args)
		e.Hint = "write %get MODULE@VERSION, as in %get golang.org/x/text@v0.30.0"
		return e
	}
	tool, err := osexec.LookPath("go")
	if err != nil {
		e := magicError("%%get needs the go command, and there is none on the PATH of this machine")
		e.Hint = "install Go (https://go.dev/dl), or use what %help and the packages of fluxion offer"
		return e
	}
	if s.modules.folder == "" {
		folder, err := os.MkdirTemp("", "fluxion-get-")
		if err != nil {
			return magicError("%v", err)
		}
		s.modules.folder = folder
		if err := os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module session\n\ngo "+strings.TrimPrefix(goVersion, "go")+"\n"), 0o644); err != nil {
			return magicError("%v", err)
		}
	}
	g := goCommand{r.ctx, tool, s.modules.folder, r}
	path, _, _ := strings.Cut(m.args, "@")
	if _, err := g.run("get", m.args); err != nil {
		return r.getError(m.args, err)
	}
	module, packages, err := g.list(path)
	if err != nil {
		return r.getError(m.args, err)
	}
	s.packages.add(packages)
	if slices.ContainsFunc(packages, func(g *gotten) bool { return g.path == path && !g.command }) {
		if _, err := s.packages.Import(path); err != nil {
			return magicError("%s: %v", module, err)
		}
	}
	r.evaluator.mu.Lock()
	s.modules.asked = append(slices.DeleteFunc(s.modules.asked, func(a string) bool {
		return strings.HasPrefix(a, module.Path+"@")
	}), module.String())
	if s.modules.exact == nil {
		s.modules.exact = map[string]string{}
	}
	s.modules.exact[m.args] = module.String()
	r.evaluator.mu.Unlock()

	var importable []string
	for _, g := range packages {
		if strings.HasPrefix(g.path+"/", module.Path+"/") && g.problem == "" && !g.internal() && !g.command {
			importable = append(importable, g.path)
		}
	}
	line := module.Path + " " + module.Version
	switch n := len(importable); {
	case n == 0:
		line += ": none of its packages can be imported by a cell"
	case n <= 3:
		line += ": import \"" + strings.Join(importable, "\", \"") + "\""
	default:
		line += fmt.Sprintf(": %d packages, import %q and so on", n, importable[0])
	}
	r.out.Stream("stdout", line+"\n")
	if m.args != module.String() {
		r.note("to run this again with the same version, write %get " + module.String())
	}
	return nil
}

func (r *run) getError(what string, err error) *cell.Error {
	if r.ctx.Err() != nil {
		return r.runError(r.ctx.Err())
	}
	return magicError("%s cannot be brought: %v", what, err)
}

// A goCommand runs the go command in the session's module, with the
// environment of the process: its proxy, its flags, its private modules.
type goCommand struct {
	ctx    context.Context
	tool   string
	folder string
	r      *run
}

// run returns what the command writes. What it says on its error stream while it
// works is shown; what it says when it fails is the error.
func (g goCommand) run(args ...string) ([]byte, error) {
	cmd := osexec.CommandContext(g.ctx, g.tool, args...)
	cmd.Dir = g.folder
	cmd.Env = append(os.Environ(), "GO111MODULE=on", "GOWORK=off", "CGO_ENABLED=0", "PWD="+g.folder)
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	var exit *osexec.ExitError
	if errors.As(err, &exit) {
		text := strings.TrimSpace(said.String())
		text = strings.ReplaceAll("\n"+text, "\ngo: ", "\n")
		return nil, errors.New(strings.TrimSpace(text))
	}
	return out.Bytes(), err
}

// A moduleVersion names a module.
type moduleVersion struct {
	Path, Version string
	GoVersion     string
}

func (m moduleVersion) String() string { return m.Path + "@" + m.Version }

// list finds the module that a path belongs to, and its packages with all that
// they need, the standard library excepted.
func (g goCommand) list(path string) (moduleVersion, []*gotten, error) {
	// Modules with assembly keep a version without it behind one of these tags.
	out, err := g.run("list", "-mod=mod", "-deps", "-e", "-tags=purego,noasm",
		"-json=ImportPath,Name,Dir,GoFiles,CgoFiles,SFiles,EmbedPatterns,Standard,Module,Error", "--", path, path+"/...")
	if err != nil {
		return moduleVersion{}, nil, err
	}
	var module moduleVersion
	var packages []*gotten
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Name, Dir                    string
			GoFiles, CgoFiles, SFiles, EmbedPatterns []string
			Standard                                 bool
			Module                                   *moduleVersion
			Error                                    *struct{ Err string }
		}
		err := dec.Decode(&p)
		if err == io.EOF {
			break
		}
		if err != nil {
			return moduleVersion{}, nil, fmt.Errorf("what go list writes cannot be read: %w", err)
		}
		if p.Standard || p.Module == nil {
			continue
		}
		if m := *p.Module; strings.HasPrefix(path+"/", m.Path+"/") && len(m.Path) > len(module.Path) {
			module = m
		}
		have := &gotten{path: p.ImportPath, module: p.Module.Path, dir: p.Dir, files: p.GoFiles, command: p.Name == "main"}
		if p.Module.GoVersion != "" {
			have.version = "go" + p.Module.GoVersion
		}
		switch {
		case len(p.CgoFiles) > 0:
			have.problem = "it needs cgo (" + p.CgoFiles[0] + ")"
		case len(p.SFiles) > 0:
			have.problem = "it has assembly (" + p.SFiles[0] + ")"
		case len(p.EmbedPatterns) > 0:
			have.problem = "it embeds files (" + p.EmbedPatterns[0] + ")"
		case p.Error != nil:
			have.problem = p.Error.Err
		}
		packages = append(packages, have)
	}
	if module.Path == "" {
		return moduleVersion{}, nil, errors.New("the go command has brought it, but does not list it")
	}
	return module, packages, nil
}

// exactGets writes the exact versions into the lines of a cell that begin with
// %get.
func (m *modules) exactGets(code string) string {
	for _, get := range splitMagics(code).magics {
		if exact := m.exact[get.args]; get.name == "get" && exact != "" {
			code = strings.Replace(code, "%get "+get.args, "%get "+exact, 1)
		}
	}
	return code
}
