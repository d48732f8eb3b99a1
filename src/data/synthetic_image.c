/* Procedural images: a background that depends on the kind of picture (radiograph, section, smear
 * ...), smooth noise, and marks that show the class.
 *
 * The bits are the same on every machine: only additions, multiplications, divisions, square roots
 * and comparisons of doubles are used, and all random numbers are Philox of the random seed, the
 * split and the image. Coordinates are in [-1, 1] along each axis; a picture is the plane z = 0. */
#include "data/synthetic_image.h"

#include <math.h>
#include <string.h>

#include "nca/philox.h"

enum {
    LATTICE = 6, /* number of points of the noise along an axis */
    MOST_MARKS = 16
};

typedef enum scene {
    SCENE_CHEST,  /* two dark lungs in a bright body, ribs */
    SCENE_FAN,    /* the sector of an ultrasound probe */
    SCENE_BODY,   /* an ellipse with a bright edge, like a section of a body */
    SCENE_PLAIN,  /* only noise: a smear, a stain, skin */
    SCENE_RETINA, /* a disc with a bright spot */
    SCENE_LAYERS, /* wavy bands */
    SCENE_EMPTY   /* dark, for volumes of one structure */
} scene;

typedef struct look {
    const char *set;
    scene scene;
    double noise; /* amplitude of the noise */
    uint8_t low[3], high[3],
        mark[3]; /* of shade 0 and 1, and of marks; grey uses the first value */
} look;

static const look looks[] = {
    {"pathmnist", SCENE_PLAIN, 0.8, {236, 196, 226}, {176, 92, 160}, {92, 42, 120}},
    {"chestmnist", SCENE_CHEST, 0.2, {24}, {215}, {235}},
    {"dermamnist", SCENE_PLAIN, 0.5, {236, 190, 168}, {205, 150, 128}, {96, 56, 44}},
    {"octmnist", SCENE_LAYERS, 0.3, {10}, {190}, {235}},
    {"pneumoniamnist", SCENE_CHEST, 0.2, {20}, {220}, {200}},
    {"retinamnist", SCENE_RETINA, 0.3, {12, 4, 2}, {214, 104, 44}, {250, 226, 130}},
    {"breastmnist", SCENE_FAN, 0.7, {8}, {190}, {22}},
    {"bloodmnist", SCENE_PLAIN, 0.3, {250, 226, 212}, {226, 178, 178}, {104, 66, 148}},
    {"tissuemnist", SCENE_EMPTY, 0.4, {6}, {90}, {225}},
    {"organmnist3d", SCENE_BODY, 0.3, {0}, {150}, {235}},
    {"nodulemnist3d", SCENE_CHEST, 0.3, {16}, {150}, {230}},
    {"synapsemnist3d", SCENE_PLAIN, 0.9, {210}, {90}, {30}},
};
/* The other sets: organamnist, organcmnist, organsmnist, and volumes of one structure. */
static const look organs = {"organ", SCENE_BODY, 0.25, {0}, {150}, {235}};
static const look structure = {"", SCENE_EMPTY, 0.1, {0}, {40}, {255}};

static const look *look_of(const nca_medmnist_set *set)
{
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        if (strcmp(looks[i].set, set->name) == 0) {
            return &looks[i];
        }
    }
    return strncmp(set->name, organs.set, strlen(organs.set)) == 0 ? &organs : &structure;
}

/* ---- Random numbers -------------------------------------------------------------------------- */

typedef struct draws {
    uint64_t seed;
    uint32_t split, image, next;
    uint32_t words[4];
} draws;

static uint32_t draw_word(draws *from)
{
    if (from->next % 4 == 0) {
        nca_draw(from->words, from->seed, NCA_STREAM_SYNTHETIC, from->next / 4, 0, from->split,
                 from->image);
    }
    return from->words[from->next++ % 4];
}

/* In [low, high). */
static double draw_between(draws *from, double low, double high)
{
    return low + (high - low) * (double)nca_uniform(draw_word(from));
}

/* ---- Labels ----------------------------------------------------------------------------------*/

/* Whether an image has a value of 0 or 1 for each class instead of one class. */
static bool is_multi_label(const nca_medmnist_set *set)
{
    return strncmp(set->task, "multi-label", strlen("multi-label")) == 0;
}

uint32_t nca__synthetic_label_count(const nca_medmnist_set *set)
{
    return is_multi_label(set) ? set->classes : 1;
}

static void draw_labels(uint8_t *out, draws *from, const nca_synthetic_options *options,
                        uint32_t index)
{
    const nca_medmnist_set *set = options->set;
    if (!is_multi_label(set)) {
        out[0] = (uint8_t)((index + options->seed % set->classes) % set->classes);
        return;
    }
    for (uint32_t i = 0; i < set->classes; i++) {
        out[i] = draw_between(from, 0, 1) < 0.2 ? 1 : 0;
    }
}

