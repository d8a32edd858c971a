package yaegi

import (
	"go/build"
	"os/exec"
	"strings"
)

// The importer of sources looks for Go's own where the build says they are, which a
// build with -trimpath does not.
func init() {
	if build.Default.GOROOT != "" {
		return
	}
	if out, err := exec.Command("go", "env", "GOROOT").Output(); err == nil {
		build.Default.GOROOT = strings.TrimSpace(string(out))
	}
}
