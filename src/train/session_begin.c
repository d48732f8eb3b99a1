/* The initial parameters of a new session: random, or those of a model. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/finite.h"
#include "train/initial.h"
#include "train/session.h"

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
    nca__session_refresh(session);
    *out_session = session;
    return NCA_OK;
}

/* ---- From a model ----------------------------------------------------------------------------*/

typedef struct difference {
    const char *key;
    bool differs;
    char model[32], settings[32];
} difference;

static difference compare_numbers(const char *key, uint32_t model, uint32_t settings)
{
    difference d = {.key = key, .differs = model != settings};
    snprintf(d.model, sizeof d.model, "%lu", (unsigned long)model);
    snprintf(d.settings, sizeof d.settings, "%lu", (unsigned long)settings);
    return d;
}

static difference compare_names(const char *key, const char *model, const char *settings)
{
    difference d = {.key = key, .differs = strcmp(model, settings) != 0};
    snprintf(d.model, sizeof d.model, "%s", model);
    snprintf(d.settings, sizeof d.settings, "%s", settings);
    return d;
}

/* Compares the settings that determine the parameters; fire rate and boundary may differ from those
 * of the model. */
static nca_status check_shape(const nca_automaton *model, const nca_automaton *settings,
                              nca_error *error)
{
    const bool learned = model->filter == NCA_FILTER_LEARNED && settings->filter == model->filter;
    const difference all[] = {
        compare_numbers("n_channels", model->channels, settings->channels),
        compare_numbers("hidden", model->hidden, settings->hidden),
        compare_names("filter", nca_filter_name(model->filter), nca_filter_name(settings->filter)),
        compare_numbers("filter_count", learned ? model->filter_count : 0,
                        learned ? settings->filter_count : 0),
        compare_names("output_bias", model->output_bias ? "true" : "false",
                      settings->output_bias ? "true" : "false"),
        compare_numbers("input_channels", model->input_channels, settings->input_channels),
    };
    char text[512];
    size_t length = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].differs) {
            length +=
                (size_t)snprintf(text + length, sizeof text - length, "%s%s %s (settings: %s)",
                                 length > 0 ? ", " : "", all[i].key, all[i].model, all[i].settings);
        }
    }
    return length == 0
               ? NCA_OK
               : nca__fail(error, NCA_MISMATCH,
                           "init: the model does not fit the settings; it has %s; give the "
                           "settings these values or leave them out, or choose another model",
                           text);
}

nca_status nca__session_check_initial(const nca_settings *settings, uint32_t input_channels,
                                      const nca_model *initial, nca_error *error)
{
    nca_automaton automaton = nca_settings_automaton(settings);
    automaton.input_channels = input_channels;
    nca_status status = check_shape(&initial->automaton, &automaton, error);
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
        status = nca__session_check_initial(settings, problem->input_channels, initial, error);
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
    nca__session_refresh(session);
    *out_session = session;
    return NCA_OK;
}
