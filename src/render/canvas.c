/* A page to draw on: cairo surfaces, images on them, and saving as PNG or SVG. */
#include "render/canvas.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "render/chart.h"

enum {
    MAX_SIDE = 30000 /* pixels; cairo's own limit is 32767 */
};

/* ---- Opening and closing ---------------------------------------------------------------------*/

static cairo_status_t collect(void *closure, const unsigned char *data, unsigned length)
{
    nca__canvas *canvas = closure;
    if (canvas->capacity - canvas->size < length) {
        size_t capacity = 2 * canvas->capacity + length + 4096;
        uint8_t *bytes = realloc(canvas->bytes, capacity);
        if (bytes == NULL) {
            return CAIRO_STATUS_NO_MEMORY;
        }
        canvas->bytes = bytes;
        canvas->capacity = capacity;
    }
    memcpy(canvas->bytes + canvas->size, data, length);
    canvas->size += length;
    return CAIRO_STATUS_SUCCESS;
}

static nca_status choose_format(bool *out_vector, const char *path, bool vector_allowed,
                                nca_error *error)
{
    if (nca__path_ends_with(path, ".png")) {
        *out_vector = false;
        return NCA_OK;
    }
    if (vector_allowed && nca__path_ends_with(path, ".svg")) {
        *out_vector = true;
        return NCA_OK;
    }
    return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: expected a name that ends in %s", path,
                     vector_allowed ? ".png or .svg" : ".png");
}

/* Text has the same shape and width in PNG and SVG, and on every screen. */
static void choose_fonts(cairo_t *cairo)
{
    cairo_font_options_t *options = nca__cairo.font_options_create();
    nca__cairo.font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    nca__cairo.font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    nca__cairo.font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    nca__cairo.set_font_options(cairo, options);
    nca__cairo.font_options_destroy(options);
}

nca_status nca__canvas_open(nca__canvas *canvas, const char *path, double width, double height,
                            double density, bool vector_allowed, nca_error *error)
{
    *canvas = (nca__canvas){0};
    bool vector = false;
    nca_status status = choose_format(&vector, path, vector_allowed, error);
    if (status == NCA_OK) {
        status = nca__cairo_open(error);
    }
    if (status != NCA_OK) {
        return status;
    }
    double pixels_wide = ceil(width * density);
    double pixels_high = ceil(height * density);
    if (!(pixels_wide <= MAX_SIDE && pixels_high <= MAX_SIDE)) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: the picture would be %.0f x %.0f pixels; the limit is %d per side; "
                         "use fewer or smaller frames",
                         path, pixels_wide, pixels_high, MAX_SIDE);
    }
    canvas->width = width;
    canvas->height = height;
    canvas->vector = vector;
    if (vector) {
        canvas->surface = nca__cairo.svg_surface_create_for_stream(collect, canvas, width, height);
    } else {
        canvas->surface =
            nca__cairo.image_surface_create(CAIRO_FORMAT_RGB24, (int)pixels_wide, (int)pixels_high);
        nca__cairo.surface_set_device_scale(canvas->surface, density, density);
    }
    canvas->cairo = nca__cairo.create(canvas->surface);
    if (nca__cairo.status(canvas->cairo) != CAIRO_STATUS_SUCCESS) {
        nca__canvas_close(canvas);
        return nca__fail_memory(error, path, (size_t)(pixels_wide * pixels_high * 4.0));
    }
    choose_fonts(canvas->cairo);
    nca__set_colour(canvas->cairo, 0xffffff);
    nca__cairo.paint(canvas->cairo);
    return NCA_OK;
}

void nca__canvas_close(nca__canvas *canvas)
{
    if (canvas->cairo != NULL) {
        nca__cairo.destroy(canvas->cairo);
    }
    if (canvas->surface != NULL) {
        nca__cairo.surface_destroy(canvas->surface);
    }
    free(canvas->bytes);
    *canvas = (nca__canvas){0};
}

/* ---- Drawing ---------------------------------------------------------------------------------*/

