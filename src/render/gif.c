/* Animated GIF with giflib: looping forever, a separate palette for every frame, and only the
 * changed part of a frame is stored.
 *
 * The format measures time in hundredths of a second, and browsers replace anything below two of
 * them by ten. Therefore the time of each frame is rounded separately (errors do not add up),
 * consecutive equal frames are merged, and a frame that would be shown for less than two hundredths
 * is replaced by the next one. */
#include "render/gif.h"

#include <assert.h>
#include <gif_lib.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/library.h"
#include "render/quantise.h"

/* ---- giflib ----------------------------------------------------------------------------------*/

#define GIF_FUNCTIONS(F)         \
    F(EGif, CloseFile)           \
    F(EGif, GCBToExtension)      \
    F(EGif, Open)                \
    F(EGif, PutExtension)        \
    F(EGif, PutExtensionBlock)   \
    F(EGif, PutExtensionLeader)  \
    F(EGif, PutExtensionTrailer) \
    F(EGif, PutImageDesc)        \
    F(EGif, PutLine)             \
    F(EGif, PutScreenDesc)       \
    F(EGif, SetGifVersion)       \
    F(Gif, ErrorString)          \
    F(Gif, FreeMapObject)        \
    F(Gif, MakeMapObject)

static struct {
    GIF_FUNCTIONS(NCA__LIBRARY_POINTER)
} giflib;

static nca__library gif_library = {
    .file = NCA_FILE_GIF,
    .package = "libgif7",
    .purpose = "GIF animations",
    .names = (const char *const[]){GIF_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &giflib,
};

/* ---- The file --------------------------------------------------------------------------------*/

enum {
    LEAST_DELAY = 2, /* hundredths of a second */
    MOST_DELAY = 65535,
    MOST_SIDE = 65535,
    TOLERANCE = 1, /* maximum difference at which a shown pixel is kept instead of a new value */
};

struct nca__gif {
    size_t width, height;
    size_t cell; /* side in pixels of the squares that all frames so far consist of; 0: none yet */
    nca__writer writer;
    GifFileType *file;
    bool begun;          /* the screen descriptor and the first frame have been written */
    nca_error error;     /* the first write error; its status is NCA_OK before */
    uint32_t *pending;   /* (H,W) 0xRRGGBB: the frame whose duration is not known yet */
    uint32_t *incoming;  /* the next frame */
    uint32_t *source;    /* the intended content of the last written frame */
    uint32_t *shown;     /* the content that a viewer shows after it */
    uint32_t *changed;   /* scratch: the colours of changed cells, in order */
    uint8_t *indices;    /* scratch: their palette entries */
    uint8_t *is_changed; /* scratch: (rows, columns) of cells */
    bool has_pending;
    long pending_start; /* hundredths */
};

/* The part of the picture that a frame stores, in cells. */
typedef struct area {
    size_t left, top, width, height;
    size_t changed; /* number of changed cells in it */
} area;

static nca_status fail_gif(nca__gif *gif, nca_error *error)
{
    if (gif->error.status != NCA_OK) {
        return nca__fail(error, gif->error.status, "%s", gif->error.message);
    }
    const char *reason = giflib.ErrorString(gif->file->Error);
    return nca__fail(error, NCA_OUT_OF_MEMORY, "%s: the GIF encoder failed: %s", gif->writer.path,
                     reason != NULL ? reason : "unknown error");
}

static int write_bytes(GifFileType *file, const GifByteType *bytes, int count)
{
    nca__gif *gif = file->UserData;
    if (gif->error.status == NCA_OK) {
        nca__writer_write(&gif->writer, bytes, (size_t)count, &gif->error);
    }
    return gif->error.status == NCA_OK ? count : 0;
}

nca_status nca__gif_open(nca__gif **out_gif, const char *path, size_t width, size_t height,
                         nca_error *error)
{
    if (width > MOST_SIDE || height > MOST_SIDE) {
        return nca__fail(
            error, NCA_LIMIT,
            "%s: a GIF has at most %d pixels per side, found %zu x %zu; use a smaller scale", path,
            MOST_SIDE, width, height);
    }
    nca_status status = nca__library_open(&gif_library, error);
    if (status != NCA_OK) {
        return status;
    }
    size_t pixels = width * height;
    nca__gif *gif = calloc(1, sizeof *gif);
    if (gif == NULL) {
        return nca__fail_memory(error, path, sizeof *gif);
    }
    gif->width = width;
    gif->height = height;
    uint32_t **const frames[] = {&gif->pending, &gif->incoming, &gif->source, &gif->shown,
                                 &gif->changed};
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        *frames[i] = calloc(pixels, sizeof **frames[i]);
        status = *frames[i] == NULL ? NCA_OUT_OF_MEMORY : status;
    }
    gif->indices = malloc(pixels);
    gif->is_changed = malloc(pixels);
    if (status != NCA_OK || gif->indices == NULL || gif->is_changed == NULL) {
        status = nca__fail_memory(error, path, pixels * 22);
        goto failed;
    }
    status = nca__writer_open(&gif->writer, path, error);
    if (status != NCA_OK) {
        goto failed;
    }
    gif->file = giflib.Open(gif, write_bytes, NULL);
    if (gif->file == NULL) {
        status = nca__fail_memory(error, path, sizeof *gif->file);
        goto failed;
    }
    giflib.SetGifVersion(gif->file, true);
    *out_gif = gif;
    return NCA_OK;
failed:
    nca__gif_destroy(gif);
    return status;
}

