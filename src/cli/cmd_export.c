/* nca export: models as a page. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/help.h"
#include "cli/load_model.h"
#include "cli/page_of_models.h"

static const option table[] = {
    {"output", 'o', "FILE", "The page to write. [page.html]"},
    PAGE_OPTIONS,
    LOAD_MODEL_OPTIONS,
    FIRE_RATE_OPTION,
    {NULL, 0, NULL, NULL},
};

static const help_page page = {
    .usage = "nca export MODEL|RUN|SWEEP... [-o page.html] [OPTIONS]",
    .purpose =
        "Writes one HTML file in which the automaton lives: erase it and watch it heal, plant\n"
        "seeds, turn it, slow it down, look into its channels. It runs in any browser, from disk,\n"
        "by mail or from any web host, and asks nothing of the network. Several models, or a\n"
        "folder of runs, are shown in one page and side by side.",
    .table = table,
    .examples = "  nca export runs/photo -o photo.html\n"
                "  nca export runs/photo -o small.html --quantise int8\n"
                "  nca export runs/filters -o filters.html --title \"Five filters\"\n",
};

static void print_written(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0) {
        printf("%s  %.1f kB\n", shown(path), (double)status.st_size / 1000);
    }
}

static int export_page(const page_of_models *models, const option_values *given)
{
    const char *path = options_has(given, "output") ? options_value(given, "output") : "page.html";
    nca_error error;
    if (nca_page_write(path, models->models, models->list.count, &models->options, &error) !=
        NCA_OK) {
        return complain(&error);
    }
    print_written(path);
    return EXIT_OK;
}

int command_export(int count, char **arguments)
{
    option_values given;
    int code;
    return command_begin(&code, &given, "export", &page, MOST_POSITIONALS, "a model", count,
                         arguments)
               ? with_page_of_models(&given, export_page)
               : code;
}
