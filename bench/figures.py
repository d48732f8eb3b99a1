#!/usr/bin/env python3
"""Makes the figures of README.md and docs/ that come from runs, and puts them into the pages.

    bench/figures.py [NAME...]          makes those whose inputs changed, and fills the pages
    bench/figures.py --list             says what is made, what is not, and how long it takes
    bench/figures.py --fill             fills the pages from docs/figures/, runs nothing
    bench/figures.py --check            fails where a page, a picture or a result is not as it should be
    bench/figures.py --again [NAME...]  makes them in a folder of their own and compares the values

`make figures` runs it; ONLY="demo head" and QUICK=yes choose, FORCE=yes makes again what is made, as a
change of what a command prints asks for. What there is stands in
bench/figure_list.py. A figure is made by commands of the program, in the folder build/figures, as the
pages show them. Its values go into docs/figures/NAME.json, its pictures into docs/images. A page has
them between marks, a whole block or a word:

    <!-- figure: NAME/VALUE -->...<!-- end -->

Each result has a key: a hash of the commands, of the files that they read, and of the lines of
tests/fixtures/digests.txt that its trainings rest on. It is made anew when the key changes. Trainings are
kept in build/figures/runs and go on where they were stopped. MedMNIST's files are looked for in
NCA_TEST_DATA or ~/.medmnist."""
import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COPIES = {"photo.png": "examples/photo.png"}  # what commands name otherwise than the repository
RESULTS = os.path.join(ROOT, "docs", "figures")
IMAGES = os.path.join(ROOT, "docs", "images")
PAGES = ["README.md", "examples/README.md"]
MARK = re.compile(r"<!-- figure: ([\w./-]+) -->(.*?)<!-- end -->", re.DOTALL)


class Failed(Exception):
    """What went wrong, for the user."""


def pages():
    docs = sorted(name for name in os.listdir(os.path.join(ROOT, "docs")) if name.endswith(".md"))
    return PAGES + [os.path.join("docs", name) for name in docs]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def write_whole(path, text):
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".tmp", path)


