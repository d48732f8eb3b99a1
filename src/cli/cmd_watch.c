/* nca watch: runs in a page, from their files. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/browser.h"
#include "cli/help.h"
#include "cli/live_tiles.h"
#include "cli/serve_options.h"
#include "cli/stop.h"
#include "cli/watched_run.h"

static const option table[] = {
    {"port", 0, "N", "To listen on. [8642, or a free one when that is taken]"},
    {"no-open", 0, NULL, "Only print the address; do not open a browser."},
    BIND_OPTIONS,
    {NULL, 0, NULL, NULL},
};

static const help_page page = {
    .usage = "nca watch RUN... [OPTIONS]",
    .purpose =
        "Shows runs in a web page from their files alone, be they going, stopped or finished: the\n"
        "loss and what else metrics.csv holds as it grows, the weights and the pool of each\n"
        "checkpoint. Several runs are overlaid. Ctrl-C ends it and touches no run.",
    .table = table,
    .examples = "  nca watch runs/photo\n"
                "  nca watch runs/filters/* --port 9000\n",
};

static const double look_seconds = 0.5; /* between two looks at the files */

typedef struct watch {
    watched_run runs[LIVE_MOST_RUNS];
    size_t count;
    live_feed feed;
} watch;

/* Which run's rows are being told. */
typedef struct telling {
    watch *watch;
    size_t run;
} telling;

static void tell_row(void *user, const live_row *row)
{
    const telling *t = user;
    live_feed_row(&t->watch->feed, t->run, row);
}

static void tell_status(watch *w)
{
    const watched_run *first = &w->runs[0];
    const char *names[LIVE_MOST_RUNS];
    for (size_t i = 0; i < w->count; i++) {
        names[i] = w->runs[i].name;
    }
    const double rate = watched_run_rate(first);
    const char *state = watched_run_state(first);
    const uint64_t done = first->last.iteration, total = first->settings.iterations;
    const bool running = state[0] == 'r' && rate > 0;
    const live_status status = {
        .state = state,
        .names = names,
        .count = w->count,
        .iteration = done,
        .total = total,
        .loss = watched_run_loss(first),
        .rate = running ? rate : 0,
        .left = running && total > done ? (double)(total - done) / rate : 0,
        .learning_rate = first->settings.learning_rate,
        .fire_rate = first->settings.fire_rate,
        .damage = first->settings.damage,
    };
    live_feed_status(&w->feed, &status);
}

static void look(watch *w)
{
    for (size_t i = 0; i < w->count; i++) {
        watched_run_rows(&w->runs[i], tell_row, &(telling){w, i});
        nca_model *model;
        nca_session *session;
        if (!watched_run_weights(&model, &session, &w->runs[i])) {
            continue;
        }
        const nca_page_model newest = {session != NULL ? nca_session_model(session) : model,
                                       w->runs[i].name, false};
        live_feed_model(&w->feed, i, &newest);
        if (session != NULL && i == 0) {
            live_tiles_pool(&w->feed, session);
        }
        nca_session_destroy(session);
        nca_model_destroy(model);
    }
    tell_status(w);
}

/* The pool of the first run, whose final model may be newer than its last checkpoint. */
static void tell_pool(watch *w, const nca_session *session)
{
    nca_session *opened = NULL;
    const run_path path = run_file(w->runs[0].folder.text, RUN_CHECKPOINT);
    if (session == NULL && nca_session_resume(&opened, path.text, NULL, NULL) == NCA_OK) {
        session = opened;
    }
    if (session != NULL) {
        live_tiles_pool(&w->feed, session);
    }
    nca_session_destroy(opened);
}

/* The page's models: those of the runs as they are now. */
static int open_page(watch *w, const nca_server_options *serve)
{
    nca_page_model models[LIVE_MOST_RUNS];
    nca_model *loaded[LIVE_MOST_RUNS] = {0};
    nca_session *sessions[LIVE_MOST_RUNS] = {0};
    nca_error error;
    int code = EXIT_OK;
    for (size_t i = 0; i < w->count && code == EXIT_OK; i++) {
        if (!watched_run_weights(&loaded[i], &sessions[i], &w->runs[i])) {
            note("%s: neither " RUN_MODEL " nor " RUN_CHECKPOINT
                 " can be read; watch it after its first checkpoint",
                 w->runs[i].folder.text);
            code = EXIT_FAILED;
            break;
        }
        models[i] =
            (nca_page_model){sessions[i] != NULL ? nca_session_model(sessions[i]) : loaded[i],
                             w->runs[i].name, false};
    }
    if (code == EXIT_OK &&
        live_feed_open(&w->feed, models, w->count, serve, false, &error) != NCA_OK) {
        code = complain(&error);
    }
    if (code == EXIT_OK) {
        live_feed_changes(&w->feed, &w->runs[0].settings);
        tell_pool(w, sessions[0]);
    }
    for (size_t i = 0; i < w->count; i++) {
        nca_session_destroy(sessions[i]);
        nca_model_destroy(loaded[i]);
    }
    return code;
}

static int watch_runs(watch *w, const option_values *given)
{
    nca_server_options serve = {0};
    int code = serve_options_read(&serve, given, "port");
    if (code != EXIT_OK) {
        return code;
    }
    for (; w->count < given->positional_count; w->count++) {
        nca_error error;
        if (watched_run_read(&w->runs[w->count], given->positionals[w->count], &error) != NCA_OK) {
            complain(&error);
            return EXIT_FAILED;
        }
    }
    code = open_page(w, &serve);
    if (code != EXIT_OK) {
        return code;
    }
    printf("%s  (Ctrl-C ends it)\n", nca_server_address(w->feed.server));
    fflush(stdout);
    if (!options_has(given, "no-open")) {
        browser_open(nca_server_address(w->feed.server));
    }
    const struct timespec pause = {.tv_nsec = (long)(look_seconds * 1e9)};
    stop_watch();
    while (stop_signal() == 0) {
        look(w);
        nanosleep(&pause, NULL);
    }
    stop_unwatch();
    return EXIT_OK;
}

int command_watch(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "watch", &page, LIVE_MOST_RUNS, "a run", count, arguments)) {
        return code;
    }
    watch *w = calloc(1, sizeof *w);
    if (w == NULL) {
        note("no memory for a list of runs");
        return EXIT_FAILED;
    }
    code = watch_runs(w, &given);
    live_feed_close(&w->feed);
    for (size_t i = 0; i < w->count; i++) {
        watched_run_close(&w->runs[i]);
    }
    free(w);
    return code;
}
