package interp

import (
	"go/token"
	"go/types"
	"reflect"
	"runtime"
	"sync"
	"unsafe"
)

// texts says which texts of cells are still needed to tell where something is: those
// from which a package comes that is alive.
type texts struct {
	files map[*text][]*token.File
	uses  map[*text]int // by packages that are alive
	dead  *deadTexts
}

// deadTexts are uses that have ended. The collector's cleanups add them.
type deadTexts struct {
	mu   sync.Mutex
	list []*text
}

func newTexts() texts {
	return texts{map[*text][]*token.File{}, map[*text]int{}, &deadTexts{}}
}

// hold keeps the texts that c comes from as long as its package is alive, which all
// that c declares and its code refer to.
func (s *session) hold(c *checked) {
	all := []*text{c.p.text}
	for _, u := range c.again {
		if u.text != c.p.text {
			all = append(all, u.text)
		}
	}
	for _, t := range all {
		s.uses[t]++
	}
	dead := s.dead // not s, which refers to the package
	runtime.AddCleanup(c.cell.Pkg, func(all []*text) {
		dead.mu.Lock()
		dead.list = append(dead.list, all...)
		dead.mu.Unlock()
	}, all)
}

// bury forgets the texts that nothing alive comes from.
func (s *session) bury() {
	dead := s.dead
	dead.mu.Lock()
	list := dead.list
	dead.list = nil
	dead.mu.Unlock()
	for _, t := range list {
		if s.uses[t]--; s.uses[t] == 0 {
			delete(s.uses, t)
			s.forgetText(t)
		}
	}
}

// forgetText forgets a text unless something comes from it.
func (s *session) forgetText(t *text) {
	if s.uses[t] > 0 {
		return
	}
	for _, f := range s.files[t] {
		s.fset.RemoveFile(f)
		delete(s.of, f)
	}
	delete(s.files, t)
}

// unseed takes what earlier cells declare out of the scope of a cell's package, where
// the type checker found it, lest each cell keeps those before it alive.
func unseed(p *types.Package) {
	scope := p.Scope()
	field, ok := reflect.TypeFor[types.Scope]().FieldByName("elems")
	if !ok || field.Type != reflect.TypeFor[map[string]types.Object]() {
		return // not the go/types that we know
	}
	elems := *(*map[string]types.Object)(unsafe.Add(unsafe.Pointer(scope), field.Offset))
	for name, obj := range elems {
		if obj.Pkg() != p {
			delete(elems, name)
		}
	}
}
