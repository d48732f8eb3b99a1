/* The axes of a plot, its title, and the value at the end of a line. */
#include "render/axes.h"

#include <math.h>

#include "render/canvas.h"

const nca__font nca__tick_font = {12.0, false, NCA__INK_SOFT};
const nca__font nca__axis_font = {13.0, false, NCA__INK};

nca__axes nca__axes_unit(double left, double top, double side)
{
    return (nca__axes){.left = left,
                       .right = left + side,
                       .top = top,
                       .bottom = top + side,
                       .last = 1.0,
                       .high = 1.0,
                       .x_real = true,
                       .y_linear = true};
}

double nca__axes_x(const nca__axes *axes, double value)
{
    double share = (value - axes->first) / (axes->last - axes->first);
    if (axes->x_log) {
        share = log(fmax(value, axes->first) / axes->first) / log(axes->last / axes->first);
    }
    return axes->left + share * (axes->right - axes->left);
}

double nca__axes_y(const nca__axes *axes, double value)
{
    const double at = axes->y_linear ? value : value > 0.0 ? log(value) : axes->low;
    double height = (at - axes->low) / (axes->high - axes->low);
    height = height < 0.0 ? 0.0 : height > 1.0 ? 1.0 : height;
    return axes->bottom - height * (axes->bottom - axes->top);
}

void nca__axes_span(nca__axes *axes, double first, double last)
{
    axes->first = first;
    axes->last = last;
    if (!(last > first)) {
        const double away = fmax(1.0, fabs(first) * 1e-9);
        axes->first = fmax(first - away, 0.0);
        axes->last = first + away;
    }
    if (axes->x_log) {
        axes->first = fmax(axes->first, 1.0);
        axes->last = fmax(axes->last, axes->first + fmax(1.0, axes->first * 1e-9));
    }
}

double nca__axes_top(const char *title)
{
    enum {
        TOP = 74, /* room for a title and the legend */
        TOP_WITHOUT_TITLE = 42
    };
    return title != NULL && title[0] != '\0' ? TOP : TOP_WITHOUT_TITLE;
}

static void fit_linear(nca__axes *axes, const double *values, size_t count)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(values[i])) {
            low = fmin(low, values[i]);
            high = fmax(high, values[i]);
        }
    }
    if (!(low <= high)) {
        low = 0.0;
        high = 1.0;
    }
    const double margin = fmax(0.06 * (high - low), fmax(0.01, 1e-3 * fabs(high)));
    axes->low = low - margin;
    axes->high = high + margin;
}

void nca__axes_fit(nca__axes *axes, const double *values, size_t count)
{
    if (axes->y_linear) {
        fit_linear(axes, values, count);
        return;
    }
    double low = INFINITY;
    double high = 0.0;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(values[i]) && values[i] > 0.0) {
            low = fmin(low, values[i]);
            high = fmax(high, values[i]);
        }
    }
    if (high <= 0.0) {
        low = 1e-3;
        high = 1.0;
    }
    axes->low = log(low);
    axes->high = log(high);
    double margin = fmax(0.06 * (axes->high - axes->low), 0.02);
    if (axes->high - axes->low < 1e-3) {
        margin = log(2.0);
    }
    /* The ends stay in the range of a double, so that ticks can be computed. */
    axes->low = fmax(axes->low - margin, log(1e-300));
    axes->high = fmin(axes->high + margin, log(1e300));
    if (!(axes->high - axes->low > 1e-3)) {
        axes->low = axes->low > 0.0 ? axes->high - 1.0 : axes->low;
        axes->high = axes->low + 1.0;
    }
}

/* Integer ticks. The end is also labelled if it is a tick with enough room. */
static void ticks_of_steps(nca__ticks *ticks, const nca__axes *axes)
{
    const double room = 0.4; /* in decades */
    double major = 0.0;
    nca__ticks_log(ticks, axes->first, axes->last);
    for (size_t i = 0; i < ticks->count; i++) {
        nca__tick *tick = &ticks->tick[i];
        if (i + 1 == ticks->count && major > 0.0 && tick->value > axes->last * (1.0 - 1e-9)) {
            tick->major = tick->major || log10(tick->value / major) > room;
        }
        if (tick->major && tick->value < 1e6) {
            tick->label = nca__integer((uint64_t)(tick->value + 0.5));
        }
        major = tick->major ? tick->value : major;
    }
}

void nca__axes_ticks_x(nca__ticks *ticks, const nca__axes *axes)
{
    /* A short range contains no powers of ten to label, or needs fractions of a step. */
    if (axes->x_log && axes->last >= 10.0 * axes->first) {
        ticks_of_steps(ticks, axes);
    } else {
        nca__ticks_linear(ticks, axes->first, axes->last, 6, !axes->x_real);
    }
}

void nca__axes_ticks_y(nca__ticks *ticks, const nca__axes *axes)
{
    if (axes->y_linear) {
        nca__ticks_linear(ticks, axes->low, axes->high, 6, false);
    } else {
        nca__ticks_log(ticks, exp(axes->low), exp(axes->high));
    }
}

