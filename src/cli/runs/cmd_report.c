/* nca report: writes runs as one page for a browser or for printing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/option_values.h"
#include "cli/runs/run_list.h"
#include "cli/runs/run_report.h"
#include "cli/scratch.h"
#include "cli/stop.h"
#include "nca/version.h"

enum {
    MOST_SHEET = 1500000 /* maximum size in bytes of a sweep's picture in the report */
};

static const option table[] = {
    {"output", 'o', "FILE", "HTML file to write. [report.html]"},
    {"title", 0, "TEXT", "Title of the report. [name of the run or folder]"},
    {"rollouts", 0, "N", "Rollouts per run for the evaluation; 0 = no evaluation. [16]"},
    {"long", 0, NULL,
     "Evaluate over 50,000 steps, and with 10 cuts of each shape in a row, as nca evaluate "
     "--long."},
    {"root", 0, "DIR", "Classifier: folder with the MedMNIST files. [that of the run]"},
    THREADS_OPTION,
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page report_help = {
    .usage = "nca report RUN|SWEEP... [-o report.html] [OPTIONS]",
    .purpose =
        "Writes one HTML file about one or more runs: settings, loss, growth as a filmstrip and\n"
        "an animation, comparison with the target, hidden channels, evaluation, and regeneration\n"
        "after damage; of a classifier the scores on its test images, plots, and the images that\n"
        "it gets most wrong. The file is self-contained and prints well on A4. A folder of runs\n"
        "or a sweep gives a comparison table and a section for each run.",
    .table = table,
    .examples = "  nca report runs/photo -o photo.html\n"
                "  nca report runs/photo -o long.html --long\n"
                "  nca report runs/breast --root data\n"
                "  nca report runs/filters -o filters.html --rollouts 32\n",
};

/* ---- Runs ------------------------------------------------------------------------------------*/

typedef struct gathered {
    run_facts *facts; /* (count) of the runs that were read and measured */
    size_t count;
    size_t growing; /* those that grow come first, then the classifiers */
} gathered;

static nca_status fail_memory(nca_error *error)
{
    error->status = NCA_OUT_OF_MEMORY;
    snprintf(error->message, sizeof error->message, "report: out of memory");
    return NCA_OUT_OF_MEMORY;
}

static nca_status find_runs(run_list *list, const option_values *given, nca_error *error)
{
    for (size_t i = 0; i < given->positional_count; i++) {
        if (!run_list_add(list, given->positionals[i], NCA_RUN_MODEL)) {
            if (run_lacks_model(given->positionals[i], error)) {
                return error->status;
            }
            snprintf(error->message, sizeof error->message,
                     "%.900s: expected a run folder with " NCA_RUN_MODEL
                     ", a folder of such runs, or a sweep; found none of these",
                     given->positionals[i]);
            return error->status = NCA_NOT_FOUND;
        }
    }
    return NCA_OK;
}

/* A run that cannot be read is reported and skipped; if there is no other run, this is an error. */
static nca_status measure_runs(gathered *out, run_report *r, const run_list *list, nca_error *error)
{
    nca_status status = NCA_OK;
    out->facts = calloc(list->count, sizeof *out->facts);
    if (out->facts == NULL) {
        return fail_memory(error);
    }
    for (size_t i = 0; i < list->count; i++) {
        run_facts *facts = &out->facts[out->count];
        facts->folder = list->folders[i];
        status = stop_signal() == 0 ? run_report_measure(r, facts, error) : NCA_INTERRUPTED;
        r->done++;
        if (status == NCA_OK) {
            out->count++;
            continue;
        }
        run_facts_free(facts);
        if (status == NCA_INTERRUPTED) {
            return status;
        }
        *facts = (run_facts){0};
        if (out->count == 0 && i + 1 == list->count) {
            return status;
        }
        progress_clear(r->progress);
        complain(error);
        r->incomplete = true;
    }
    return NCA_OK;
}

/* Adds the picture of a sweep, and lists its runs that have no model. */
static nca_status add_folder(const run_report *r, const char *folder, nca_error *error)
{
    nca_run_path sheet;
    nca_run_file(&sheet, folder, NCA_SWEEP_SHEET);
    nca_status status = NCA_OK;
    struct stat about;
    const bool is_there = stat(sheet.text, &about) == 0;
    if (is_there && about.st_size <= MOST_SHEET) {
        status =
            nca_report_picture(r->report, sheet.text, "Grown image of each combination.", error);
    } else if (is_there) {
        char text[NCA_RUN_PATH_SIZE + 64];
        snprintf(text, sizeof text, "The grown image of each combination is in %s.", sheet.text);
        nca_report_paragraph(r->report, text);
    }
    run_list begun = {0};
    run_list_add(&begun, folder, NCA_RUN_CONFIG);
    for (size_t i = 0; i < begun.count; i++) {
        if (!nca_run_has_model(begun.folders[i].text)) {
            char name[128], text[256];
            nca_run_name(name, sizeof name, begun.folders[i].text);
            snprintf(text, sizeof text, "%s: omitted; it has no model yet, or it failed.", name);
            nca_report_paragraph(r->report, text);
        }
    }
    run_list_free(&begun);
    return status;
}

/* Moves the runs that grow before the classifiers; both keep their order. */
static void sort_by_task(gathered *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        if (!runs->facts[i].classifies) {
            const run_facts moved = runs->facts[i];
            memmove(&runs->facts[runs->growing + 1], &runs->facts[runs->growing],
                    (i - runs->growing) * sizeof moved);
            runs->facts[runs->growing++] = moved;
        }
    }
}

