/* Reading a run's files while another program may be writing them. */
#include "nca/run_watch.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/error.h"
#include "nca/run.h"
#include "runs/metrics.h"
#include "runs/row_file.h"
#include "runs/run_initial.h"
#include "runs/run_resume.h"

struct nca_run_watch {
    nca_run_watch_options options;
    char name[128];
    nca_run_path folder;
    nca_settings settings; /* from its config.yaml */
    nca__row_file rows; /* metrics.csv; not open: does not exist yet. A resumed run replaces it */
    size_t norms;       /* number of norms in a row */
    nca__norm_names names;
    bool headed;          /* whether its first line is a valid header */
    time_t written;       /* time of the last write; 0: it does not exist yet */
    nca_metrics_row last; /* iteration 0: none yet */
    double recent[NCA_RUN_WATCH_RECENT], recent_seconds[NCA_RUN_WATCH_RECENT];
    size_t count;    /* number of rows so far */
    size_t bad_rows; /* number of lines that are not valid rows */
    bool given;      /* whether weights were ever returned */
    /* Modification times of the files that were last read or returned. */
    struct timespec config_saved, model_saved, checkpoint_saved;
};

static const double silence = 15; /* seconds without a new row */

static bool is_later(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* The modification time of a file; long ago if it does not exist. */
static struct timespec saved_at(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_mtim : (struct timespec){0};
}

/* Whether the file was saved after `last`, and when. */
static bool is_newer(struct timespec *out_saved, struct timespec last, const char *path)
{
    *out_saved = saved_at(path);
    return is_later(*out_saved, last);
}

void nca_run_watch_options_default(nca_run_watch_options *out)
{
    *out = (nca_run_watch_options){.data_root = NULL};
}

nca_status nca_run_watch_open(nca_run_watch **out_watch, const char *folder,
                              const nca_run_watch_options *options, nca_error *error)
{
    nca_status room = options == NULL ? NCA_OK
                                      : nca__check_reserved(options->reserved, NCA_RESERVED,
                                                            "nca_run_watch_options", error);
    if (room != NCA_OK) {
        return room;
    }
    nca_run_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        return nca__fail_memory(error, "a watch", sizeof *watch);
    }
    if (options != NULL) {
        watch->options = *options;
    }
    snprintf(watch->folder.text, sizeof watch->folder.text, "%s", folder);
    nca_run_name(watch->name, sizeof watch->name, folder);
    nca_settings_default(&watch->settings);
    *out_watch = watch;
    return NCA_OK;
}

nca_status nca_run_watch_settings_read(nca_run_watch *watch, nca_error *error)
{
    nca_run_path config;
    nca_run_file(&config, watch->folder.text, NCA_RUN_CONFIG);
    nca_settings settings;
    nca_settings_default(&settings);
    watch->config_saved = saved_at(config.text);
    const nca_status status = nca_settings_load(&settings, config.text, error);
    if (status == NCA_OK) {
        watch->settings = settings;
    }
    return status;
}

bool nca_run_watch_settings_changed(nca_run_watch *watch)
{
    nca_run_path config;
    nca_run_file(&config, watch->folder.text, NCA_RUN_CONFIG);
    struct timespec saved;
    nca_settings settings;
    nca_settings_default(&settings);
    if (!is_newer(&saved, watch->config_saved, config.text) ||
        nca_settings_load(&settings, config.text, NULL) != NCA_OK) {
        return false;
    }
    watch->config_saved = saved;
    watch->settings = settings;
    return true;
}

void nca_run_watch_close(nca_run_watch *watch)
{
    if (watch != NULL) {
        nca__row_file_close(&watch->rows);
        free(watch);
    }
}

/* Opens metrics.csv, or the file that has replaced it. */
static nca_status open_rows(nca_run_watch *watch, const char *path, nca_error *error)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return nca__row_file_fail(error, path);
    }
    watch->written = status.st_mtime;
    if (watch->rows.stream != NULL && status.st_ino == watch->rows.inode) {
        return NCA_OK;
    }
    nca__row_file_close(&watch->rows);
    const nca_status opened = nca__row_file_open(&watch->rows, path, error);
    watch->rows.keep_going = watch->options.keep_going;
    watch->rows.user = watch->options.user;
    return opened;
}

static bool keeps_going(const nca_run_watch *watch)
{
    return watch->options.keep_going == NULL || watch->options.keep_going(watch->options.user);
}

static void keep_row(nca_run_watch *watch, const nca_metrics_row *row)
{
    const size_t place = watch->count++ % NCA_RUN_WATCH_RECENT;
    watch->last = *row;
    watch->recent[place] = row->loss;
    watch->recent_seconds[place] = row->seconds;
}

