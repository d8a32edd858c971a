package interp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fluxion-go/fluxion/cell"
	"github.com/fluxion-go/fluxion/interp/exec"
)

// joined makes one error of several, the first in front.
func joined(errs []cell.Error) *cell.Error {
	for i := range errs {
		advise(&errs[i])
	}
	first := errs[0]
	first.More = errs[1:]
	return &first
}

// errorAt describes an error at a place of a cell.
func (s *session) errorAt(pos token.Pos, kind cell.ErrorKind, msg string) cell.Error {
	e := cell.Error{Kind: kind, Message: msg}
	if t, offset, ok := s.find(pos); ok {
		e.Pos, e.Source = t.pos(offset), t.line(offset)
	}
	return e
}

func (s *session) syntaxErrors(t *text, mistakes []mistake) []cell.Error {
	end := len(strings.TrimRight(t.code, " \t\r\n"))
	if open := unclosed(t.code); len(open) > 0 && mistakes[0].offset >= end {
		last := open[len(open)-1]
		return []cell.Error{{
			Kind: cell.SyntaxError, Message: fmt.Sprintf("the cell ends before this %s is closed", last.tok),
			Pos: t.pos(last.offset), Source: t.line(last.offset),
		}}
	}
	var errs []cell.Error
	for _, m := range mistakes {
		offset := min(max(m.offset, 0), end)
		if len(errs) > 0 && offset >= end {
			break // follows from those before
		}
		msg := m.msg
		if r, size := utf8.DecodeRuneInString(t.code[offset:]); strings.HasSuffix(msg, "found 'ILLEGAL'") && size > 0 {
			msg = fmt.Sprintf("unexpected character %q", r)
		}
		if wanted, _, ok := strings.Cut(msg, ", found "); ok && offset >= end {
			msg = wanted + ", but the cell ends"
		}
		e := cell.Error{Kind: cell.SyntaxError, Message: msg, Pos: t.pos(offset), Source: t.line(offset)}
		if !slices.ContainsFunc(errs, func(f cell.Error) bool { return f.Pos.Line == e.Pos.Line }) {
			errs = append(errs, e)
		}
	}
	return errs
}

// The type checker writes "path/name".T where two packages have that name.
var quotedPath = regexp.MustCompile(`"[\w./-]+"\.`)

// The type checker writes main.T for a type of an earlier cell.
var ofMain = pattern(`\bmain\.([\pL_])`)

// typeError describes an error of the type checker.
func (s *session) typeError(e types.Error) cell.Error {
	msg := strings.ReplaceAll(e.Msg, oldSuffix, "")
	plain := ofMain().ReplaceAllString(msg, "$1")
	// Where two packages of a name are about, such as a compiled one and its
	// generic functions, the type checker writes their paths.
	plain = quotedPath.ReplaceAllStringFunc(plain, func(quoted string) string {
		path := strings.TrimSuffix(strings.TrimPrefix(quoted, `"`), `".`)
		if !s.packages.imported(path) {
			return quoted
		}
		return path[strings.LastIndexByte(path, '/')+1:] + "."
	})
	plain = strings.Replace(plain, " in return statement", "", 1) // the one that shows the value, if it is in a cell's statements
	c := s.errorAt(e.Pos, cell.CompileError, plain)
	if m := ofMain().FindString(msg); m != "" && strings.Contains(msg, "as ") && sameTypeTwice(plain) {
		c.Hint = madeBefore
	}
	return c
}

// madeBefore is the hint where a type is refused in favour of one of its name.
const madeBefore = "the value was made before the type was defined anew or got a method; make it again"

// sameTypeTwice reports whether a message refuses a type in favour of one of
// the same name.
func sameTypeTwice(msg string) bool {
	m := regexp.MustCompile(`of (?:struct )?type ([\w.\[\]*]+)\) as ([\w.\[\]*]+) value`).FindStringSubmatch(msg)
	return m != nil && m[1] == m[2]
}

// hint suggests a name where one is undefined.
func (c *check) hint(p *pass, e types.Error) string {
	if name, ok := strings.CutPrefix(e.Msg, "undefined: "); ok {
		if pkg, member, ok := strings.Cut(name, "."); ok {
			member, _, _ = strings.Cut(member, " ")
			imported, err := c.s.packages.Import(c.imports[pkg])
			if err != nil {
				return ""
			}
			hint := didYouMean(member, exported(imported))
			return strings.Replace(hint, "did you mean ", "did you mean "+pkg+".", 1)
		}
		for _, id := range c.vars {
			if id.Name == name && id.Pos() > e.Pos {
				_, offset, _ := c.s.find(id.Pos())
				return fmt.Sprintf("%s is declared on line %d, behind its use", name, c.p.text.pos(offset).Line)
			}
		}
		return didYouMean(name, c.known(p, e.Pos))
	}
	if !strings.Contains(e.Msg, " undefined (") && !strings.HasPrefix(e.Msg, "unknown field ") {
		return ""
	}
	hint := ""
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if n.Sel.Pos() == e.Pos {
					t := p.info.TypeOf(n.X)
					hint = cmp.Or(didYouMean(n.Sel.Name, memberNames(typeMembers(t))), memberHint(t, n.Sel.Name))
				}
			case *ast.CompositeLit:
				for _, x := range n.Elts {
					if kv, ok := x.(*ast.KeyValueExpr); ok && kv.Pos() == e.Pos {
						if id, ok := kv.Key.(*ast.Ident); ok {
							hint = didYouMean(id.Name, memberNames(typeMembers(p.info.TypeOf(n))))
						}
					}
				}
			}
			return hint == ""
		})
	}
	return hint
}

