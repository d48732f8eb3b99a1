/* nca sweep: the product of lists of settings, run several at a time, and its tables and pictures.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "cli/number_text.h"
#include "cli/stop.h"
#include "cli/sweep_crew.h"
#include "cli/sweep_sheet.h"
#include "cli/sweep_summary.h"
#include "cli/sweep_targets.h"
#include "cli/target_names.h"

enum {
    MOST_JOBS = 1024
};

static const option table[] = {
    {"output", 'o', "DIR", "Folder of the sweep. [runs/ and the name of the file]"},
    {"target", 't', "IMAGE",
     "Image to grow, such as photo.png, medmnist:breastmnist/train/3 or phantom; repeat the option "
     "for several images."},
    {"seeds", 0, "N", "Train each combination with N seeds."},
    {"jobs", 'j', "N", "Number of runs trained at the same time. [one per core]"},
    {"list", 0, NULL, "Print the names of the runs and exit."},
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

static const help_page page = {
    .usage = "nca sweep FILE.yaml [-o DIR] [--jobs N] [SETTINGS]",
    .purpose =
        "Trains every combination of the lists in a settings file, several runs at the same time,\n"
        "and compares them in summary.csv, summary.md, sheet.png and sheet.gif. Each run has a\n"
        "folder in runs/. A stopped sweep is continued by the same command. A setting given as an\n"
        "option replaces the one in the file; given several times, it is a list.",
    .table = table,
    .settings = true,
    .examples = "  nca sweep configs/medmnist-grid.yaml\n"
                "  nca sweep grid.yaml -o runs/grid --jobs 4 --seeds 3\n"
                "  nca sweep grid.yaml --target a.png --target b.png --iterations 500\n",
};

typedef struct command_state {
    option_values given;
    sweep_job job;
    sweep_result *results;
    sweep_display display;
    nca_error error;
} command_state;

/* ---- Before the first run --------------------------------------------------------------------*/

