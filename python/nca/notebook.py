"""How models, runs and classifiers show themselves in a notebook: the page of `nca export` in a frame."""
from __future__ import annotations

import math
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Dict, List, Sequence, Tuple

from nca._library import ffi, lib, new_error, text

if TYPE_CHECKING:
    from nca.model import Model
    from nca.run import Run


def escape(text: str, quote: bool = True) -> str:
    """The text as a part of HTML."""
    from html import escape as escaped

    return escaped(text, quote)


def page_text(model: Model, name: str) -> str:
    """The page of a model as HTML, with weights in int8, which take a quarter of the size; "" if it
    cannot be written, mostly because the library was built without it."""
    entry = ffi.new("nca_page_model *")
    label = ffi.new("char[]", name.encode())
    entry.model, entry.name, entry.int8 = model._handle, label, True
    options = ffi.new("nca_page_options *")
    lib.nca_page_options_default(options)
    out, length, error = ffi.new("char **"), ffi.new("size_t *"), new_error()
    if lib.nca_page_text(out, length, entry, 1, options, error) != lib.NCA_OK:
        return ""
    return text(ffi.gc(out[0], lib.free))


def page_frame(model: Model, name: str = "", height: int = 480) -> str:
    """A frame with the page. It is sandboxed: its scripts run, and see nothing of the notebook.
    Without a name, the page has that of the target."""
    page = page_text(model, name or os.path.basename(str(model.info["target"])) or "model")
    if not page:
        return "<pre>%s</pre>" % escape(repr(model))
    return '<iframe sandbox="allow-scripts" style="width: 100%%; height: %dpx; border: 0" srcdoc="%s"></iframe>' % (
        height, escape(page))


def run_html(run: Run) -> str:
    """What a run says about itself, and its model in a frame."""
    line = "<p>%s</p>" % escape(repr(run))
    try:
        return line + page_frame(run.model, os.path.basename(os.path.normpath(run.folder)))
    except FileNotFoundError:
        return line


def classifier_html(classifier: Any) -> str:
    """An NCAClassifier: its parameters and, when it is fitted, its model in a frame."""
    line = "<p>%s</p>" % escape(repr(classifier))
    model = getattr(classifier, "model_", None)
    return line if model is None else line + page_frame(model)


class LiveChart:
    """A chart of the loss for the `callback` of a training, drawn again about once a second.

    In a notebook it is one output that is replaced, an SVG of its own without scripts, which
    JupyterLab and VS Code show alike; without a notebook it is a line of text on standard error, which
    a terminal replaces.

    Parameters
    ----------
    every : float
        Seconds between two drawings.

    Examples
    --------
    >>> nca.train(target="phantom", callback=nca.LiveChart())
    """

    def __init__(self, every: float = 1.0) -> None:
        self.every = every
        self.points: List[Tuple[int, float]] = []  # (iteration, loss)
        self._drawn = -math.inf
        self._last = 0  # the iteration that was drawn last
        self._display: Any = None

    def __call__(self, metrics: Dict[str, Any]) -> None:
        """Takes the metrics of an iteration; one that is not later than the last begins a new chart."""
        point = (int(metrics["iteration"]), float(metrics["loss"]))
        if self.points and point[0] <= self.points[-1][0]:
            self.points = []
        self.points.append(point)
        now = time.monotonic()
        if now - self._drawn >= self.every:
            self._drawn = now
            self.draw()

    def draw(self) -> None:
        """Draws the losses so far."""
        self._last = self.points[-1][0] if self.points else 0
        if not in_notebook():
            begin, end = ("\r", "") if sys.stderr.isatty() else ("", "\n")
            print(begin + self.text(), end=end, file=sys.stderr, flush=True)
            return
        from IPython.display import display

        if self._display is None:
            self._display = display(self, display_id=True)
        else:
            self._display.update(self)

    def finish(self) -> None:
        """Draws all losses when the training has ended; `nca.train` and `Session.run` call it. The next
        training has an output of its own."""
        if self.points and self._last != self.points[-1][0]:
            self.draw()
        if not in_notebook() and sys.stderr.isatty():
            print(file=sys.stderr)
        self._display, self._drawn, self._last = None, -math.inf, 0

    def text(self) -> str:
        """The last loss and a line of blocks for the way to it."""
        points = _thinned(self.points, 40)
        if not points:
            return "no iteration yet"
        logs = [value for _, value in points]
        low, high = min(logs), max(logs)
        blocks = "".join("▁▂▃▄▅▆▇█"[int(7 * (value - low) / (high - low or 1))] for value in logs)
        return "iteration %d  loss %.3g  %s" % (*self.points[-1], blocks)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        points = _thinned(self.points, 300)
        if len(points) < 2:
            return "<pre>%s</pre>" % self.text()
        low, high = min(value for _, value in points), max(value for _, value in points)
        last = points[-1][0]
        line = " ".join("%.1f,%.1f" % (50 + 530 * at / last, 140 - 125 * (value - low) / (high - low or 1))
                        for at, value in points)
        label = '<text x="44" y="%d" text-anchor="end">%.2g</text>'
        return ('<svg viewBox="0 0 600 170" width="600" role="img" aria-label="%s" style="background: white; font: '
                '11px sans-serif"><path d="M50 10V140H580" fill="none" stroke="#888"/>%s%s<text x="580" y="156" '
                'text-anchor="end">iteration %d, loss %.3g (logarithmic)</text><polyline points="%s" fill="none" '
                'stroke="#1f77b4" stroke-width="1.5"/></svg>' % (
                    escape(self.text()), label % (18, 10**high), label % (144, 10**low), last,
                    self.points[-1][1], line))


def finish(callback: Any) -> None:
    """Finishes a callback that is a chart."""
    if isinstance(callback, LiveChart):
        callback.finish()


def in_notebook() -> bool:
    """Whether the output of this Python is that of a notebook's kernel."""
    main = sys.modules.get("IPython")
    shell = main.get_ipython() if main is not None else None
    return shell is not None and hasattr(shell, "kernel")


def _thinned(points: Sequence[Tuple[int, float]], count: int) -> List[Tuple[int, float]]:
    """At most about `count` points (iteration, log10 of the mean loss of its part)."""
    step = max(1, -(-len(points) // count))
    thinned = []
    for first in range(0, len(points), step):
        part = points[first:first + step]
        losses = [loss for _, loss in part if 0 < loss < math.inf]
        if losses:
            thinned.append((part[-1][0], math.log10(sum(losses) / len(losses))))
    return thinned
