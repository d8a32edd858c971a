package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/fluxion-go/fluxion/history"
	"github.com/fluxion-go/fluxion/kernel"
	"github.com/fluxion-go/fluxion/session"
)

// runKernel serves Jupyter. It owns the sockets and the history; the cells run
// in a child process, which may die.
func runKernel(ctx context.Context, c *command, args []string) error {
	var executor, memory *string
	var verbose *bool
	args, err := c.options(args, func(fs *flag.FlagSet) {
		executor = executorOption(fs)
		memory = fs.String("memory", "", "stop cells that take more than this `AMOUNT`, such as 4GiB, or none for no limit (default: three quarters of the machine's)")
		verbose = fs.Bool("verbose", false, "say on the error stream what was refused or dropped")
	})
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return fmt.Errorf("kernel: want the connection file that Jupyter writes, got %d arguments; Jupyter starts this command itself, after fluxion install", len(args))
	}
	limit := session.DefaultMemory()
	if *memory != "" {
		if limit, err = session.ParseMemory(*memory); err != nil {
			return fmt.Errorf("kernel: --memory: %w", err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	if *verbose {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("kernel: the path of this program, which is to run the cells, is not known: %w", err)
	}
	cells, err := session.Start(session.Config{
		Command: func() *exec.Cmd {
			cmd := exec.Command(program, "cells", "--executor", *executor, "--memory", strconv.FormatInt(limit, 10))
			cmd.Env = append(os.Environ(), "GODEBUG="+os.Getenv("GODEBUG")+",tracebacklabels=1")
			return cmd
		},
		Memory: limit,
		Log:    log,
	})
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	defer cells.Close()
	time.AfterFunc(time.Second/2, session.ReleaseCode) // when this process has started
	return kernel.Run(context.WithoutCancel(ctx), kernel.Config{
		ConnectionFile: args[0],
		Evaluator:      cells,
		History:        history.Open(history.File()),
		Log:            log,
		Info: kernel.Info{
			Implementation:  "fluxion",
			Version:         version(),
			LanguageVersion: strings.TrimPrefix(runtime.Version(), "go"),
			Banner:          banner(),
			HelpLinks:       []kernel.HelpLink{{Text: "Go", URL: "https://go.dev/doc/"}, {Text: "fluxion", URL: "https://github.com/fluxion-go/fluxion"}},
		},
	})
}

// runCells runs the cells of the process that started this one, which it talks
// to over its standard input and output.
func runCells(ctx context.Context, c *command, args []string) error {
	var executor *string
	var memory *int64
	if _, err := c.options(args, func(fs *flag.FlagSet) {
		executor = executorOption(fs)
		memory = fs.Int64("memory", 0, "keep below so many bytes")
	}); err != nil {
		return err
	}
	signal.Ignore(os.Interrupt) // the parent says when a cell is to stop
	streams, err := session.TakeStreams()
	if err != nil {
		return err
	}
	e, err := newEvaluator(*executor)
	if err != nil {
		return err
	}
	defer e.Close()
	return session.Serve(streams.In, streams.Out, e, session.Options{Streams: streams, Memory: *memory})
}