def digest(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def digest_file(path):
    with open(path, "rb") as file:
        return digest(file.read())


def digest_input(path):
    """Of a file that a command reads; what is a comment in settings changes nothing."""
    path = os.path.join(ROOT, path)
    if not path.endswith(".yaml"):
        return digest_file(path)
    lines = [line.split("#", 1)[0].rstrip() for line in read(path).splitlines()]
    return digest("\n".join(line for line in lines if line))


def bits():
    """The lines of the list of digests, by what they are of."""
    lines = [line.split(" ", 1) for line in read("tests/fixtures/digests.txt").splitlines()
             if line and not line.startswith(("#", "base "))]
    return {what: value for value, what in lines}


# ---- Keys ---------------------------------------------------------------------------------------


def training_key(training):
    """Of its command, the files it names, and the bits it rests on."""
    lines = bits()
    moved = [name for name in training.bits if name not in lines]
    if moved:
        raise Failed("tests/fixtures/digests.txt has no line %s" % moved[0])
    words = [COPIES.get(word, word) for word in shlex.split(training.command)]
    files = [word for word in words if os.path.isfile(os.path.join(ROOT, word))]
    return digest(json.dumps([training.command, [lines[name] for name in training.bits],
                              [digest_input(name) for name in files]]))


def figure_key(figure, trainings):
    return digest(json.dumps([figure.commands, figure.pictures, figure.version,
                              [training_key(trainings[name]) for name in figure.trainings],
                              [digest_input(name) for name in figure.files]]))


def result_path(name):
    return os.path.join(RESULTS, name + ".json")


def result_of(name):
    """What is committed of a figure, or None."""
    if not os.path.exists(result_path(name)):
        return None
    with open(result_path(name), encoding="utf-8") as file:
        return json.load(file)


def is_made(figure, trainings):
    result = result_of(figure.name)
    return result is not None and result["key"] == figure_key(figure, trainings)


# ---- Making -------------------------------------------------------------------------------------


class Workshop:
    """A folder in which the commands run as the pages show them."""

    def __init__(self, place, build, quiet=False):
        self.place, self.quiet = place, quiet
        self.program = os.path.join(build, "nca")
        self.tools = build
        if not os.path.exists(self.program):
            raise Failed("%s is not there; run make" % self.program)
        os.makedirs(os.path.join(place, "runs"), exist_ok=True)
        for name in ("configs", "examples", "bench", "tests"):
            self.link(os.path.join(ROOT, name), os.path.join(place, name))
        for name, source in COPIES.items():
            self.link(os.path.join(ROOT, source), os.path.join(place, name))
        self.home = os.path.join(place, "home")
        self.find_sets(os.path.join(self.home, ".medmnist"))

    @staticmethod
    def link(source, target):
        if os.path.lexists(target):
            os.unlink(target)
        os.symlink(source, target)

    def find_sets(self, folder):
        """The sets under their own names; one put together again, NAME_rebuilt.npz, stands for NAME in
        its splits val and test."""
        os.makedirs(folder, exist_ok=True)
        for source in (os.environ.get("NCA_TEST_DATA"), os.path.expanduser("~/.medmnist")):
            for name in sorted(os.listdir(source)) if source and os.path.isdir(source) else []:
                target = os.path.join(folder, name.replace("_rebuilt.npz", ".npz"))
                if name.endswith(".npz") and not os.path.exists(target):
                    self.link(os.path.abspath(os.path.join(source, name)), target)

    def path(self, name):
        return os.path.join(self.place, name)

    def run(self, command):
        """Standard output of a command that begins with nca."""
        words = shlex.split(command)
        assert words[0] == "nca"
        words[0] = self.program
        if not self.quiet:
            print("  " + command, flush=True)
        done = subprocess.run(words, cwd=self.place, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={**os.environ, "HOME": self.home, "LC_ALL": "C.UTF-8"},
                              encoding="utf-8", check=False)
        if done.returncode != 0:
            raise Failed("%s\nended with %d: %s" % (command, done.returncode, done.stderr[-2000:]))
        return done.stdout

    def train(self, training):
        """A run of this key: kept, gone on with, or begun."""
        folder, key = self.path(training.folder), training_key(training)
        mark, log = folder + ".key", folder + ".log"
        if not os.path.exists(mark) or read(mark) != key:
            shutil.rmtree(folder, ignore_errors=True)
            for stale in (mark, log):
                if os.path.exists(stale):
                    os.unlink(stale)
            os.makedirs(os.path.dirname(folder), exist_ok=True)
            write_whole(mark, key)
        if os.path.exists(log):
            return read(log)
        begun = os.path.exists(os.path.join(folder, "checkpoint.safetensors"))
        output = self.run("nca train --resume " + training.folder if begun else training.command)
        write_whole(log, output)
        return output


def make(figure, trainings, workshop):
    """The result of a figure, as it is kept; the pictures stay in the workshop."""
    outputs = {}
    for name in figure.trainings:
        outputs[name] = workshop.train(trainings[name])
    for name, command in figure.commands.items():
        outputs[name] = workshop.run(command)
    values = figure.values(outputs, workshop)
    pictures = {picture: digest_file(workshop.path(source))
                for picture, source in figure.pictures.items()}
    return {"key": figure_key(figure, trainings), "values": values, "pictures": pictures}


def keep(figure, result, workshop):
    os.makedirs(RESULTS, exist_ok=True)
    for picture, source in figure.pictures.items():
        shutil.copyfile(workshop.path(source), os.path.join(IMAGES, picture))
    write_whole(result_path(figure.name), json.dumps(result, indent=1, ensure_ascii=False) + "\n")


# ---- Pages --------------------------------------------------------------------------------------


def filled(text, results):
    """A page with its values; a mark of a figure that is not made keeps what is there."""
    def value(match):
        figure, _, name = match.group(1).partition("/")
        if figure not in results:
            raise Failed("there is no figure %s" % match.group(1))
        if results[figure] is None:
            return match.group(0)
        if name not in results[figure]["values"]:
            raise Failed("docs/figures/%s.json has no value %s" % (figure, name))
        found = results[figure]["values"][name]
        return "<!-- figure: %s -->%s<!-- end -->" % (
            match.group(1), "\n" + found + "\n" if "\n" in found else found)
    return MARK.sub(value, text)


def fill(figures):
    results = {figure.name: result_of(figure.name) for figure in figures}
    for page in pages():
        before = read(page)
        after = filled(before, results)
        if after != before:
            write_whole(os.path.join(ROOT, page), after)
            print("filled  " + page)


def check(figures, trainings):
    """What is wrong, as sentences."""
    results = {figure.name: result_of(figure.name) for figure in figures}
    wrong, used = [], set()
    for page in pages():
        text = read(page)
        opened = text.count("<!-- figure:")
        used |= {match.group(1) for match in MARK.finditer(text)}
        if opened != len(MARK.findall(text)):
            wrong.append("%s: a mark of a figure has no end" % page)
        try:
            if filled(text, results) != text:
                wrong.append("%s differs from docs/figures; figures are not edited by hand: "
                             "bench/figures.py --fill" % page)
        except Failed as reason:
            wrong.append("%s: %s" % (page, reason))
    for figure in figures:
        result = results[figure.name]
        if result is None:
            print("not made: make figures ONLY=%s" % figure.name)
            continue
        if result["key"] != figure_key(figure, trainings):
            wrong.append("docs/figures/%s.json is of other commands or other bits: "
                         "make figures ONLY=%s" % (figure.name, figure.name))
        for picture, found in result["pictures"].items():
            path = os.path.join(IMAGES, picture)
            if not os.path.exists(path) or digest_file(path) != found:
                wrong.append("docs/images/%s is not what make figures ONLY=%s left there"
                             % (picture, figure.name))
        wrong += ["no page shows %s/%s" % (figure.name, name) for name in result["values"]
                  if "%s/%s" % (figure.name, name) not in used]
    return wrong


def again(figures, trainings, build, place):
    """Makes figures in a folder of their own; the values have to be the committed ones."""
    wrong = []
    for figure in figures:
        result = result_of(figure.name)
        values = make(figure, trainings, Workshop(place, build, True))["values"]
        wrong += ["%s/%s: docs/figures has\n%s\nand now it is\n%s"
                  % (figure.name, name, result and result["values"].get(name), value)
                  for name, value in values.items()
                  if result is None or result["values"].get(name) != value]
    return wrong


# ---- The command --------------------------------------------------------------------------------


def chosen(names, figures, quick):
    known = {figure.name: figure for figure in figures}
    for name in names:
        if name not in known:
            raise Failed("there is no figure \"%s\"; there are %s" % (name, ", ".join(known)))
    return [figure for figure in figures
            if (figure.name in names if names else not quick or figure.is_quick)]


def make_all(figures, trainings, build, force):
    workshop = Workshop(os.path.join(ROOT, "build", "figures"), build)
    failed = []
    for figure in figures:
        if is_made(figure, trainings) and not force:
            print("%-12s is made" % figure.name)
            continue
        print(figure.name, flush=True)
        begin = time.monotonic()
        try:
            keep(figure, make(figure, trainings, workshop), workshop)
        except Failed as reason:
            failed.append("%s: %s" % (figure.name, reason))
            continue
        print("  %.0f s" % (time.monotonic() - begin), flush=True)
    return failed


def main():
    import figure_list
    figures, trainings = figure_list.FIGURES, figure_list.TRAININGS
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--quick", action="store_true", help="only figures that take seconds")
    parser.add_argument("--force", action="store_true",
                        help="also what is made: the commands again, with the trainings that are kept")
    parser.add_argument("--place", help="the folder for --again")
    for mode in ("list", "fill", "check", "again"):
        parser.add_argument("--" + mode, action="store_true")
    given = parser.parse_args()
    try:
        some = chosen(given.names, figures, given.quick)
        wrong = []
        if given.list:
            for figure in some:
                state = ("made" if is_made(figure, trainings) else
                         "not made" if result_of(figure.name) is None else "to be made again")
                print("%-12s %-16s %s" % (figure.name, state, figure.takes))
        elif given.fill:
            fill(figures)
        elif given.check:
            wrong = check(figures, trainings)
        elif given.again:
            wrong = again(some, trainings, os.path.abspath(given.build), os.path.abspath(given.place))
        else:
            wrong = make_all(some, trainings, os.path.abspath(given.build), given.force)
            fill(figures)
    except (Failed, OSError) as reason:
        sys.exit("figures: %s" % reason)
    except KeyboardInterrupt:
        sys.exit("figures: stopped; the same command goes on")
    if wrong:
        sys.exit("\n".join("figures: " + line for line in wrong))


if __name__ == "__main__":
    main()
