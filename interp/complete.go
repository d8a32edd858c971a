package interp

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fluxion-go/fluxion/cell"
)

// Complete implements cell.Evaluator.
func (e *evaluator) Complete(code string, cursor int) cell.Completion {
	cursor = max(0, min(cursor, len(code)))
	e.mu.Lock()
	defer e.mu.Unlock()
	lineStart := strings.LastIndexByte(code[:cursor], '\n') + 1
	line := strings.TrimLeft(code[lineStart:cursor], " \t")
	if strings.HasPrefix(line, "?") {
		name := strings.TrimLeft(line, "?")
		c := e.session.complete(name, len(name))
		shift := cursor - len(name)
		c.Start, c.End = c.Start+shift, c.End+shift
		return c
	}
	if c, ok := completeMagic(line, cursor); ok {
		return c
	}
	return e.session.complete(code, cursor)
}

// An import path up to the cursor.
var importPath = pattern(`(?:^|[\n;])\s*import\s*(?:\((?:[^()"]|"[^"\n]*")*)?(?:[\pL_.]\w*\s*)?"([^"\n]*)$`)

func (s *session) complete(code string, cursor int) cell.Completion {
	if m := importPath().FindStringSubmatch(code[:cursor]); m != nil {
		return s.completePath(m[1], cursor)
	}
	blanked := splitMagics(code).rest
	if inText(blanked, cursor) {
		return cell.Completion{Start: cursor, End: cursor}
	}
	start := cursor - len(identifierBefore(code[:cursor]))
	prefix := code[start:cursor]
	c := cell.Completion{Start: start, End: cursor}
	before := strings.TrimRight(code[:start], " \t\n")
	if jumpBefore().MatchString(before) && !strings.Contains(code[len(before):start], "\n") {
		c.Items = labelItems(code, prefix)
		return c
	}
	l := s.look(code, start, here)
	if strings.HasSuffix(before, ".") && !strings.HasSuffix(before, "..") {
		if l != nil {
			c.Items = s.items(l.membersAtCursor(), prefix)
		}
		return c
	}
	if l != nil {
		keys := s.items(l.keysAtCursor(), prefix)
		names := slices.DeleteFunc(s.items(l.names(), prefix), func(item cell.CompletionItem) bool {
			return slices.ContainsFunc(keys, func(k cell.CompletionItem) bool { return k.Text == item.Text })
		})
		c.Items = keys // what is most likely meant
		names = append(names, s.wordItems(prefix)...)
		c.Items = append(c.Items, distinct(names)...)
		return c
	}
	c.Items = distinct(s.wordItems(prefix))
	return c
}

func (s *session) completePath(prefix string, cursor int) cell.Completion {
	c := cell.Completion{Start: cursor - len(prefix), End: cursor}
	for _, p := range s.packages.paths() {
		if strings.HasPrefix(p, prefix) {
			c.Items = append(c.Items, cell.CompletionItem{Text: p, Kind: "path"})
		}
	}
	return c
}

// pattern returns what compiles expr when it is first wanted: the tables of
// Unicode's letters make some expressions large.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// A label, and a word behind which one stands.
var (
	label      = pattern(`(?m)^[ \t]*([\pL_][\pL\d_]*):(?:[^=]|$)`)
	jumpBefore = pattern(`\b(?:goto|break|continue)$`)
)

// labelItems are the labels of a cell.
func labelItems(code, prefix string) []cell.CompletionItem {
	var out []cell.CompletionItem
	for _, m := range label().FindAllStringSubmatch(code, -1) {
		if strings.HasPrefix(m[1], prefix) && m[1] != "default" {
			out = append(out, cell.CompletionItem{Text: m[1], Kind: "variable", Signature: "label"})
		}
	}
	return distinct(out)
}

// identifierBefore returns the identifier that s ends in, or "".
func identifierBefore(s string) string {
	i := len(s)
	for i > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		i -= size
	}
	if r, _ := utf8.DecodeRuneInString(s[i:]); unicode.IsDigit(r) {
		return "" // a number
	}
	return s[i:]
}

// parent returns the node n steps above the identifier at the cursor.
func (l *look) parent(n int) ast.Node {
	if i := len(l.path) - 1 - n; i >= 0 {
		return l.path[i]
	}
	return nil
}

// membersAtCursor lists what can follow the dot.
func (l *look) membersAtCursor() []member {
	sel, ok := l.parent(1).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if id, ok := sel.X.(*ast.Ident); ok {
		if p, ok := l.pass.info.Uses[id].(*types.PkgName); ok {
			return packageMembers(p.Imported())
		}
	}
	return typeMembers(l.pass.info.TypeOf(sel.X))
}

// keysAtCursor lists the fields of the struct whose literal the cursor is in,
// those excepted that it has already.
func (l *look) keysAtCursor() []member {
	lit, ok := l.parent(1).(*ast.CompositeLit)
	if kv, isKey := l.parent(1).(*ast.KeyValueExpr); isKey && kv.Key == l.parent(0) {
		lit, ok = l.parent(2).(*ast.CompositeLit)
	}
	if !ok {
		return nil
	}
	t := l.pass.info.TypeOf(lit)
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	str, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	have := map[string]bool{}
	for _, x := range lit.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				have[id.Name] = true
			}
		}
	}
	named, _ := types.Unalias(t).(*types.Named)
	var out []member
	for f := range str.Fields() {
		if !have[f.Name()] && (f.Exported() || ofCell(f)) {
			out = append(out, member{f, named})
		}
	}
	return out
}

