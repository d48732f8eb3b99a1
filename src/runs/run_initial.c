/* The model that a run starts from: a model file, a run folder or a PyTorch file. */
#include "runs/run_initial.h"

#include <stdio.h>

#include "base/error.h"
#include "config/settings_table.h"
#include "nca/torch.h"
#include "train/initial.h"

static bool is_given(const bool *given, const char *key)
{
    return given == NULL || given[nca__setting_index(nca_setting_named(key))];
}

/* Learned filters cannot be assumed for a PyTorch file: it either contains them or not. */
static nca_status load_torch(nca_model **out_model, const char *path, const nca_settings *settings,
                             const bool *given, nca_error *error)
{
    nca_torch_options options;
    nca_torch_options_default(&options);
    if (is_given(given, "filter") && settings->filter != NCA_FILTER_LEARNED) {
        options.filter = settings->filter;
    }
    if (is_given(given, "boundary")) {
        options.boundary = settings->boundary;
    }
    if (is_given(given, "fire_rate")) {
        options.fire_rate = settings->fire_rate;
    }
    return nca_model_load_torch(out_model, path, &options, error);
}

static void notice_torch(const nca_run_options *options, const nca_settings *s)
{
    char text[NCA_ERROR_SIZE];
    if (options == NULL || options->notice == NULL) {
        return;
    }
    snprintf(
        text, sizeof text,
        "init: %.700s: taken as filter %s, boundary %s, fire rate %g, in column order channel; "
        "convert a model of another order first",
        s->init, nca_filter_name(s->filter), nca_boundary_name(s->boundary), (double)s->fire_rate);
    options->notice(text, options->user);
}

nca_status nca__run_initial(nca_model **out_model, const nca_settings *settings, const bool *given,
                            const nca_run_options *options, nca_error *error)
{
    nca_run_path path;
    *out_model = NULL;
    if (settings->init[0] == 0) {
        return NCA_OK;
    }
    nca_run_model_path(&path, settings->init);
    const bool torch = nca_torch_is(path.text) || nca_torch_has_ending(path.text);
    const nca_status status = torch ? load_torch(out_model, path.text, settings, given, error)
                                    : nca_model_load(out_model, path.text, error);
    if (status != NCA_OK) {
        return nca__fail_in(error, status, "init");
    }
    if (torch) {
        notice_torch(options, settings);
    }
    return NCA_OK;
}

nca_status nca__run_initial_copy(nca_model **out_model, const nca_settings *settings,
                                 const char *folder, nca_error *error)
{
    *out_model = NULL;
    return settings->init[0] == 0
               ? NCA_OK
               : nca_model_load(out_model, nca_run_file(&(nca_run_path){0}, folder, NCA_RUN_INIT),
                                error);
}

/* The data is not known yet: the session compares its channels and classes with the model's. */
static void follow_classifier(nca_settings *taken, const nca_model *initial, const bool *given)
{
    if (!is_given(given, "features")) {
        taken->features = initial->automaton.head_inputs;
    }
    if (!is_given(given, "readout")) {
        taken->readout = initial->classifier->readout;
    }
}

nca_status nca_run_take_initial(nca_settings *settings, const bool *given, nca_error *error)
{
    nca_model *initial;
    nca_status status = nca__run_initial(&initial, settings, given, NULL, error);
    if (status != NCA_OK || initial == NULL) {
        return status;
    }
    nca_settings taken = *settings;
    nca_settings_follow_automaton(&taken, &initial->automaton, given);
    nca_automaton automaton = nca_settings_automaton(&taken);
    if (initial->classifier != NULL && taken.task == NCA_TASK_CLASSIFY) {
        follow_classifier(&taken, initial, given);
        automaton.input_channels = initial->automaton.input_channels;
        automaton.head_inputs = taken.features;
        automaton.head_outputs = taken.features > 0 ? initial->classifier->classes : 0;
    }
    status = nca__session_check_initial(&taken, &automaton, initial, error);
    if (status == NCA_OK) {
        nca_model_digest(taken.init_digest, initial);
        *settings = taken;
    }
    nca_model_destroy(initial);
    return status;
}

nca_status nca__run_new_session(nca_session **out_session, const nca_settings *settings,
                                const nca_target *target, const nca_model *initial,
                                nca_error *error)
{
    return initial != NULL ? nca_session_create_from(out_session, settings, target, initial, error)
                           : nca_session_create(out_session, settings, target, error);
}
