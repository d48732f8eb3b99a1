/* Internal: cairo, loaded when it is first needed. cairo_fill(c) is called as
 * nca__cairo.fill(c). */
#ifndef NCA_RENDER_CAIRO_LIBRARY_H
#define NCA_RENDER_CAIRO_LIBRARY_H

#include <cairo-svg.h>
#include <cairo.h>

#include "base/library.h"

#define NCA__CAIRO_FUNCTIONS(F)              \
    F(cairo_, arc)                           \
    F(cairo_, clip)                          \
    F(cairo_, close_path)                    \
    F(cairo_, create)                        \
    F(cairo_, destroy)                       \
    F(cairo_, fill)                          \
    F(cairo_, font_options_create)           \
    F(cairo_, font_options_destroy)          \
    F(cairo_, font_options_set_antialias)    \
    F(cairo_, font_options_set_hint_metrics) \
    F(cairo_, font_options_set_hint_style)   \
    F(cairo_, get_source)                    \
    F(cairo_, image_surface_create)          \
    F(cairo_, image_surface_get_data)        \
    F(cairo_, image_surface_get_height)      \
    F(cairo_, image_surface_get_stride)      \
    F(cairo_, image_surface_get_width)       \
    F(cairo_, line_to)                       \
    F(cairo_, move_to)                       \
    F(cairo_, new_path)                      \
    F(cairo_, new_sub_path)                  \
    F(cairo_, paint)                         \
    F(cairo_, pattern_set_filter)            \
    F(cairo_, rectangle)                     \
    F(cairo_, restore)                       \
    F(cairo_, rotate)                        \
    F(cairo_, save)                          \
    F(cairo_, scale)                         \
    F(cairo_, select_font_face)              \
    F(cairo_, set_dash)                      \
    F(cairo_, set_font_options)              \
    F(cairo_, set_font_size)                 \
    F(cairo_, set_line_cap)                  \
    F(cairo_, set_line_join)                 \
    F(cairo_, set_line_width)                \
    F(cairo_, set_source_rgb)                \
    F(cairo_, set_source_rgba)               \
    F(cairo_, set_source_surface)            \
    F(cairo_, show_text)                     \
    F(cairo_, status)                        \
    F(cairo_, status_to_string)              \
    F(cairo_, stroke)                        \
    F(cairo_, surface_destroy)               \
    F(cairo_, surface_finish)                \
    F(cairo_, surface_flush)                 \
    F(cairo_, surface_mark_dirty)            \
    F(cairo_, surface_set_device_scale)      \
    F(cairo_, surface_status)                \
    F(cairo_, surface_write_to_png_stream)   \
    F(cairo_, svg_surface_create_for_stream) \
    F(cairo_, text_extents)                  \
    F(cairo_, translate)

/* Empty until nca__cairo_open, which nca__canvas_open calls. */
extern struct nca__cairo_functions {
    NCA__CAIRO_FUNCTIONS(NCA__LIBRARY_POINTER)
} nca__cairo;

/* NCA_UNSUPPORTED, with the package to install, if cairo is not installed. */
nca_status nca__cairo_open(nca_error *error);

#endif