void nca__synthetic_labels(uint8_t *out, const nca_synthetic_options *options, nca_split split,
                           uint32_t index)
{
    draws from = {.seed = options->seed, .split = (uint32_t)split, .image = index};
    draw_labels(out, &from, options, index);
}

/* ---- Marks -----------------------------------------------------------------------------------*/

typedef struct mark {
    double x, y, z, radius;
    double squash; /* factor on distances along y */
    bool ring;     /* a shell with an empty interior */
} mark;

typedef struct picture {
    const look *look;
    bool volume;
    double lattice[LATTICE * LATTICE * LATTICE];
    double shift_x, shift_y, scale; /* of the background */
    mark marks[MOST_MARKS];
    size_t mark_count;
} picture;

/* Marks of one class: 1 to 4 blobs around the centre, as discs or rings, round or flat. */
static void place_class(picture *p, draws *from, unsigned class)
{
    static const double around[4][4][2] = {
        {{0, 0}},
        {{1, 0}, {-1, 0}},
        {{1, 0}, {-0.5, 0.866}, {-0.5, -0.866}},
        {{1, 0}, {0, 1}, {-1, 0}, {0, -1}},
    };
    const size_t count = 1 + class % 4;
    /* A rotation whose cosine and sine need no library: a point of the circle, parametrised by a
     * slope. */
    double slope = draw_between(from, -1, 1);
    double cosine = (1 - slope * slope) / (1 + slope * slope),
           sine = 2 * slope / (1 + slope * slope);
    double x = draw_between(from, -0.15, 0.15), y = draw_between(from, -0.15, 0.15);
    double size = draw_between(from, 0.85, 1.15), distance = 0.38 * size;
    p->mark_count = count;
    for (size_t i = 0; i < count; i++) {
        const double *place = around[count - 1][i];
        p->marks[i] = (mark){
            .x = x + distance * (place[0] * cosine - place[1] * sine),
            .y = y + distance * (place[0] * sine + place[1] * cosine),
            .z = p->volume && count > 1 ? (i % 2 == 0 ? 0.08 : -0.08) : 0,
            .radius = (count == 1 ? 0.36 : 0.2) * size,
            .squash = class >= 8 ? 2 : 1,
            .ring = class / 4 % 2 == 1,
        };
    }
}

/* Marks of several labels: each label has its own place in a grid of 4 x 4. */
static void place_labels(picture *p, draws *from, const uint8_t *labels, uint32_t count)
{
    for (uint32_t i = 0; i < count && p->mark_count < MOST_MARKS; i++) {
        if (labels[i] != 0) {
            p->marks[p->mark_count++] = (mark){
                .x = 0.4 * (i % 4) - 0.6 + draw_between(from, -0.06, 0.06),
                .y = 0.4 * (i / 4) - 0.6 + draw_between(from, -0.06, 0.06),
                .radius = draw_between(from, 0.1, 0.15),
                .squash = 1,
                .ring = i % 2 == 1,
            };
        }
    }
}

/* 1 well inside an edge at distance 0, 0 well outside, with a smooth transition of width `soft`. */
static double inside(double distance, double soft)
{
    double share = 0.5 - distance / soft;
    return share < 0 ? 0 : share > 1 ? 1 : share * share * (3 - 2 * share);
}

static double cover(const picture *p, double x, double y, double z)
{
    double covered = 0;
    for (size_t i = 0; i < p->mark_count; i++) {
        const mark *m = &p->marks[i];
        double dx = x - m->x, dy = (y - m->y) * m->squash, dz = z - m->z;
        double distance = sqrt(dx * dx + dy * dy + dz * dz) - m->radius;
        if (m->ring) {
            distance = fabs(distance + 0.3 * m->radius) - 0.3 * m->radius;
        }
        double share = inside(distance, 0.12);
        covered = share > covered ? share : covered;
    }
    return covered;
}

/* ---- Background ------------------------------------------------------------------------------*/

static double smooth(double part)
{
    return part * part * (3 - 2 * part);
}

/* Noise in [0, 1], interpolated between the points of the lattice. */
static double noise_at(const picture *p, double x, double y, double z)
{
    const double place[3] = {x, y, z};
    size_t low[3];
    double part[3];
    for (size_t i = 0; i < 3; i++) {
        double at = (place[i] + 1) / 2 * (LATTICE - 1);
        low[i] = at < LATTICE - 2 ? (size_t)at : LATTICE - 2;
        part[i] = smooth(at - (double)low[i]);
    }
    double sum = 0;
    for (size_t corner = 0; corner < 8; corner++) {
        double weight = 1;
        size_t index = 0;
        for (size_t i = 0; i < 3; i++) {
            bool upper = corner >> i & 1;
            weight *= upper ? part[i] : 1 - part[i];
            index = index * LATTICE + low[i] + (upper ? 1 : 0);
        }
        sum += weight * p->lattice[index];
    }
    return sum;
}

