/* nca sweep: runs the product of lists of settings, several runs in parallel, and draws tables and
 * pictures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/data_root.h"
#include "cli/option_values.h"
#include "cli/runs/sweep_run.h"
#include "cli/runs/sweep_targets.h"
#include "cli/stop.h"

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

const help_page sweep_help = {
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
    const char *file; /* file of the sweep */
    nca_sweep *sweep;
    nca_run_path folder; /* folder of the whole sweep */
    nca_run_path root;   /* folder of the MedMNIST files */
    size_t jobs;         /* number of runs in parallel */
    sweep_run run;
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
    s->file = s->given.positionals[0];
    if (nca_sweep_load(&s->sweep, s->file, overrides, count, &s->error) != NCA_OK) {
        complain(&s->error);
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

/* "medmnist-grid" for configs/medmnist-grid.yaml. */
static nca_run_path title_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash != NULL ? slash + 1 : file;
    const char *dot = strrchr(name, '.');
    size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    nca_run_path title;
    snprintf(title.text, sizeof title.text, "%.*s", (int)(length < 200 ? length : 200), name);
    return title;
}

static void choose_folder(command_state *s)
{
    const char *given = options_value(&s->given, "output");
    const char *said = nca_sweep_settings(s->sweep, 0)->output;
    if (given == NULL && said[0] == 0) {
        nca_run_file(&s->folder, "runs", title_of(s->file).text);
    } else {
        snprintf(s->folder.text, sizeof s->folder.text, "%s", given != NULL ? given : said);
    }
}

static int list_runs(const command_state *s)
{
    for (size_t i = 0; i < nca_sweep_count(s->sweep); i++) {
        printf("%s\n", shown(nca_sweep_name(s->sweep, i)));
    }
    return EXIT_OK;
}

/* ---- After the last run ----------------------------------------------------------------------*/

static int draw(command_state *s)
{
    if (nca_sweep_count_of(s->run.job, NCA_SWEEP_DONE) == 0) {
        return EXIT_OK;
    }
    nca_status status = nca_sweep_draw(s->run.job, &s->error);
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
    const size_t count = nca_sweep_count(s->sweep);
    const size_t done = nca_sweep_count_of(s->run.job, NCA_SWEEP_DONE);
    char *text = nca_sweep_markdown(s->run.job);
    if (text == NULL) {
        note("cannot print the table: out of memory");
    }
    print_lines(text != NULL ? text : "");
    printf("\n");
    printf("runs       %zu done of %zu\n", done, count);
    printf("tables     %s\n",
           shown(nca_run_file(&(nca_run_path){0}, s->folder.text, NCA_SWEEP_MARKDOWN)));
    printf("           %s\n",
           shown(nca_run_file(&(nca_run_path){0}, s->folder.text, NCA_SWEEP_CSV)));
    if (done > 0 && nca_sweep_settings(s->sweep, 0)->task == NCA_TASK_GROW) {
        printf("pictures   %s\n",
               shown(nca_run_file(&(nca_run_path){0}, s->folder.text, NCA_SWEEP_SHEET)));
        printf("           %s\n",
               shown(nca_run_file(&(nca_run_path){0}, s->folder.text, NCA_SWEEP_ANIMATION)));
    }
    const size_t failed = sweep_run_note_failed(&s->run);
    bool complete = text != NULL;
    for (size_t i = 0; i < count; i++) {
        const nca_sweep_result *result = &nca_sweep_run_at(s->run.job, i)->result;
        if (result->known && !isfinite(result->seconds)) {
            note("run %s: cannot read the seconds in its " NCA_RUN_METRICS "; they are omitted",
                 nca_sweep_name(s->sweep, i));
            complete = false;
        }
    }
    free(text);
    return failed > 0 || !complete ? EXIT_FAILED : EXIT_OK;
}

static int sweep(command_state *s)
{
    const size_t short_warmups = nca_sweep_short_warmups(s->sweep);
    if (short_warmups > 0) {
        note("warmup: shortened to half of the iterations in %zu of %zu runs, because the warm-up "
             "of the recipe is too long for them",
             short_warmups, nca_sweep_count(s->sweep));
    }
    const nca_run_path title = title_of(s->file);
    s->root = data_root(NULL);
    int code = sweep_run_open(&s->run, s->sweep, s->folder.text, title.text, s->root.text, s->jobs);
    if (code == EXIT_OK) {
        code = sweep_targets_check(s->run.job);
    }
    if (code == EXIT_OK) {
        code = sweep_run_all(&s->run, options_has(&s->given, "quiet"));
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
    sweep_run_close(&s->run);
    nca_sweep_destroy(s->sweep);
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
        help_print(&sweep_help);
    } else if (code == EXIT_OK && s->given.positional_count == 0) {
        code = complain_usage("expected a settings file; see `nca sweep --help`");
    } else if (code == EXIT_OK) {
        code = load(s);
        s->jobs = nca_core_count();
        if (code == EXIT_OK && !options_count(&s->jobs, &s->given, "jobs", 1, MOST_JOBS)) {
            code = EXIT_USAGE;
        }
        if (code == EXIT_OK) {
            choose_folder(s);
        }
        if (code == EXIT_OK) {
            code = options_has(&s->given, "list") ? list_runs(s) : sweep(s);
        }
    }
    release(s);
    return code;
}
