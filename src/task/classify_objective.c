/* See classify_objective.h. The sums of a mean are the read-out channels added up; those of a
 * maximum are the largest values and 1 + the index of their cells; those of the cells' own losses
 * are the losses added up. */
#include "task/classify_objective.h"

#include <string.h>

enum {
    FEATURES = NCA_MAX_CLASSES /* at most */
};

/* ---- From features to the loss ---------------------------------------------------------------*/

/* scores = w f + b, or f without a head. */
static void apply_head(double *scores, const double *features, size_t count, const nca__head *head)
{
    for (size_t f = 0; head->outputs == 0 && f < count; f++) {
        scores[f] = features[f];
    }
    for (size_t k = 0; k < head->outputs; k++) {
        double sum = (double)head->b[k];
        for (size_t f = 0; f < count; f++) {
            sum += (double)head->w[k * count + f] * features[f];
        }
        scores[k] = sum;
    }
}

static double loss_of_features(double *slopes, const double *features,
                               const nca__class_asked *asked, const nca__head *head)
{
    double scores[NCA_MAX_CLASSES];
    apply_head(scores, features, asked->features, head);
    return nca__class_loss_of(slopes, asked->loss, scores, asked->answer);
}

/* The gradient of the loss with respect to the features. */
static void slopes_of_features(double *out, const double *features, const nca__class_asked *asked,
                               const nca__head *head)
{
    double slopes[NCA_MAX_CLASSES];
    loss_of_features(slopes, features, asked, head);
    for (size_t f = 0; f < asked->features; f++) {
        out[f] = head->outputs == 0 ? slopes[f] : 0.0;
        for (size_t k = 0; k < head->outputs; k++) {
            out[f] += slopes[k] * (double)head->w[k * asked->features + f];
        }
    }
}

static void add_head_gradient(const nca__head *gradient, const double *features,
                              const nca__class_asked *asked, const nca__head *head, double weight)
{
    double slopes[NCA_MAX_CLASSES];
    loss_of_features(slopes, features, asked, head);
    for (size_t k = 0; k < head->outputs; k++) {
        gradient->b[k] += (float)(weight * slopes[k]);
        for (size_t f = 0; f < asked->features; f++) {
            gradient->w[k * asked->features + f] += (float)(weight * slopes[k] * features[f]);
        }
    }
}

/* ---- Mean ------------------------------------------------------------------------------------*/

static void measure_mean(double *sums, const void *data, const nca__row *row)
{
    const nca__class_asked *asked = data;
    for (size_t column = 0; column < row->width; column++) {
        const float *cell = row->cells + column * row->stride + asked->first;
        for (size_t f = 0; f < asked->features; f++) {
            sums[f] += (double)cell[f];
        }
    }
}

static void divide(double *features, const double *sums, size_t count, size_t cells)
{
    for (size_t f = 0; f < count; f++) {
        features[f] = sums[f] / (double)cells;
    }
}

static double loss_of_mean(const double *sums, const void *data, size_t cells,
                           const nca__head *head)
{
    const nca__class_asked *asked = data;
    double features[FEATURES];
    divide(features, sums, asked->features, cells);
    return loss_of_features(NULL, features, asked, head);
}

static void gradient_of_mean(float *d, const void *data, const nca__row *row, const double *sums,
                             const nca__head *head, double weight)
{
    const nca__class_asked *asked = data;
    const size_t cells = row->height * row->width;
    double features[FEATURES], slopes[FEATURES];
    divide(features, sums, asked->features, cells);
    slopes_of_features(slopes, features, asked, head);
    for (size_t column = 0; column < row->width; column++) {
        float *cell = d + column * row->stride + asked->first;
        for (size_t f = 0; f < asked->features; f++) {
            cell[f] += (float)(weight * slopes[f] / (double)cells);
        }
    }
}

static void head_gradient_of_mean(const nca__head *gradient, const double *sums, const void *data,
                                  size_t cells, const nca__head *head, double weight)
{
    const nca__class_asked *asked = data;
    double features[FEATURES];
    divide(features, sums, asked->features, cells);
    add_head_gradient(gradient, features, asked, head, weight);
}

/* ---- Maximum ---------------------------------------------------------------------------------*/

/* Of equal values the first cell counts. */
static void take_larger(double *sums, size_t f, double value, double place)
{
    if (place > 0.0 && (!(sums[FEATURES + f] > 0.0) || value > sums[f])) {
        sums[f] = value;
        sums[FEATURES + f] = place;
    }
}

static void measure_max(double *sums, const void *data, const nca__row *row)
{
    const nca__class_asked *asked = data;
    for (size_t column = 0; column < row->width; column++) {
        const float *cell = row->cells + column * row->stride + asked->first;
        const double place = (double)(row->row * row->width + column + 1);
        for (size_t f = 0; f < asked->features; f++) {
            take_larger(sums, f, (double)cell[f], place);
        }
    }
}

static void join_max(double *sums, const double *band)
{
    for (size_t f = 0; f < FEATURES; f++) {
        take_larger(sums, f, band[f], band[FEATURES + f]);
    }
}

static double loss_of_max(const double *sums, const void *data, size_t cells, const nca__head *head)
{
    (void)cells;
    return loss_of_features(NULL, sums, data, head);
}

static void gradient_of_max(float *d, const void *data, const nca__row *row, const double *sums,
                            const nca__head *head, double weight)
{
    const nca__class_asked *asked = data;
    double slopes[FEATURES];
    slopes_of_features(slopes, sums, asked, head);
    for (size_t f = 0; f < asked->features; f++) {
        const size_t place = (size_t)sums[FEATURES + f] - 1;
        if (place / row->width == row->row) {
            d[place % row->width * row->stride + asked->first + f] += (float)(weight * slopes[f]);
        }
    }
}

