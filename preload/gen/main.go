// Command gen makes the generated files of package preload from packages.txt:
// symbol tables (symbols/zz_*.go), types (zz_types.zip), documentation of
// fluxion's own packages (zz_docs.zip) and the sums by which a test sees that
// these files have fallen behind (zz_sums.txt).
//
// It is run by "go generate ./preload" in the folder of package preload, needs
// the go command, and takes some minutes for the whole list. With arguments it
// makes only the symbol tables of the packages whose import path has one of them
// as a suffix; types, documentation and sums are always made whole.
package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/traefik/yaegi/extract"
	"golang.org/x/tools/go/gcexportdata"

	"github.com/fluxion-go/fluxion/preload/docs"
	"github.com/fluxion-go/fluxion/preload/list"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("preload/gen: ")
	flag.Parse()
	if err := run(flag.Args()); err != nil {
		log.Fatal(err)
	}
}

// A pkg is what "go list" says about a package.
type pkg struct {
	ImportPath string
	Name       string
	Dir        string
	Export     string // file of export data
	Standard   bool
	Deps       []string
}

func run(only []string) error {
	pkgs, err := load()
	if err != nil {
		return err
	}
	if err := writeTypes("zz_types.zip", pkgs); err != nil {
		return err
	}
	if err := writeDocs("zz_docs.zip", pkgs); err != nil {
		return err
	}
	if err := writeSymbols("symbols", pkgs, only); err != nil {
		return err
	}
	return writeSums("zz_sums.txt", pkgs)
}

// load asks the go command for the packages of the list.
func load() ([]pkg, error) {
	text, err := os.ReadFile("packages.txt")
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, e := range list.Parse(string(text)) {
		if e.Fluxion() {
			if files, _ := filepath.Glob(filepath.Join("..", e.Dir(), "*.go")); len(files) == 0 {
				log.Printf("%s does not exist yet", e.Path)
				continue
			}
		}
		paths = append(paths, e.Path)
	}
	args := append([]string{"list", "-export", "-json=ImportPath,Name,Dir,Export,Standard,Deps", "--"}, paths...)
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if list.Reason(p.ImportPath) == "" && !list.Interpreted(p.ImportPath) {
			pkgs = append(pkgs, p)
		}
	}
	slices.SortFunc(pkgs, func(a, b pkg) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return pkgs, nil
}

