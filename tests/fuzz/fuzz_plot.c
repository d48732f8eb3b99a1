/* Fuzzing plots with numbers that no training has: they end, and write a picture. The bytes are the
 * first iteration (8), the window (2), the first step (8), then doubles. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz/harness.h"
#include "nca/plot.h"

/* Memory that fontconfig keeps until the process ends is not a leak of this program. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\nleak:libcairo\n";
}

enum {
    HEAD = 18,
    MOST_VALUES = 600
};

static char drawn[256];

static void remove_drawn(void)
{
    unlink(drawn);
}

static const char *drawn_path(void)
{
    if (drawn[0] == 0) {
        const char *parent = getenv("TMPDIR");
        snprintf(drawn, sizeof drawn, "%s/nca-fuzz-plot-%ld.svg",
                 parent != NULL && parent[0] != 0 ? parent : "/tmp", (long)getpid());
        atexit(remove_drawn);
    }
    return drawn;
}

static void check_svg(char *svg)
{
    FUZZ_CHECK(strncmp(svg, "<svg ", 5) == 0);
    FUZZ_CHECK(strcmp(svg + strlen(svg) - 7, "</svg>\n") == 0);
    FUZZ_CHECK(strstr(svg, "nan") == NULL);
    free(svg);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static double values[MOST_VALUES];
    static nca_spread spreads[MOST_VALUES];
    uint64_t first = 0, step = 0;
    uint16_t window = 0;
    char *svg = NULL;
    fuzz_accepted = size >= HEAD + sizeof(double);
    if (!fuzz_accepted) {
        nca_loss_plot nothing;
        nca_loss_plot_default(&nothing);
        nothing.losses = values;
        FUZZ_CHECK(nca_plot_loss_svg(&svg, &nothing, NULL) == NCA_INVALID_ARGUMENT);
        return 0;
    }
    memcpy(&first, bytes, 8);
    memcpy(&window, bytes + 8, 2);
    memcpy(&step, bytes + 10, 8);
    size_t count = (size - HEAD) / sizeof(double);
    count = count < MOST_VALUES ? count : MOST_VALUES;
    memcpy(values, bytes + HEAD, count * sizeof(double));
    for (size_t i = 0; i < count; i++) {
        spreads[i] = (nca_spread){values[i], values[count - 1 - i]};
    }
    nca_loss_plot losses;
    nca_loss_plot_default(&losses);
    losses.title = "t";
    losses.loss_name = "L2";
    losses.losses = values;
    losses.count = count;
    losses.first_iteration = first;
    losses.window = window;
    const nca_curve curve = {.name = "a", .first_step = step, .values = spreads, .count = count};
    const nca_curve_mark mark = {step, "here"};
    nca_curve_plot curves;
    nca_curve_plot_default(&curves);
    curves.y_name = "L2";
    curves.band_name = "b";
    curves.curves = &curve;
    curves.curve_count = 1;
    curves.marks = &mark;
    curves.mark_count = 1;
    FUZZ_CHECK(nca_plot_loss_svg(&svg, &losses, NULL) == NCA_OK);
    check_svg(svg);
    FUZZ_CHECK(nca_plot_curves_svg(&svg, &curves, NULL) == NCA_OK);
    check_svg(svg);
    curves.x_log = true;
    FUZZ_CHECK(nca_plot_curves_svg(&svg, &curves, NULL) == NCA_OK);
    check_svg(svg);
    FUZZ_CHECK(nca_plot_loss(&losses, drawn_path(), NULL) == NCA_OK);
    FUZZ_CHECK(nca_plot_curves(&curves, drawn_path(), NULL) == NCA_OK);
    return 0;
}