nca_status nca_run_watch_rows(nca_run_watch *watch,
                              void (*tell)(const nca_metrics_row *row, void *user), void *user,
                              nca_error *error)
{
    nca_run_path path;
    nca_run_file(&path, watch->folder.text, NCA_RUN_METRICS);
    nca_status status = open_rows(watch, path.text, error);
    FILE *stream = watch->rows.stream;
    while (stream != NULL && keeps_going(watch)) {
        const off_t begin = ftello(stream);
        const nca__row_kind kind = nca__row_file_next(&watch->rows);
        nca_metrics_row row;
        if (kind == NCA__ROW_CUT) {
            fseeko(stream, begin, SEEK_SET); /* the rest of the row has not been written yet */
        }
        if (kind == NCA__ROW_END || kind == NCA__ROW_ERROR || kind == NCA__ROW_CUT) {
            status = kind == NCA__ROW_ERROR ? nca__row_file_fail(error, path.text) : status;
            clearerr(stream); /* the file may still grow */
            break;
        }
        if (begin == 0) {
            watch->headed =
                kind == NCA__ROW_WHOLE && nca__metrics_read_header(&watch->norms, watch->rows.text);
            if (watch->headed) {
                nca__metrics_norm_names(watch->names, watch->rows.text);
            }
        } else if (watch->headed && kind == NCA__ROW_WHOLE &&
                   nca__metrics_read_row(&row, watch->rows.text, watch->norms)) {
            if (row.iteration > watch->last.iteration) {
                keep_row(watch, &row);
                tell(&row, user);
            }
        } else {
            watch->bad_rows++;
        }
    }
    return status;
}

const char *nca_run_watch_norm_name(const nca_run_watch *watch, size_t index)
{
    return watch->headed && index < watch->norms ? watch->names[index] : NULL;
}

static size_t known(const nca_run_watch *watch)
{
    return watch->count < NCA_RUN_WATCH_RECENT ? watch->count : NCA_RUN_WATCH_RECENT;
}

double nca_run_watch_loss(const nca_run_watch *watch)
{
    double sum = 0;
    size_t finite = 0;
    for (size_t i = 0; i < known(watch); i++) {
        if (isfinite(watch->recent[i])) {
            sum += watch->recent[i];
            finite++;
        }
    }
    return finite > 0 ? sum / (double)finite : NAN;
}

double nca_run_watch_rate(const nca_run_watch *watch)
{
    if (watch->count < 2) {
        return 0;
    }
    const size_t rows = known(watch);
    const double first = watch->recent_seconds[watch->count < NCA_RUN_WATCH_RECENT
                                                   ? 0
                                                   : watch->count % NCA_RUN_WATCH_RECENT];
    const double took = watch->last.seconds - first;
    return took > 0 ? (double)(rows - 1) / took : 0;
}

/* A run that has done more than its iterations was extended, by as many steps as needed for
 * that. */
uint64_t nca_run_watch_total(const nca_run_watch *watch)
{
    const nca_settings *settings = &watch->settings;
    const uint64_t done = watch->last.iteration;
    if (done <= settings->iterations) {
        return settings->iterations;
    }
    const uint64_t added = done - settings->iterations + NCA_EXTENSION_STEP - 1;
    const uint64_t total = settings->iterations + added - added % NCA_EXTENSION_STEP;
    const uint64_t most = settings->iterations + settings->extension;
    return total > most && most >= done ? most : total;
}

/* Whether a classification has ended by its setting patience: its model is that of the best
 * validation. */
static bool is_exhausted(const nca_run_watch *watch)
{
    const nca_settings *settings = &watch->settings;
    nca_run_path path;
    nca_model *model = NULL;
    nca_validation_row *rows = NULL;
    size_t count = 0, later = 0;
    if (settings->task != NCA_TASK_CLASSIFY || settings->patience == 0 ||
        nca_validations_read(&rows, &count, watch->folder.text, NULL) != NCA_OK) {
        return false;
    }
    if (count > settings->patience &&
        nca_model_load(&model, nca_run_file(&path, watch->folder.text, NCA_RUN_MODEL), NULL) ==
            NCA_OK) {
        while (later < count && rows[count - 1 - later].iteration > model->info.iterations) {
            later++;
        }
    }
    nca_model_destroy(model);
    free(rows);
    return later >= settings->patience;
}

/* At the last iteration it may still be tested and extended; it is finished when its model is
 * saved. In a copied run the files may have another order, but nothing writes to it either. */
const char *nca_run_watch_state(const nca_run_watch *watch)
{
    const bool quiet = difftime(time(NULL), watch->written) > silence;
    if (is_exhausted(watch)) {
        nca_run_path checkpoint;
        nca_run_file(&checkpoint, watch->folder.text, NCA_RUN_CHECKPOINT);
        return quiet || saved_at(checkpoint.text).tv_sec >= watch->written ? "finished" : "running";
    }
    if (watch->last.iteration >= nca_run_watch_total(watch)) {
        const char *model = nca_run_file(&(nca_run_path){0}, watch->folder.text, NCA_RUN_MODEL);
        return quiet || saved_at(model).tv_sec >= watch->written ? "finished" : "running";
    }
    return quiet ? "silent" : "running";
}

/* ---- Saved weights --------------------------------------------------------------------------- */