void nca__set_colour(cairo_t *cairo, unsigned rgb)
{
    nca__cairo.set_source_rgb(cairo, (double)(rgb >> 16 & 255) / 255.0,
                              (double)(rgb >> 8 & 255) / 255.0, (double)(rgb & 255) / 255.0);
}

/* Composes straight alpha on white with a single rounding. */
static uint32_t on_white(const uint8_t *pixel)
{
    uint32_t packed = 0;
    for (size_t c = 0; c < 3; c++) {
        uint32_t value = pixel[c] * (uint32_t)pixel[3] + 255u * (255u - pixel[3]);
        packed = packed << 8 | (value + 127u) / 255u;
    }
    return packed;
}

void nca__canvas_image(nca__canvas *canvas, const nca_image *image, double x, double y,
                       double scale)
{
    cairo_t *cairo = canvas->cairo;
    cairo_surface_t *surface =
        nca__cairo.image_surface_create(CAIRO_FORMAT_RGB24, (int)image->width, (int)image->height);
    if (nca__cairo.surface_status(surface) == CAIRO_STATUS_SUCCESS) {
        unsigned char *rows = nca__cairo.image_surface_get_data(surface);
        size_t stride = (size_t)nca__cairo.image_surface_get_stride(surface);
        for (size_t row = 0; row < image->height; row++) {
            for (size_t column = 0; column < image->width; column++) {
                uint32_t packed = on_white(image->pixels + 4 * (row * image->width + column));
                memcpy(rows + row * stride + 4 * column, &packed, sizeof packed);
            }
        }
        nca__cairo.surface_mark_dirty(surface);
    }
    /* If out of memory, cairo records it, and saving reports it. */
    nca__cairo.save(cairo);
    nca__cairo.translate(cairo, x, y);
    nca__cairo.scale(cairo, scale, scale);
    nca__cairo.set_source_surface(cairo, surface, 0.0, 0.0);
    nca__cairo.pattern_set_filter(nca__cairo.get_source(cairo), CAIRO_FILTER_NEAREST);
    nca__cairo.rectangle(cairo, 0.0, 0.0, (double)image->width, (double)image->height);
    nca__cairo.fill(cairo);
    nca__cairo.restore(cairo);
    nca__cairo.surface_destroy(surface);
}

/* ---- Saving ----------------------------------------------------------------------------------*/

typedef struct png_sink {
    nca__writer *writer;
    nca_error *error;
    nca_status status;
} png_sink;

