/* nca watch: runs in a page, from their files. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

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

static const double look_seconds = 0.5; /* between two looks at the files */
static const double longest_batch = 2;  /* seconds of an iteration; slower runs show no batch */

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

/* Samples of the pool, and the batch that comes next before and after its rollout: an iteration
 * from the checkpoint on is what the training itself does, to the bit. It takes one thread here and
 * may have several there. */
static void tell_pictures(watch *w, nca_session *session)
{
    live_tiles_pool(&w->feed, session);
    const double rate = watched_run_rate(&w->runs[0]);
    const uint32_t given = w->runs[0].settings.threads;
    const double threads = given > 0 ? given : (double)sysconf(_SC_NPROCESSORS_ONLN);
    nca_iteration report;
    if (threads < longest_batch * rate && nca_session_keep_before(session, true, NULL) == NCA_OK &&
        nca_session_step(session, &report, NULL) == NCA_OK) {
        live_tiles_batch(&w->feed, session);
    }
}

static void tell_run(watch *w, size_t i, const watched_news *news)
{
    watched_run_rows(&w->runs[i], tell_row, &(telling){w, i});
    if (news->session != NULL) {
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
        watched_run_news(&news, &w->runs[i], i == 0, NULL);
        if (news.model != NULL) {
            live_feed_model(&w->feed, i, &(nca_page_model){news.model, w->runs[i].name, false});
        }
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
        watched_run_news(&news[i], &w->runs[i], i == 0, &error);
        models[i] = (nca_page_model){news[i].model, w->runs[i].name, false};
        if (news[i].model == NULL) {
            note("%s: there are no weights to show; of its " RUN_CHECKPOINT ", " RUN_MODEL
                 " and " RUN_CONFIG " the last that was tried says:",
                 w->runs[i].folder.text);
            complain(&error);
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

/* The runs that the arguments name, read. */
static int read_runs(watch *w, const run_list *list)
{
    if (list->count > LIVE_MOST_RUNS) {
        return complain_usage("%zu runs, more than the %d that a page shows; name those to watch",
                              list->count, LIVE_MOST_RUNS);
    }
    for (; w->count < list->count; w->count++) {
        nca_error error;
        if (watched_run_read(&w->runs[w->count], list->folders[w->count].text, &error) != NCA_OK) {
            complain(&error);
            return EXIT_FAILED;
        }
    }
    return EXIT_OK;
}

static int find_runs(run_list *list, const option_values *given)
{
    for (size_t i = 0; i < given->positional_count; i++) {
        if (!run_list_add(list, given->positionals[i], RUN_CONFIG)) {
            note("%s: expected a run folder with " RUN_CONFIG
                 " in it, or a folder of such runs; found neither",
                 given->positionals[i]);
            return EXIT_FAILED;
        }
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
    code = find_runs(&runs, given);
    if (code == EXIT_OK) {
        code = read_runs(w, &runs);
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
