package vm

import (
	"go/token"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/fluxion-go/fluxion/interp/exec"
)

// A known is what the machine knows of the package of a cell, or of another that it
// interprets. It hangs on the package: so it is there as long as anything can
// mention a declaration of it, and goes with the package, though what is known
// mentions the package itself.
type known struct {
	order int          // of the packages, by age
	types typeTable    // typeMu guards it
	ssa   *ssa.Package // what the program gets on recall; buildMu guards it and mentions and pinned

	// redirected are functions of the package that have been replaced. Code that
	// is not compiled yet may still mention them, and must not make them anew. addMu guards it.
	redirected []*function

	mentions []*types.Package // by generic declarations of the package, which are built whenever they are instantiated
	pinned   bool             // it is so mentioned
}

// A typeTable has run-time types by identity.
type typeTable struct {
	types  typeutil.Map // types.Type → reflect.Type
	shells typeutil.Map // *types.Named → *shell
}

// Underlying and String make a *known the type of an object, as which the scope of
// a package takes it.
func (k *known) Underlying() types.Type { return k }
func (k *known) String() string         { return knownName }

// knownName is no identifier.
const knownName = "(known to the vm)"

// know hangs a known on a package that is about to be built.
func (m *machine) know(p *types.Package) {
	m.packagesBuilt++
	k := &known{order: m.packagesBuilt}
	p.Scope().Insert(types.NewTypeName(token.NoPos, p, knownName, k))
}

// knownOf returns what is known of p, nil where it is not interpreted.
func knownOf(p *types.Package) *known {
	if p == nil {
		return nil
	}
	obj := p.Scope().Lookup(knownName)
	if obj == nil {
		return nil
	}
	return obj.Type().(*known)
}

// tableOf returns the table that has t: that of the newest package mentioned in it,
// or of the compiled packages.
func (m *machine) tableOf(t types.Type) *typeTable {
	table, newest := &m.compiled, 0
	exec.WalkNamed(t, func(n *types.Named) {
		if k := knownOf(n.Obj().Pkg()); k != nil && k.order > newest {
			table, newest = &k.types, k.order
		}
	})
	return table
}

// known returns the run-time type of t that is recorded.
func (m *machine) known(t types.Type) (r reflect.Type, ok bool) {
	r, ok = m.tableOf(t).types.At(t).(reflect.Type)
	return r, ok
}

// setKnown records the run-time type of t.
func (m *machine) setKnown(t types.Type, r reflect.Type) { m.tableOf(t).types.Set(t, r) }
