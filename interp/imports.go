package interp

import (
	"go/ast"
	"go/types"
	"path"
	"slices"
	"strconv"

	"github.com/fluxion-go/fluxion/cell"
)

// importSpecs adds the cell's imports to those it can see.
func (c *check) importSpecs() []cell.Error {
	var errs []cell.Error
	for _, spec := range c.p.imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		pkg, err := c.s.packages.Import(importPath)
		if err != nil {
			e := c.s.errorAt(spec.Path.Pos(), cell.CompileError, err.Error())
			e.Hint = importHint(importPath, c.s.packages.paths())
			c.unknown[importName(spec, importPath)] = true
			errs = append(errs, e)
			continue
		}
		name := pkg.Name()
		if spec.Name != nil {
			name = spec.Name.Name
		}
		switch name {
		case "_":
		case ".":
			c.imports[". "+importPath] = importPath
		default:
			if old := c.s.imports[name]; old != "" && old != importPath {
				c.moved[name] = importPath
			}
			c.imports[name] = importPath
		}
	}
	return errs
}

// importName is the name by which a cell means to see an import that is not
// known.
func importName(spec *ast.ImportSpec, importPath string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	return path.Base(importPath)
}

// explicit returns the path of an import that the cell itself states.
func (c *check) explicit(name string) (string, bool) {
	path, ok := c.imports[name]
	return path, ok && c.s.imports[name] != path || c.stated(name)
}

// stated reports whether one of the cell's import lines gives this name.
func (c *check) stated(name string) bool {
	return slices.ContainsFunc(c.p.imports, func(spec *ast.ImportSpec) bool {
		if spec.Name != nil {
			return spec.Name.Name == name
		}
		path, err := strconv.Unquote(spec.Path.Value)
		return err == nil && c.imports[name] == path
	})
}

// seedDot inserts the mentioned names of a package that is imported with a dot.
func (c *check) seedDot(into *types.Package, path string, mentions, declared map[string]bool) {
	pkg, err := c.s.packages.Import(path)
	if err != nil {
		return
	}
	for name := range mentions {
		if obj := pkg.Scope().Lookup(name); obj != nil && obj.Exported() && !declared[name] && c.s.scope[name] == nil {
			into.Scope().Insert(obj)
		}
	}
	into.SetImports(append(into.Imports(), pkg))
}

// importsToKeep lists the imports that later cells see: those that the cell
// states, and those that were added because it uses them.
func (c *checked) importsToKeep() map[string]string {
	keep := map[string]string{}
	for name, path := range c.imports {
		if !c.added[name] {
			keep[name] = path
			if c.stated(name) && !slices.Contains(c.names(), name) {
				// The import line comes after what else had the name.
				delete(c.s.scope, name)
				c.s.units.forget(name)
			}
		}
	}
	for name, path := range c.packages {
		if c.added[name] {
			keep[name] = path
		}
	}
	return keep
}

// addedImports lists the paths of the imports that the cell needed and did not
// state.
func (c *checked) addedImports() []string {
	var paths []string
	for name, path := range c.importsToKeep() {
		if c.added[name] {
			paths = append(paths, strconv.Quote(path))
		}
	}
	slices.Sort(paths)
	return paths
}
