/* nca report: runs as one page for a browser or for paper. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/run_list.h"
#include "cli/run_report.h"
#include "cli/scratch.h"
#include "cli/stop.h"
#include "cli/sweep_sheet.h"

static const option table[] = {
    {"output", 'o', "FILE", "The report to write. [report.html]"},
    {"title", 0, "TEXT", "Of the report. [the run's or the folder's name]"},
    {"rollouts", 0, "N", "Rollouts that each run is measured with; 0 leaves that out. [16]"},
    {"threads", 0, "N", "Threads to compute on; 0: one per core. [0]"},
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

static const help_page page = {
    .usage = "nca report RUN|SWEEP... [-o report.html] [OPTIONS]",
    .purpose =
        "Writes one HTML file about runs: settings, loss, growth as a strip and an animation,\n"
        "comparison with the target, hidden channels, evaluation, and how it heals from damage.\n"
        "Everything is in the file; it prints well on A4. A folder of runs gives all of them.",
    .table = table,
    .examples = "  nca report runs/photo -o photo.html\n"
                "  nca report runs/filters -o filters.html --rollouts 32\n",
};

/* What a sweep has drawn, and which of its runs have not come to a model. */
static nca_status add_sweep(const run_report *r, const char *folder, nca_error *error)
{
    const run_path sheet = run_file(folder, SWEEP_SHEET);
    nca_status status = NCA_OK;
    if (access(sheet.text, R_OK) == 0) {
        status = nca_report_picture(r->report, sheet.text, "What each combination grew.", error);
    }
    run_list begun = {0};
    run_list_add(&begun, folder, RUN_CONFIG);
    for (size_t i = 0; i < begun.count; i++) {
        if (!run_has_model(begun.folders[i].text)) {
            char name[128], text[256];
            run_name(name, sizeof name, begun.folders[i].text);
            snprintf(text, sizeof text, "%s: no model yet, or it failed; left out.", name);
            nca_report_paragraph(r->report, text);
        }
    }
    run_list_free(&begun);
    return status;
}

static nca_status add_runs(run_report *r, const char *argument, const run_list *runs,
                           nca_error *error)
{
    nca_status status = run_has_model(argument) ? NCA_OK : add_sweep(r, argument, error);
    for (size_t i = 0; i < runs->count && status == NCA_OK; i++) {
        status = run_report_add(r, runs->folders[i].text, error);
        r->done++;
    }
    return status;
}

static nca_status add_all(run_report *r, const option_values *given, nca_error *error)
{
    run_list lists[MOST_POSITIONALS] = {0};
    nca_status status = NCA_OK;
    for (size_t i = 0; i < given->positional_count && status == NCA_OK; i++) {
        if (!run_list_add(&lists[i], given->positionals[i], RUN_MODEL)) {
            status = error->status = NCA_NOT_FOUND;
            snprintf(error->message, sizeof error->message,
                     "%.900s: expected a run folder with " RUN_MODEL
                     " in it, or a folder of such runs; found neither",
                     given->positionals[i]);
        }
        r->total += lists[i].count;
    }
    for (size_t i = 0; i < given->positional_count && status == NCA_OK; i++) {
        status = add_runs(r, given->positionals[i], &lists[i], error);
    }
    for (size_t i = 0; i < given->positional_count; i++) {
        run_list_free(&lists[i]);
    }
    return status;
}

static int write_report(const option_values *given)
{
    size_t rollouts = 16, threads = 0;
    if (!options_count(&rollouts, given, "rollouts", 0, 100000) ||
        !options_count(&threads, given, "threads", 0, 1024)) {
        return EXIT_USAGE;
    }
    const char *path =
        options_has(given, "output") ? options_value(given, "output") : "report.html";
    if (!run_has_place(path, ".")) {
        return complain_usage("-o: the folder of \"%s\" does not exist; make it first", path);
    }
    char title[256];
    nca_error error;
    scratch pictures; /* on their way into the report */
    if (scratch_open(&pictures, "report", &error) != NCA_OK) {
        return complain(&error);
    }
    run_name(title, sizeof title, given->positionals[0]);
    progress bar;
    progress_start(&bar, options_has(given, "quiet"), 0);
    run_report r = {.scratch = pictures.folder,
                    .rollouts = rollouts,
                    .threads = (unsigned)threads,
                    .progress = &bar};
    const char *asked = options_value(given, "title");
    nca_status status = nca_report_create(&r.report, asked != NULL ? asked : title, &error);
    stop_watch();
    if (status == NCA_OK) {
        status = add_all(&r, given, &error);
    }
    if (status == NCA_OK) {
        status = nca_report_save(r.report, path, &error);
    }
    progress_clear(&bar);
    const int signal_number = stop_signal();
    stop_unwatch();
    scratch_close(&pictures);
    nca_report_destroy(r.report);
    if (status != NCA_OK && signal_number != 0) {
        note("stopped; nothing was written");
        return EXIT_SIGNALLED + signal_number;
    }
    if (status != NCA_OK) {
        return complain(&error);
    }
    printf("%s\n", shown(path));
    return EXIT_OK;
}

int command_report(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "report", &page, MOST_POSITIONALS, "a run", count,
                       arguments)) {
        return code;
    }
    return write_report(&given);
}
