/* Reduces many colours to at most 256: exactly if they fit, otherwise by splitting boxes where the
 * variance is largest, followed by Lloyd's k-means.
 *
 * Sources: the split by variance is X. Wu, "Color quantization by dynamic programming and principal
 * analysis", ACM Transactions on Graphics 11(4), 1992, with cuts along the colour axes; the
 * refinement is S. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information
 * Theory 28(2), 1982. Errors are weighted 3 : 4 : 2 for red, green and blue, approximately as the
 * eye perceives them. */
#include "render/quantise.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum {
    ROUNDS = 8,           /* iterations of k-means */
    MOST_COLOURS = 16384, /* number of distinct colours that are processed separately */
    ALL_BITS = 0xffffff
};

static const int weight[3] = {3, 4, 2};

typedef struct entry {
    uint8_t colour[3];
    uint32_t packed; /* its value before the decoding */
    uint64_t pixels;
} entry;

/* A range of entries and its sums. */
typedef struct box {
    size_t begin, end;
    double pixels;
    double sum[3], squares[3];
} box;

static int by_value(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* ---- The histogram ---------------------------------------------------------------------------*/

/* Colours with the same high bits must be adjacent when sorted, so the bits of the three channels
 * are interleaved, highest first: a mask then removes low bits of all of them. */
static uint32_t interleave(uint32_t rgb)
{
    uint32_t mixed = 0;
    for (unsigned bit = 8; bit-- > 0;) {
        mixed = mixed << 3 | (rgb >> (8 + bit) & 1) << 2 | (rgb >> (16 + bit) & 1) << 1 |
                (rgb >> bit & 1);
    }
    return mixed;
}

static uint32_t uninterleave(uint32_t mixed)
{
    uint32_t rgb = 0;
    for (unsigned bit = 0; bit < 8; bit++) {
        uint32_t three = mixed >> (3 * bit);
        rgb |= (three >> 2 & 1) << (8 + bit) | (three >> 1 & 1) << (16 + bit) | (three & 1) << bit;
    }
    return rgb;
}

/* The sorted distinct values of `sorted` with `mask` applied; returns their number. The colour of
 * an entry is the mean of its pixels. */
static size_t collect(entry *entries, const uint32_t *sorted, size_t count, uint32_t mask)
{
    size_t used = 0;
    for (size_t begin = 0; begin < count;) {
        uint64_t sum[3] = {0, 0, 0};
        size_t end = begin;
        for (; end < count && (sorted[end] & mask) == (sorted[begin] & mask); end++) {
            uint32_t rgb = uninterleave(sorted[end]);
            sum[0] += rgb >> 16 & 255;
            sum[1] += rgb >> 8 & 255;
            sum[2] += rgb & 255;
        }
        uint64_t pixels = end - begin;
        entries[used].packed = sorted[begin] & mask;
        entries[used].pixels = pixels;
        for (size_t c = 0; c < 3; c++) {
            entries[used].colour[c] = (uint8_t)((sum[c] + pixels / 2) / pixels);
        }
        used++;
        begin = end;
    }
    return used;
}

static size_t count_distinct(const uint32_t *sorted, size_t count, uint32_t mask)
{
    size_t distinct = count > 0;
    for (size_t i = 1; i < count; i++) {
        distinct += (sorted[i] & mask) != (sorted[i - 1] & mask);
    }
    return distinct;
}

/* ---- Splitting -------------------------------------------------------------------------------*/

static void measure(box *range, const entry *entries)
{
    range->pixels = 0.0;
    memset(range->sum, 0, sizeof range->sum);
    memset(range->squares, 0, sizeof range->squares);
    for (size_t i = range->begin; i < range->end; i++) {
        double pixels = (double)entries[i].pixels;
        range->pixels += pixels;
        for (size_t c = 0; c < 3; c++) {
            double value = entries[i].colour[c];
            range->sum[c] += pixels * value;
            range->squares[c] += pixels * value * value;
        }
    }
}

/* The weighted squared error of one channel if all pixels are replaced by the mean. */
static double channel_error(const box *range, size_t channel)
{
    if (range->end - range->begin < 2) {
        return 0.0;
    }
    return weight[channel] *
           (range->squares[channel] - range->sum[channel] * range->sum[channel] / range->pixels);
}

static double box_error(const box *range)
{
    return channel_error(range, 0) + channel_error(range, 1) + channel_error(range, 2);
}

/* Sorts entries by one channel by counting, stable, using `spare`. */
static void sort_by_channel(entry *entries, entry *spare, size_t count, size_t channel)
{
    size_t start[257] = {0};
    for (size_t i = 0; i < count; i++) {
        start[entries[i].colour[channel] + 1]++;
    }
    for (size_t value = 0; value < 256; value++) {
        start[value + 1] += start[value];
    }
    for (size_t i = 0; i < count; i++) {
        spare[start[entries[i].colour[channel]]++] = entries[i];
    }
    memcpy(entries, spare, count * sizeof *entries);
}

/* The reduction of the weighted error by cutting the sorted range before `cut`, given the sums of
 * the left part: the between-class variance, up to a constant. */
static double gain(const box *all, const double left_sum[3], double left_pixels)
{
    double total = 0.0;
    for (size_t c = 0; c < 3; c++) {
        double right = all->sum[c] - left_sum[c];
        total += weight[c] * (left_sum[c] * left_sum[c] / left_pixels +
                              right * right / (all->pixels - left_pixels));
    }
    return total;
}

/* Cuts the box along the channel of largest error at the best position; `right` becomes the right
 * part. */
static void split(box *left, box *right, entry *entries, entry *spare)
{
    size_t channel = 0;
    for (size_t c = 1; c < 3; c++) {
        channel = channel_error(left, c) > channel_error(left, channel) ? c : channel;
    }
    sort_by_channel(entries + left->begin, spare, left->end - left->begin, channel);
    double sum[3] = {0.0, 0.0, 0.0};
    double pixels = 0.0;
    double best = -1.0;
    size_t cut = left->begin + 1;
    for (size_t i = left->begin; i + 1 < left->end; i++) {
        pixels += (double)entries[i].pixels;
        for (size_t c = 0; c < 3; c++) {
            sum[c] += (double)entries[i].pixels * entries[i].colour[c];
        }
        double here = gain(left, sum, pixels);
        if (here > best) {
            best = here;
            cut = i + 1;
        }
    }
    *right = (box){.begin = cut, .end = left->end};
    left->end = cut;
    measure(left, entries);
    measure(right, entries);
}

/* Splits the box of largest error until there are `most` boxes; returns their number. */
static size_t split_all(box *boxes, entry *entries, entry *spare, size_t count, size_t most)
{
    boxes[0] = (box){.begin = 0, .end = count};
    measure(&boxes[0], entries);
    size_t used = 1;
    for (; used < most; used++) {
        size_t worst = 0;
        for (size_t i = 1; i < used; i++) {
            worst = box_error(&boxes[i]) > box_error(&boxes[worst]) ? i : worst;
        }
        if (boxes[worst].end - boxes[worst].begin < 2) {
            break;
        }
        split(&boxes[worst], &boxes[used], entries, spare);
    }
    return used;
}

/* ---- Refinement ------------------------------------------------------------------------------*/

static int distance(const uint8_t *a, const uint8_t *b)
{
    int total = 0;
    for (size_t c = 0; c < 3; c++) {
        int apart = a[c] - b[c];
        total += weight[c] * apart * apart;
    }
    return total;
}

/* The nearest colour of the palette. The search starts at `guess` and goes outwards in the palette,
 * which is sorted by green, until the difference in green alone is too large; of equally near
 * colours, the lowest index is used. */
static size_t nearest(const nca__palette *palette, const uint8_t *colour, size_t guess)
{
    size_t best = guess;
    int least = distance(palette->colour[guess], colour);
    for (size_t i = guess; i-- > 0;) {
        int green = colour[1] - palette->colour[i][1];
        if (green > 0 && weight[1] * green * green > least) {
            break;
        }
        int here = distance(palette->colour[i], colour);
        if (here <= least) {
            least = here;
            best = i;
        }
    }
    for (size_t i = guess + 1; i < palette->count; i++) {
        int green = palette->colour[i][1] - colour[1];
        if (green > 0 && weight[1] * green * green > least) {
            break;
        }
        int here = distance(palette->colour[i], colour);
        if (here < least || (here == least && i < best)) {
            least = here;
            best = i;
        }
    }
    return best;
}

static int by_green(const void *left, const void *right)
{
    const uint8_t *a = left;
    const uint8_t *b = right;
    int apart = a[1] != b[1] ? a[1] - b[1] : a[0] != b[0] ? a[0] - b[0] : a[2] - b[2];
    return apart;
}

static void sort_palette(nca__palette *palette)
{
    qsort(palette->colour, palette->count, sizeof palette->colour[0], by_green);
}

/* One iteration of k-means; returns whether a colour has changed. A colour without pixels is
 * replaced by the entry with the largest error. */
static int refine(nca__palette *palette, uint8_t *nearest_of, const entry *entries, size_t count)
{
    uint64_t sum[NCA__PALETTE][3] = {{0}};
    uint64_t pixels[NCA__PALETTE] = {0};
    size_t worst = 0;
    double worst_error = -1.0;
    size_t guess = 0;
    for (size_t i = 0; i < count; i++) {
        guess = nearest(palette, entries[i].colour, guess);
        nearest_of[i] = (uint8_t)guess;
        pixels[guess] += entries[i].pixels;
        for (size_t c = 0; c < 3; c++) {
            sum[guess][c] += entries[i].pixels * entries[i].colour[c];
        }
        double error =
            (double)entries[i].pixels * (double)distance(palette->colour[guess], entries[i].colour);
        if (error > worst_error) {
            worst_error = error;
            worst = i;
        }
    }
    int moved = 0;
    for (size_t i = 0; i < palette->count; i++) {
        uint8_t colour[3];
        if (pixels[i] == 0) {
            memcpy(colour, entries[worst].colour, 3);
        } else {
            for (size_t c = 0; c < 3; c++) {
                colour[c] = (uint8_t)((sum[i][c] + pixels[i] / 2) / pixels[i]);
            }
        }
        moved |= memcmp(palette->colour[i], colour, 3) != 0;
        memcpy(palette->colour[i], colour, 3);
    }
    sort_palette(palette);
    return moved;
}

static void choose_palette(nca__palette *palette, uint8_t *nearest_of, entry *entries, entry *spare,
                           size_t count, size_t most)
{
    box boxes[NCA__PALETTE];
    palette->count = split_all(boxes, entries, spare, count, most);
    for (size_t i = 0; i < palette->count; i++) {
        for (size_t c = 0; c < 3; c++) {
            palette->colour[i][c] = (uint8_t)(boxes[i].sum[c] / boxes[i].pixels + 0.5);
        }
    }
    sort_palette(palette);
    for (int round = 0; round < ROUNDS; round++) {
        if (!refine(palette, nearest_of, entries, count)) {
            break;
        }
    }
    size_t guess = 0;
    for (size_t i = 0; i < count; i++) {
        guess = nearest(palette, entries[i].colour, guess);
        nearest_of[i] = (uint8_t)guess;
    }
}

/* Few colours: each is its own palette entry. */
static void keep_colours(nca__palette *palette, uint8_t *nearest_of, const entry *entries,
                         size_t count)
{
    palette->count = count;
    for (size_t i = 0; i < count; i++) {
        memcpy(palette->colour[i], entries[i].colour, 3);
        nearest_of[i] = (uint8_t)i;
    }
}

/* ---- The whole algorithm --------------------------------------------------------------------- */

typedef struct lookup {
    uint32_t packed;
    uint8_t index;
} lookup;

static int by_packed(const void *left, const void *right)
{
    const lookup *a = left;
    const lookup *b = right;
    return (a->packed > b->packed) - (a->packed < b->packed);
}

static void map_pixels(uint8_t *out_indices, const uint32_t *pixels, size_t count,
                       const lookup *table, size_t entries, uint32_t mask)
{
    uint32_t last = 0;
    uint8_t index = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || pixels[i] != last) {
            lookup key = {.packed = interleave(pixels[i]) & mask};
            const lookup *found = bsearch(&key, table, entries, sizeof *table, by_packed);
            assert(found != NULL);
            index = found->index;
            last = pixels[i];
        }
        out_indices[i] = index;
    }
}

