package exec

import (
	"fmt"
	"reflect"
)

// PanicText writes the value of a panic as a Go program does that dies of it.
// The value's methods may panic in turn.
func PanicText(v any) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("(%T) whose text cannot be had", v)
		}
	}()
	switch v := v.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case string:
		return v
	case nil:
		return "nil"
	}
	t := reflect.TypeOf(v)
	switch k := t.Kind(); {
	case k > reflect.Complex128 && k != reflect.String:
		return fmt.Sprintf("(%v) %+v", t, v)
	case t.PkgPath() == "":
		return fmt.Sprint(v)
	case k == reflect.String:
		return fmt.Sprintf("%v(%q)", t, v)
	}
	return fmt.Sprintf("%v(%v)", t, v)
}
