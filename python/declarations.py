"""The declarations of the public headers in the form that cffi reads.

The headers are the only source: the preprocessor puts them into one text, without the headers of the
system, whose types cffi knows. Macros that name files become constants.
"""
import re
import subprocess
import tempfile
from pathlib import Path
from typing import List, Tuple

# What the package uses; they include the others that they need.
HEADERS = ("changes", "class_report", "classify", "evaluate", "files", "growth", "medmnist", "medmnist_synthetic",
           "model", "page", "philox", "picture", "rollout", "run", "run_sweep", "run_watch", "settings", "sweep",
           "torch", "train", "version")
SYSTEM_HEADERS = ("stdbool.h", "stddef.h", "stdint.h", "stdio.h")

# A callback of the library is a function of Python; nca/_callbacks.py defines them.
CALLBACKS = """
extern "Python" bool nca_python_keep_going(void *);
extern "Python" bool nca_python_iterated(nca_run *, const nca_iteration *, void *);
extern "Python" bool nca_python_progress(const nca_session *, const nca_iteration *, void *);
extern "Python" void nca_python_notice(const char *, void *);
extern "Python" bool nca_python_share(double, void *);
extern "Python" bool nca_python_count(size_t, void *);
extern "Python" void nca_python_sweep_progress(const nca_sweep_job *, void *);
void free(void *);
typedef struct nca_python_rows {
    nca_metrics_row *rows;
    size_t count, room;
    bool failed;
} nca_python_rows;
void nca_python_row_kept(const nca_metrics_row *row, void *user);
void nca_python_row_passed(const nca_metrics_row *row, void *user);
"""

# A run has a row for each iteration: they are gathered without a call of Python for each.
CODE = """
#include <stdlib.h>

typedef struct nca_python_rows {
    nca_metrics_row *rows;
    size_t count, room;
    bool failed; /* out of memory */
} nca_python_rows;

static void nca_python_row_kept(const nca_metrics_row *row, void *user)
{
    nca_python_rows *kept = user;
    if (kept->count == kept->room) {
        const size_t room = 2 * kept->room + 256;
        nca_metrics_row *larger = realloc(kept->rows, room * sizeof *larger);
        if (larger == NULL) {
            kept->failed = true;
            return;
        }
        kept->rows = larger;
        kept->room = room;
    }
    kept->rows[kept->count++] = *row;
}

static void nca_python_row_passed(const nca_metrics_row *row, void *user)
{
    (void)row;
    (void)user;
}
"""


def includes() -> str:
    """The C text that includes them."""
    return "".join("#include <nca/%s.h>\n" % name for name in HEADERS)


def preprocess(include: Path, compiler: List[str]) -> str:
    """The headers as one text without comments and directives."""
    with tempfile.TemporaryDirectory() as folder:
        for name in SYSTEM_HEADERS:
            (Path(folder) / name).touch()
        source = Path(folder) / "all.c"
        source.write_text(includes())
        # Without __GNUC__, NCA_API is empty (include/nca/export.h).
        command = compiler + ["-E", "-P", "-nostdinc", "-U__GNUC__", "-I", folder, "-I", str(include), str(source)]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout


def text_macros(include: Path) -> List[Tuple[str, str]]:
    """Names and values of the macros that are texts, such as NCA_RUN_MODEL."""
    found = []
    for header in sorted((include / "nca").glob("*.h")):
        found += re.findall(r'^#define (NCA_\w+) +"([^"]*)"', header.read_text(), re.MULTILINE)
    return found


def declarations(include: Path, compiler: List[str]) -> str:
    """What is passed to cffi's cdef."""
    constants = "".join("static char *const %s;\n" % name for name, _ in text_macros(include))
    return preprocess(include, compiler) + constants + CALLBACKS