// writeTypes packs the export data of the packages, which holds whatever their
// types need of other packages.
func writeTypes(file string, pkgs []pkg) error {
	return writeZip(file, func(add func(name string, data []byte) error) error {
		for _, p := range pkgs {
			if p.Export == "" { // unsafe
				continue
			}
			f, err := os.Open(p.Export)
			if err != nil {
				return err
			}
			//lint:ignore SA1019 go list names archives, of which the zip holds the types' part alone
			r, err := gcexportdata.NewReader(f)
			if err != nil {
				return fmt.Errorf("%s: %w", p.ImportPath, err)
			}
			data, err := io.ReadAll(r)
			f.Close()
			if err != nil {
				return fmt.Errorf("%s: %w", p.ImportPath, err)
			}
			if err := add(p.ImportPath, data); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeDocs packs the documentation of fluxion's packages, one JSON object from
// name to text for each.
func writeDocs(file string, pkgs []pkg) error {
	return writeZip(file, func(add func(name string, data []byte) error) error {
		for _, p := range pkgs {
			if !list.Fluxion(p.ImportPath) {
				continue
			}
			m, err := docs.Read(p.Dir, p.ImportPath)
			if err != nil {
				return err
			}
			data, err := json.MarshalIndent(m, "", "\t")
			if err != nil {
				return err
			}
			if err := add(p.ImportPath, data); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeZip writes a zip archive that depends on nothing but what is added.
func writeZip(file string, fill func(add func(name string, data []byte) error) error) error {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	err := fill(func(name string, data []byte) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Time{}})
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, buf.Bytes(), 0o644)
}

// writeSymbols makes the symbol tables and removes those of packages that have
// left the list.
func writeSymbols(dir string, pkgs []pkg, only []string) error {
	made := map[string]bool{}
	for _, p := range pkgs {
		if p.ImportPath == "unsafe" {
			continue
		}
		file := filepath.Join(dir, symbolFile(p.ImportPath))
		made[file] = true
		if len(only) > 0 && !slices.ContainsFunc(only, func(s string) bool { return strings.HasSuffix(p.ImportPath, s) }) {
			continue
		}
		src, err := symbols(p.ImportPath)
		if err != nil {
			return fmt.Errorf("symbols of %s: %w", p.ImportPath, err)
		}
		if src == nil {
			delete(made, file)
			continue
		}
		if err := os.WriteFile(file, src, 0o644); err != nil {
			return err
		}
	}
	old, err := filepath.Glob(filepath.Join(dir, "zz_*.go"))
	if err != nil {
		return err
	}
	for _, f := range old {
		if !made[f] {
			if err := os.Remove(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// symbolFile names the file of a package's table. What a file ends in can bind
// it to one system: syscall is a different package on each, and log/syslog's
// own constraint is in the text.
func symbolFile(path string) string {
	name := "zz_" + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path)
	switch {
	case path == "syscall":
		return name + "_linux_amd64.go"
	case strings.HasSuffix(name, "_js"), strings.HasSuffix(name, "_test"), strings.HasSuffix(name, "_plan9"):
		return name + "_pkg.go"
	}
	return name + ".go"
}

// plusBuild is the extractor's build constraint in the form of old.
var plusBuild = regexp.MustCompile(`(?m)^// \+build .*\n`)

// symbols returns the source of the symbol table of a package. The extractor
// writes an init function that fills a map; here it becomes a function that
// is called when a cell first needs the package, so that a program that
// runs no cell pays for none. The result is nil for a package that has only
// generic functions and types.
func symbols(path string) ([]byte, error) {
	e := extract.Extractor{Dest: "symbols"}
	var buf bytes.Buffer
	if _, err := e.Extract(path, "", &buf); err != nil {
		return nil, err
	}
	src := buf.String()
	if strings.Contains(src, "] = map[string]reflect.Value{}\n") {
		return nil, nil
	}
	const head, tail = "func init() {\n\tSymbols[", "\n\t}\n}\n"
	i := strings.Index(src, head)
	j := strings.Index(src[max(i, 0):], tail)
	if i < 0 || j < 0 {
		return nil, errors.New("the extractor's output has an unknown form")
	}
	j += i
	body := src[i+len(head) : j]
	body = body[strings.Index(body, "= ")+2:]
	src = src[:i] + fmt.Sprintf("func init() {\n\ttables[%q] = func() map[string]reflect.Value {\n\t\treturn %s\n\t\t}\n\t}\n}\n", path, body) + src[j+len(tail):]
	out, err := format.Source([]byte(src)) // writes the //go:build line
	if err != nil {
		return nil, err
	}
	return plusBuild.ReplaceAll(out, nil), nil
}

// writeSums records the declarations of fluxion's packages, as they are now, for
// the test that compares them with what they have become.
func writeSums(file string, pkgs []pkg) error {
	dirs := map[string]bool{}
	for _, p := range pkgs {
		if !list.Fluxion(p.ImportPath) {
			continue
		}
		for _, d := range append(p.Deps, p.ImportPath) {
			if list.Fluxion(d) {
				dirs[list.Dir(d)] = true
			}
		}
	}
	var b strings.Builder
	b.WriteString("# Made by go generate ./preload: folder and sum of its declarations.\n")
	names := make([]string, 0, len(dirs))
	for d := range dirs {
		names = append(names, d)
	}
	slices.Sort(names)
	for _, d := range names {
		sum, err := list.Sum(filepath.Join("..", d))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %s\n", d, sum)
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}
