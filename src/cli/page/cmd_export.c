/* nca export: writes models as a page, or one as an ONNX file. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/model/load_model.h"
#include "cli/page/page_of_models.h"
#include "cli/runs/run_list.h"

static const option table[] = {
    {"output", 'o', "FILE", "File to write: a page (.html) or an ONNX model (.onnx). [page.html]"},
    {"rollout", 0, NULL,
     "ONNX: a loop of steps, as many as there are fire masks, instead of one step; of a "
     "classifier from the image to the probabilities."},
    PAGE_OPTIONS,
    EXAMPLE_OPTIONS,
    LOAD_MODEL_OPTIONS,
    FIRE_RATE_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page export_help = {
    .usage = "nca export MODEL|RUN|SWEEP... [-o page.html] [OPTIONS]\n"
             "       nca export MODEL|RUN -o model.onnx [--rollout]",
    .purpose =
        "Writes one HTML file with the running automaton: erase parts of it and watch it\n"
        "regenerate, plant seeds, rotate it, change its speed, view its channels. The file works\n"
        "in any browser, offline, as an e-mail attachment or on any web host; it makes no network\n"
        "requests. Several models, or a folder of runs, share one page and can be shown side by\n"
        "side. The page of a classifier shows how its cells vote on an image: one of the examples\n"
        "in the page, or any image file that is opened in it.\n"
        "\n"
        "A file that ends in .onnx is the automaton as a graph for other runtimes: its step, or\n"
        "with --rollout a loop of steps. The fire masks are an input.",
    .table = table,
    .examples = "  nca export runs/photo -o photo.html\n"
                "  nca export runs/photo -o small.html --quantise int8\n"
                "  nca export runs/filters -o filters.html --title \"Five filters\"\n"
                "  nca export runs/breast -o breast.html --examples 5\n"
                "  nca export breast.safetensors --data medmnist:breastmnist -o breast.html\n"
                "  nca export runs/photo -o photo.onnx\n",
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

/* ---- ONNX ------------------------------------------------------------------------------------*/

/* Refuses what has a meaning for pages only. */
static int check_onnx_options(const option_values *given)
{
    static const char *const of_pages[] = {"title", "quantise", "examples", "data",
                                           "split", "image",    "root"};
    for (size_t i = 0; i < sizeof of_pages / sizeof *of_pages; i++) {
        if (options_has(given, of_pages[i])) {
            return complain_usage("--%s: is for pages; an ONNX file has the model only",
                                  of_pages[i]);
        }
    }
    if (given->positional_count > 1) {
        return complain_usage("an ONNX file has one model, found %zu", given->positional_count);
    }
    return EXIT_OK;
}

static int export_onnx(const option_values *given, const char *path)
{
    const nca_onnx_form form = options_has(given, "rollout") ? NCA_ONNX_ROLLOUT : NCA_ONNX_STEP;
    nca_model *model = NULL;
    nca_run_path run;
    nca_error error;
    int code = check_onnx_options(given);
    if (code == EXIT_OK) {
        code = run_list_only(&run, given->positionals[0]);
    }
    if (code == EXIT_OK) {
        code = load_model(&model, NULL, run.text, given);
    }
    if (code == EXIT_OK && nca_onnx_save(model, path, form, &error) != NCA_OK) {
        code = complain(&error);
    }
    if (code == EXIT_OK) {
        print_written(path);
    }
    nca_model_destroy(model);
    return code;
}

int command_export(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "export", &export_help, MOST_POSITIONALS, "a model", count,
                       arguments)) {
        return code;
    }
    const char *path = options_value(&given, "output");
    if (path != NULL && nca_onnx_has_ending(path)) {
        return export_onnx(&given, path);
    }
    if (options_has(&given, "rollout")) {
        return complain_usage("--rollout: expected an output file that ends in .onnx, found \"%s\"",
                              path != NULL ? path : "page.html");
    }
    return with_page_of_models(&given, export_page);
}
