/* A model as JSON: its automaton, its weights and its target as base64. */
#include "page/carried.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "nca/readout.h"
#include "page/weight_bytes.h"

/* Floats as little-endian bytes. */
static void put_floats(nca__json_writer *w, const char *key, const float *values, size_t count)
{
    uint8_t *bytes = malloc(4 * count + 1);
    for (size_t i = 0; bytes != NULL && i < count; i++) {
        uint32_t word;
        memcpy(&word, &values[i], sizeof word);
        for (int k = 0; k < 4; k++) {
            bytes[4 * i + (size_t)k] = (uint8_t)(word >> (8 * k));
        }
    }
    nca__json_bytes(w, key, bytes, 4 * count);
    free(bytes);
}

static void put_int8(nca__json_writer *w, const float *weights, size_t rows, size_t columns)
{
    int8_t *bytes = malloc(rows * columns);
    float *scales = malloc(rows * sizeof *scales);
    if (bytes == NULL || scales == NULL) {
        nca__json_bytes(w, "data", NULL, rows * columns);
    } else {
        for (size_t row = 0; row < rows; row++) {
            scales[row] = nca__row_scale(weights + row * columns, columns);
            for (size_t i = row * columns; i < (row + 1) * columns; i++) {
                bytes[i] = nca__quantised(weights[i], scales[row]);
            }
        }
        nca__json_bytes(w, "data", bytes, rows * columns);
        put_floats(w, "scales", scales, rows);
    }
    free(scales);
    free(bytes);
}

static void put_tensors(nca__json_writer *w, const nca_page_model *carried)
{
    const nca_automaton *automaton = &carried->model->automaton;
    nca__json_begin_array(w, "tensors");
    for (size_t i = 0; i < nca_tensor_count(automaton); i++) {
        const nca_tensor tensor = nca_tensor_at(automaton, i);
        if (tensor.rows == 0) {
            continue;
        }
        const float *weights = carried->model->parameters + tensor.offset;
        const bool int8 = carried->int8 && tensor.matrix;
        nca__json_begin_object(w, NULL);
        nca__json_string(w, "name", tensor.name);
        nca__json_string(w, "type", int8 ? "I8" : "F32");
        if (int8) {
            put_int8(w, weights, tensor.rows, tensor.columns);
        } else {
            put_floats(w, "data", weights, (size_t)tensor.rows * tensor.columns);
        }
        nca__json_end(w);
    }
    nca__json_end(w);
}

/* The rows and columns of a target that are not empty. */
typedef struct box {
    size_t top, left, bottom, right; /* bottom and right are the first row and column after it */
} box;

static box box_of(const float *target, size_t height, size_t width)
{
    box found = {height, width, 0, 0};
    for (size_t row = 0; row < height; row++) {
        for (size_t column = 0; column < width; column++) {
            const float *cell = target + (row * width + column) * 4;
            if (cell[0] != 0 || cell[1] != 0 || cell[2] != 0 || cell[3] != 0) {
                found.top = row < found.top ? row : found.top;
                found.left = column < found.left ? column : found.left;
                found.bottom = row + 1;
                found.right = column + 1 > found.right ? column + 1 : found.right;
            }
        }
    }
    return found.bottom == 0 ? (box){0, 0, 0, 0} : found;
}

