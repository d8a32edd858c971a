package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"
)

// executors are those whose verdicts stand in the table, in its order.
var executors = []string{"vm", "yaegi"}

func main() {
	if len(os.Args) == 4 && os.Args[1] == childArg {
		os.Exit(runChild(os.Args[2], os.Args[3]))
	}
	log.SetFlags(0)
	log.SetPrefix("conformance: ")
	update := flag.Bool("update", false, "write the table")
	only := flag.String("run", "", "run the programs that match this `regexp` alone, and show how they fail")
	folder := flag.String("dir", "", "the folder of the programs (default: test in the Go installation)")
	table := flag.String("table", "interp/conformance/go1.26.txt", "the table")
	known := flag.String("known", "build/conformance.json", "where to keep what compiled programs do")
	parallel := flag.Int("j", runtime.NumCPU(), "programs that run at the same time")
	limit := flag.Duration("limit", 2*time.Minute, "time that a program may take")
	flag.StringVar(&onExecutor, "executor", "", "run this executor alone")
	flag.Parse()
	s := &suite{dir: *folder, limit: *limit, parallel: *parallel}
	if err := s.run(*table, *known, *only, *update); err != nil {
		log.Fatal(err)
	}
}

var onExecutor string

// A suite is one run of the programs.
type suite struct {
	dir      string
	limit    time.Duration
	parallel int
	compiled *compiled
}

func (s *suite) run(tableFile, knownFile, only string, update bool) error {
	match, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	if s.dir == "" {
		out, err := exec.Command("go", "env", "GOROOT").Output()
		if err != nil {
			return fmt.Errorf("the go command is needed to compare with: %w", err)
		}
		s.dir = filepath.Join(strings.TrimSpace(string(out)), "test")
	}
	names, err := programs(s.dir)
	if err != nil {
		return err
	}
	table, err := readTable(tableFile)
	if err != nil {
		return err
	}
	if s.compiled, err = openCompiled(knownFile); err != nil {
		return err
	}
	var chosen []string
	for _, name := range names {
		if match.MatchString(name) {
			chosen = append(chosen, name)
		}
	}
	found := make([]map[string]verdict, len(chosen))
	var wait sync.WaitGroup
	slots := make(chan bool, s.parallel)
	for i, name := range chosen {
		wait.Add(1)
		slots <- true
		go func() {
			defer wait.Done()
			found[i] = s.judge(name, table[name])
			<-slots
		}()
	}
	wait.Wait()
	if err := s.compiled.write(); err != nil {
		return err
	}
	if update {
		return table.update(tableFile, chosen, found, only == "")
	}
	return table.compare(chosen, found, only != "")
}

// judge runs one program on every executor. A program that the table has as
// passing gets a second chance: some depend on the time.
func (s *suite) judge(name string, row *row) map[string]verdict {
	want, err := s.compiled.run(s.dir, name, s.limit)
	out := map[string]verdict{}
	for _, x := range executors {
		if onExecutor != "" && x != onExecutor {
			continue
		}
		if err != nil {
			out[x] = verdict{noGo, err.Error()}
			continue
		}
		out[x] = compare(want, runAlone(s.dir, name, x, s.limit))
		if row != nil && row.verdicts[x] == pass && out[x].kind != pass {
			out[x] = compare(want, runAlone(s.dir, name, x, s.limit))
		}
	}
	return out
}

// A verdict is what became of a program.
type verdict struct {
	kind   string
	detail string // for a person
}

// The kinds of verdicts.
const (
	pass    = "pass"
	refused = "refused" // the executor said that it does not run the program
	output  = "output"  // exit status as compiled, another output
	status  = "status"  // another exit status
	late    = "late"    // did not end in time
	crash   = "crash"   // the executor itself died
	noGo    = "no-go"   // cannot be built by itself by the go command
)

func compare(want, got result) verdict {
	switch {
	case got.Status == want.Status && got.Output == want.Output && !got.Late:
		return verdict{pass, ""}
	case got.Late:
		return verdict{late, excerpt(got.Output)}
	case got.Status == statusRefused:
		return verdict{refused, excerpt(got.Output)}
	case strings.Contains(got.raw, hostFrame):
		return verdict{crash, excerpt(got.raw)}
	case got.Status != want.Status:
		return verdict{status, fmt.Sprintf("exit status %d, want %d\n%s", got.Status, want.Status, excerpt(got.Output))}
	}
	return verdict{output, fmt.Sprintf("prints %q\nwant %q", excerpt(got.Output), excerpt(want.Output))}
}

func excerpt(s string) string {
	const most = 600
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// compare reports how the verdicts differ from the table; with all set, every
// program that does not pass.
func (t table) compare(names []string, found []map[string]verdict, all bool) error {
	var errs []error
	for i, name := range names {
		r := cmp.Or(t[name], &row{verdicts: map[string]string{}})
		for _, x := range executors {
			v, ok := found[i][x]
			if !ok {
				continue
			}
			was := r.verdicts[x]
			switch {
			case was == pass && v.kind != pass:
				errs = append(errs, fmt.Errorf("%s on %s: %s, passed before\n%s", name, x, v.kind, v.detail))
			case was != pass && v.kind == pass:
				fmt.Printf("%s on %s: passes now (run with -update)\n", name, x)
			case v.kind == crash && was != crash && x == "vm":
				errs = append(errs, fmt.Errorf("%s on %s: %s\n%s", name, x, v.kind, v.detail))
			case v.kind != pass && all:
				fmt.Printf("%s on %s: %s\n%s\n", name, x, v.kind, v.detail)
			}
		}
		if v, ok := found[i]["vm"]; ok && v.kind != pass && r.why == "" {
			errs = append(errs, fmt.Errorf("%s: the table does not say why it does not pass on the vm", name))
		}
	}
	for _, line := range summary(names, func(i int, x string) string { return found[i][x].kind }) {
		fmt.Println(line)
	}
	return errors.Join(errs...)
}