static cairo_status_t write_png(void *closure, const unsigned char *data, unsigned length)
{
    png_sink *sink = closure;
    sink->status = nca__writer_write(sink->writer, data, length, sink->error);
    return sink->status == NCA_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static nca_status fail_cairo(const char *path, cairo_status_t status, nca_error *error)
{
    nca_status kind = status == CAIRO_STATUS_NO_MEMORY ? NCA_OUT_OF_MEMORY : NCA_IO;
    return nca__fail(error, kind, "%s: cannot be drawn: %s", path,
                     nca__cairo.status_to_string(status));
}

static nca_status save_png(nca__canvas *canvas, nca__writer *writer, const char *path,
                           nca_error *error)
{
    png_sink sink = {writer, error, NCA_OK};
    cairo_status_t drawn =
        nca__cairo.surface_write_to_png_stream(canvas->surface, write_png, &sink);
    if (sink.status != NCA_OK) {
        return sink.status;
    }
    return drawn == CAIRO_STATUS_SUCCESS ? NCA_OK : fail_cairo(path, drawn, error);
}

static nca_status write_text(nca__writer *writer, const char *text, nca_error *error)
{
    return nca__writer_write(writer, text, strlen(text), error);
}

/* A title for readers, searches and screen readers; its characters are escaped for XML. */
static nca_status write_title(nca__writer *writer, const char *title, nca_error *error)
{
    char clean[NCA__TEXT_SIZE];
    nca__text_clean(clean, title);
    nca_status status = write_text(writer, "<title>", error);
    for (const char *at = clean; *at != '\0' && status == NCA_OK; at++) {
        const char *escaped = *at == '&' ? "&amp;" : *at == '<' ? "&lt;" : NULL;
        status = escaped != NULL ? write_text(writer, escaped, error)
                                 : nca__writer_write(writer, at, 1, error);
    }
    return status == NCA_OK ? write_text(writer, "</title>\n", error) : status;
}

/* The document from cairo with two changes: the title is inserted after the opening tag, and the
 * number in id="surface7" is removed, because it counts the surfaces created by the process. */
static nca_status save_svg(nca__canvas *canvas, nca__writer *writer, const char *title,
                           nca_error *error)
{
    static const char marker[] = "id=\"surface";
    const char *at = (const char *)canvas->bytes;
    const char *end = at + canvas->size;
    const char *root = memmem(at, canvas->size, "<svg", 4);
    const char *close = root != NULL ? memchr(root, '>', (size_t)(end - root)) : NULL;
    nca_status status = NCA_OK;
    if (close != NULL && title != NULL) {
        status = nca__writer_write(writer, at, (size_t)(close + 1 - at), error);
        at = close + 1;
        status = status == NCA_OK ? write_text(writer, "\n", error) : status;
        status = status == NCA_OK ? write_title(writer, title, error) : status;
    }
    const char *number = memmem(at, (size_t)(end - at), marker, sizeof marker - 1);
    if (number != NULL && status == NCA_OK) {
        number += sizeof marker - 1;
        status = nca__writer_write(writer, at, (size_t)(number - at), error);
        for (at = number; at < end && *at >= '0' && *at <= '9';) {
            at++;
        }
    }
    return status == NCA_OK ? nca__writer_write(writer, at, (size_t)(end - at), error) : status;
}

nca_status nca__canvas_save(nca__canvas *canvas, const char *path, const char *title,
                            nca_error *error)
{
    cairo_status_t drawn = nca__cairo.status(canvas->cairo);
    if (canvas->vector) {
        nca__cairo.surface_finish(canvas->surface);
    } else {
        nca__cairo.surface_flush(canvas->surface);
    }
    if (drawn == CAIRO_STATUS_SUCCESS) {
        drawn = nca__cairo.surface_status(canvas->surface);
    }
    if (drawn != CAIRO_STATUS_SUCCESS) {
        return fail_cairo(path, drawn, error);
    }
    nca__writer writer;
    nca_status status = nca__writer_open(&writer, path, error);
    if (status != NCA_OK) {
        return status;
    }
    status = canvas->vector ? save_svg(canvas, &writer, title, error)
                            : save_png(canvas, &writer, path, error);
    if (status != NCA_OK) {
        nca__writer_abort(&writer);
        return status;
    }
    return nca__writer_commit(&writer, error);
}

nca_status nca__canvas_read(nca_image **out_image, nca__canvas *canvas, nca_error *error)
{
    nca__cairo.surface_flush(canvas->surface);
    cairo_status_t drawn = nca__cairo.status(canvas->cairo);
    if (drawn != CAIRO_STATUS_SUCCESS) {
        return fail_cairo("a page", drawn, error);
    }
    size_t width = (size_t)nca__cairo.image_surface_get_width(canvas->surface);
    size_t height = (size_t)nca__cairo.image_surface_get_height(canvas->surface);
    size_t stride = (size_t)nca__cairo.image_surface_get_stride(canvas->surface);
    const unsigned char *rows = nca__cairo.image_surface_get_data(canvas->surface);
    nca_image *image;
    nca_status status = nca_image_create(&image, width, height, error);
    if (status != NCA_OK) {
        return status;
    }
    for (size_t row = 0; row < height; row++) {
        for (size_t column = 0; column < width; column++) {
            uint32_t packed;
            memcpy(&packed, rows + row * stride + 4 * column, sizeof packed);
            uint8_t *pixel = image->pixels + 4 * (row * width + column);
            pixel[0] = (uint8_t)(packed >> 16);
            pixel[1] = (uint8_t)(packed >> 8);
            pixel[2] = (uint8_t)packed;
            pixel[3] = 255;
        }
    }
    *out_image = image;
    return NCA_OK;
}
