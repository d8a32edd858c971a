package install

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// template is the project's kernel.json.
func template(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("../kernel.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// program makes a file that stands for the fluxion program.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "flux ion")
	if err := os.WriteFile(path, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestInstall(t *testing.T) {
	home, prefix, venv := t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("JUPYTER_DATA_DIR", home)
	t.Setenv("VIRTUAL_ENV", venv)
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"default", Options{}, filepath.Join(home, "kernels", "fluxion")},
		{"user", Options{User: true, Name: "go-2"}, filepath.Join(home, "kernels", "go-2")},
		{"prefix", Options{Prefix: prefix}, filepath.Join(prefix, "share", "jupyter", "kernels", "fluxion")},
		{"sys-prefix", Options{SysPrefix: true}, filepath.Join(venv, "share", "jupyter", "kernels", "fluxion")},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Executable, c.o.Template = program(t), template(t)
			for range 2 { // the second replaces the first
				dir, err := Install(c.o)
				if err != nil || dir != c.want {
					t.Fatalf("Install: %s, %v: want %s", dir, err, c.want)
				}
			}
			var got map[string]any
			data, err := os.ReadFile(filepath.Join(c.want, "kernel.json"))
			if err == nil {
				err = json.Unmarshal(data, &got)
			}
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]any{
				"argv":         []any{c.o.Executable, "kernel", "{connection_file}"},
				"display_name": "Go (fluxion)", "language": "go", "interrupt_mode": "message",
				"kernel_protocol_version": "5.5", "metadata": map[string]any{"debugger": false},
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("kernel.json is %v\nwant %v", got, want)
			}
			if files, _ := os.ReadDir(c.want); len(files) != 4 {
				t.Errorf("the folder holds %v: want kernel.json and three logos", files)
			}
			if dir, err := Uninstall(c.o); err != nil || dir != c.want {
				t.Errorf("Uninstall: %s, %v", dir, err)
			}
			if _, err := os.Stat(c.want); !os.IsNotExist(err) {
				t.Errorf("the folder is still there: %v", err)
			}
			if _, err := Uninstall(c.o); err == nil || !strings.Contains(err.Error(), "there is no kernel") {
				t.Errorf("a second Uninstall: %v", err)
			}
		})
	}
}

func TestInstallTakesNameAndArguments(t *testing.T) {
	dir, err := Install(Options{Prefix: t.TempDir(), Executable: program(t), Template: template(t), DisplayName: "Go (yaegi)", Arguments: []string{"--executor", "yaegi"}})
	if err != nil {
		t.Fatal(err)
	}
	var s spec
	data, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil || s.DisplayName != "Go (yaegi)" || strings.Join(s.Argv[1:], " ") != "kernel {connection_file} --executor yaegi" {
		t.Errorf("kernel.json is %s, %v", data, err)
	}
}

func TestInstallRefuses(t *testing.T) {
	good := Options{Prefix: t.TempDir(), Executable: program(t), Template: template(t)}
	file := program(t)
	for _, c := range []struct {
		change func(*Options)
		want   string
	}{
		{func(o *Options) { o.User = true }, "choose one of user, prefix and sys-prefix"},
		{func(o *Options) { o.Prefix, o.User, o.SysPrefix = "", true, true }, "choose one of user, prefix and sys-prefix"},
		{func(o *Options) { o.Name = "a/b" }, "cannot name a kernel"},
		{func(o *Options) { o.Name = ".." }, "cannot name a kernel"},
		{func(o *Options) { o.Executable = filepath.Join(t.TempDir(), "none") }, "there is no program to install"},
		{func(o *Options) { o.Executable = t.TempDir() }, "is a folder"},
		{func(o *Options) { o.Template = []byte("{") }, "template is damaged"},
		{func(o *Options) { o.Template = []byte(`{"argv":["x"],"typo":1}`) }, "template is damaged"},
		{func(o *Options) { o.Template = []byte(`{"argv":["x"]}`) }, "no {executable} in its argv"},
		{func(o *Options) { o.Prefix = file }, "cannot be changed"},
	} {
		o := good
		c.change(&o)
		if _, err := Install(o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v: want %q", err, c.want)
		}
	}
	if left, _ := os.ReadDir(good.Prefix); len(left) > 0 {
		t.Errorf("a refused installation left %v", left)
	}
}