static double ellipse(double x, double y, double z, double a, double b)
{
    return sqrt(x * x / (a * a) + y * y / (b * b) + z * z);
}

/* A wave of period 1 in [0, 1] without a sine: alternating parabolas. */
static double wave(double at)
{
    double part = at - floor(at);
    return part < 0.5 ? 8 * part * (0.5 - part) * 0.5 + 0.5
                      : 0.5 - 8 * (part - 0.5) * (1 - part) * 0.5;
}

/* The shade of the background, without noise. */
static double shade_of(const picture *p, double x, double y, double z)
{
    x = (x - p->shift_x) / p->scale;
    y = (y - p->shift_y) / p->scale;
    double lungs, rim;
    switch (p->look->scene) {
    case SCENE_CHEST:
        lungs = inside(ellipse(x - 0.42, y, z, 0.34, 0.66) - 1, 0.4) +
                inside(ellipse(x + 0.42, y, z, 0.34, 0.66) - 1, 0.4);
        return 0.15 + 0.65 * inside(ellipse(x, y, z, 0.95, 1.2) - 1, 0.3) - 0.55 * lungs +
               0.12 * lungs * wave(3.5 * y + x * x);
    case SCENE_FAN:
        return 0.75 * inside(fabs(x) - 0.45 - 0.35 * (y + 1), 0.2) * (0.9 - 0.35 * (y + 1) / 2);
    case SCENE_BODY:
        rim = ellipse(x, y, z, 0.9, 0.75) - 1;
        return 0.55 * inside(rim, 0.1) + 0.4 * inside(fabs(rim + 0.08) - 0.05, 0.1);
    case SCENE_RETINA:
        return 0.7 * inside(ellipse(x, y, 0, 0.95, 0.95) - 1, 0.1) +
               0.3 * inside(ellipse(x - 0.5, y, 0, 0.16, 0.2) - 1, 0.8);
    case SCENE_LAYERS:
        y += 0.12 * wave(0.5 * x + p->shift_x);
        return inside(fabs(y - 0.1) - 0.45, 0.15) * (0.35 + 0.6 * wave(4 * y));
    case SCENE_PLAIN:
        return 0.3;
    case SCENE_EMPTY:
        break;
    }
    return 0.1;
}

/* ---- The image -------------------------------------------------------------------------------*/

static void compose(picture *p, const nca_synthetic_options *options, nca_split split,
                    uint32_t index)
{
    const nca_medmnist_set *set = options->set;
    uint8_t labels[256] = {0};
    draws from = {.seed = options->seed, .split = (uint32_t)split, .image = index};
    memset(p, 0, sizeof *p);
    p->look = look_of(set);
    p->volume = set->dimensions == 3;
    draw_labels(labels, &from, options, index);
    p->shift_x = draw_between(&from, -0.08, 0.08);
    p->shift_y = draw_between(&from, -0.08, 0.08);
    p->scale = draw_between(&from, 0.92, 1.08);
    if (is_multi_label(set)) {
        place_labels(p, &from, labels, set->classes);
    } else {
        place_class(p, &from, labels[0]);
    }
    for (size_t i = 0; i < LATTICE * LATTICE * LATTICE; i++) {
        p->lattice[i] = draw_between(&from, 0, 1);
    }
}

static uint8_t mix(uint8_t low, uint8_t high, uint8_t marked, double shade, double covered)
{
    double value = low + (high - low) * shade;
    value += (marked - value) * covered;
    return (uint8_t)(value + 0.5);
}

void nca__synthetic_image(uint8_t *out, const nca_synthetic_options *options, nca_split split,
                          uint32_t index)
{
    picture p;
    compose(&p, options, split, index);
    const size_t size = options->size, channels = options->set->channels;
    const size_t planes = p.volume ? size : 1;
    const look *shown = p.look;
    for (size_t k = 0; k < planes; k++) {
        double z = p.volume ? (double)(2 * k + 1) / (double)size - 1 : 0;
        for (size_t j = 0; j < size * size; j++, out += channels) {
            double x = (double)(2 * (j % size) + 1) / (double)size - 1;
            double y = (double)(2 * (j / size) + 1) / (double)size - 1;
            double shade = shade_of(&p, x, y, z);
            double grain = shown->noise * (noise_at(&p, x, y, z) - 0.5);
            /* Noise on a dark background is weak, as in real pictures. */
            shade += grain * (shown->scene == SCENE_PLAIN ? 1 : shade + 0.1);
            shade = shade < 0 ? 0 : shade > 1 ? 1 : shade;
            double covered = 0.85 * cover(&p, x, y, z);
            for (size_t c = 0; c < channels; c++) {
                out[c] = mix(shown->low[c], shown->high[c], shown->mark[c], shade, covered);
            }
        }
    }
}
