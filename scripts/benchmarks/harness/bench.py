"""What a measure works with: programs, peers, folders, how much to do."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measuring import LeftOut

ROOT = pathlib.Path(__file__).resolve().parents[3]
PEERS = pathlib.Path(__file__).resolve().parents[1] / "peers"

PRODUCTS = ["engine-benchmark", "http-benchmark", "journal-driver", "instruction-workloads"]
SDK_PACKAGES = ["huaweicloudsdkcore==3.1.219", "huaweicloudsdkapig==3.1.219", "huaweicloudsdkroma==3.1.219"]


def say(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, is_quick, programs=None):
        self.is_quick = is_quick
        self._programs = pathlib.Path(programs).absolute() if programs else None
        self._apig = self._programs / "apig-lua" if programs else ROOT / ".build/apig-lua"
        self._pythons = {}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="apig-lua-benchmark-"))
        # The person's settings, journals and credentials play no part.
        home = self.folder / "home"
        home.mkdir()
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH") if name in os.environ}
        self.environment = kept | {
            "HOME": str(home), "TERM": "dumb", "NO_COLOR": "1", "HUAWEICLOUD_SDK_AK": "local",
            "HUAWEICLOUD_SDK_SK": "local-secret"}

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def rounds(self, usual, quick=3):
        return quick if self.is_quick else usual

    def size(self, usual, quick):
        return quick if self.is_quick else usual

    def new_folder(self, name):
        return pathlib.Path(tempfile.mkdtemp(prefix=name + "-", dir=self.folder))

    # Our programs

    def build(self):
        if subprocess.run([ROOT / "scripts/setup", "--benchmark"]).returncode != 0:
            say("some peers are missing: their rows are left out")
        if self._programs:
            return
        say("building what is measured (release)")
        subprocess.run([ROOT / "scripts/apig-lua", "--version"], check=True, stdout=subprocess.DEVNULL)
        folder = subprocess.run(
            [ROOT / "scripts/release-build", *PRODUCTS], check=True, stdout=subprocess.PIPE, text=True).stdout
        self._programs = pathlib.Path(folder.strip())

    def program(self, name):
        return self._programs / name

    @property
    def apig(self):
        """The command as it is shipped: stripped."""
        return self._apig

    # Peers

    def tool(self, name, package=None):
        found = shutil.which(name)
        if not found:
            raise LeftOut(f"{name} is not there: apt-get install {package or name}")
        return found

    def python(self, name, module, packages):
        """A Python that has a peer's module: the one that a variable names, or a virtual environment made here."""
        if name not in self._pythons:
            self._pythons[name] = self._find_python(name, module, packages)
        if not self._pythons[name]:
            raise LeftOut(f"Python's {module} cannot be had: {name} may name a Python that has it")
        return self._pythons[name]

    def _find_python(self, variable, module, packages):
        given = os.environ.get(variable)
        # The second is the one that scripts/test makes.
        candidates = [given] if given else [str(ROOT / ".build/official-sdk/bin/python")]
        venv = ROOT / ".build/benchmark/peers"
        if not given:
            if not (venv / "bin/python").exists():
                subprocess.run([sys.executable, "-m", "venv", venv], check=False, stdout=subprocess.DEVNULL)
            candidates.append(str(venv / "bin/python"))
        for python in candidates:
            if self._has(python, module):
                return python
        if given or not (venv / "bin/pip").exists():
            return None
        say(f"installing {module}")
        subprocess.run([venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=False)
        python = str(venv / "bin/python")
        return python if self._has(python, module) else None

    @staticmethod
    def _has(python, module):
        try:
            return subprocess.run([python, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0
        except OSError:
            return False

    @property
    def lupa(self):
        return self.python("APIG_LUA_LUPA_PYTHON", "lupa.lua54", ["lupa"])

    @property
    def sdk(self):
        return self.python("APIG_LUA_SDK_PYTHON", "huaweicloudsdkapig", SDK_PACKAGES)
