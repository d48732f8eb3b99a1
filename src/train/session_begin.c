/* The initial parameters of a new session: random, or those of a model. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/finite.h"
#include "train/initial.h"
#include "train/session.h"

nca_status nca__session_check_task(const nca_settings *settings, const nca__task *task,
                                   nca_error *error)
{
    const nca__task *found = nca__task_at(settings->task);
    return found == task ? NCA_OK
                         : nca__fail(error, NCA_INVALID_ARGUMENT, "task: expected %s, found %s",
                                     task->name, found != NULL ? found->name : "another");
}

nca_status nca__session_create(nca_session **out_session, const nca_settings *settings,
                               nca__problem *problem, nca_error *error)
{
    if (settings->init[0] != 0 || settings->init_digest[0] != 0) {
        nca__problem_free(problem);
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "%s: a session that starts from a model is created by "
                         "nca_session_create_from; remove the setting to draw the weights",
                         settings->init[0] != 0 ? "init" : "init_digest");
    }
    nca_session *session;
    nca_status status = nca__session_new(&session, settings, problem, error);
    if (status != NCA_OK) {
        return status;
    }
    nca_parameters_init(session->model->parameters, &session->model->automaton,
                        settings->initialisation, settings->seed);
    nca_taps_init(session->model->parameters, &session->model->automaton,
                  settings->filter_initialisation, settings->seed);
    nca__session_begin(session);
    *out_session = session;
    return NCA_OK;
}

/* ---- From a model ----------------------------------------------------------------------------*/

/* A value of the model and that of the settings; `text` is NULL for numbers. */
typedef struct trait {
    const char *key;
    uint32_t model, settings;
    const char *(*text)(uint32_t value);
} trait;

static const char *filter_text(uint32_t value)
{
    return nca_filter_name((nca_filter)value);
}

static const char *truth_text(uint32_t value)
{
    return value != 0 ? "true" : "false";
}

static const char *trait_text(char number[16], const trait *t, uint32_t value)
{
    snprintf(number, 16, "%lu", (unsigned long)value);
    return t->text != NULL ? t->text(value) : number;
}

/* Compares the settings that determine the parameters; fire rate and boundary may differ from those
 * of the model. */
static nca_status check_shape(const nca_automaton *model, const nca_automaton *settings,
                              nca_error *error)
{
    const bool learned = model->filter == NCA_FILTER_LEARNED && settings->filter == model->filter;
    const trait all[] = {
        {"n_channels", model->channels, settings->channels, NULL},
        {"hidden", model->hidden, settings->hidden, NULL},
        {"filter", model->filter, settings->filter, filter_text},
        {"filter_count", learned ? model->filter_count : 0, learned ? settings->filter_count : 0,
         NULL},
        {"output_bias", model->output_bias, settings->output_bias, truth_text},
        {"input_channels", model->input_channels, settings->input_channels, NULL},
        {"head_inputs", model->head_inputs, settings->head_inputs, NULL},
        {"head_outputs", model->head_outputs, settings->head_outputs, NULL},
    };
    char text[512];
    size_t length = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].model != all[i].settings) {
            char first[16], second[16];
            length += (size_t)snprintf(text + length, sizeof text - length,
                                       "%s%s %s (settings: %s)", length > 0 ? ", " : "", all[i].key,
                                       trait_text(first, &all[i], all[i].model),
                                       trait_text(second, &all[i], all[i].settings));
        }
    }
    return length == 0
               ? NCA_OK
               : nca__fail(error, NCA_MISMATCH,
                           "init: the model does not fit the settings; it has %s; give the "
                           "settings these values or leave them out, or choose another model",
                           text);
}

static nca_status check_model_task(const nca_settings *settings, const nca_model *initial,
                                   nca_error *error)
{
    const nca__task *task = nca__task_at(settings->task);
    if (task->made(initial)) {
        return NCA_OK;
    }
    size_t other = 0;
    while (nca__task_at(other + 1) != NULL && !nca__task_at(other)->made(initial)) {
        other++;
    }
    return nca__fail(error, NCA_MISMATCH,
                     "init: expected a model that %s, found one that %s; choose another model, "
                     "or set task to %s",
                     task->does, nca__task_at(other)->does, nca__task_at(other)->name);
}

nca_status nca__session_check_initial(const nca_settings *settings, const nca_automaton *automaton,
                                      const nca_model *initial, nca_error *error)
{
    nca_status status = check_model_task(settings, initial, error);
    status = status == NCA_OK ? check_shape(&initial->automaton, automaton, error) : status;
    if (status != NCA_OK) {
        return status;
    }
    char digest[NCA_MODEL_DIGEST_SIZE];
    nca_model_digest(digest, initial);
    if (settings->init_digest[0] != 0 && strcmp(settings->init_digest, digest) != 0) {
        return nca__fail(error, NCA_MISMATCH,
                         "init: expected a model whose weights have the digest %s (init_digest), "
                         "found %s; the model has changed since: give the one that the run started "
                         "from (init.safetensors in its folder), or remove init_digest",
                         settings->init_digest, digest);
    }
    if (!nca__all_finite(initial->parameters, nca_parameter_count(&initial->automaton))) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "init: expected finite weights, found a NaN or an infinity; choose "
                         "another model");
    }
    return NCA_OK;
}

nca_status nca__session_create_from(nca_session **out_session, const nca_settings *settings,
                                    nca__problem *problem, const nca_model *initial,
                                    nca_error *error)
{
    nca_session *session = NULL;
    nca_status status = nca_settings_check(settings, error);
    if (status == NCA_OK) {
        const nca_automaton automaton = nca__session_automaton(settings, problem);
        status = nca__session_check_initial(settings, &automaton, initial, error);
    }
    if (status != NCA_OK) {
        nca__problem_free(problem);
        return status;
    }
    status = nca__session_new(&session, settings, problem, error);
    if (status != NCA_OK) {
        return status;
    }
    memcpy(session->model->parameters, initial->parameters,
           session->parameter_count * sizeof *initial->parameters);
    nca_model_digest(session->settings.init_digest, initial);
    nca__session_begin(session);
    *out_session = session;
    return NCA_OK;
}
