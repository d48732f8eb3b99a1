"""The first table of the page: the goal, the acceptable minimum (the bar) and the measured value of each
kind of work. Goals are defined only here."""


class Goal:
    """One row. `form` formats a value. `higher` says that higher values are better. `found` is the measured
    spread, or None if nothing was measured; `why` is then the reason."""

    def __init__(self, work, goal, bar, form, found, higher=True, why="not measured"):
        self.work, self.goal, self.bar, self.form = work, goal, bar, form
        self.found, self.higher, self.why = found, higher, why

    def reached(self):
        if self.found is None:
            return "–"
        sign = 1 if self.higher else -1
        value = sign * self.found["median"]
        return ("goal" if value >= sign * self.goal else
                "bar" if value >= sign * self.bar else "neither")

    def plain(self, value):
        """A goal or a bar as text, without a decimal that is zero."""
        return self.form(value).replace(".0 ", " ").replace(".0×", "×")

    def middle(self):
        return self.form(self.found["median"]) if self.found is not None else "–"

    def measured(self):
        if self.found is None:
            return self.why
        low, high = self.form(self.found["low"]), self.form(self.found["high"])
        text = "**%s**" % self.form(self.found["median"])
        return text if low == high else "%s (%s..%s)" % (text, low, high)


def power(value):
    """Formats 2.7e-4 as 2.7·10⁻⁴."""
    digits, exponent = ("%.1e" % value).split("e")
    return digits + "·10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def times(value):
    return "%.3g×" % value if value < 9.95 else "%.1f×" % value


def percent(value):
    return "%.0f %%" % (100 * value)


def seconds(value):
    return "%.1f s" % value


def milliseconds(value):
    return "%.1f ms" % (1e3 * value)


def megabytes(value):
    return "%.0f MB" % (value / 1e6)


def one(value):
    return {"median": value, "low": value, "high": value}


def row_of(results, case, threads):
    return next((row for row in results["pytorch"]
                 if row["case"] == case and row["threads"] == threads), None)


def ratio_of(row):
    return row and row["ratio"]


def classify_row(results, case):
    """None if the results have no classifiers: they were measured by an earlier version."""
    return next((row for row in results.get("classify", {}).get("rows", []) if row["case"] == case), None)


def goals(results):
    """The rows of the table, in their order."""
    cores = results["machine"]["cores"]
    train = row_of(results, "train28", cores)
    grown = row_of(results, "train72-seed", cores)
    infer = row_of(results, "infer28", cores)
    lower, busy, start = results["precision"], results["busy"], results["start"]
    quality = results["quality"]
    classify = results.get("classify")
    retina = quality["image"] == "retina.png" # the goal was set for this image
    slow = "not reached within %d s" % quality["runs"][0]["limit"] if retina else "retina.png is not available"
    return [
        Goal("training, fp32, 28×28, every cell alive: useful arithmetic as a percentage of the "
             "multiply-add peak, %d cores" % cores, 0.85, 0.70, percent, train["ours"].get("share_of_peak")),
        Goal("the same, compared with PyTorch", 6, 5, times, ratio_of(train)),
        Goal("training on 72×72 around a target of 40, from seeds and a pool, compared with PyTorch",
             15, 10, times, ratio_of(grown)),
        Goal("inference, fp32, 28×28, every cell alive, compared with PyTorch", 8, 6.5, times,
             ratio_of(infer)),
        *[Goal("training a classifier, 28×28, %d channels, compared with PyTorch" % channels, 10, 6, times,
               ratio_of(classify_row(results, "classify%d" % channels))) for channels in (32, 16)],
        Goal("the same with 16 channels: cell updates compared with growth with two learned filters",
             1, 0.95, percent, classify and classify["growth"]["ratio"]),
        Goal("peak memory of training a classifier of 32 channels, without its images", 400e6, 400e6,
             megabytes, classify and one(classify["memory"]["besides"]), higher=False),
        Goal("training, bf16, compared with PyTorch in fp32", 10, 8, times, ratio_of(lower["bf16"]),
             why=lower["why"].get("bf16", "")),
        Goal("inference, int8, compared with nca in fp32", 2.5, 2, times, ratio_of(lower["int8"]),
             why=lower["why"].get("int8", "")),
        Goal("from the start of `nca train` to a mean loss of %s on %s, recipe %s"
             % (power(quality["loss"]), quality["image"], quality["recipe"]), 11, 20, seconds,
             quality["seconds"] if retina else None, higher=False, why=slow),
        Goal("peak memory of a 28×28 training, without its pool of 51 MB", 40e6, 60e6, megabytes,
             one(results["memory"]["besides"]), higher=False),
        Goal("slowdown of training while another program keeps one core busy", 1.9, 2.3, times,
             busy and busy["ours"], higher=False, why="this machine has one core"),
        Goal("training, 1 → 2 threads", 1.95, 1.85, times, results["threads"]["train28"]["gain"],
             why="this machine has one core"),
        Goal("training on 512×512, 96 steps, within 512 MB: speed compared with 28×28", 0.80, 0.65,
             percent, results["large"]["ratio"]),
        Goal("`nca --version`", 0.005, 0.010, milliseconds, start["nca"], higher=False),
        Goal("loading a model and its first step", 0.010, 0.020, milliseconds, start["first_step"],
             higher=False),
    ]