// names lists what a name at the cursor can mean: local names, those of the
// cell, those of the session, packages, and what Go has built in.
func (l *look) names() []member {
	var out []member
	if l.path != nil {
		at := l.parent(0).Pos()
		for _, scope := range l.pass.info.Scopes {
			if !scope.Contains(at) {
				continue
			}
			for _, name := range scope.Names() {
				obj := scope.Lookup(name)
				if _, isPkg := obj.(*types.PkgName); !isPkg && obj.Pos() < at {
					out = append(out, member{obj: obj})
				}
			}
		}
	}
	scope := l.pass.pkg.Scope()
	for _, name := range scope.Names() {
		if !strings.Contains(name, "__") {
			out = append(out, member{obj: scope.Lookup(name)})
		}
	}
	for _, obj := range l.s.scope {
		out = append(out, member{obj: obj})
	}
	for name, p := range l.imports {
		if !strings.HasPrefix(name, ". ") {
			out = append(out, member{obj: types.NewPkgName(token.NoPos, nil, name, types.NewPackage(p, name))})
		}
	}
	for _, name := range types.Universe.Names() {
		out = append(out, member{obj: types.Universe.Lookup(name)})
	}
	return out
}

// wordItems are the keywords and the packages that are imported when they are
// used.
func (s *session) wordItems(prefix string) []cell.CompletionItem {
	var out []cell.CompletionItem
	if prefix == "" {
		return nil
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		if strings.HasPrefix(t.String(), prefix) {
			out = append(out, cell.CompletionItem{Text: t.String(), Kind: "keyword"})
		}
	}
	for _, p := range s.packages.paths() {
		name := path.Base(p)
		if strings.HasPrefix(name, prefix) && !strings.Contains(p, ".") {
			if found, ok := s.packages.find(name); ok && found == p {
				out = append(out, cell.CompletionItem{Text: name, Kind: "package", Signature: "package " + p})
			}
		}
	}
	return out
}

// items makes completion items of the members that begin with prefix, or where
// there is none, of those that do but for upper and lower case.
func (s *session) items(members []member, prefix string) []cell.CompletionItem {
	has := func(m member) bool { return strings.HasPrefix(m.obj.Name(), prefix) }
	if !slices.ContainsFunc(members, has) {
		has = func(m member) bool {
			return len(m.obj.Name()) >= len(prefix) && strings.EqualFold(m.obj.Name()[:len(prefix)], prefix)
		}
	}
	var out []cell.CompletionItem
	until := time.Now().Add(docPatience)
	late := map[string]bool{} // packages whose documentation is not there in time
	for _, m := range members {
		if !has(m) || m.obj.Name() == here {
			continue
		}
		item := cell.CompletionItem{Text: m.obj.Name(), Kind: kindOfObject(m.obj), Signature: signature(m.obj)}
		from := docPath(m.obj)
		if _, known := late[from]; !known && from != "" {
			late[from] = !s.packages.docsRead(from, until)
		}
		if !late[from] {
			item.Doc = firstSentence(s.doc(m))
		}
		out = append(out, item)
	}
	return distinct(out)
}

// docPatience is how long a completion waits for documentation. What comes later
// is there the next time.
const docPatience = 20 * time.Millisecond

// docPath is the package whose documentation has that of an object, "" for one of
// a cell.
func docPath(obj types.Object) string {
	switch {
	case ofCell(obj):
		return ""
	case obj.Pkg() != nil:
		return obj.Pkg().Path()
	}
	if p, ok := obj.(*types.PkgName); ok {
		return p.Imported().Path()
	}
	return "builtin"
}

// distinct sorts items by name and leaves one of each.
func distinct(items []cell.CompletionItem) []cell.CompletionItem {
	slices.SortStableFunc(items, func(a, b cell.CompletionItem) int { return cmp.Compare(a.Text, b.Text) })
	return slices.CompactFunc(items, func(a, b cell.CompletionItem) bool { return a.Text == b.Text })
}

// signature writes what an object is on one line.
func signature(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.Builtin:
		return builtinSignatures[obj.Name()]
	case *types.Nil:
		return ""
	case *types.Const:
		return typeString(obj.Type()) + " = " + cut(constantText(obj.Val()))
	case *types.PkgName:
		return "package " + obj.Imported().Path()
	case *types.TypeName:
		return "type " + typeString(obj.Type().Underlying())
	case *types.Func:
		return "func" + strings.TrimPrefix(typeString(obj.Type()), "func")
	}
	return typeString(obj.Type())
}

// firstSentence returns the beginning of a documentation.
func firstSentence(doc string) string {
	doc, _, _ = strings.Cut(doc, "\n\n")
	doc = strings.Join(strings.Fields(doc), " ")
	if i := strings.Index(doc, ". "); i >= 0 {
		doc = doc[:i+1]
	}
	return doc
}