void nca__gif_destroy(nca__gif *gif)
{
    if (gif == NULL) {
        return;
    }
    if (gif->file != NULL) {
        giflib.CloseFile(gif->file, NULL);
    }
    nca__writer_abort(&gif->writer);
    free(gif->is_changed);
    free(gif->indices);
    free(gif->changed);
    free(gif->shown);
    free(gif->source);
    free(gif->incoming);
    free(gif->pending);
    free(gif);
}

/* ---- Changes --------------------------------------------------------------------------------- */

static bool near_enough(uint32_t a, uint32_t b)
{
    for (unsigned shift = 0; shift < 24; shift += 8) {
        int apart = (int)(a >> shift & 255) - (int)(b >> shift & 255);
        if (apart > TOLERANCE || apart < -TOLERANCE) {
            return false;
        }
    }
    return true;
}

static size_t common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The side of the squares that a frame consists of: the greatest common divisor of all positions
 * where a pixel differs from its left or upper neighbour. Enlarged grids consist of squares, and
 * processing squares is faster than processing pixels. */
static size_t cell_size(const nca__gif *gif, const uint32_t *frame)
{
    size_t size = common_divisor(common_divisor(gif->width, gif->height), gif->cell);
    for (size_t y = 0; y < gif->height && size > 1; y++) {
        const uint32_t *row = frame + y * gif->width;
        if (y % size != 0 && memcmp(row, row - gif->width, gif->width * sizeof *row) != 0) {
            size = common_divisor(size, y);
        }
        for (size_t x = 1; x < gif->width && size > 1; x++) {
            if (row[x] != row[x - 1] && x % size != 0) {
                size = common_divisor(size, x);
            }
        }
    }
    return size;
}

/* Marks the cells of the pending frame that must be stored and returns their bounding rectangle.
 * Cells that already show the intended value, or nearly, are not changed, so still parts do not
 * flicker. If nothing has changed, one unchanged cell is stored to carry the frame's time. */
static area find_changes(nca__gif *gif)
{
    size_t columns = gif->width / gif->cell;
    size_t rows = gif->height / gif->cell;
    size_t left = columns, right = 0, top = rows, bottom = 0, changed = 0;
    for (size_t y = 0; y < rows; y++) {
        for (size_t x = 0; x < columns; x++) {
            size_t i = (y * gif->width + x) * gif->cell;
            bool differs = !gif->begun || (gif->pending[i] != gif->source[i] &&
                                           !near_enough(gif->pending[i], gif->shown[i]));
            gif->is_changed[y * columns + x] = differs;
            if (differs) {
                left = x < left ? x : left;
                right = x > right ? x : right;
                top = y < top ? y : top;
                bottom = y;
                gif->changed[changed++] = gif->pending[i];
            }
        }
    }
    if (changed == 0) {
        return (area){0, 0, 1, 1, 0};
    }
    return (area){left, top, right - left + 1, bottom - top + 1, changed};
}

