/* A small set of labelled images in memory: lines in four directions, one class each (or, for
 * several labels, any of two lines), in grey or colour. */
#ifndef NCA_TESTS_MADE_IMAGES_H
#define NCA_TESTS_MADE_IMAGES_H

#include <stdio.h>

#include "core/noise.h"
#include "nca/labelled.h"
#include "nca/settings.h"

enum {
    MADE_SIDE = 10,
    MADE_PIXELS = MADE_SIDE * MADE_SIDE,
    MADE_COUNT = 24,
    MADE_CLASSES = 4
};

typedef struct made_images {
    nca_labelled data;
    uint8_t images[MADE_COUNT * MADE_PIXELS * 3];
    uint8_t labels[MADE_COUNT * MADE_CLASSES];
    char names[MADE_CLASSES][NCA_CLASS_NAME];
} made_images;

/* Whether the pixel is on the line of this class through `at`. */
static inline bool made_on_line(size_t class, size_t at, size_t row, size_t column)
{
    const size_t place[MADE_CLASSES] = {row, column, (row + column) % MADE_SIDE,
                                        (row + MADE_SIDE - column) % MADE_SIDE};
    return place[class] == at;
}

/* The struct must stay in place while the data is used. Class k has 3 + 2k images of the
 * training split; the other splits have the same images. */
static inline void make_images(made_images *out, nca_label_kind kind, size_t channels)
{
    noise n = {11};
    const bool several = kind == NCA_LABELS_MULTI_LABEL;
    const size_t classes = kind == NCA_LABELS_BINARY || several ? 2 : MADE_CLASSES;
    for (size_t i = 0; i < MADE_COUNT; i++) {
        const size_t class = classes == 2 ? i % 2 : i < 3 ? 0 : i < 8 ? 1 : i < 15 ? 2 : 3;
        const bool on[MADE_CLASSES] = {several ? i & 1 : class == 0, several ? i & 2 : class == 1,
                                       class == 2, class == 3};
        out->labels[several ? 2 * i : i] = several ? on[0] : (uint8_t) class;
        out->labels[several ? 2 * i + 1 : i] = several ? on[1] : (uint8_t) class;
        const size_t at = noise_below(&n, MADE_SIDE);
        for (size_t pixel = 0; pixel < MADE_PIXELS; pixel++) {
            bool bright = false;
            for (size_t k = 0; k < (several ? 2 : MADE_CLASSES); k++) {
                bright |= on[k] && made_on_line(k, at, pixel / MADE_SIDE, pixel % MADE_SIDE);
            }
            for (size_t c = 0; c < channels; c++) {
                out->images[(i * MADE_PIXELS + pixel) * channels + c] =
                    (uint8_t)((bright ? 200 : 20) + noise_below(&n, 40));
            }
        }
    }
    for (size_t k = 0; k < MADE_CLASSES; k++) {
        snprintf(out->names[k], NCA_CLASS_NAME, "line %zu", k);
    }
    out->data = (nca_labelled){.height = MADE_SIDE,
                               .width = MADE_SIDE,
                               .channels = channels,
                               .kind = kind,
                               .classes = classes,
                               .label_width = several ? classes : 1,
                               .class_names = out->names,
                               .source = (char *)(uintptr_t) "lines made by a test"};
    for (size_t s = 0; s < NCA_SPLIT_COUNT; s++) {
        out->data.split[s] =
            (nca_labelled_split){.count = MADE_COUNT, .images = out->images, .labels = out->labels};
    }
}

/* Small and fast settings with which a classifier learns these images in 200 iterations. */
static inline nca_settings made_settings(void)
{
    nca_settings settings;
    nca_settings_default(&settings);
    nca_settings_apply_recipe(&settings, NCA_RECIPE_CLASSIFY);
    settings.task = NCA_TASK_CLASSIFY;
    settings.n_channels = 12;
    settings.hidden = 24;
    settings.batch_size = 8;
    settings.steps_min = 6;
    settings.steps_max = 8;
    settings.iterations = 400;
    settings.warmup = 10;
    settings.learning_rate = 4e-3f;
    settings.seed = 5;
    settings.threads = 1;
    return settings;
}

#endif
