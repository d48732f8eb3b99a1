/* nca watch: runs in a page, from their files. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/browser.h"
#include "cli/help.h"
#include "cli/live_tiles.h"
#include "cli/run_list.h"
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
    .usage = "nca watch RUN|SWEEP... [OPTIONS]",
    .purpose =
        "Shows runs in a web page from their files alone, be they going, stopped or finished: the\n"
        "loss and what else metrics.csv holds as it grows; of each checkpoint the weights, the\n"
        "pool and the batch that comes next. Several runs, or those of a folder such as a "
        "sweep's,\n"
        "are overlaid. Ctrl-C ends it and touches no run.",
    .table = table,
    .examples = "  nca watch runs/photo\n"
                "  nca watch runs/filters --port 9000\n",
};

static const double look_seconds = 0.5;  /* between two looks at the files */
static const double slowest_batch = 0.5; /* iterations a second; slower runs show no batch */

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

/* Samples of the pool, and the batch that comes next before and after its rollout: one iteration
 * from the checkpoint on is what the training itself does, to the bit. */
static void tell_pictures(watch *w, nca_session *session)
{
    live_tiles_pool(&w->feed, session);
    const double rate = watched_run_rate(&w->runs[0]);
    nca_iteration report;
    if ((rate == 0 || rate > slowest_batch) &&
        nca_session_keep_before(session, true, NULL) == NCA_OK &&
        nca_session_step(session, &report, NULL) == NCA_OK) {
        live_tiles_batch(&w->feed, session);
    }
}

static void tell_run(watch *w, size_t i, const watched_news *news)
{
    watched_run_rows(&w->runs[i], tell_row, &(telling){w, i});
    if (news->model != NULL) {
        live_feed_model(&w->feed, i, &(nca_page_model){news->model, w->runs[i].name, false});
    }
    if (news->session != NULL && i == 0) {
        tell_pictures(w, news->session);
    }
}

static void look(watch *w)
{
    if (watched_run_changed(&w->runs[0])) {
        live_feed_changes(&w->feed, &w->runs[0].settings);
    }
    for (size_t i = 0; i < w->count; i++) {
        watched_news news;
        watched_run_news(&news, &w->runs[i], i == 0);
        tell_run(w, i, &news);
        watched_news_free(&news);
    }
    tell_status(w);
}

/* A page of the models as the runs have them now. */
static int open_page(watch *w, const nca_server_options *serve)
{
    nca_page_model models[LIVE_MOST_RUNS];
    watched_news news[LIVE_MOST_RUNS] = {0};
    nca_error error;
    int code = EXIT_OK;
    for (size_t i = 0; i < w->count && code == EXIT_OK; i++) {
        watched_run_news(&news[i], &w->runs[i], i == 0);
        models[i] = (nca_page_model){news[i].model, w->runs[i].name, false};
        if (news[i].model == NULL) {
            note("%s: neither " RUN_MODEL " nor " RUN_CHECKPOINT
                 " can be read, nor the target \"%s\"; watch it after its first checkpoint",
                 w->runs[i].folder.text, w->runs[i].settings.target_path);
            code = EXIT_FAILED;
        }
    }
    if (code == EXIT_OK &&
        live_feed_open(&w->feed, models, w->count, serve, false, &error) != NCA_OK) {
        code = complain(&error);
    }
    if (code == EXIT_OK) {
        live_feed_changes(&w->feed, &w->runs[0].settings);
    }
    for (size_t i = 0; i < w->count; i++) {
        if (code == EXIT_OK) {
            tell_run(w, i, &news[i]);
        }
        watched_news_free(&news[i]);
    }
    return code;
}

/* The runs of an argument, read. `list` is scratch. */
static int add_runs(watch *w, run_list *list, const char *argument)
{
    list->count = 0;
    if (!run_list_add(list, argument, RUN_CONFIG)) {
        note("%s: expected a run folder with " RUN_CONFIG
             " in it, or a folder of such runs; found neither",
             argument);
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < list->count; i++) {
        nca_error error;
        if (w->count == LIVE_MOST_RUNS) {
            return complain_usage("%s: more than %d runs", argument, LIVE_MOST_RUNS);
        }
        if (watched_run_read(&w->runs[w->count], list->folders[i].text, &error) != NCA_OK) {
            complain(&error);
            return EXIT_FAILED;
        }
        w->count++;
    }
    return EXIT_OK;
}

static int watch_runs(watch *w, const option_values *given)
{
    nca_server_options serve = {0};
    int code = serve_options_read(&serve, given, "port");
    if (code != EXIT_OK) {
        return code;
    }
    run_list runs = {0};
    for (size_t i = 0; i < given->positional_count && code == EXIT_OK; i++) {
        code = add_runs(w, &runs, given->positionals[i]);
    }
    run_list_free(&runs);
    if (code != EXIT_OK) {
        return code;
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
