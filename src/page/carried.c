/* A model as JSON: its automaton, its weights and its target as base64.
 *
 * Memory that could not be had makes the whole NULL: a part that is NULL makes NULL of what it is
 * put into. */
#include "page/carried.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/error.h"
#include "page/weight_bytes.h"

static void put(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) != 0) {
        json_decref(*object);
        *object = NULL;
    }
}

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
    put(object, "data", bytes != NULL ? base64(bytes, rows * columns) : NULL);
    put(object, "scales", scales != NULL ? floats(scales, rows) : NULL);
    free(scales);
    free(bytes);
}

static json_t *tensors(const nca_page_model *carried)
{
    const nca_automaton *automaton = &carried->model->automaton;
    json_t *array = json_array();
    for (int i = 0; i < NCA_TENSOR_COUNT; i++) {
        const nca_tensor tensor = (nca_tensor)i;
        size_t rows;
        size_t columns;
        nca_tensor_shape(&rows, &columns, tensor, automaton);
        if (rows == 0) {
            continue;
        }
        const float *weights = carried->model->parameters + nca_tensor_offset(tensor, automaton);
        const bool int8 = carried->int8 && (tensor == NCA_TENSOR_W1 || tensor == NCA_TENSOR_W2);
        json_t *object = json_object();
        put(&object, "name", json_string(nca_tensor_name(tensor)));
        put(&object, "type", json_string(int8 ? "I8" : "F32"));
        if (int8) {
            put_int8(&object, weights, rows, columns);
        } else {
            put(&object, "data", floats(weights, rows * columns));
        }
        if (json_array_append_new(array, object) != 0) {
            json_decref(array);
            return NULL;
        }
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
    put(&object, "top", json_integer((json_int_t)inside.top));
    put(&object, "left", json_integer((json_int_t)inside.left));
    put(&object, "height", json_integer((json_int_t)rows));
    put(&object, "width", json_integer((json_int_t)row_bytes / 4));
    put(&object, "data", base64(bytes, rows * row_bytes));
    free(bytes);
    return object;
}

/* Names may hold any bytes; jansson takes UTF-8 alone. */
static json_t *clean(const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL) {
        return NULL;
    }
    nca__clean_text(copy);
    json_t *string = json_string(copy);
    free(copy);
    return string;
}

json_t *nca__carried_model(const nca_page_model *carried)
{
    const nca_model *model = carried->model;
    const nca_automaton *automaton = &model->automaton;
    json_t *object = json_object();
    put(&object, "name", clean(carried->name));
    put(&object, "channels", json_integer(automaton->channels));
    put(&object, "hidden", json_integer(automaton->hidden));
    put(&object, "filter", json_string(nca_filter_name(automaton->filter)));
    put(&object, "boundary", json_string(nca_boundary_name(automaton->boundary)));
    put(&object, "angle", json_real((double)automaton->angle));
    put(&object, "fireRate", json_real((double)automaton->fire_rate));
    put(&object, "stepSize", json_real((double)automaton->step_size));
    put(&object, "aliveChannel", json_integer(automaton->alive_channel));
    put(&object, "aliveThreshold", json_real((double)automaton->alive_threshold));
    put(&object, "outputBias", json_boolean(automaton->output_bias));
    put(&object, "height", json_integer(model->info.height));
    put(&object, "width", json_integer(model->info.width));
    put(&object, "iterations", json_integer((json_int_t)model->info.iterations));
    put(&object, "int8", json_boolean(carried->int8));
    put(&object, "tensors", tensors(carried));
    put(&object, "target", model->target != NULL ? target_of(model) : json_null());
    return object;
}