/* ---- Writing a frame -------------------------------------------------------------------------*/

/* A colour table whose size is a power of two, as the format requires; `extra` entries for the
 * transparent colour, which is last. */
static ColorMapObject *make_table(const nca__palette *palette, size_t extra)
{
    size_t size = 2;
    while (size < palette->count + extra) {
        size *= 2;
    }
    ColorMapObject *table = giflib.MakeMapObject((int)size, NULL);
    for (size_t i = 0; table != NULL && i < palette->count; i++) {
        table->Colors[i] =
            (GifColorType){palette->colour[i][0], palette->colour[i][1], palette->colour[i][2]};
    }
    return table;
}

/* Writes the screen descriptor, with the first frame's table as the global one, and the Netscape
 * 2.0 extension for infinite repetition. */
static bool begin_file(nca__gif *gif, const ColorMapObject *table)
{
    static const unsigned char forever[3] = {1, 0, 0};
    return giflib.PutScreenDesc(gif->file, (int)gif->width, (int)gif->height, 8, 0, table) ==
               GIF_OK &&
           giflib.PutExtensionLeader(gif->file, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
           giflib.PutExtensionBlock(gif->file, 11, "NETSCAPE2.0") == GIF_OK &&
           giflib.PutExtensionBlock(gif->file, sizeof forever, forever) == GIF_OK &&
           giflib.PutExtensionTrailer(gif->file) == GIF_OK;
}

static bool put_control(nca__gif *gif, long delay, int transparent)
{
    GraphicsControlBlock control = {
        .DisposalMode = DISPOSE_DO_NOT, .DelayTime = (int)delay, .TransparentColor = transparent};
    GifByteType bytes[4];
    giflib.GCBToExtension(&control, bytes);
    return giflib.PutExtension(gif->file, GRAPHICS_EXT_FUNC_CODE, sizeof bytes, bytes) == GIF_OK;
}

/* Fills one row of cells: `row` for the file, `shown` and `source` for the next frame. `indices`
 * has one entry for each changed cell. Returns the number of entries used. */
static size_t fill_row(nca__gif *gif, GifPixelType *row, const area *part, size_t y,
                       const nca__palette *palette, const uint8_t *indices, int transparent)
{
    size_t columns = gif->width / gif->cell;
    size_t used = 0;
    for (size_t x = part->left; x < part->left + part->width; x++) {
        GifPixelType *pixels = row + (x - part->left) * gif->cell;
        if (!gif->is_changed[y * columns + x]) {
            memset(pixels, transparent, gif->cell);
            continue;
        }
        size_t i = (y * gif->width + x) * gif->cell;
        const uint8_t *colour = palette->colour[indices[used]];
        memset(pixels, indices[used++], gif->cell);
        /* Only the first pixel of a cell is compared, but cells may become smaller later. */
        uint32_t shown = (uint32_t)colour[0] << 16 | (uint32_t)colour[1] << 8 | colour[2];
        for (size_t down = 0; down < gif->cell; down++) {
            for (size_t across = 0; across < gif->cell; across++) {
                gif->shown[i + down * gif->width + across] = shown;
                gif->source[i + down * gif->width + across] = gif->pending[i];
            }
        }
    }
    return used;
}

static bool put_rows(nca__gif *gif, const area *part, const nca__palette *palette, int transparent)
{
    GifPixelType row[MOST_SIDE];
    GifPixelType copy[MOST_SIDE];
    const uint8_t *next = gif->indices;
    size_t width = part->width * gif->cell;
    for (size_t y = part->top; y < part->top + part->height; y++) {
        next += fill_row(gif, row, part, y, palette, next, transparent);
        for (size_t down = 0; down < gif->cell; down++) {
            memcpy(copy, row, width); /* giflib may modify its input */
            if (giflib.PutLine(gif->file, copy, (int)width) != GIF_OK) {
                return false;
            }
        }
    }
    return true;
}

/* Writes the pending frame once, for `delay` hundredths of a second. */
static nca_status put_frame(nca__gif *gif, long delay, nca_error *error)
{
    area part = find_changes(gif);
    bool through = part.changed < part.width * part.height;
    nca__palette palette = {.count = 0};
    if (part.changed > 0) {
        size_t most = through ? NCA__PALETTE - 1 : NCA__PALETTE;
        nca_status status =
            nca__quantise(gif->indices, &palette, gif->changed, part.changed, most, error);
        if (status != NCA_OK) {
            return status;
        }
    }
    int transparent = through ? (int)palette.count : NO_TRANSPARENT_COLOR;
    int cell = (int)gif->cell;
    ColorMapObject *table = make_table(&palette, through);
    bool good = table != NULL && (gif->begun || begin_file(gif, table)) &&
                put_control(gif, delay, transparent) &&
                giflib.PutImageDesc(gif->file, (int)part.left * cell, (int)part.top * cell,
                                    (int)part.width * cell, (int)part.height * cell, false,
                                    gif->begun ? table : NULL) == GIF_OK &&
                put_rows(gif, &part, &palette, transparent);
    giflib.FreeMapObject(table);
    gif->begun = true;
    return good ? NCA_OK : fail_gif(gif, error);
}

/* Writes the pending frame for its whole duration; a delay has 16 bits, so a very long one is
 * split. */
static nca_status put_pending(nca__gif *gif, long duration, nca_error *error)
{
    nca_status status = NCA_OK;
    while (status == NCA_OK && duration > 0) {
        long delay = duration < MOST_DELAY ? duration : MOST_DELAY;
        if (duration - delay > 0 && duration - delay < LEAST_DELAY) {
            delay -= LEAST_DELAY;
        }
        status = put_frame(gif, delay, error);
        duration -= delay;
    }
    return status;
}

/* ---- Sequence of frames ---------------------------------------------------------------------- */

static long hundredths(double seconds)
{
    return lround(seconds * 100.0);
}

static void make_pending(nca__gif *gif)
{
    gif->cell = cell_size(gif, gif->incoming);
    uint32_t *old = gif->pending;
    gif->pending = gif->incoming;
    gif->incoming = old;
    gif->has_pending = true;
}

nca_status nca__gif_add(nca__gif *gif, const uint8_t *rgba, double time, nca_error *error)
{
    size_t pixels = gif->width * gif->height;
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *pixel = rgba + 4 * i;
        gif->incoming[i] = (uint32_t)pixel[0] << 16 | (uint32_t)pixel[1] << 8 | pixel[2];
    }
    long now = hundredths(time);
    if (!gif->has_pending) {
        gif->pending_start = now;
    } else if (memcmp(gif->pending, gif->incoming, pixels * sizeof *gif->pending) == 0) {
        return NCA_OK;
    } else if (now - gif->pending_start >= LEAST_DELAY) {
        nca_status status = put_pending(gif, now - gif->pending_start, error);
        if (status != NCA_OK) {
            return status;
        }
        gif->pending_start = now;
    }
    make_pending(gif);
    return NCA_OK;
}

nca_status nca__gif_commit(nca__gif *gif, double end, nca_error *error)
{
    assert(gif->has_pending);
    long duration = hundredths(end) - gif->pending_start;
    nca_status status = put_pending(gif, duration > LEAST_DELAY ? duration : LEAST_DELAY, error);
    if (status != NCA_OK) {
        return status;
    }
    int closed = giflib.CloseFile(gif->file, NULL);
    gif->file = NULL;
    if (closed != GIF_OK || gif->error.status != NCA_OK) {
        return nca__fail(error, NCA_IO, "%s: cannot be written; is the disk full?",
                         gif->writer.path);
    }
    return nca__writer_commit(&gif->writer, error);
}