static nca_status compare_runs(const run_report *r, const gathered *runs, nca_error *error)
{
    const size_t classifiers = runs->count - runs->growing;
    nca_status status = NCA_OK;
    nca_report_heading(r->report, 2, "Comparison");
    if (runs->growing > 0) {
        status = run_report_compare(r, runs->facts, runs->growing, error);
    }
    if (status == NCA_OK && classifiers > 0) {
        status = run_report_compare_classes(r, runs->facts + runs->growing, classifiers, error);
    }
    return status;
}

static nca_status add_overview(run_report *r, gathered *runs, const option_values *given,
                               nca_error *error)
{
    sort_by_task(runs);
    for (size_t i = 0; i < runs->count; i++) {
        runs->facts[i].part = i + 2; /* after the overview */
    }
    nca_status status = compare_runs(r, runs, error);
    for (size_t i = 0; i < given->positional_count && status == NCA_OK; i++) {
        if (!nca_run_has_model(given->positionals[i])) {
            status = add_folder(r, given->positionals[i], error);
            if (status != NCA_OK && status != NCA_INTERRUPTED) {
                complain(error);
                r->incomplete = true;
                status = NCA_OK;
            }
        }
    }
    return status;
}

static void add_byline(const run_report *r)
{
    char text[128], day[32] = "";
    const time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts) != NULL) {
        strftime(day, sizeof day, " on %Y-%m-%d", &parts);
    }
    snprintf(text, sizeof text, "Written by nca %s%s; %zu run%s.", nca_version(), day, r->total,
             r->total == 1 ? "" : "s");
    nca_report_byline(r->report, text);
}

static nca_status add_all(run_report *r, const option_values *given, nca_error *error)
{
    run_list list = {0};
    gathered runs = {0};
    nca_status status = find_runs(&list, given, error);
    r->total = list.count;
    if (status == NCA_OK) {
        status = measure_runs(&runs, r, &list, error);
        add_byline(r);
    }
    if (status == NCA_OK && r->total > 1) {
        status = add_overview(r, &runs, given, error);
    }
    for (size_t i = 0; i < runs.count && status == NCA_OK; i++) {
        status = run_report_add(r, &runs.facts[i], error);
        r->drawn++;
    }
    for (size_t i = 0; i < runs.count; i++) {
        run_facts_free(&runs.facts[i]);
    }
    free(runs.facts);
    run_list_free(&list);
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
    if (!nca_folder_has_place(path, ".")) {
        return complain_usage("-o: the folder of \"%s\" does not exist; create it first", path);
    }
    const char *dot = strrchr(path, '.');
    if (dot == NULL || (strcasecmp(dot, ".html") != 0 && strcasecmp(dot, ".htm") != 0)) {
        return complain_usage("-o: expected a file that ends in .html or .htm, found \"%s\"", path);
    }
    char title[256];
    nca_error error;
    scratch pictures; /* temporary, until they are in the report */
    if (scratch_open(&pictures, "report", &error) != NCA_OK) {
        return complain(&error);
    }
    nca_run_name(title, sizeof title, given->positionals[0]);
    progress bar;
    progress_start(&bar, options_has(given, "quiet"), 0);
    run_report r = {.scratch = pictures.folder,
                    .rollouts = rollouts,
                    .is_long = options_has(given, "long"),
                    .threads = (unsigned)threads,
                    .root = options_value(given, "root"),
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
        note("stopped; no file was written");
        return EXIT_SIGNALLED + signal_number;
    }
    if (status != NCA_OK) {
        return complain(&error);
    }
    printf("%s\n", shown(path));
    if (r.incomplete) {
        note("%s: the report is incomplete; parts of the runs could not be read", path);
    }
    return r.incomplete ? EXIT_FAILED : EXIT_OK;
}

int command_report(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "report", &report_help, MOST_POSITIONALS, "a run", count,
                       arguments)) {
        return code;
    }
    return write_report(&given);
}
