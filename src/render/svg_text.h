/* Internal: the parts of plots as elements of a page: numbers, texts, axes. Colours come from the
 * page's stylesheet (the classes in nca/plot.h). */
#ifndef NCA_RENDER_SVG_TEXT_H
#define NCA_RENDER_SVG_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "render/axes.h"

/* A coordinate with one decimal, in any locale. */
void nca__svg_coordinate(FILE *out, double value);
/* A command of a path with its point. */
void nca__svg_point(FILE *out, char command, double x, double y);
/* Cleaned and escaped. */
void nca__svg_escaped(FILE *out, const char *text);
/* `anchor` is "middle", "end" or NULL: the start. */
void nca__svg_text(FILE *out, double x, double y, const char *anchor, const char *text);
void nca__svg_label(FILE *out, double x, double y, const char *anchor, const nca__label *label);
/* The number of characters. */
size_t nca__svg_letters(const char *text);

/* The grid, the axes and their numbers, and the name of the x axis below them. */
void nca__svg_axes(FILE *out, const nca__axes *axes, const char *x_name);

/* Closes a memory stream. Returns the text that was printed, which the caller owns; NULL if out of
 * memory. */
char *nca__svg_finish(FILE *out, char **text);

#endif
