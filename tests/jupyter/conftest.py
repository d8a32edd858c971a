"""Installs build/fluxion (or the program that FLUXION names) as a kernel that only these tests see."""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def install():
    """Everything that the program or Jupyter might read or write lies in a folder of its own."""
    home = tempfile.TemporaryDirectory(prefix="fluxion-tests-")
    root = pathlib.Path(home.name)
    program = os.environ.get("FLUXION", ROOT / "build" / "fluxion")
    if not os.access(program, os.X_OK):
        sys.exit(f"tests/jupyter: there is no program {program}: run tests/jupyter/run.sh, which builds it")
    os.environ.update(
        HOME=str(root),
        XDG_DATA_HOME=str(root / "data"),
        IPYTHONDIR=str(root / "ipython"),
        JUPYTER_CONFIG_DIR=str(root / "config"),
        JUPYTER_DATA_DIR=str(root / "jupyter"),
        JUPYTER_RUNTIME_DIR=str(root / "runtime"),
        JUPYTER_PATH=str(root / "prefix" / "share" / "jupyter"),
        KERNEL_NAME="fluxion",
        # A kernel must work where there is no Go: it finds none.
        PATH=os.pathsep.join(d for d in os.environ["PATH"].split(os.pathsep) if not os.access(os.path.join(d, "go"), os.X_OK)),
    )
    subprocess.run([program, "install", "--prefix", root / "prefix"], check=True, stdout=subprocess.DEVNULL)
    return home


# The conformance suite reads the environment when it is imported, so this
# cannot wait for a fixture. The folder goes when the interpreter ends.
_home = install()


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes more than some seconds; run by make full")
