/* See classes.h. All arithmetic is that of nca_predict. */
#include "engine/classes.h"

#include "core/carve.h"
#include "core/class_loss_terms.h"
#include "nca/automaton.h"
#include "task/classify_objective.h"
#include "task/image_state.h"

static nca_web_readout settings;

typedef struct arrays {
    uint8_t *image, *votes;
    float *state, *head;
    double *scores, *probabilities;
} arrays;

static arrays of;

nca_web_readout *nca_classes_settings(void)
{
    return &settings;
}

static size_t features(void)
{
    return settings.head_outputs > 0 ? settings.head_inputs : settings.classes;
}

/* With a cursor of 0 it only measures. */
static void carve_all(arrays *out, uintptr_t *cursor)
{
    const size_t cells = (size_t)settings.height * settings.width;
    const size_t head = ((size_t)settings.head_inputs + 1) * settings.head_outputs;
    out->scores = nca__carve(cursor, settings.classes * sizeof(double));
    out->probabilities = nca__carve(cursor, settings.classes * sizeof(double));
    out->state = nca__carve(cursor, cells * settings.channels * sizeof(float));
    out->head = nca__carve(cursor, head * sizeof(float));
    out->image = nca__carve(cursor, cells * settings.input_channels);
    out->votes = nca__carve(cursor, cells * 2);
}

size_t nca_classes_bytes(void)
{
    const nca_web_readout *s = &settings;
    if (s->classes < 1 || s->classes > NCA_MAX_CLASSES || s->head_inputs > NCA_MAX_CLASSES ||
        (s->head_outputs > 0 && s->head_outputs != s->classes) || s->input_channels < 1 ||
        s->input_channels > 3 || s->channels > NCA_MAX_CHANNELS ||
        s->input_channels + features() > s->channels || s->height < 1 || s->width < 1 ||
        s->height > NCA_MAX_SIDE || s->width > NCA_MAX_SIDE ||
        (double)s->height * s->width * s->channels > 64e6) {
        return 0;
    }
    arrays measured;
    uintptr_t cursor = 0;
    carve_all(&measured, &cursor);
    return (size_t)cursor;
}

void nca_classes_open(void *block)
{
    uintptr_t cursor = (uintptr_t)block;
    carve_all(&of, &cursor);
}

uint8_t *nca_classes_image(void)
{
    return of.image;
}

float *nca_classes_state(void)
{
    return of.state;
}

float *nca_classes_head(void)
{
    return of.head;
}

double *nca_classes_scores(void)
{
    return of.scores;
}

double *nca_classes_probabilities(void)
{
    return of.probabilities;
}

uint8_t *nca_classes_votes(void)
{
    return of.votes;
}

void nca_classes_begin(void)
{
    const size_t cells = (size_t)settings.height * settings.width;
    nca__input_scale range;
    for (size_t k = 0; k < 3; k++) {
        range.scale[k] = settings.scale[k];
        range.offset[k] = settings.offset[k];
    }
    for (size_t i = 0; i < cells * settings.channels; i++) {
        of.state[i] = 0.0f;
    }
    nca__plain_image_to_state(of.state, settings.channels, of.image, cells, settings.input_channels,
                              &range);
}

/* The probabilities of some cells, and their scores divided by the temperature. */
static void read_out(double *scores, double *probabilities, const float *state, size_t cells)
{
    const size_t weights = (size_t)settings.head_inputs * settings.head_outputs;
    const nca__head head = {.inputs = settings.head_inputs,
                            .outputs = settings.head_outputs,
                            .w = of.head,
                            .b = of.head + weights};
    nca__class_scores(scores, (nca_readout)settings.readout, state, cells, settings.channels,
                      settings.input_channels, features(), &head);
    for (size_t k = 0; k < settings.classes; k++) {
        scores[k] /= settings.temperature;
    }
    nca__class_probabilities(probabilities, scores, settings.classes, settings.sigmoid != 0);
}

void nca_classes_measure(void)
{
    read_out(of.scores, of.probabilities, of.state, (size_t)settings.height * settings.width);
}

void nca_classes_vote(void)
{
    const size_t cells = (size_t)settings.height * settings.width;
    const double least = settings.sigmoid != 0 ? 0.5 : 1.0 / settings.classes;
    for (size_t cell = 0; cell < cells; cell++) {
        double scores[NCA_MAX_CLASSES], p[NCA_MAX_CLASSES];
        read_out(scores, p, of.state + cell * settings.channels, 1);
        size_t best = 0;
        for (size_t k = 1; k < settings.classes; k++) {
            best = p[k] > p[best] ? k : best;
        }
        const double sure = (p[best] - least) / (1.0 - least);
        of.votes[2 * cell] = (uint8_t)best;
        of.votes[2 * cell + 1] = sure > 0.0 ? (uint8_t)(255.0 * (sure < 1.0 ? sure : 1.0) + 0.5) : 0;
    }
}