void nca__axes_draw_x(cairo_t *cairo, const nca__axes *axes, const char *name)
{
    nca__ticks ticks;
    nca__axes_ticks_x(&ticks, axes);
    nca__cairo.set_line_width(cairo, 1.0);
    for (size_t i = 0; i < ticks.count; i++) {
        double x = nca__axes_x(axes, ticks.tick[i].value);
        if (ticks.tick[i].major) {
            nca__set_colour(cairo, NCA__RULE_LIGHT);
            nca__cairo.move_to(cairo, x, axes->top);
            nca__cairo.line_to(cairo, x, axes->bottom);
            nca__cairo.stroke(cairo);
        }
        nca__set_colour(cairo, NCA__INK_SOFT);
        nca__cairo.move_to(cairo, x, axes->bottom);
        nca__cairo.line_to(cairo, x, axes->bottom + (ticks.tick[i].major ? 5.0 : 3.0));
        nca__cairo.stroke(cairo);
        nca__label_draw(cairo, x, axes->bottom + 20.0, NCA__CENTRE, nca__tick_font,
                        &ticks.tick[i].label);
    }
    nca__text(cairo, (axes->left + axes->right) / 2.0, axes->bottom + 44.0, NCA__CENTRE,
              nca__axis_font, name, 0.0);
}

void nca__axes_draw_y(cairo_t *cairo, const nca__axes *axes, const char *name)
{
    nca__ticks ticks;
    nca__axes_ticks_y(&ticks, axes);
    nca__cairo.set_line_width(cairo, 1.0);
    for (size_t i = 0; i < ticks.count; i++) {
        const nca__tick *tick = &ticks.tick[i];
        double y = nca__axes_y(axes, tick->value);
        if (tick->major) {
            nca__set_colour(cairo, NCA__RULE);
            nca__cairo.move_to(cairo, axes->left, y);
            nca__cairo.line_to(cairo, axes->right, y);
            nca__cairo.stroke(cairo);
        }
        nca__set_colour(cairo, NCA__INK_SOFT);
        nca__cairo.move_to(cairo, axes->left - (tick->major ? 5.0 : 3.0), y);
        nca__cairo.line_to(cairo, axes->left, y);
        nca__cairo.stroke(cairo);
        if (tick->label.text[0] != '\0') {
            nca__label_draw(cairo, axes->left - 9.0, y + 4.5, NCA__RIGHT, nca__tick_font,
                            &tick->label);
        }
    }
    nca__cairo.save(cairo);
    nca__cairo.translate(cairo, axes->left - 56.0, (axes->top + axes->bottom) / 2.0);
    nca__cairo.rotate(cairo, -acos(-1.0) / 2.0);
    nca__text(cairo, 0.0, 0.0, NCA__CENTRE, nca__axis_font, name, axes->bottom - axes->top + 60.0);
    nca__cairo.restore(cairo);
}

void nca__axes_draw_edges(cairo_t *cairo, const nca__axes *axes)
{
    nca__set_colour(cairo, NCA__INK_SOFT);
    nca__cairo.set_line_width(cairo, 1.0);
    nca__cairo.move_to(cairo, axes->left, axes->top);
    nca__cairo.line_to(cairo, axes->left, axes->bottom);
    nca__cairo.line_to(cairo, axes->right, axes->bottom);
    nca__cairo.stroke(cairo);
}

void nca__axes_draw_title(cairo_t *cairo, const nca__axes *axes, const char *title)
{
    const nca__font font = {17.0, true, NCA__INK};
    nca__text(cairo, axes->left, 32.0, NCA__LEFT, font, title, NCA__PLOT_WIDTH - axes->left - 20.0);
}

void nca__dot(cairo_t *cairo, double x, double y, double radius)
{
    nca__cairo.new_sub_path(cairo);
    nca__cairo.arc(cairo, x, y, radius, 0.0, 2.0 * acos(-1.0));
}

void nca__axes_draw_end(cairo_t *cairo, const nca__axes *axes, double x, double value,
                        unsigned colour, const char *words)
{
    double at = nca__axes_x(axes, x), y = nca__axes_y(axes, value);
    nca__set_colour(cairo, 0xffffff);
    nca__dot(cairo, at, y, 5.5);
    nca__cairo.fill(cairo);
    nca__set_colour(cairo, colour);
    nca__dot(cairo, at, y, 4.0);
    nca__cairo.fill(cairo);
    nca__label number = nca__number(value, 3, false);
    const nca__font strong = {14.0, true, colour};
    const nca__font soft = {11.0, false, NCA__INK_SOFT};
    /* The text must not cover the labels below the axis. */
    double baseline = fmin(y, axes->bottom - 22.0);
    nca__label_draw(cairo, at + 12.0, baseline + 5.0, NCA__LEFT, strong, &number);
    nca__text(cairo, at + 12.0, baseline + 20.0, NCA__LEFT, soft, words, 0.0);
}
