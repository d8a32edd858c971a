package preload

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/fluxion-go/fluxion/preload/docs"
	"github.com/fluxion-go/fluxion/preload/list"
)

// Doc returns the documentation of an exported name of a package, such as
// "Tensor", "Tensor.MatMul" or, for the package itself, "". That of fluxion's own
// packages is embedded; that of others is read from the Go installation and
// the module cache of this machine where there are such, and is empty
// elsewhere.
func (Packages) Doc(importPath, name string) string {
	documents.Lock()
	defer documents.Unlock()
	m, ok := documents.of[importPath]
	if !ok {
		m = readDocs(importPath)
		documents.of[importPath] = m
	}
	return m[name]
}

var documents = struct {
	sync.Mutex
	of map[string]map[string]string
}{of: map[string]map[string]string{}}

var docsIndex = sync.OnceValue(func() map[string]map[string]string {
	m := map[string]map[string]string{}
	for name, f := range index(docsZip) {
		var doc map[string]string
		if data, err := unpack(f); err == nil && json.Unmarshal(data, &doc) == nil {
			m[name] = doc
		}
	}
	return m
})

func readDocs(importPath string) map[string]string {
	if list.Fluxion(importPath) {
		return docsIndex()[importPath]
	}
	for _, dir := range sourceDirs(importPath) {
		if m, err := docs.Read(dir, importPath); err == nil {
			return m
		}
	}
	return nil
}

// sourceDirs are the folders in which the source of a package may lie.
func sourceDirs(importPath string) []string {
	local := filepath.FromSlash(importPath)
	if first, _, _ := strings.Cut(importPath, "/"); !strings.Contains(first, ".") {
		var dirs []string
		for _, root := range goRoots() {
			dirs = append(dirs, filepath.Join(root, "src", local))
		}
		return dirs
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, m := range info.Deps {
		if importPath != m.Path && !strings.HasPrefix(importPath, m.Path+"/") {
			continue
		}
		rest := filepath.FromSlash(strings.TrimPrefix(importPath, m.Path))
		return []string{filepath.Join(moduleCache(), filepath.FromSlash(m.Path)+"@"+m.Version+rest)}
	}
	return nil
}

// goRoots are the places where a Go installation may be.
func goRoots() []string {
	var out []string
	if r := os.Getenv("GOROOT"); r != "" {
		out = append(out, r)
	}
	if file, err := exec.LookPath("go"); err == nil {
		if file, err = filepath.EvalSymlinks(file); err == nil {
			out = append(out, filepath.Dir(filepath.Dir(file)))
		}
	}
	if runtime.GOOS != "windows" {
		out = append(out, "/usr/local/go", "/usr/lib/go")
	}
	return out
}

func moduleCache() string {
	if dir := os.Getenv("GOMODCACHE"); dir != "" {
		return dir
	}
	if list := filepath.SplitList(os.Getenv("GOPATH")); len(list) > 0 {
		return filepath.Join(list[0], "pkg", "mod")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, "go", "pkg", "mod")
}
