package install

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// userFolder returns the folder in which Jupyter keeps what belongs to the
// user.
func userFolder() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	dir := userFolderOn(runtime.GOOS, os.Getenv, home)
	if dir == "" {
		return "", errors.New("the home folder is not known: set JUPYTER_DATA_DIR, or choose a folder with --prefix")
	}
	return filepath.Abs(dir)
}

// userFolderOn follows jupyter_core.paths.jupyter_data_dir (version 5). It
// returns "" where it needs a home folder and there is none.
func userFolderOn(system string, env func(string) string, home string) string {
	if dir := env("JUPYTER_DATA_DIR"); dir != "" {
		return dir
	}
	under := func(parent string, rest ...string) string {
		if parent == "" {
			return ""
		}
		return filepath.Join(append([]string{parent}, rest...)...)
	}
	platform := !slices.Contains([]string{"", "no", "n", "false", "off", "0", "0.0"}, strings.ToLower(env("JUPYTER_PLATFORM_DIRS")))
	switch system {
	case "darwin":
		if platform {
			return under(home, "Library", "Application Support", "jupyter")
		}
		return under(home, "Library", "Jupyter")
	case "windows":
		if local := env("LOCALAPPDATA"); platform && local != "" {
			return under(local, "jupyter")
		}
		if roaming := env("APPDATA"); roaming != "" {
			return under(roaming, "jupyter")
		}
		return under(home, ".jupyter", "data")
	}
	if xdg := env("XDG_DATA_HOME"); xdg != "" {
		return under(xdg, "jupyter")
	}
	return under(home, ".local", "share", "jupyter")
}

// sysPrefix returns the folder of the active Python environment: what Python
// calls sys.prefix.
func sysPrefix() (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		dir := os.Getenv(name)
		if dir == "" {
			continue
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return "", fmt.Errorf("%s names the Python environment %s, which is no folder: activate the environment again, or choose a folder with --prefix", name, dir)
		}
		return dir, nil
	}
	for _, python := range []string{"python3", "python"} {
		out, err := exec.Command(python, "-c", "import sys; sys.stdout.write(sys.prefix)").Output()
		if dir := string(out); err == nil && filepath.IsAbs(dir) {
			return dir, nil
		}
	}
	return "", errors.New("no Python environment is active and no python3 is on PATH: activate one, or choose a folder with --user or --prefix")
}