/* With later changes, because a setting may have been changed since. */
static bool open_checkpoint(nca_session **out_session, const nca_run_watch *watch, const char *path,
                            nca_error *error)
{
    nca_settings settings;
    uint64_t iteration;
    if (nca__run_checkpoint_settings(&settings, &iteration, NULL, watch->folder.text, error) !=
        NCA_OK) {
        return false;
    }
    settings.threads = 1;
    return nca_session_resume(out_session, path, &settings, error) == NCA_OK;
}

/* The state before the first iteration. */
static bool begin_again(nca_session **out_session, const nca_run_watch *watch, nca_error *error)
{
    nca_settings settings = watch->settings;
    settings.threads = 1;
    nca_target *target = NULL;
    nca_model *initial = NULL;
    const bool begun =
        nca__run_initial_copy(&initial, &settings, watch->folder.text, error) == NCA_OK &&
        nca_run_target(&target, &settings, watch->options.data_root, error) == NCA_OK &&
        nca__run_new_session(out_session, &settings, target, initial, error) == NCA_OK;
    nca_target_destroy(target);
    nca_model_destroy(initial);
    return begun;
}

/* Takes the model of the session and, if `wanted`, the session itself. */
static void take_session(nca_run_news *out, nca_session *session, bool wanted, nca_error *error)
{
    if (nca_model_copy(&out->model, nca_session_result(session), error) == NCA_OK && wanted) {
        out->session = session;
    } else {
        nca_session_destroy(session);
    }
}

void nca_run_watch_forget(nca_run_watch *watch)
{
    watch->checkpoint_saved = watch->model_saved = (struct timespec){0};
}

/* The final model can be read many times faster than the checkpoint that was saved just before
 * it. */
static bool take_final_model(nca_run_news *out, nca_run_watch *watch, nca_error *error)
{
    nca_run_path model;
    nca_run_file(&model, watch->folder.text, NCA_RUN_MODEL);
    const struct timespec checkpoint =
        saved_at(nca_run_file(&(nca_run_path){0}, watch->folder.text, NCA_RUN_CHECKPOINT));
    const struct timespec saved = saved_at(model.text);
    if (!is_later(saved, watch->model_saved) || is_later(checkpoint, saved) ||
        nca_model_load(&out->model, model.text, error) != NCA_OK) {
        return false;
    }
    watch->model_saved = saved;
    watch->checkpoint_saved = checkpoint;
    watch->given = true;
    return true;
}

/* The best model of a classification is usually older than the checkpoint; its sessions need the
 * images and are not resumed here. */
static void take_best_model(nca_run_news *out, nca_run_watch *watch, nca_error *error)
{
    nca_run_path model;
    struct timespec saved;
    nca_run_file(&model, watch->folder.text, NCA_RUN_MODEL);
    const bool newer = is_newer(&saved, watch->model_saved, model.text);
    if ((newer || !watch->given) && nca_model_load(&out->model, model.text, error) == NCA_OK) {
        watch->model_saved = saved;
        watch->given = true;
    }
}

void nca_run_watch_news(nca_run_news *out, nca_run_watch *watch, bool with_session,
                        nca_error *error)
{
    nca_run_path model;
    nca_run_file(&model, watch->folder.text, NCA_RUN_MODEL);
    nca_run_path checkpoint;
    nca_run_file(&checkpoint, watch->folder.text, NCA_RUN_CHECKPOINT);
    struct timespec saved;
    nca_session *session;
    nca_model *final;
    *out = (nca_run_news){0};
    if (watch->settings.task == NCA_TASK_CLASSIFY) {
        take_best_model(out, watch, error);
        return;
    }
    if (!with_session && take_final_model(out, watch, error)) {
        return;
    }
    if (is_newer(&saved, watch->checkpoint_saved, checkpoint.text) &&
        open_checkpoint(&session, watch, checkpoint.text, error)) {
        watch->checkpoint_saved = saved;
        take_session(out, session, with_session, error);
    }
    if (is_newer(&saved, watch->model_saved, model.text) &&
        nca_model_load(&final, model.text, error) == NCA_OK) {
        watch->model_saved = saved;
        /* A model older than the checkpoint belongs to a run that had finished and was resumed. */
        if (is_later(watch->checkpoint_saved, saved)) {
            nca_model_destroy(final);
        } else {
            nca_model_destroy(out->model);
            out->model = final;
        }
    }
    if (!watch->given && out->model == NULL && begin_again(&session, watch, error)) {
        take_session(out, session, with_session, error);
    }
    watch->given = watch->given || out->model != NULL;
}

void nca_run_news_free(nca_run_news *news)
{
    nca_session_destroy(news->session);
    nca_model_destroy(news->model);
    *news = (nca_run_news){0};
}

/* ---- Inspecting a watch ---------------------------------------------------------------------- */

const char *nca_run_watch_name(const nca_run_watch *watch)
{
    return watch->name;
}

const char *nca_run_watch_folder(const nca_run_watch *watch)
{
    return watch->folder.text;
}

const nca_settings *nca_run_watch_settings(const nca_run_watch *watch)
{
    return &watch->settings;
}

const nca_metrics_row *nca_run_watch_last(const nca_run_watch *watch)
{
    return &watch->last;
}

size_t nca_run_watch_bad_rows(const nca_run_watch *watch)
{
    return watch->bad_rows;
}