static void head_gradient_of_max(const nca__head *gradient, const double *sums, const void *data,
                                 size_t cells, const nca__head *head, double weight)
{
    (void)cells;
    add_head_gradient(gradient, sums, data, head, weight);
}

/* ---- Every cell ------------------------------------------------------------------------------*/

static void scores_of_cell(double *scores, const nca__class_asked *asked, const nca__row *row,
                           size_t column)
{
    const float *cell = row->cells + column * row->stride + asked->first;
    for (size_t k = 0; k < asked->features; k++) {
        scores[k] = (double)cell[k];
    }
}

static void measure_cells(double *sums, const void *data, const nca__row *row)
{
    const nca__class_asked *asked = data;
    double scores[FEATURES];
    for (size_t column = 0; column < row->width; column++) {
        scores_of_cell(scores, asked, row, column);
        sums[0] += nca__class_loss_of(NULL, asked->loss, scores, asked->answer);
    }
}

static double loss_of_cells(const double *sums, const void *data, size_t cells,
                            const nca__head *head)
{
    (void)data;
    (void)head;
    return sums[0] / (double)cells;
}

static void gradient_of_cells(float *d, const void *data, const nca__row *row, const double *sums,
                              const nca__head *head, double weight)
{
    (void)sums;
    (void)head;
    const nca__class_asked *asked = data;
    const double share = weight / (double)(row->height * row->width);
    double scores[FEATURES], slopes[FEATURES];
    for (size_t column = 0; column < row->width; column++) {
        scores_of_cell(scores, asked, row, column);
        nca__class_loss_of(slopes, asked->loss, scores, asked->answer);
        for (size_t k = 0; k < asked->features; k++) {
            d[column * row->stride + asked->first + k] += (float)(share * slopes[k]);
        }
    }
}

/* ---- For another process ---------------------------------------------------------------------*/

/* Everything that an answer is compared by, with room for the most classes. */
typedef struct packed {
    nca__class_loss loss; /* its pointer is not used */
    size_t first, features;
    bool weighted;
    double weights[NCA_MAX_CLASSES];
    uint8_t answer[NCA_MAX_CLASSES];
} packed_asked;

/* What `unpack` makes. */
typedef struct unpacked {
    nca__class_asked asked; /* must be first */
    nca__class_loss loss;
} unpacked_asked;

static size_t pack(unsigned char *out, const void *data, size_t cells)
{
    (void)cells;
    const nca__class_asked *asked = data;
    packed_asked all;
    if (out == NULL) {
        return sizeof all;
    }
    memset(&all, 0, sizeof all); /* padding too: equal data has equal bytes */
    all.loss.kind = asked->loss->kind;
    all.loss.sigmoid = asked->loss->sigmoid;
    all.loss.labels = asked->loss->labels;
    all.loss.classes = asked->loss->classes;
    all.loss.gamma = asked->loss->gamma;
    all.loss.smoothing = asked->loss->smoothing;
    all.first = asked->first;
    all.features = asked->features;
    all.weighted = asked->loss->weights != NULL;
    for (size_t k = 0; all.weighted && k < all.loss.classes; k++) {
        all.weights[k] = asked->loss->weights[k];
    }
    memcpy(all.answer, asked->answer, all.loss.labels ? all.loss.classes : 1);
    memcpy(out, &all, sizeof all);
    return sizeof all;
}

static void unpack(void *out, const unsigned char *bytes)
{
    const packed_asked *all = (const packed_asked *)(const void *)bytes;
    unpacked_asked *made = out;
    made->loss = all->loss;
    made->loss.weights = all->weighted ? all->weights : NULL;
    made->asked = (nca__class_asked){
        .loss = &made->loss, .first = all->first, .features = all->features, .answer = all->answer};
}

/* ---- The table -------------------------------------------------------------------------------*/

#define PACKED .pack = pack, .unpack = unpack, .unpacked = sizeof(unpacked_asked)

static const nca__objective objectives[NCA_READOUT_COUNT] = {
    [NCA_READOUT_MEAN] = {.name = "classify mean",
                          PACKED,
                          .sums = FEATURES,
                          .waits = true,
                          .measure = measure_mean,
                          .loss = loss_of_mean,
                          .gradient = gradient_of_mean,
                          .head_gradient = head_gradient_of_mean},
    [NCA_READOUT_MAX] = {.name = "classify max",
                         PACKED,
                         .sums = 2 * FEATURES,
                         .waits = true,
                         .measure = measure_max,
                         .join = join_max,
                         .loss = loss_of_max,
                         .gradient = gradient_of_max,
                         .head_gradient = head_gradient_of_max},
    [NCA_READOUT_CELLS] = {.name = "classify cells",
                           PACKED,
                           .sums = 1,
                           .measure = measure_cells,
                           .loss = loss_of_cells,
                           .gradient = gradient_of_cells},
};

const nca__objective *nca__class_objective(nca_readout readout)
{
    return &objectives[(unsigned)readout < NCA_READOUT_COUNT ? readout : NCA_READOUT_MEAN];
}

void nca__class_scores(double *scores, nca_readout readout, const float *state, size_t cells,
                       size_t channels, size_t first, size_t features, const nca__head *head)
{
    const nca__class_asked asked = {.first = first, .features = features};
    const nca__row all = {.cells = state, .stride = channels, .height = 1, .width = cells};
    double sums[2 * FEATURES] = {0}, values[FEATURES];
    if (readout == NCA_READOUT_MAX) {
        measure_max(sums, &asked, &all);
        apply_head(scores, sums, features, head);
    } else {
        measure_mean(sums, &asked, &all);
        divide(values, sums, features, cells);
        apply_head(scores, values, features, head);
    }
}