/* Sorts the pixels' colours and removes low bits until at most MOST_COLOURS differ. */
static uint32_t sort_colours(uint32_t *sorted, const uint32_t *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sorted[i] = interleave(pixels[i]);
    }
    qsort(sorted, count, sizeof *sorted, by_value);
    uint32_t mask = ALL_BITS;
    while (count_distinct(sorted, count, mask) > MOST_COLOURS) {
        mask = mask << 1 & ALL_BITS;
    }
    return mask;
}

nca_status nca__quantise(uint8_t *out_indices, nca__palette *out_palette, const uint32_t *pixels,
                         size_t count, size_t most, nca_error *error)
{
    assert(count > 0 && most >= 1 && most <= NCA__PALETTE);
    nca_status status = NCA_OK;
    uint32_t *sorted = calloc(count, sizeof *sorted);
    entry *entries = calloc(MOST_COLOURS, sizeof *entries);
    entry *spare = calloc(MOST_COLOURS, sizeof *spare);
    lookup *table = calloc(MOST_COLOURS, sizeof *table);
    uint8_t *nearest_of = calloc(MOST_COLOURS, 1);
    if (sorted == NULL || entries == NULL || spare == NULL || table == NULL || nearest_of == NULL) {
        status = nca__fail_memory(error, "choosing a frame's colours", count * sizeof *sorted);
        goto done;
    }
    uint32_t mask = sort_colours(sorted, pixels, count);
    size_t distinct = collect(entries, sorted, count, mask);
    if (distinct <= most && mask == ALL_BITS) {
        keep_colours(out_palette, nearest_of, entries, distinct);
    } else {
        choose_palette(out_palette, nearest_of, entries, spare, distinct, most);
    }
    for (size_t i = 0; i < distinct; i++) {
        table[i] = (lookup){entries[i].packed, nearest_of[i]};
    }
    qsort(table, distinct, sizeof *table, by_packed);
    map_pixels(out_indices, pixels, count, table, distinct, mask);
done:
    free(nearest_of);
    free(table);
    free(spare);
    free(entries);
    free(sorted);
    return status;
}
