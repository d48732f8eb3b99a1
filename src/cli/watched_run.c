/* Reading a run's files while another program may be writing them. */
#include "cli/watched_run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/metrics.h"
#include "cli/stop.h"
#include "cli/target_names.h"
#include "cli/training.h"

static const double silence = 15; /* seconds without a row */

static bool is_later(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* When a file was saved; long ago when it is not there. */
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

nca_status watched_run_read(watched_run *run, const char *folder, nca_error *error)
{
    memset(run, 0, sizeof *run);
    snprintf(run->folder.text, sizeof run->folder.text, "%s", folder);
    run_name(run->name, sizeof run->name, folder);
    nca_settings_default(&run->settings);
    const run_path config = run_file(run->folder.text, RUN_CONFIG);
    run->config_saved = saved_at(config.text);
    return nca_settings_load(&run->settings, config.text, error);
}

bool watched_run_changed(watched_run *run)
{
    const run_path config = run_file(run->folder.text, RUN_CONFIG);
    struct timespec saved;
    nca_settings settings;
    nca_settings_default(&settings);
    if (!is_newer(&saved, run->config_saved, config.text) ||
        nca_settings_load(&settings, config.text, NULL) != NCA_OK) {
        return false;
    }
    run->config_saved = saved;
    run->settings = settings;
    return true;
}

void watched_run_close(watched_run *run)
{
    row_file_close(&run->rows);
}

/* Opens metrics.csv, or the file that has taken its place. */
static void open_rows(watched_run *run)
{
    const run_path path = run_file(run->folder.text, RUN_METRICS);
    struct stat status;
    run->rows_error.status = NCA_OK;
    if (stat(path.text, &status) != 0) {
        row_file_fail(&run->rows_error, path.text);
        return;
    }
    run->written = status.st_mtime;
    if (run->rows.stream != NULL && status.st_ino == run->rows.inode) {
        return;
    }
    watched_run_close(run);
    row_file_open(&run->rows, path.text, &run->rows_error);
}

void watched_run_rows(watched_run *run, void (*tell)(void *user, const live_row *row), void *user)
{
    open_rows(run);
    FILE *stream = run->rows.stream;
    if (stream == NULL) {
        return;
    }
    while (stop_signal() == 0) {
        const off_t begin = ftello(stream);
        const row_kind kind = row_file_next(&run->rows);
        live_row row;
        if (kind == ROW_CUT) {
            fseeko(stream, begin, SEEK_SET); /* the rest of it is still to be written */
        }
        if (kind == ROW_END || kind == ROW_ERROR || kind == ROW_CUT) {
            if (kind == ROW_ERROR) {
                row_file_fail(&run->rows_error, run_file(run->folder.text, RUN_METRICS).text);
            }
            clearerr(stream); /* the end of the file moves on */
            return;
        }
        if (kind == ROW_WHOLE && metrics_read_row(&row, run->rows.text)) {
            if (row.iteration > run->last.iteration) {
                run->last = row;
                run->recent[run->count % WATCHED_RECENT] = row.loss;
                run->recent_seconds[run->count % WATCHED_RECENT] = row.seconds;
                run->count++;
                tell(user, &row);
            }
        } else {
            run->bad_rows += begin > 0; /* the first line is the header */
        }
    }
}

static size_t known(const watched_run *run)
{
    return run->count < WATCHED_RECENT ? run->count : WATCHED_RECENT;
}

double watched_run_loss(const watched_run *run)
{
    double sum = 0;
    size_t finite = 0;
    for (size_t i = 0; i < known(run); i++) {
        if (isfinite(run->recent[i])) {
            sum += run->recent[i];
            finite++;
        }
    }
    return finite > 0 ? sum / (double)finite : NAN;
}

double watched_run_rate(const watched_run *run)
{
    if (run->count < 2) {
        return 0;
    }
    const size_t rows = known(run);
    const double first =
        run->recent_seconds[run->count < WATCHED_RECENT ? 0 : run->count % WATCHED_RECENT];
    const double took = run->last.seconds - first;
    return took > 0 ? (double)(rows - 1) / took : 0;
}

const char *watched_run_state(const watched_run *run)
{
    if (run->last.iteration >= run->settings.iterations) {
        return "finished";
    }
    return difftime(time(NULL), run->written) > silence ? "silent" : "running";
}

void watched_run_told(live_run *out, const watched_run *run)
{
    const uint64_t done = run->last.iteration, total = run->settings.iterations;
    const double rate = watched_run_rate(run);
    const char *state = watched_run_state(run);
    const bool running = strcmp(state, "running") == 0 && rate > 0;
    *out = (live_run){
        .name = run->name,
        .state = state,
        .unit = nca_loss_name(run->settings.loss),
        .iteration = done,
        .total = total,
        .loss = watched_run_loss(run),
        .rate = running ? rate : 0,
        .left = running && total > done ? (double)(total - done) / rate : 0,
    };
}

/* ---- What is saved ---------------------------------------------------------------------------*/

/* With the changes that are to come: a knob may have been turned since. */
static bool open_checkpoint(nca_session **out_session, const watched_run *run, const char *path,
                            nca_error *error)
{
    nca_settings settings;
    uint64_t iteration;
    if (nca_checkpoint_settings(&settings, &iteration, path, error) != NCA_OK) {
        return false;
    }
    settings.threads = 1;
    training_recall_changes(&settings, run->folder.text, iteration, error); /* or without them */
    return nca_session_resume(out_session, path, &settings, error) == NCA_OK;
}

/* As it was before its first iteration. */
static bool begin_again(nca_session **out_session, const watched_run *run, nca_error *error)
{
    nca_settings settings = run->settings;
    settings.threads = 1;
    nca_target *target = NULL;
    const bool begun = target_of_settings(&target, &settings, error) == NCA_OK &&
                       nca_session_create(out_session, &settings, target, error) == NCA_OK;
    nca_target_destroy(target);
    return begun;
}

/* Takes its weights, and itself where it is wanted. */
static void take_session(watched_news *out, nca_session *session, bool wanted, nca_error *error)
{
    if (nca_model_copy(&out->model, nca_session_model(session), error) == NCA_OK && wanted) {
        out->session = session;
    } else {
        nca_session_destroy(session);
    }
}

void watched_run_forget(watched_run *run)
{
    run->checkpoint_saved = run->model_saved = (struct timespec){0};
}

/* The final model is read many times as fast as the checkpoint that was saved just before it. */
static bool take_final_model(watched_news *out, watched_run *run, nca_error *error)
{
    const run_path model = run_file(run->folder.text, RUN_MODEL);
    const struct timespec checkpoint = saved_at(run_file(run->folder.text, RUN_CHECKPOINT).text);
    const struct timespec saved = saved_at(model.text);
    if (!is_later(saved, run->model_saved) || is_later(checkpoint, saved) ||
        nca_model_load(&out->model, model.text, error) != NCA_OK) {
        return false;
    }
    run->model_saved = saved;
    run->checkpoint_saved = checkpoint;
    run->given = true;
    return true;
}

void watched_run_news(watched_news *out, watched_run *run, bool with_session, nca_error *error)
{
    const run_path model = run_file(run->folder.text, RUN_MODEL);
    const run_path checkpoint = run_file(run->folder.text, RUN_CHECKPOINT);
    struct timespec saved;
    nca_session *session;
    nca_model *final;
    *out = (watched_news){0};
    if (!with_session && take_final_model(out, run, error)) {
        return;
    }
    if (is_newer(&saved, run->checkpoint_saved, checkpoint.text) &&
        open_checkpoint(&session, run, checkpoint.text, error)) {
        run->checkpoint_saved = saved;
        take_session(out, session, with_session, error);
    }
    if (is_newer(&saved, run->model_saved, model.text) &&
        nca_model_load(&final, model.text, error) == NCA_OK) {
        run->model_saved = saved;
        /* Older than the checkpoint is the model of a run that ended once and was resumed. */
        if (is_later(run->checkpoint_saved, saved)) {
            nca_model_destroy(final);
        } else {
            nca_model_destroy(out->model);
            out->model = final;
        }
    }
    if (!run->given && out->model == NULL && begin_again(&session, run, error)) {
        take_session(out, session, with_session, error);
    }
    run->given = run->given || out->model != NULL;
}

void watched_news_free(watched_news *news)
{
    nca_session_destroy(news->session);
    nca_model_destroy(news->model);
    *news = (watched_news){0};
}
