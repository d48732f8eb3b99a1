/* A model as JSON: its automaton, its weights and its target as base64. */
#include "page/carried.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "page/weight_bytes.h"

static json_t *base64(const void *bytes, size_t count)
{
    const size_t length = nca__base64_length(count);
    char *text = malloc(length + 1);
    if (text == NULL) {
        return NULL;
    }
    nca__base64(text, bytes, count);
    json_t *string = json_stringn(text, length);
    free(text);
    return string;
}

/* Floats as little-endian bytes. */
static json_t *floats(const float *values, size_t count)
{
    uint8_t *bytes = malloc(4 * count + 1);
    if (bytes == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        memcpy(&word, &values[i], sizeof word);
        for (int k = 0; k < 4; k++) {
            bytes[4 * i + (size_t)k] = (uint8_t)(word >> (8 * k));
        }
    }
    json_t *string = base64(bytes, 4 * count);
    free(bytes);
    return string;
}

static void put_int8(json_t **object, const float *weights, size_t rows, size_t columns)
{
    int8_t *bytes = malloc(rows * columns);
    float *scales = malloc(rows * sizeof *scales);
    for (size_t row = 0; bytes != NULL && scales != NULL && row < rows; row++) {
        scales[row] = nca__row_scale(weights + row * columns, columns);
        for (size_t i = row * columns; i < (row + 1) * columns; i++) {
            bytes[i] = nca__quantised(weights[i], scales[row]);
        }
    }
    nca__json_put(object, "data", bytes != NULL ? base64(bytes, rows * columns) : NULL);
    nca__json_put(object, "scales", scales != NULL ? floats(scales, rows) : NULL);
    free(scales);
    free(bytes);
}

static json_t *tensors(const nca_page_model *carried)
{
    const nca_automaton *automaton = &carried->model->automaton;
    json_t *array = json_array();
    for (size_t i = 0; i < nca_tensor_count(automaton); i++) {
        const nca_tensor tensor = nca_tensor_at(automaton, i);
        const size_t rows = tensor.rows;
        const size_t columns = tensor.columns;
        if (rows == 0) {
            continue;
        }
        const float *weights = carried->model->parameters + tensor.offset;
        const bool int8 = carried->int8 && tensor.matrix;
        json_t *object = json_object();
        nca__json_put(&object, "name", json_string(tensor.name));
        nca__json_put(&object, "type", json_string(int8 ? "I8" : "F32"));
        if (int8) {
            put_int8(&object, weights, rows, columns);
        } else {
            nca__json_put(&object, "data", floats(weights, rows * columns));
        }
        nca__json_append(&array, object);
    }
    return array;
}

/* The rows and columns of a target that hold anything. */
typedef struct box {
    size_t top, left, bottom, right; /* the last two are beyond it */
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

/* A byte a value: what a picture on a screen has. */
static json_t *target_of(const nca_model *model)
{
    const size_t width = model->info.width;
    const box inside = box_of(model->target, model->info.height, width);
    const size_t rows = inside.bottom - inside.top;
    const size_t row_bytes = (inside.right - inside.left) * 4;
    uint8_t *bytes = malloc(rows * row_bytes + 1);
    if (bytes == NULL) {
        return NULL;
    }
    for (size_t row = 0; row < rows; row++) {
        const float *from = model->target + ((inside.top + row) * width + inside.left) * 4;
        for (size_t i = 0; i < row_bytes; i++) {
            bytes[row * row_bytes + i] =
                (uint8_t)lrintf(255.0f * fminf(1.0f, fmaxf(0.0f, from[i])));
        }
    }
    json_t *object = json_object();
    nca__json_put(&object, "top", json_integer((json_int_t)inside.top));
    nca__json_put(&object, "left", json_integer((json_int_t)inside.left));
    nca__json_put(&object, "height", json_integer((json_int_t)rows));
    nca__json_put(&object, "width", json_integer((json_int_t)row_bytes / 4));
    nca__json_put(&object, "data", base64(bytes, rows * row_bytes));
    free(bytes);
    return object;
}

json_t *nca__carried_model(const nca_page_model *carried)
{
    const nca_model *model = carried->model;
    const nca_automaton *automaton = &model->automaton;
    json_t *object = json_object();
    nca__json_put(&object, "name", nca__json_text(carried->name));
    nca__json_put(&object, "channels", json_integer(automaton->channels));
    nca__json_put(&object, "hidden", json_integer(automaton->hidden));
    nca__json_put(&object, "filter", json_string(nca_filter_name(automaton->filter)));
    if (automaton->filter == NCA_FILTER_LEARNED) {
        nca__json_put(&object, "filterCount", json_integer(automaton->filter_count));
    }
    nca__json_put(&object, "boundary", json_string(nca_boundary_name(automaton->boundary)));
    nca__json_put(&object, "angle", json_real((double)automaton->angle_radians));
    nca__json_put(&object, "fireRate", json_real((double)automaton->fire_rate));
    nca__json_put(&object, "stepSize", json_real((double)automaton->step_size));
    nca__json_put(&object, "aliveChannel", json_integer(automaton->alive_channel));
    nca__json_put(&object, "aliveThreshold", json_real((double)automaton->alive_threshold));
    nca__json_put(&object, "outputBias", json_boolean(automaton->output_bias));
    nca__json_put(&object, "height", json_integer(model->info.height));
    nca__json_put(&object, "width", json_integer(model->info.width));
    nca__json_put(&object, "iterations", json_integer((json_int_t)model->info.iterations));
    nca__json_put(&object, "int8", json_boolean(carried->int8));
    nca__json_put(&object, "tensors", tensors(carried));
    nca__json_put(&object, "target", model->target != NULL ? target_of(model) : json_null());
    return object;
}
