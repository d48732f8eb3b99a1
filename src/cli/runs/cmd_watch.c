/* nca watch: shows runs in a page, from their files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/data_root.h"
#include "cli/page/browser.h"
#include "cli/page/live_tiles.h"
#include "cli/page/serve_options.h"
#include "cli/runs/run_list.h"
#include "cli/stop.h"

static const option table[] = {
    SERVE_OPTIONS,
    BIND_OPTIONS,
    {NULL, 0, NULL, NULL},
};

const help_page watch_help = {
    .usage = "nca watch RUN|SWEEP... [OPTIONS]",
    .purpose =
        "Shows runs in a web page while they train, or after they have stopped or finished. Reads\n"
        "only the files of the runs and changes none of them: the loss and the other columns of\n"
        "metrics.csv, and from each checkpoint the weights, the pool and the next batch. Several\n"
        "runs, or all runs in a folder such as a sweep, are listed and plotted together; click a\n"
        "run to see its pictures. Ctrl-C stops the server.",
    .table = table,
    .examples = "  nca watch runs/photo\n"
                "  nca watch runs/filters --port 9000\n",
};

static const double look_seconds = 0.5; /* between two checks of the files */
static const double longest_batch = 2;  /* seconds of an iteration; slower runs show no batch */

typedef struct watch {
    nca_run_watch **runs; /* (count) */
    nca_run_path root;    /* folder of the MedMNIST files */
    live_run *told;       /* the data sent to the page about each run */
    size_t *validated;    /* validations that were sent of each */
    size_t count, shown;  /* number of runs, and the run whose pictures and settings are sent */
    live_feed feed;
} watch;

/* The data about a run for the page. */
static void describe(live_run *out, const nca_run_watch *run)
{
    const nca_settings *settings = nca_run_watch_settings(run);
    const uint64_t done = nca_run_watch_last(run)->iteration, total = nca_run_watch_total(run);
    const double rate = nca_run_watch_rate(run);
    const char *state = nca_run_watch_state(run);
    const bool running = strcmp(state, "running") == 0 && rate > 0;
    *out = (live_run){
        .name = nca_run_watch_name(run),
        .state = state,
        .unit = live_unit(settings),
        .iteration = done,
        .total = total,
        .loss = nca_run_watch_loss(run),
        .rate = running ? rate : 0,
        .left = running && total > done ? (double)(total - done) / rate : 0,
    };
    for (size_t i = 0; i < NCA_MAX_TENSORS; i++) {
        out->norms[i] = nca_run_watch_norm_name(run, i);
    }
}

/* The run whose rows are being sent. */
typedef struct telling {
    watch *watch;
    size_t run;
} telling;

static void tell_row(const nca_metrics_row *row, void *user)
{
    const telling *t = user;
    live_feed_row(&t->watch->feed, t->run, row);
}

static void tell_status(watch *w)
{
    for (size_t i = 0; i < w->count; i++) {
        describe(&w->told[i], w->runs[i]);
    }
    const live_status status = {
        .runs = w->told,
        .count = w->count,
        .shown = w->shown,
        .settings = nca_run_watch_settings(w->runs[w->shown]),
    };
    live_feed_status(&w->feed, &status);
}

/* Sends samples of the pool, and the next batch before and after its rollout: an iteration from the
 * checkpoint is bit-identical to that of the training itself. It takes one thread here, while the
 * training may have several. */
static void tell_pictures(watch *w, nca_session *session)
{
    live_tiles_pool(&w->feed, session);
    const nca_run_watch *run = w->runs[w->shown];
    const double rate = nca_run_watch_rate(run);
    const uint32_t given = nca_run_watch_settings(run)->threads;
    const double threads = given > 0 ? given : nca_core_count();
    nca_iteration report;
    if (threads < longest_batch * rate && nca_session_keep_before(session, true, NULL) == NCA_OK &&
        nca_session_step(session, &report, NULL) == NCA_OK) {
        live_tiles_batch(&w->feed, session);
    }
}

/* Sends the rows that validation.csv has got since the last call. */
static void tell_validations(watch *w, size_t i)
{
    nca_validation_row *rows = NULL;
    size_t count = 0;
    if (nca_run_watch_settings(w->runs[i])->task == NCA_TASK_CLASSIFY &&
        nca_validations_read(&rows, &count, nca_run_watch_folder(w->runs[i]), NULL) == NCA_OK) {
        for (; w->validated[i] < count; w->validated[i]++) {
            live_feed_validation(&w->feed, i, &rows[w->validated[i]]);
        }
    }
    free(rows);
}

static void tell_run(watch *w, size_t i, const nca_run_news *news)
{
    nca_run_watch_rows(w->runs[i], tell_row, &(telling){w, i}, NULL);
    tell_validations(w, i);
    if (news->session != NULL && i == w->shown) {
        tell_pictures(w, news->session);
    }
}

