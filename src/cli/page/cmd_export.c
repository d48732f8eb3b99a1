/* nca export: writes models as a page. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/model/load_model.h"
#include "cli/page/page_of_models.h"

static const option table[] = {
    {"output", 'o', "FILE", "HTML file to write. [page.html]"},
    PAGE_OPTIONS,
    EXAMPLE_OPTIONS,
    LOAD_MODEL_OPTIONS,
    FIRE_RATE_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page export_help = {
    .usage = "nca export MODEL|RUN|SWEEP... [-o page.html] [OPTIONS]",
    .purpose =
        "Writes one HTML file with the running automaton: erase parts of it and watch it\n"
        "regenerate, plant seeds, rotate it, change its speed, view its channels. The file works\n"
        "in any browser, offline, as an e-mail attachment or on any web host; it makes no network\n"
        "requests. Several models, or a folder of runs, share one page and can be shown side by\n"
        "side. The page of a classifier shows how its cells vote on an image: one of the examples\n"
        "in the page, or any image file that is opened in it.",
    .table = table,
    .examples = "  nca export runs/photo -o photo.html\n"
                "  nca export runs/photo -o small.html --quantise int8\n"
                "  nca export runs/filters -o filters.html --title \"Five filters\"\n"
                "  nca export runs/breast -o breast.html --examples 5\n"
                "  nca export breast.safetensors --data medmnist:breastmnist -o breast.html\n",
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
    return command_begin(&code, &given, "export", &export_help, MOST_POSITIONALS, "a model", count,
                         arguments)
               ? with_page_of_models(&given, export_page)
               : code;
}
