// Package runner runs a notebook without Jupyter: it hands the cells to an
// evaluator one after another and writes the executed notebook and a page that
// any browser shows.
package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/runner/notebook"
	"github.com/fluxion-go/fluxion/runner/page"
)

// Options says what to run and where the results go.
type Options struct {
	Notebook  string         // path of the .ipynb file
	Dir       string         // where the results go, made if need be; "" means beside the notebook
	InPlace   bool           // the executed notebook takes the place of the one that was read
	Evaluator cell.Evaluator // a fresh session; Run does not close it
	Progress  io.Writer      // told what happens, for a person to read; may be nil
}

// A Report says what a run did.
type Report struct {
	Executed string // path of the executed notebook; "" where none was written
	Page     string // path of the HTML page; "" where none was written
	Cells    int    // code cells that hold something to run
	Ran      int    // how many of them ran, a failing one included
	Took     time.Duration
}

// A CellError says which cell stopped a run.
type CellError struct {
	Notebook  string // path
	Index     int    // of the cell among all cells, from 1
	Count     int    // execution count
	FirstLine string
	Err       *cell.Error
}

func (e *CellError) Error() string {
	return fmt.Sprintf("%s: cell %d (execution %d, %q) failed: %s: %s", e.Notebook, e.Index, e.Count, e.FirstLine, e.Err.Kind, e.Err.Message)
}

// Unwrap returns the error of the cell.
func (e *CellError) Unwrap() error { return e.Err }

// The tags that change how a cell is run, as nbclient understands them.
const (
	tagMayFail = "raises-exception"
	tagSkip    = "skip-execution"
)

// Run runs every code cell of a notebook in order. At the first failing cell
// that is not tagged raises-exception it stops with a [*CellError]; what ran
// until then is written all the same. The notebook that was read is not
// touched unless [Options.InPlace] says so: the executed one is called
// NAME.executed.ipynb where it would have the same path, and the page
// NAME.html.
//
// Outputs that the notebook came with are dropped, so that all outputs in the
// result are of this run.
func Run(ctx context.Context, opts Options) (Report, error) {
	nb, err := notebook.ReadFile(opts.Notebook)
	if err != nil {
		return Report{}, err
	}
	if lang := language(nb); lang != "" && !strings.EqualFold(lang, "go") {
		return Report{}, fmt.Errorf("%s: the notebook is written in %s, want go; its metadata names the language", opts.Notebook, lang)
	}
	executed, htmlPage, err := results(opts)
	if err != nil {
		return Report{}, err
	}
	r := &run{Options: opts, nb: nb, executed: executed, page: htmlPage}
	return r.run(ctx)
}

// language returns the language that the notebook says it is written in.
func language(nb *notebook.Notebook) string {
	for _, key := range []string{"kernelspec.language", "language_info.name"} {
		object, field, _ := strings.Cut(key, ".")
		m, _ := nb.Metadata[object].(map[string]any)
		if s, _ := m[field].(string); s != "" {
			return s
		}
	}
	return ""
}

// results returns the paths of the files to write.
func results(opts Options) (executed, htmlPage string, err error) {
	dir := cmp.Or(opts.Dir, filepath.Dir(opts.Notebook))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", "", err
	}
	name := strings.TrimSuffix(filepath.Base(opts.Notebook), ".ipynb")
	executed, htmlPage = filepath.Join(dir, name+".ipynb"), filepath.Join(dir, name+".html")
	if opts.InPlace {
		return opts.Notebook, htmlPage, nil
	}
	from, err := os.Stat(opts.Notebook)
	if err != nil {
		return "", "", err
	}
	if to, err := os.Stat(executed); err == nil && os.SameFile(from, to) {
		executed = filepath.Join(dir, name+".executed.ipynb")
	}
	return executed, htmlPage, nil
}

// A run is one notebook being run.
type run struct {
	Options
	nb             *notebook.Notebook
	executed, page string // the files to write
	recorder       recorder
	report         Report
}

func (r *run) run(ctx context.Context) (Report, error) {
	begun := time.Now()
	for _, c := range r.nb.Cells {
		if c.Kind != notebook.Code {
			continue
		}
		c.Clear()
		if runs(c) {
			r.report.Cells++
		}
	}
	screen := newScreen(r.Progress, r.report.Cells)
	screen.printf("%s: %s to run\n", r.Notebook, plural(r.report.Cells, "cell"))
	r.recorder.displays = map[string][]*notebook.Output{}

	failed := r.cells(ctx, screen)
	r.report.Took = time.Since(begun)
	switch {
	case failed == nil:
		screen.printf("%s ran in %v\n", plural(r.report.Ran, "cell"), roundDuration(r.report.Took))
	case r.report.Ran == 0:
	default:
		screen.printf("stopped at cell %d of %d\n", r.report.Ran, r.report.Cells)
	}
	err := r.write()
	if r.report.Executed != "" {
		screen.printf("  notebook  %s\n", r.report.Executed)
	}
	if r.report.Page != "" {
		screen.printf("  page      %s\n", r.report.Page)
	}
	return r.report, errors.Join(failed, err)
}

// runs reports whether there is something to do for a cell.
func runs(c *notebook.Cell) bool {
	return c.Kind == notebook.Code && strings.TrimSpace(c.Source) != "" && !c.HasTag(tagSkip)
}

// cells runs the cells and returns what stopped it: a *CellError, or the
// context's error where there was no cell to stop.
func (r *run) cells(ctx context.Context, screen *screen) error {
	for i, c := range r.nb.Cells {
		if !runs(c) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%s: stopped before cell %d: %w", r.Notebook, i+1, err)
		}
		r.report.Ran++
		c.Count = r.report.Ran
		out := r.recorder.record(c, screen)
		screen.begin(c.Count, c)
		res := r.Evaluator.Eval(ctx, cell.Request{Code: c.Source, Count: c.Count}, out)
		switch {
		case res.Err != nil:
			out.failure(res.Err)
		case !res.Value.Empty():
			out.result(res.Value)
		}
		screen.end(res.Err)
		if res.Err != nil && (!c.HasTag(tagMayFail) || ctx.Err() != nil) {
			return &CellError{r.Notebook, i + 1, c.Count, c.FirstLine(), res.Err}
		}
		// A cell can bring the whole process down in ways that no recover
		// catches; what ran before it is then in the file.
		if err := r.recorder.snapshot(func() error { return r.nb.WriteFile(r.executed) }); err != nil {
			return err
		}
	}
	return nil
}

// write writes both files.
func (r *run) write() error {
	return r.recorder.snapshot(func() error {
		err := r.nb.WriteFile(r.executed)
		if err == nil {
			r.report.Executed = r.executed
		}
		html, perr := page.HTML(r.nb, page.Options{Name: filepath.Base(r.Notebook)})
		if perr == nil {
			perr = notebook.ReplaceFile(r.page, html)
		}
		if perr == nil {
			r.report.Page = r.page
		}
		return errors.Join(err, perr)
	})
}
