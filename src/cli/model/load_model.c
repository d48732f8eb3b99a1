/* Selects the reader or the writer of a model file, and reports what PyTorch's files do not
 * contain. */
#include "cli/model/load_model.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/data_root.h"

bool is_torch_file(const char *path)
{
    return nca_torch_is(path) || nca_torch_has_ending(path);
}

/* ---- Options ---------------------------------------------------------------------------------*/

enum {
    LAST_TIME = SIZE_MAX /* instead of the index of a model: use the last value given */
};

static const char fire_rate_name[] = "fire-rate";
static const char *const torch_names[] = {"filter", "column-order", "filter-scale", "boundary"};

enum {
    TORCH_NAMES = sizeof torch_names / sizeof *torch_names
};

/* The value of an option for the model with index `turn`; NULL if it was not given. */
static const char *value_in_turn(const option_values *given, const char *name, size_t turn)
{
    const size_t times = given != NULL ? options_times(given, name) : 0;
    if (times == 0) {
        return NULL;
    }
    return options_value_at(given, name, times == 1 ? 0 : turn < times ? turn : times - 1);
}

/* `rest` ends the message. */
static int complain_not_torch(size_t name, const char *rest)
{
    return complain_usage("--%s: for PyTorch models (.pt) only; %s", torch_names[name], rest);
}

/* "0.125" or "1/8". */
static bool read_scale(double *out, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end != text && *end == '/') {
        const char *below = end + 1;
        double divisor = strtod(below, &end);
        value = end != below ? value / divisor : 0;
    }
    if (end == text || *end != 0 || !(value > 0 && value <= 1e6)) {
        complain_usage(
            "--filter-scale: expected a number greater than 0, such as 1 or 1/8, found \"%s\"",
            text);
        return false;
    }
    *out = value;
    return true;
}

static bool read_order(nca_torch_order *out, const char *text)
{
    for (int i = 0; i < NCA_TORCH_ORDER_COUNT; i++) {
        if (strcasecmp(nca_torch_order_name((nca_torch_order)i), text) == 0) {
            *out = (nca_torch_order)i;
            return true;
        }
    }
    complain_usage("--column-order: expected channel, filter or identity-first, found \"%s\"",
                   text);
    return false;
}

/* Reads a value that the setting of the same name accepts. */
static int read_setting(nca_settings *settings, const char *name, const char *value)
{
    nca_error error;
    return nca_settings_set(settings, name, value, &error) == NCA_OK ? EXIT_OK : complain(&error);
}

static int read_fire_rate(float *out, const char *value)
{
    nca_settings settings;
    nca_settings_default(&settings);
    const int code = read_setting(&settings, "fire_rate", value);
    if (code == EXIT_OK) {
        *out = nca_settings_automaton(&settings).fire_rate;
    }
    return code;
}

/* `filter` is used if the option is not given. */
static int read_torch_options(nca_torch_options *out, const option_values *given, size_t turn,
                              const char *filter)
{
    const char *value[TORCH_NAMES];
    nca_settings settings;
    nca_settings_default(&settings);
    nca_torch_options_default(out);
    for (size_t i = 0; i < TORCH_NAMES; i++) {
        value[i] = value_in_turn(given, torch_names[i], turn);
    }
    const char *rate = value_in_turn(given, fire_rate_name, LAST_TIME);
    filter = value[0] != NULL ? value[0] : filter;
    int code = EXIT_OK;
    if (filter != NULL && (code = read_setting(&settings, "filter", filter)) == EXIT_OK) {
        out->filter = settings.filter;
    }
    if (code == EXIT_OK && value[1] != NULL && !read_order(&out->order, value[1])) {
        return EXIT_USAGE;
    }
    if (code == EXIT_OK && value[2] != NULL && !read_scale(&out->filter_scale, value[2])) {
        return EXIT_USAGE;
    }
    if (code == EXIT_OK && value[3] != NULL &&
        (code = read_setting(&settings, "boundary", value[3])) == EXIT_OK) {
        out->boundary = nca_settings_automaton(&settings).boundary;
    }
    return code == EXIT_OK && rate != NULL ? read_fire_rate(&out->fire_rate, rate) : code;
}

int check_turns(const option_values *given, size_t torch_count)
{
    for (size_t i = 0; i < TORCH_NAMES; i++) {
        const size_t times = options_times(given, torch_names[i]);
        if (times > 0 && torch_count == 0) {
            return complain_not_torch(i, "there is none among the given models; remove the option");
        }
        if (times > 1 && times != torch_count) {
            return complain_usage("--%s: given %zu times for %zu PyTorch model%s; give it once for "
                                  "all models, or once for each",
                                  torch_names[i], times, torch_count, torch_count == 1 ? "" : "s");
        }
    }
    int code = EXIT_OK;
    nca_torch_options ignored;
    for (size_t turn = 0; turn < torch_count && code == EXIT_OK; turn++) {
        code = read_torch_options(&ignored, given, turn, NULL);
    }
    return code;
}