// known lists the names that can be written at a place.
func (c *check) known(p *pass, at token.Pos) []string {
	names := append(c.names(), slices.Collect(maps.Keys(c.s.scope))...)
	names = append(names, slices.Collect(maps.Keys(c.imports))...)
	names = append(names, types.Universe.Names()...)
	for _, scope := range p.info.Scopes {
		if scope.Contains(at) {
			names = append(names, scope.Names()...)
		}
	}
	for _, path := range c.s.packages.paths() {
		if !strings.Contains(path, "/") {
			names = append(names, path)
		}
	}
	return names
}

func exported(p *types.Package) []string {
	return slices.DeleteFunc(p.Scope().Names(), func(n string) bool { return !token.IsExported(n) })
}

// didYouMean suggests the known name that is nearest to a misspelt one.
func didYouMean(name string, known []string) string {
	best, least := "", 1+len(name)/3
	slices.Sort(known)
	for _, k := range known {
		if k == name || strings.Contains(k, "__") || k == "_" {
			continue
		}
		if utf8.RuneCountInString(k) < 3 && !strings.EqualFold(name, k) {
			continue // any short name is near to another
		}
		d := distance(strings.ToLower(name), strings.ToLower(k), least+1)
		if d < least || d == least && best != "" && len(k) >= len(name) && len(best) < len(name) {
			best, least = k, d
		} else if best == "" && len(name) >= 3 && strings.HasPrefix(k, name) {
			best = k
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + best + "?"
}

// distance is the number of insertions, deletions, substitutions and swaps of
// neighbours that make b of a (the optimal string alignment distance), or limit
// where it is at least that.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		rows[0], rows[1], rows[2] = rows[1], rows[2], rows[0]
		above2, above, row := rows[2], rows[0], rows[1]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], above2[j-2]+1)
			}
		}
	}
	return min(rows[1][len(b)], limit)
}

// runError describes why an executor has stopped.
func (r *run) runError(err error) *cell.Error {
	var (
		p       *exec.Panic
		exit    *exec.Exit
		refused *exec.Unsupported
	)
	switch {
	case errors.As(err, &p):
		return r.panicError(p)
	case errors.As(err, &exit):
		return &cell.Error{Kind: cell.Exited, Message: fmt.Sprintf("exit status %d", exit.Code)}
	case errors.As(err, &refused):
		r.evaluator.mu.Lock()
		defer r.evaluator.mu.Unlock()
		e := r.session.errorAt(refused.Pos, cell.CompileError, refused.What)
		return &e
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &cell.Error{Kind: cell.Interrupted, Message: "the cell was stopped; what it had done so far stays"}
	}
	return &cell.Error{Kind: cell.InternalFail, Message: err.Error()}
}

// panicError describes a panic with the calls that the user wrote.
func (r *run) panicError(p *exec.Panic) *cell.Error {
	e := &cell.Error{Kind: cell.RuntimePanic, Message: p.Text}
	defer advise(e)
	if e.Message == "" {
		e.Message = exec.PanicText(p.Value)
	}
	if h, ok := p.Value.(interface{ Hint() string }); ok {
		e.Hint = hintOf(h)
	}
	if strings.HasSuffix(e.Message, "(types from different scopes)") {
		e.Hint = madeBefore
	}
	// A goroutine of an earlier cell may panic while another cell is parsed.
	r.evaluator.mu.Lock()
	defer r.evaluator.mu.Unlock()
	for _, call := range p.Trace {
		t, offset, ok := r.session.find(call.Pos)
		if !ok {
			continue
		}
		offset = anchor(t.code, offset)
		name := strings.TrimPrefix(call.Func, "main.")
		name = strings.Replace(name, entryName, "cell", 1)
		e.Frames = append(e.Frames, cell.Frame{Func: name, Pos: t.pos(offset), Source: t.line(offset)})
	}
	if len(e.Frames) > 0 {
		e.Pos, e.Source = e.Frames[0].Pos, e.Frames[0].Source
	}
	return e
}

// anchor returns where the operand begins that the bracket at an offset belongs
// to: executors know a call or an index by its bracket.
func anchor(code string, offset int) int {
	if offset >= len(code) || code[offset] != '(' && code[offset] != '[' {
		return offset
	}
	i := offset
	if i > 0 && code[i-1] == '.' { // of a type assertion
		i--
	}
	for {
		id := identifierBefore(code[:i])
		if id == "" {
			return offset
		}
		offset = i - len(id)
		if i = offset - 1; i < 0 || code[i] != '.' {
			return offset
		}
	}
}

// hintOf calls a method that may be the user's.
func hintOf(h interface{ Hint() string }) (hint string) {
	defer func() {
		if recover() != nil {
			hint = ""
		}
	}()
	return h.Hint()
}

// internal describes a panic of fluxion's own.
func internal(v any) *cell.Error {
	return &cell.Error{
		Kind:    cell.InternalFail,
		Message: fmt.Sprint(v),
		Hint:    "this is a fault of fluxion, not of the cell; the session goes on",
	}
}