static int load(command_state *s)
{
    nca_sweep_override overrides[MOST_GIVEN];
    size_t count = 0;
    for (size_t i = 0; i < s->given.count; i++) {
        const option_given *item = &s->given.given[i];
        const char *key =
            item->setting != NULL ? item->setting->key
            : strcmp(item->option->name, "target") == 0 || strcmp(item->option->name, "seeds") == 0
                ? item->option->name
                : NULL;
        if (key != NULL) {
            overrides[count++] = (nca_sweep_override){key, item->value};
        }
    }
    s->job.file = s->given.positionals[0];
    if (nca_sweep_load(&s->job.sweep, s->job.file, overrides, count, &s->error) != NCA_OK) {
        complain(&s->error);
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

static void choose_folder(command_state *s)
{
    const char *given = options_value(&s->given, "output");
    const char *said = nca_sweep_settings(s->job.sweep, 0)->output;
    if (given == NULL && said[0] == 0) {
        s->job.folder = run_file("runs", sweep_title(&s->job).text);
    } else {
        snprintf(s->job.folder.text, sizeof s->job.folder.text, "%s", given != NULL ? given : said);
    }
}

static int prepare(command_state *s)
{
    sweep_job *job = &s->job;
    size_t jobs = job->cores = core_count();
    if (!options_count(&jobs, &s->given, "jobs", 1, MOST_JOBS)) {
        return EXIT_USAGE;
    }
    choose_folder(s);
    job->count = nca_sweep_count(job->sweep);
    job->jobs = jobs < job->count ? jobs : job->count;
    job->runs = calloc(job->count, sizeof *job->runs);
    s->results = calloc(job->count, sizeof *s->results);
    if (job->runs == NULL || s->results == NULL) {
        note("out of memory");
        return EXIT_FAILED;
    }
    run_path runs = run_file(job->folder.text, "runs");
    for (size_t i = 0; i < job->count; i++) {
        job->runs[i].folder = run_file(runs.text, nca_sweep_name(job->sweep, i));
    }
    return EXIT_OK;
}

static int list_runs(const command_state *s)
{
    for (size_t i = 0; i < s->job.count; i++) {
        printf("%s\n", shown(nca_sweep_name(s->job.sweep, i)));
    }
    return EXIT_OK;
}

static int find_runs(command_state *s)
{
    sweep_job *job = &s->job;
    if (sweep_lock(job, &s->error) != NCA_OK || sweep_find_runs(job, &s->error) != NCA_OK) {
        return complain(&s->error);
    }
    for (size_t i = 0; i < job->count; i++) {
        if (job->runs[i].status == SWEEP_DONE) {
            if (sweep_result_read(&s->results[i], &job->runs[i], &s->error) != NCA_OK) {
                note("run %s will be evaluated again: %s", nca_sweep_name(job->sweep, i),
                     s->error.message);
                job->runs[i].status = SWEEP_WAITING;
            }
        }
    }
    return sweep_targets_check(job);
}

/* ---- Running ---------------------------------------------------------------------------------*/

/* What a run has come to; one whose results cannot be read has failed. */
static void take_result(command_state *s, size_t run)
{
    sweep_run *ended = &s->job.runs[run];
    nca_error error;
    s->results[run] = (sweep_result){0};
    if (ended->status == SWEEP_DONE &&
        sweep_result_read(&s->results[run], ended, &error) != NCA_OK) {
        ended->status = SWEEP_FAILED;
        free(ended->reason);
        ended->reason = strdup(error.message);
    }
}

/* The tables grow with the runs, so that a long sweep can be looked at. */
static void run_ended(sweep_job *job, size_t run, void *user)
{
    command_state *s = user;
    const char *name = nca_sweep_name(job->sweep, run);
    take_result(s, run);
    const sweep_result *result = &s->results[run];
    if (result->known) {
        char loss[NUMBER_TEXT_SIZE];
        number_text(loss, result->number[SWEEP_L2]);
        sweep_display_say(&s->display, "%s  L2 %s, %s%.1f s", name, loss,
                          result->dead ? "dead, " : "", result->seconds);
    } else {
        sweep_display_say(&s->display, "%s  failed: %s", name,
                          job->runs[run].reason != NULL ? job->runs[run].reason : "out of memory");
    }
    nca_error ignored; /* the end of the sweep writes them again and says what is wrong */
    sweep_summary_save(job, s->results, &ignored);
}

static int run_all(command_state *s)
{
    sweep_job *job = &s->job;
    sweep_display_start(&s->display, options_has(&s->given, "quiet"));
    stop_watch();
    nca_status status = sweep_crew_run(job, &s->display, run_ended, s, &s->error);
    int signal_number = stop_signal();
    sweep_display_finish(&s->display, job);
    if (status == NCA_OK) {
        status = sweep_summary_save(job, s->results, &s->error);
    }
    if (status != NCA_OK) {
        return complain(&s->error);
    }
    if (signal_number != 0 && sweep_count_of(job, SWEEP_WAITING) > 0) {
        note("stopped with %zu of %zu runs done; everything is saved, and the same command "
             "continues",
             sweep_count_of(job, SWEEP_DONE), job->count);
        return EXIT_SIGNALLED + signal_number;
    }
    return EXIT_OK;
}

static int draw(command_state *s)
{
    if (sweep_count_of(&s->job, SWEEP_DONE) == 0) {
        return EXIT_OK;
    }
    nca_status status = sweep_sheet_save(&s->job, s->results, &s->error);
    int signal_number = stop_signal();
    stop_unwatch();
    if (status == NCA_OK) {
        return EXIT_OK;
    }
    if (status == NCA_INTERRUPTED) {
        note("stopped; all runs are done and evaluated; the same command draws the sheet");
        return EXIT_SIGNALLED + signal_number;
    }
    note("all runs are done and evaluated, but the sheet could not be drawn:");
    complain(&s->error);
    return EXIT_FAILED;
}

static int print_end(const command_state *s)
{
    const sweep_job *job = &s->job;
    char *text = sweep_summary_markdown(job, s->results);
    if (text == NULL) {
        note("cannot print the table: out of memory");
    }
    print_lines(text != NULL ? text : "");
    printf("\n");
    printf("runs       %zu done of %zu\n", sweep_count_of(job, SWEEP_DONE), job->count);
    printf("tables     %s\n", shown(run_file(job->folder.text, SWEEP_MARKDOWN).text));
    printf("           %s\n", shown(run_file(job->folder.text, SWEEP_CSV).text));
    if (sweep_count_of(job, SWEEP_DONE) > 0) {
        printf("pictures   %s\n", shown(run_file(job->folder.text, SWEEP_SHEET).text));
        printf("           %s\n", shown(run_file(job->folder.text, SWEEP_ANIMATION).text));
    }
    for (size_t i = 0; i < job->count; i++) {
        if (job->runs[i].status == SWEEP_FAILED) {
            note("run %s failed: %s", nca_sweep_name(job->sweep, i),
                 job->runs[i].reason != NULL ? job->runs[i].reason : "out of memory");
        }
    }
    bool complete = text != NULL;
    for (size_t i = 0; i < job->count; i++) {
        if (s->results[i].known && !isfinite(s->results[i].seconds)) {
            note("run %s: cannot read the seconds in its " RUN_METRICS "; they are omitted",
                 nca_sweep_name(job->sweep, i));
            complete = false;
        }
    }
    size_t failed = sweep_count_of(job, SWEEP_FAILED);
    if (failed > 0) {
        note("%zu of %zu runs failed; the same command retries them", failed, job->count);
    }
    free(text);
    return failed > 0 || !complete ? EXIT_FAILED : EXIT_OK;
}

static int sweep(command_state *s)
{
    nca_device device = NCA_DEVICE_CPU;
    for (size_t i = 0; i < s->job.count; i++) {
        const nca_device of_run = nca_sweep_settings(s->job.sweep, i)->device;
        device = of_run == NCA_DEVICE_CUDA || of_run == NCA_DEVICE_MPS ? of_run : device;
    }
    note_device(device);
    const size_t short_warmups = nca_sweep_short_warmups(s->job.sweep);
    if (short_warmups > 0) {
        note("warmup: shortened to half of the iterations in %zu of %zu runs, because the warm-up "
             "of the recipe is too long for them",
             short_warmups, s->job.count);
    }
    int code = find_runs(s);
    if (code == EXIT_OK) {
        code = run_all(s);
    }
    if (code != EXIT_OK) {
        return code;
    }
    int drawn = draw(s);
    if (drawn > EXIT_SIGNALLED) {
        return drawn;
    }
    code = print_end(s);
    return code == EXIT_OK ? drawn : code;
}

static void release(command_state *s)
{
    for (size_t i = 0; s->job.runs != NULL && i < s->job.count; i++) {
        free(s->job.runs[i].reason);
    }
    free(s->job.runs);
    free(s->results);
    nca_sweep_destroy(s->job.sweep);
    free(s);
}

int command_sweep(int count, char **arguments)
{
    command_state *s = calloc(1, sizeof *s);
    if (s == NULL) {
        note("out of memory");
        return EXIT_FAILED;
    }
    int code = options_parse(&s->given, "sweep", table, true, 1, count, arguments);
    if (code == EXIT_OK && s->given.help) {
        help_print(&page);
    } else if (code == EXIT_OK && s->given.positional_count == 0) {
        code = complain_usage("expected a settings file; see `nca sweep --help`");
    } else if (code == EXIT_OK) {
        code = load(s);
        if (code == EXIT_OK) {
            code = prepare(s);
        }
        if (code == EXIT_OK) {
            code = options_has(&s->given, "list") ? list_runs(s) : sweep(s);
        }
    }
    release(s);
    return code;
}