/* One byte per value, as a screen shows it. */
static void put_target(nca__json_writer *w, const nca_model *model)
{
    const size_t width = model->info.width;
    const box inside = box_of(model->target, model->info.height, width);
    const size_t rows = inside.bottom - inside.top;
    const size_t row_bytes = (inside.right - inside.left) * 4;
    uint8_t *bytes = malloc(rows * row_bytes + 1);
    for (size_t row = 0; bytes != NULL && row < rows; row++) {
        const float *from = model->target + ((inside.top + row) * width + inside.left) * 4;
        for (size_t i = 0; i < row_bytes; i++) {
            bytes[row * row_bytes + i] =
                (uint8_t)lrintf(255.0f * fminf(1.0f, fmaxf(0.0f, from[i])));
        }
    }
    nca__json_begin_object(w, "target");
    nca__json_integer(w, "top", (int64_t)inside.top);
    nca__json_integer(w, "left", (int64_t)inside.left);
    nca__json_integer(w, "height", (int64_t)rows);
    nca__json_integer(w, "width", (int64_t)(row_bytes / 4));
    nca__json_bytes(w, "data", bytes, rows * row_bytes);
    nca__json_end(w);
    free(bytes);
}

static void put_floats_as_numbers(nca__json_writer *w, const char *key, const float *values)
{
    nca__json_begin_array(w, key);
    for (size_t k = 0; k < 3; k++) {
        nca__json_real(w, NULL, (double)values[k]);
    }
    nca__json_end(w);
}

/* What a classifier has beyond other models. */
static void put_classifier(nca__json_writer *w, const nca_model *model)
{
    const nca_classifier *c = model->classifier;
    const nca_automaton *automaton = &model->automaton;
    nca__json_integer(w, "inputChannels", automaton->input_channels);
    nca__json_integer(w, "headInputs", automaton->head_inputs);
    nca__json_integer(w, "headOutputs", automaton->head_outputs);
    nca__json_begin_object(w, "classifier");
    nca__json_string(w, "kind", nca_label_kind_name(c->kind));
    nca__json_begin_array(w, "classes");
    for (size_t k = 0; k < c->classes; k++) {
        nca__json_clean_string(w, NULL, c->class_names[k]);
    }
    nca__json_end(w);
    nca__json_string(w, "readout", nca_readout_name(c->readout));
    nca__json_bool(w, "sigmoid", c->sigmoid);
    put_floats_as_numbers(w, "scale", c->scale);
    put_floats_as_numbers(w, "offset", c->offset);
    nca__json_integer(w, "steps", c->steps);
    w->digits = 17; /* a double */
    nca__json_real(w, "temperature", c->temperature);
    w->digits = NCA__CARRIED_DIGITS;
    nca__json_end(w);
}

void nca__carried_model(nca__json_writer *w, const nca_page_model *carried)
{
    const nca_model *model = carried->model;
    const nca_automaton *automaton = &model->automaton;
    nca__json_begin_object(w, NULL);
    nca__json_clean_string(w, "name", carried->name);
    nca__json_integer(w, "channels", automaton->channels);
    nca__json_integer(w, "hidden", automaton->hidden);
    nca__json_string(w, "filter", nca_filter_name(automaton->filter));
    if (automaton->filter == NCA_FILTER_LEARNED) {
        nca__json_integer(w, "filterCount", automaton->filter_count);
    }
    nca__json_string(w, "boundary", nca_boundary_name(automaton->boundary));
    nca__json_real(w, "angle", (double)automaton->angle_radians);
    nca__json_real(w, "fireRate", (double)automaton->fire_rate);
    nca__json_real(w, "stepSize", (double)automaton->step_size);
    nca__json_integer(w, "aliveChannel", automaton->alive_channel);
    nca__json_real(w, "aliveThreshold", (double)automaton->alive_threshold);
    nca__json_bool(w, "outputBias", automaton->output_bias);
    const nca_classifier *c = model->classifier;
    nca__json_integer(w, "height", c != NULL ? c->height : model->info.height);
    nca__json_integer(w, "width", c != NULL ? c->width : model->info.width);
    nca__json_integer(w, "iterations", (int64_t)model->info.iterations);
    nca__json_bool(w, "int8", carried->int8);
    put_tensors(w, carried);
    if (model->target != NULL) {
        put_target(w, model);
    } else {
        nca__json_null(w, "target");
    }
    if (c != NULL) {
        put_classifier(w, model);
    }
    nca__json_end(w);
}