/* ---- Messages about a PyTorch file ----------------------------------------------------------- */

/* "1/8", or a number. */
static void scale_text(char *out, size_t size, double scale, nca_filter filter)
{
    const double product = scale * nca_filter_divisor(filter);
    if (product >= 1 && product <= 1) {
        snprintf(out, size, "1/%g", nca_filter_divisor(filter));
    } else {
        snprintf(out, size, "%.6g", scale);
    }
}

/* One line: the assumed properties, as the options that set them. */
static void note_assumed(const nca_torch_report *r, const char *path)
{
    char scale[32], text[256] = "";
    scale_text(scale, sizeof scale, r->used.filter_scale, r->used.filter);
    char rate[32];
    snprintf(rate, sizeof rate, "%g", (double)r->used.fire_rate);
    const struct {
        bool assumed;
        const char *name, *value;
    } items[] = {
        {r->assumed_filter, torch_names[0], nca_filter_name(r->used.filter)},
        {r->assumed_order, torch_names[1], nca_torch_order_name(r->used.order)},
        {r->assumed_scale, torch_names[2], scale},
        {r->assumed_boundary, torch_names[3], nca_boundary_name(r->used.boundary)},
        {r->assumed_fire_rate, fire_rate_name, rate},
    };
    size_t length = 0;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        if (items[i].assumed) {
            length += (size_t)snprintf(text + length, sizeof text - length, " --%s %s",
                                       items[i].name, items[i].value);
        }
    }
    if (length > 0) {
        note("%s: assumed, because the file does not contain it:%s", path, text);
    }
}

static void note_report(const nca_torch_report *r, const char *path)
{
    if (r->path[0] != 0) {
        note("%s: using the weights under \"%s\"%s%s", path, r->path,
             r->elsewhere[0] != 0 ? "; not used: " : "", r->elsewhere);
    } else if (r->elsewhere[0] != 0) {
        note("%s: not used: %s", path, r->elsewhere);
    }
    if (r->unused[0] != 0) {
        note("%s: not used, because it is not part of the update network: %s", path, r->unused);
    }
    if (r->unread[0] != 0) {
        note("%s: not read, and no code of them was run: objects of %s", path, r->unread);
    }
    if (r->used.filter == NCA_FILTER_LEARNED && r->perception[0] != 0) {
        note("%s: learned filters found in the file: %s%s", path, r->perception,
             r->added_identity ? "; the identity, which is not among them, was added with zero "
                                 "weights"
                               : "");
    } else if (r->perception[0] != 0) {
        char scale[32];
        scale_text(scale, sizeof scale, r->used.filter_scale, r->used.filter);
        note("%s: perception filter found in the file: %s is %s, scale %s", path, r->perception,
             nca_filter_name(r->used.filter), scale);
    }
    note_assumed(r, path);
}

/* ---- Loading for a command -------------------------------------------------------------------*/

static int load_torch(nca_model **out_model, const char *path, const option_values *given,
                      size_t turn, const char *filter)
{
    nca_error error;
    nca_torch_options options;
    nca_torch_report report;
    int code = read_torch_options(&options, given, turn, filter);
    if (code != EXIT_OK) {
        return code;
    }
    nca_torch *file = NULL;
    nca_status status = nca_torch_open(&file, path, &error);
    if (status == NCA_OK) {
        status = nca_model_from_torch(out_model, file, &options, &report, &error);
    }
    nca_torch_close(file);
    if (status != NCA_OK) {
        code = complain(&error);
        return status == NCA_INVALID_ARGUMENT ? code : EXIT_FAILED;
    }
    if (filter != NULL) { /* a file of the reimplementation, whose rules are known */
        report.assumed_order = report.assumed_boundary = false;
        report.assumed_scale = report.assumed_fire_rate = false;
    }
    note_report(&report, path);
    return EXIT_OK;
}

static int load_own(nca_model **out_model, const char *path, const option_values *given)
{
    nca_error error;
    const char *rate = given != NULL ? options_value(given, fire_rate_name) : NULL;
    if (nca_model_load(out_model, path, &error) != NCA_OK) {
        complain(&error);
        return EXIT_FAILED;
    }
    const int code =
        rate != NULL ? read_fire_rate(&(*out_model)->automaton.fire_rate, rate) : EXIT_OK;
    if (code != EXIT_OK) {
        nca_model_destroy(*out_model);
        *out_model = NULL;
    }
    return code;
}