/* A page may request the pictures of another run. */
static void obey(watch *w)
{
    nca_knob knob;
    while (nca_server_next(&knob, w->feed.server)) {
        char *end;
        const unsigned long run = strtoul(knob.value, &end, 10);
        if (strcmp(knob.what, "show") == 0 && knob.value[0] >= '0' && knob.value[0] <= '9' &&
            *end == 0 && run < w->count && run != w->shown) {
            w->shown = run;
            nca_run_watch_forget(w->runs[run]);
            tell_status(w); /* names the run of the next pictures */
        }
    }
}

static void look(watch *w)
{
    obey(w);
    for (size_t i = 0; i < w->count; i++) {
        if (nca_run_watch_settings_changed(w->runs[i]) && w->count == 1) {
            live_feed_changes(&w->feed, nca_run_watch_settings(w->runs[i]));
        }
        nca_run_news news;
        nca_run_watch_news(&news, w->runs[i], i == w->shown, NULL);
        if (news.model != NULL) {
            live_feed_model(&w->feed, i,
                            &(nca_page_model){news.model, nca_run_watch_name(w->runs[i]), false});
        }
        tell_run(w, i, &news);
        nca_run_news_free(&news);
    }
    tell_status(w);
}

/* Opens a page with the current models of the runs. */
static int open_page(watch *w, const nca_server_options *serve)
{
    nca_page_model *models = calloc(w->count, sizeof *models);
    nca_run_news *news = calloc(w->count, sizeof *news);
    nca_error error;
    int code = EXIT_OK;
    if (models == NULL || news == NULL) {
        note("out of memory for %zu runs", w->count);
        code = EXIT_FAILED;
    }
    for (size_t i = 0; i < w->count && code == EXIT_OK; i++) {
        nca_run_watch_news(&news[i], w->runs[i], i == w->shown, &error);
        models[i] = (nca_page_model){news[i].model, nca_run_watch_name(w->runs[i]), false};
        if (news[i].model == NULL) {
            note("%s: there are no weights to show; tried its " NCA_RUN_CHECKPOINT
                 ", " NCA_RUN_MODEL " and " NCA_RUN_CONFIG "; the last of them failed:",
                 nca_run_watch_folder(w->runs[i]));
            complain(&error);
            code = EXIT_FAILED;
        }
    }
    if (code == EXIT_OK &&
        live_feed_open(&w->feed, models, w->count, NULL, serve, false, &error) != NCA_OK) {
        code = complain(&error);
    }
    if (code == EXIT_OK && w->count == 1) {
        live_feed_changes(&w->feed, nca_run_watch_settings(w->runs[0]));
    }
    for (size_t i = 0; news != NULL && i < w->count; i++) {
        if (code == EXIT_OK) {
            tell_run(w, i, &news[i]);
        }
        nca_run_news_free(&news[i]);
    }
    free(news);
    free(models);
    return code;
}

/* Reads the runs that the arguments name. */
static int read_runs(watch *w, const run_list *list)
{
    if (list->count > LIVE_MOST_RUNS) {
        return complain_usage("found %zu runs, expected at most %d; name the runs to watch",
                              list->count, LIVE_MOST_RUNS);
    }
    w->runs = calloc(list->count, sizeof *w->runs);
    w->told = calloc(list->count, sizeof *w->told);
    w->validated = calloc(list->count, sizeof *w->validated);
    if (w->runs == NULL || w->told == NULL || w->validated == NULL) {
        note("out of memory for %zu runs", list->count);
        return EXIT_FAILED;
    }
    w->root = data_root(NULL);
    nca_run_watch_options options;
    nca_run_watch_options_default(&options);
    options.data_root = w->root.text;
    options.keep_going = stop_not_asked;
    for (size_t i = 0; i < list->count; i++) {
        nca_error error;
        nca_status status =
            nca_run_watch_open(&w->runs[i], list->folders[i].text, &options, &error);
        if (status == NCA_OK) {
            w->count++;
            status = nca_run_watch_settings_read(w->runs[i], &error);
        }
        if (status != NCA_OK) {
            complain(&error);
            return EXIT_FAILED;
        }
    }
    return EXIT_OK;
}

static int find_runs(run_list *list, const option_values *given)
{
    for (size_t i = 0; i < given->positional_count; i++) {
        if (!run_list_add(list, given->positionals[i], NCA_RUN_CONFIG)) {
            note("%s: expected a run folder with " NCA_RUN_CONFIG
                 ", or a folder of such runs; found neither",
                 given->positionals[i]);
            return EXIT_FAILED;
        }
    }
    return EXIT_OK;
}

static int watch_runs(watch *w, const option_values *given)
{
    nca_server_options serve;
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
    printf("%s  (Ctrl-C stops the server)\n", nca_server_address(w->feed.server));
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
    if (!command_begin(&code, &given, "watch", &watch_help, MOST_POSITIONALS, "a run", count,
                       arguments)) {
        return code;
    }
    watch w = {0};
    code = watch_runs(&w, &given);
    live_feed_close(&w.feed);
    for (size_t i = 0; i < w.count; i++) {
        nca_run_watch_close(w.runs[i]);
    }
    free(w.validated);
    free(w.told);
    free(w.runs);
    return code;
}
