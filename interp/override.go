package interp

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
)

// override returns symbols in which what reads or writes the process's standard
// streams, or ends the process, does so to the cell.
func (s *stdio) override(symbols map[string]map[string]reflect.Value) exec.Symbols {
	out := exec.Symbols(maps.Clone(symbols))
	for path, table := range map[string]map[string]any{
		"fmt": s.fmt(), "os": s.os(), "log": s.log(), "bufio": s.bufio(), "io": s.io(), "time": {"Sleep": sleep},
		"log/slog": s.slog(),
	} {
		if out[path] == nil {
			continue
		}
		m := maps.Clone(out[path])
		for name, f := range table {
			v := reflect.ValueOf(f)
			if p, ok := f.(variable); ok {
				v = reflect.ValueOf(p.at).Elem()
			}
			m[name] = v
		}
		out[path] = m
	}
	return out
}

// A variable is a symbol that cells can assign to.
type variable struct{ at any }

func (s *stdio) os() map[string]any {
	return map[string]any{
		"Stdout": variable{&s.outVar},
		"Stderr": variable{&s.errVar},
		"Stdin":  variable{&s.inVar},
		"Exit":   func(code int) { panic(&exec.Exit{Code: code}) },
	}
}

func (s *stdio) fmt() map[string]any {
	fprint := func(w io.Writer, text string) (int, error) {
		if stream := s.stream(w); stream != "" {
			return s.write(stream, text)
		}
		return io.WriteString(w, text)
	}
	scan := func() io.Reader { return s.reader(s.inVar) }
	return map[string]any{
		"Print":   func(a ...any) (int, error) { return fprint(s.outVar, fmt.Sprint(a...)) },
		"Printf":  func(f string, a ...any) (int, error) { return fprint(s.outVar, fmt.Sprintf(f, a...)) },
		"Println": func(a ...any) (int, error) { return fprint(s.outVar, fmt.Sprintln(a...)) },
		"Fprint":  func(w io.Writer, a ...any) (int, error) { return fprint(w, fmt.Sprint(a...)) },
		"Fprintf": func(w io.Writer, f string, a ...any) (int, error) { return fprint(w, fmt.Sprintf(f, a...)) },
		"Fprintln": func(w io.Writer, a ...any) (int, error) {
			return fprint(w, fmt.Sprintln(a...))
		},
		"Scan":    func(a ...any) (int, error) { return fmt.Fscan(scan(), a...) },
		"Scanf":   func(f string, a ...any) (int, error) { return fmt.Fscanf(scan(), f, a...) },
		"Scanln":  func(a ...any) (int, error) { return fmt.Fscanln(scan(), a...) },
		"Fscan":   func(r io.Reader, a ...any) (int, error) { return fmt.Fscan(s.reader(r), a...) },
		"Fscanf":  func(r io.Reader, f string, a ...any) (int, error) { return fmt.Fscanf(s.reader(r), f, a...) },
		"Fscanln": func(r io.Reader, a ...any) (int, error) { return fmt.Fscanln(s.reader(r), a...) },
	}
}

func (s *stdio) bufio() map[string]any {
	return map[string]any{
		"NewReader":     func(r io.Reader) *bufio.Reader { return bufio.NewReader(s.reader(r)) },
		"NewReaderSize": func(r io.Reader, n int) *bufio.Reader { return bufio.NewReaderSize(s.reader(r), n) },
		"NewScanner":    func(r io.Reader) *bufio.Scanner { return bufio.NewScanner(s.reader(r)) },
	}
}

func (s *stdio) io() map[string]any {
	return map[string]any{
		"ReadAll":  func(r io.Reader) ([]byte, error) { return io.ReadAll(s.reader(r)) },
		"ReadFull": func(r io.Reader, b []byte) (int, error) { return io.ReadFull(s.reader(r), b) },
		"Copy":     func(w io.Writer, r io.Reader) (int64, error) { return io.Copy(w, s.reader(r)) },
	}
}

// log gives the evaluator a default logger of its own.
func (s *stdio) log() map[string]any {
	l := log.New(writer{s, "stderr"}, "", log.LstdFlags)
	exit := func() { panic(&exec.Exit{Code: 1}) }
	return map[string]any{
		"Default": func() *log.Logger { return l },
		"Print":   l.Print, "Printf": l.Printf, "Println": l.Println,
		"Panic": l.Panic, "Panicf": l.Panicf, "Panicln": l.Panicln,
		"Fatal":   func(v ...any) { l.Print(v...); exit() },
		"Fatalf":  func(f string, v ...any) { l.Printf(f, v...); exit() },
		"Fatalln": func(v ...any) { l.Println(v...); exit() },
		"Output":  l.Output, "Writer": l.Writer, "Flags": l.Flags, "Prefix": l.Prefix,
		"SetFlags": l.SetFlags, "SetPrefix": l.SetPrefix,
		"SetOutput": func(w io.Writer) {
			if stream := s.stream(w); stream != "" {
				w = writer{s, stream}
			}
			l.SetOutput(w)
		},
	}
}

// slog gives the evaluator a default logger of its own.
func (s *stdio) slog() map[string]any {
	var current atomic.Pointer[slog.Logger]
	current.Store(slog.New(slog.NewTextHandler(writer{s, "stderr"}, nil)))
	at := func(level slog.Level) func(string, ...any) {
		return func(msg string, args ...any) { current.Load().Log(cell.Current().Context(), level, msg, args...) }
	}
	in := func(level slog.Level) func(context.Context, string, ...any) {
		return func(ctx context.Context, msg string, args ...any) { current.Load().Log(ctx, level, msg, args...) }
	}
	return map[string]any{
		"Default": current.Load, "SetDefault": func(l *slog.Logger) { current.Store(l) },
		"Debug": at(slog.LevelDebug), "Info": at(slog.LevelInfo), "Warn": at(slog.LevelWarn), "Error": at(slog.LevelError),
		"DebugContext": in(slog.LevelDebug), "InfoContext": in(slog.LevelInfo), "WarnContext": in(slog.LevelWarn), "ErrorContext": in(slog.LevelError),
		"With": func(args ...any) *slog.Logger { return current.Load().With(args...) },
		"Log": func(ctx context.Context, level slog.Level, msg string, args ...any) {
			current.Load().Log(ctx, level, msg, args...)
		},
		"LogAttrs": func(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) {
			current.Load().LogAttrs(ctx, level, msg, attrs...)
		},
	}
}

// sleep ends when the cell is interrupted.
func sleep(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-cell.Current().Done():
	}
}

// A writer shows what is written to it on a stream of the cell.
type writer struct {
	s      *stdio
	stream string
}

func (w writer) Write(b []byte) (int, error) { return w.s.write(w.stream, string(b)) }
