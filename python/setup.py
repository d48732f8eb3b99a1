"""Builds libnca as a shared library (or takes one, see NCA_LIBRARY in docs/python.md) and the extension
module nca._nca, whose declarations come from the public headers."""
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import List

from setuptools import Extension, setup
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
ARCHIVED = HERE / "library"  # the sources of libnca in a source archive
ROOT = ARCHIVED if ARCHIVED.is_dir() else HERE.parent
BUILD = (HERE if ARCHIVED.is_dir() else ROOT) / "build" / "python"
SOURCES = ("CMakeLists.txt", "cmake", "include", "src", "web")  # what libnca is built from
LIBRARY = os.environ.get("NCA_LIBRARY", "")  # "": built here; a folder; "system"
WEB = os.environ.get("NCA_WEB", "")  # as CMake's option: whether the library has the page of notebooks
sys.path.insert(0, str(HERE))

from declarations import CODE, declarations, includes  # noqa: E402


def version() -> str:
    text = (ROOT / "include" / "nca" / "version.h").read_text()
    return ".".join(
        re.search(r"#define NCA_VERSION_%s (\d+)" % part, text).group(1) for part in ("MAJOR", "MINOR", "PATCH"))


def build_library() -> Path:
    """The folder of a libnca.so that CMake has built from this checkout."""
    folder = BUILD / "library"
    is_new = not (folder / "CMakeCache.txt").exists()
    options = ["-DNCA_WEB=" + WEB] if WEB else []
    if is_new:
        options += ["-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=ON", "-DNCA_TESTS=OFF",
                    "-DNCA_INSTALL=OFF"]
        options += ["-G", "Ninja"] if shutil.which("ninja") else []
    if options:
        subprocess.run(["cmake", "-S", str(ROOT), "-B", str(folder)] + options, check=True)
    subprocess.run(["cmake", "--build", str(folder), "--target", "nca", "--parallel"], check=True)
    return folder


def pkg_config(what: str) -> List[str]:
    return shlex.split(subprocess.run(
        ["pkg-config", what, "nca"], check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout)


class Build(build):
    """Without files of an earlier build, which a wheel would contain."""

    def run(self) -> None:
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()


class SourceArchive(sdist):
    """With the sources of libnca: the archive needs nothing of the repository."""

    def make_release_tree(self, base_dir: str, files: List[str]) -> None:
        super().make_release_tree(base_dir, files)
        shutil.copy(HERE / "declarations.py", base_dir)
        Path(base_dir, "library").mkdir()
        for name in SOURCES:
            source, place = ROOT / name, Path(base_dir, "library", name)
            if source.is_dir():
                shutil.copytree(source, place, ignore=shutil.ignore_patterns(".*", "*~", "node_modules"))
            else:
                shutil.copy(source, place)


class BuildExtension(build_ext):
    """Writes the C source of the extension, compiles it, and puts libnca beside it."""

    def run(self) -> None:
        if LIBRARY == "system":
            self.use_installed()
            super().run()
            return
        folder = Path(LIBRARY).resolve() if LIBRARY else build_library()
        found = sorted(folder.glob("libnca.so.[0-9]*"), key=lambda path: len(path.name))
        if not found:
            raise SystemExit("nca: %s: expected libnca.so.N in the folder of NCA_LIBRARY; build it with "
                             "cmake -DBUILD_SHARED_LIBS=ON" % folder)
        self.extension().library_dirs.append(str(folder))
        self.extension().runtime_library_dirs.append("$ORIGIN")
        super().run()
        place = Path(self.get_ext_fullpath("nca._nca")).parent
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found[0], place / found[0].name)

    def extension(self) -> Extension:
        return self.extensions[0]

    def use_installed(self) -> None:
        self.extension().extra_compile_args += pkg_config("--cflags")
        self.extension().extra_link_args += pkg_config("--libs")

    def build_extension(self, extension: Extension) -> None:
        import cffi

        include = self.headers()
        extension.include_dirs.append(str(include))
        source = Path(self.build_temp) / "_nca.c"
        source.parent.mkdir(parents=True, exist_ok=True)
        builder = cffi.FFI()
        builder.cdef(declarations(include, shlex.split(os.environ.get("CC", "cc"))))
        builder.set_source("nca._nca", includes() + CODE)
        builder.emit_c_code(str(source))
        extension.sources = [str(source)]
        super().build_extension(extension)

    def headers(self) -> Path:
        """Those of the library that is used: of the checkout, or of the system."""
        if LIBRARY != "system":
            return ROOT / "include"
        flags = [flag[2:] for flag in pkg_config("--cflags-only-I") if flag.startswith("-I")]
        for folder in flags + ["/usr/include"]:
            if (Path(folder) / "nca" / "nca.h").exists():
                return Path(folder)
        raise SystemExit("nca: the headers of the installed library were not found")


setup(
    version=version(),
    ext_modules=[Extension("nca._nca", sources=[], libraries=["nca"], extra_compile_args=["-g0"], py_limited_api=True)],
    cmdclass={"build": Build, "build_ext": BuildExtension, "sdist": SourceArchive},
    options={
        "build": {"build_base": str(BUILD / "setuptools")},
        "bdist_wheel": {"py_limited_api": "cp39"},
    },
)
