package vm

import (
	"database/sql/driver"
	"reflect"
	"unsafe" // also for linkname
)

// The methods of sql.Null[T], a generic type of a compiled package. They convert as
// package database/sql does, by a function of it that the Go project has promised to
// keep for other programs.

//go:linkname convertAssign database/sql.convertAssign
func convertAssign(dest, src any) error

// The fields of sql.Null.
const (
	nullV = iota
	nullValid
)

// nullScan is (*sql.Null[T]).Scan.
func nullScan(m *machine, fn *function) step {
	typ := m.rtype(pointedTo(fn.params[0].typ))
	recv, value, r := fn.params[0].off, fn.params[1].off, fn.results[0].off
	return func(t *thread, f frame) {
		n, src := reflect.NewAt(typ, *at[pointer](f, recv)).Elem(), *at[any](f, value)
		var err error
		if src == nil {
			n.SetZero()
		} else {
			n.Field(nullValid).SetBool(true)
			err = convertAssign(n.Field(nullV).Addr().Interface(), src)
		}
		*at[error](f, r) = err
	}
}

// nullValue is sql.Null[T].Value.
func nullValue(m *machine, fn *function) step {
	typ := m.rtype(fn.params[0].typ)
	recv, value, failure := fn.params[0].off, fn.results[0].off, fn.results[1].off
	return func(t *thread, f frame) {
		n := reflect.NewAt(typ, unsafe.Add(f, recv)).Elem()
		var v driver.Value
		var err error
		if n.Field(nullValid).Bool() {
			v, err = driver.DefaultParameterConverter.ConvertValue(n.Field(nullV).Interface())
		}
		*at[driver.Value](f, value), *at[error](f, failure) = v, err
	}
}
