"""How models, runs and classifiers show themselves in a notebook: the page of `nca export` in a frame."""
from __future__ import annotations

import html
from typing import TYPE_CHECKING

from nca._library import ffi, lib, new_error, text

if TYPE_CHECKING:
    from nca.model import Model
    from nca.run import Run


def page_text(model: Model, name: str = "model") -> str:
    """The page of a model as HTML, with weights in int8, which take a quarter of the size; "" if the
    library was built without the page."""
    entry = ffi.new("nca_page_model *")
    label = ffi.new("char[]", name.encode())
    entry.model, entry.name, entry.int8 = model._handle, label, True
    options = ffi.new("nca_page_options *")
    lib.nca_page_options_default(options)
    out, length, error = ffi.new("char **"), ffi.new("size_t *"), new_error()
    if lib.nca_page_text(out, length, entry, 1, options, error) != lib.NCA_OK:
        return ""
    return text(ffi.gc(out[0], lib.free))


def page_frame(model: Model, name: str = "model", height: int = 480) -> str:
    """A frame with the page. It is sandboxed: its scripts run, and see nothing of the notebook."""
    page = page_text(model, name)
    if not page:
        return "<pre>%s</pre>" % html.escape(repr(model))
    return '<iframe sandbox="allow-scripts" style="width: 100%%; height: %dpx; border: 0" srcdoc="%s"></iframe>' % (
        height, html.escape(page, quote=True))


def run_html(run: Run) -> str:
    """What a run says about itself, and its model in a frame."""
    line = "<p>%s</p>" % html.escape(repr(run))
    try:
        return line + page_frame(run.model, run.folder)
    except FileNotFoundError:
        return line