int load_model_with(nca_model **out_model, nca_run_path *out_path, const char *argument,
                    const option_values *given, const char *filter)
{
    nca_run_path path;
    nca_run_model_path(&path, argument);
    if (out_path != NULL) {
        *out_path = path;
    }
    if (is_torch_file(path.text)) {
        return load_torch(out_model, path.text, given, LAST_TIME, filter);
    }
    for (size_t i = 0; i < TORCH_NAMES && given != NULL; i++) {
        if (options_has(given, torch_names[i])) {
            char rest[NCA_RUN_PATH_SIZE + 32];
            snprintf(rest, sizeof rest, "%s contains this value", path.text);
            return complain_not_torch(i, rest);
        }
    }
    return load_own(out_model, path.text, given);
}

int load_model(nca_model **out_model, nca_run_path *out_path, const char *argument,
               const option_values *given)
{
    return load_model_with(out_model, out_path, argument, given, NULL);
}

int load_model_in_turn(nca_model **out_model, const char *argument, const option_values *given,
                       size_t *torch_count)
{
    nca_run_path path;
    nca_run_model_path(&path, argument);
    if (is_torch_file(path.text)) {
        return load_torch(out_model, path.text, given, (*torch_count)++, NULL);
    }
    return load_own(out_model, path.text, given);
}

nca_status set_model_target(nca_model *model, const nca_settings *settings, nca_error *error)
{
    nca_target *target = NULL;
    nca_status status = nca_run_target(&target, settings, data_root(NULL).text, error);
    if (status == NCA_OK) {
        if (target->notice != NULL) {
            note("%s: %s", target->source, target->notice);
        }
        status = nca_model_set_target(model, target->rgba, (uint32_t)target->height,
                                      (uint32_t)target->width, error);
    }
    if (status == NCA_OK) {
        model->info.padding = (uint32_t)target->padding;
        snprintf(model->info.target, sizeof model->info.target, "%s", target->source);
    }
    nca_target_destroy(target);
    return status;
}

/* ---- Lost properties ------------------------------------------------------------------------- */

/* "filter scharr", "angle 30" ...: properties for which the reference would use other values. */
static void list_lost(char *out, size_t size, const nca_model *model)
{
    const nca_automaton *a = &model->automaton;
    nca_automaton usual;
    nca_automaton_default(&usual);
    char item[6][64] = {"", "", "", "", "", ""};
    if (a->filter != usual.filter && a->filter != NCA_FILTER_LEARNED) { /* its taps are written */
        snprintf(item[0], sizeof item[0], "filter %s", nca_filter_name(a->filter));
    }
    if (a->angle_radians < 0 || a->angle_radians > 0) {
        snprintf(item[1], sizeof item[1], "angle %g",
                 (double)a->angle_radians * (180.0 / acos(-1.0)));
    }
    if (a->boundary != usual.boundary) {
        snprintf(item[2], sizeof item[2], "boundary %s", nca_boundary_name(a->boundary));
    }
    if (a->fire_rate < usual.fire_rate || a->fire_rate > usual.fire_rate) {
        snprintf(item[3], sizeof item[3], "fire rate %g", (double)a->fire_rate);
    }
    if (a->step_size < usual.step_size || a->step_size > usual.step_size) {
        snprintf(item[4], sizeof item[4], "step size %g", (double)a->step_size);
    }
    if (a->alive_channel != usual.alive_channel || a->alive_threshold < usual.alive_threshold ||
        a->alive_threshold > usual.alive_threshold) {
        snprintf(item[5], sizeof item[5], "alive channel %d above %g", (int)a->alive_channel,
                 (double)a->alive_threshold);
    }
    size_t length = 0;
    *out = 0;
    for (size_t i = 0; i < sizeof item / sizeof *item; i++) {
        if (item[i][0] != 0 && length < size) {
            length += (size_t)snprintf(out + length, size - length, "%s%s", length > 0 ? ", " : "",
                                       item[i]);
        }
    }
}

void note_lost(const nca_model *model, const char *path)
{
    char list[512];
    if (model->classifier != NULL) { /* its file describes it */
        return;
    }
    list_lost(list, sizeof list, model);
    if (list[0] != 0) {
        note("%s: a PyTorch file holds only tensors; set these in your PyTorch code: %s", path,
             list);
    }
    if (model->automaton.filter == NCA_FILTER_LEARNED) {
        note("%s: the taps of the learned filters are perception.weight: a convolution grouped by "
             "channel with %zu kernels for each, the first of them identity",
             path, nca_perception_maps(&model->automaton));
    }
    if (model->automaton.output_bias) {
        note("%s: the network has an output bias, update_module.2.bias; the last layer of the "
             "PyTorch module needs bias=True",
             path);
    }
}
