"""The files of a run, and numbers for plots."""
import struct

METRICS = (b"iteration,loss,steps,learning_rate,norm_w1,norm_b1,norm_w2,norm_b2,alive_cells,"
           b"seconds\n")


def metrics_row(iteration, loss=b"0.25", seconds=b"1.5"):
    return b"%s,%s,64,0.002,1,0.5,1,0.5,900,%s\n" % (str(iteration).encode(), loss, seconds)


def metrics_seeds(random):
    yield "good-rows", METRICS + b"".join(metrics_row(i) for i in range(1, 61))
    yield "good-not-finite", METRICS + metrics_row(1, b"inf") + metrics_row(2, b"-nan") + \
        metrics_row(3, b"1e308") + metrics_row(4, b"5e-324")
    yield "good-most", METRICS + metrics_row(3999999999) + metrics_row(4000000000)
    yield "bad-nothing", b""
    yield "bad-head", metrics_row(1)
    yield "bad-beyond-a-double", METRICS + metrics_row(2**53 + 1)
    yield "bad-beyond-64-bits", METRICS + metrics_row(2**64)
    yield "bad-zero", METRICS + metrics_row(0)
    yield "bad-cut", METRICS + metrics_row(1)[:-3]
    yield "bad-long-line", METRICS + b"1," * 600 + b"\n"
    yield "bad-zero-byte", METRICS + b"1,\0" + metrics_row(2)
    yield "bad-seconds", METRICS + metrics_row(1, seconds=b"inf")


def validations_seeds(random):
    head = b"iteration,auc,accuracy,balanced_accuracy,log_loss\n"
    yield "good-rows", head + b"4,0.5,0.25,0.5,1.5\n8,0.75,0.5,0.5,0.7\n12,0.75,0.25,0.5,0.6\n"
    yield "good-not-defined", head + b"1,nan,0.5,nan,0.7\n2,nan,nan,nan,nan\n"
    yield "good-ends", head + b"1,0,0,0,0\n2,1,1,1,1e308\n3,5e-324,1,1,inf\n"
    yield "good-nothing", head
    yield "bad-nothing", b""
    yield "bad-head", b"1,0.5,0.5,0.5,0.5\n"
    yield "bad-zero", head + b"0,0.5,0.5,0.5,0.5\n"
    yield "bad-order", head + b"2,0.5,0.5,0.5,0.5\n2,0.5,0.5,0.5,0.5\n"
    yield "bad-share", head + b"1,1.5,0.5,0.5,0.5\n"
    yield "bad-negative", head + b"1,0.5,0.5,0.5,-1\n"
    yield "bad-fields", head + b"1,0.5,0.5,0.5\n"
    yield "bad-more-fields", head + b"1,0.5,0.5,0.5,0.5,0.5\n"
    yield "bad-number", head + b"1,0.5,half,0.5,0.5\n"
    yield "bad-beyond-64-bits", head + b"18446744073709551616,0.5,0.5,0.5,0.5\n"
    yield "bad-cut", head + b"1,0.5,0.5,0.5,0.5"
    yield "bad-long-line", head + b"1," * 600 + b"\n"


def events_seeds(random):
    head = b"iteration,key,value\n"
    yield "good-changes", head + b"5,learning_rate,0.001\n5,damage,1\n90,fire_rate,0.75\n"
    yield "good-nothing", head
    yield "good-empty", b""
    yield "bad-key", head + b"5,los,1\n"
    yield "bad-value", head + b"5,learning_rate,fast\n"
    yield "bad-iteration", head + b"99999999999999999999,damage,1\n"
    yield "bad-cut", head + b"5,damage"
    yield "bad-fields", head + b"5,damage,1,2\n"
    yield "bad-blank", head + b"5, damage,1\n"


def evaluation_seeds(random):
    head = b"part,shape,step,measure,mean,deviation\n"
    rows = [b"steps,,%d,%s,%s,%s\n" % (step, measure, b"0.5", b"" if measure == b"surviving" else b"0.1")
            for step in (80, 500) for measure in (b"L1", b"L2", b"Hinge", b"PSNR", b"surviving")]
    yield "good-rows", head + b"".join(rows)
    yield "good-not-finite", head + b"".join(rows).replace(b"0.5,0.1", b"inf,nan")
    yield "good-huge", head + b"".join(rows).replace(b"0.5,0.1", b"1e308,5e-324")
    yield "bad-nothing", b""
    yield "bad-missing", head + b"".join(rows[:-2])
    yield "bad-number", head + b"".join(rows).replace(b"0.5,0.1", b"0x,0.1", 1)
    yield "bad-share", head + b"".join(rows).replace(b"surviving,0.5", b"surviving,1.5")
    yield "bad-cut", head + b"".join(rows)[:-1]
    yield "bad-long-line", head + b"x" * 2000 + b"\n" + b"".join(rows)


def plot_seeds(random):
    """The first iteration, the window, the first step and the values, as fuzz_plot.c reads them."""
    def numbers(first, window, step, values):
        return struct.pack("<QHQ", first, window, step) + struct.pack("<%dd" % len(values), *values)
    inf, nan = float("inf"), float("nan")
    yield "good-falling", numbers(1, 50, 0, [0.5 ** i for i in range(60)])
    yield "good-extremes", numbers(1, 3, 0, [1e308, 5e-324, inf, nan, -inf, -1, 0, 1e-300])
    yield "good-one", numbers(2**53 + 1, 1, 2**53 + 1, [1])
    yield "good-last", numbers(2**64 - 1, 0, 2**64 - 1, [1, 2, 3])
    yield "good-no-finite", numbers(7, 65535, 7, [nan, inf])
    yield "good-equal", numbers(0, 2, 0, [0.25] * 9)
    yield "bad-nothing", b""