func TestUninstallLeavesOthersAlone(t *testing.T) {
	prefix := t.TempDir()
	dir := filepath.Join(prefix, "share", "jupyter", "kernels", "fluxion")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "kernel.json")
	if err := os.WriteFile(file, []byte(`{"argv":["python","-m","x"],"language":"python"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Uninstall(Options{Prefix: prefix}); err == nil || !strings.Contains(err.Error(), "is not fluxion's") {
		t.Errorf("Uninstall: %v", err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error("another program's kernel is gone")
	}
}

// The expectations are what jupyter_core 5.9 returns.
func TestUserFolder(t *testing.T) {
	for _, c := range []struct {
		system, env, home, want string
	}{
		{"linux", "", "/h", "/h/.local/share/jupyter"},
		{"linux", "XDG_DATA_HOME=/x", "/h", "/x/jupyter"},
		{"freebsd", "", "/h", "/h/.local/share/jupyter"},
		{"linux", "JUPYTER_DATA_DIR=/d XDG_DATA_HOME=/x", "/h", "/d"},
		{"linux", "", "", ""},
		{"linux", "XDG_DATA_HOME=/x", "", "/x/jupyter"},
		{"darwin", "XDG_DATA_HOME=/x", "/h", "/h/Library/Jupyter"},
		{"darwin", "JUPYTER_PLATFORM_DIRS=1", "/h", "/h/Library/Application Support/jupyter"},
		{"windows", "APPDATA=/roam LOCALAPPDATA=/local", "/h", "/roam/jupyter"},
		{"windows", "APPDATA=/roam LOCALAPPDATA=/local JUPYTER_PLATFORM_DIRS=true", "/h", "/local/jupyter"},
		{"darwin", "JUPYTER_PLATFORM_DIRS=off", "/h", "/h/Library/Jupyter"},
		{"windows", "", "/h", "/h/.jupyter/data"},
	} {
		env := func(name string) string {
			for _, e := range strings.Fields(c.env) {
				if value, ok := strings.CutPrefix(e, name+"="); ok {
					return value
				}
			}
			return ""
		}
		if got := userFolderOn(c.system, env, c.home); got != filepath.FromSlash(c.want) {
			t.Errorf("on %s with %q: %q: want %q", c.system, c.env, got, c.want)
		}
	}
}

func TestSysPrefix(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for Python is a shell script")
	}
	venv, conda, bin := t.TempDir(), t.TempDir(), t.TempDir()
	script := "#!/bin/sh\nprintf /from/python\n"
	if err := os.WriteFile(filepath.Join(bin, "python3"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ venv, conda, path, want, problem string }{
		{venv, conda, bin, venv, ""},
		{"", conda, bin, conda, ""},
		{"", "", bin, "/from/python", ""},
		{"", "", t.TempDir(), "", "no python3 is on PATH"},
		{"/no/such/folder", "", bin, "", "is no folder"},
	} {
		t.Setenv("VIRTUAL_ENV", c.venv)
		t.Setenv("CONDA_PREFIX", c.conda)
		t.Setenv("PATH", c.path)
		got, err := sysPrefix()
		if got != c.want || (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}

func TestLogo(t *testing.T) {
	for _, size := range []int{32, 64} {
		img, err := png.Decode(bytes.NewReader(logoPNG(size)))
		if err != nil || img.Bounds().Dx() != size || img.Bounds().Dy() != size {
			t.Fatalf("the logo of %d pixels: %v, %v", size, img, err)
		}
		at := func(x, y float64) color.NRGBA {
			return img.At(int(x/unit*float64(size)), int(y/unit*float64(size))).(color.NRGBA)
		}
		if got := at(0, 0); got.A > 40 {
			t.Errorf("the corner is %v: want it clear", got)
		}
		for _, c := range []struct {
			x, y float64
			want color.NRGBA
		}{{8, 32, ground}, {32, 41, ink}, {22, 31, ink}, {32, 15, accent}, {32, 27, ground}} {
			if got := at(c.x, c.y); got != c.want {
				t.Errorf("at %g, %g the logo is %v: want %v", c.x, c.y, got, c.want)
			}
		}
	}
	d := xml.NewDecoder(strings.NewReader(logoSVG()))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
