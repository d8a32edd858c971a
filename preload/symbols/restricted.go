package symbols

import (
	"errors"
	"io"
	"log"
	"os"
)

// The extractor puts functions of these names in the place of those that would
// end the process: os.Exit is osExit, log.Fatal is logFatal, and so on.

// An Exit is the panic value of a call that asks to end the process.
type Exit struct{ Code int }

// Error says what was asked for.
func (e *Exit) Error() string { return "exit" }

// ExitCode is the status that the process was to end with. An executor knows
// such a panic by this method.
func (e *Exit) ExitCode() int { return e.Code }

func osExit(code int) { panic(&Exit{code}) }

// osFindProcess finds any process but this one, which a cell shall not signal.
func osFindProcess(pid int) (*os.Process, error) {
	if pid == os.Getpid() {
		return nil, errors.New("os: a cell cannot find its own process")
	}
	return os.FindProcess(pid)
}

func logFatal(v ...any) {
	log.Print(v...)
	osExit(1)
}

func logFatalf(format string, v ...any) {
	log.Printf(format, v...)
	osExit(1)
}

func logFatalln(v ...any) {
	log.Println(v...)
	osExit(1)
}

// logLogger is the real type: executors that can see the methods Fatal, Fatalf
// and Fatalln of a logger being called must stop them by themselves.
type logLogger = log.Logger

func logNew(out io.Writer, prefix string, flag int) *log.Logger { return log.New(out, prefix, flag) }
