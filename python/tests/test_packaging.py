"""What is packed: the wheel NCA_WHEEL, the source archive NCA_SDIST that it was built from, and an editable install
with the library in the folder NCA_LIBRARY. tests/python/test_python.sh makes them; these tests are skipped without."""
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import nca
from conftest import ROOT


def made(name):
    path = os.environ.get(name)
    if not path:
        pytest.skip("%s is not set" % name)
    return Path(path)


def said_by(*command, **options):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def unpacked(tmp_path):
    """The folder of the source archive."""
    with tarfile.open(made("NCA_SDIST")) as archive:
        archive.extractall(tmp_path)
    return tmp_path / ("nca-" + nca.__version__)


def test_a_wheel_has_the_package_the_library_and_the_licence():
    path = made("NCA_WHEEL")
    assert path.name.startswith("nca-%s-cp39-abi3-linux_" % nca.__version__)
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        about = "nca-%s.dist-info/" % nca.__version__
        assert wheel.read(about + "LICENSE") == (ROOT / "LICENSE").read_bytes()
        described = wheel.read(about + "METADATA").decode()
    sources = {"nca/" + file.name for file in (ROOT / "python" / "nca").glob("*py*") if file.suffix != ".so"}
    sources.discard("nca/__pycache__")
    assert "nca/py.typed" in sources
    assert names == sources | {"nca/_nca.abi3.so", "nca/libnca.so.0"} | {
        about + name for name in ("LICENSE", "METADATA", "WHEEL", "top_level.txt", "RECORD")}
    assert "Requires-Python: >=3.9" in described and "Requires-Dist: numpy" in described and "MIT" in described


def test_a_source_archive_has_all_that_the_library_is_built_from(unpacked, tmp_path):
    for name in ("LICENSE", "README.md", "pyproject.toml", "PKG-INFO"):
        assert (unpacked / name).is_file() and not (unpacked / name).is_symlink()
    for folder in ("include", "src", "web", "cmake"):
        wanted, packed = ({file.relative_to(place) for file in (place / folder).rglob("*") if file.is_file()}
                          for place in (ROOT, unpacked / "library"))
        assert wanted == packed
    if shutil.which("cmake"):  # refuses a source that is missing
        said_by("cmake", "-S", unpacked / "library", "-B", tmp_path / "build", "-DNCA_TESTS=OFF", "-DNCA_INSTALL=OFF",
                "-DNCA_WEB=OFF")


def test_an_editable_install_is_the_folder_itself(unpacked, tmp_path):
    made("NCA_LIBRARY")
    said_by(sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-build-isolation", "--no-deps",
            "--no-index", "--target", tmp_path / "site", "--editable", unpacked, env=dict(os.environ, CFLAGS="-O0"))
    with open(unpacked / "nca" / "__init__.py", "a") as file:
        file.write("\nCHANGED = True\n")
    source = "import site, sys; site.addsitedir(sys.argv[1]); import nca; print(nca.__file__, nca.CHANGED)"
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    said = said_by(sys.executable, "-c", source, tmp_path / "site", cwd=tmp_path, env=clean)
    assert said.split() == [str(unpacked / "nca" / "__init__.py"), "True"]
