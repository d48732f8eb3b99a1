/* nca convert: converts models between PyTorch's files and this program's. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/commands.h"
#include "cli/model/load_model.h"
#include "cli/model/model_options.h"
#include "cli/option_values.h"
#include "cli/runs/run_list.h"

static const option table[] = {
    LOAD_MODEL_OPTIONS,
    FIRE_RATE_OPTION,
    CHANGE_TARGET_OPTIONS,
    {NULL, 0, NULL, NULL},
};

const help_page convert_help = {
    .usage = "nca convert IN OUT [OPTIONS]",
    .purpose =
        "Converts a model between this program's format and PyTorch. OUT ending in .pt or .pth is\n"
        "written as a PyTorch state dict, OUT ending in .safetensors as a model file of this\n"
        "program. IN is a model of either kind, a run folder, or a state dict in safetensors.\n"
        "A state dict holds only tensors: options supply the rest, and notices name what was\n"
        "assumed or lost. The file of a classifier also describes the model: nothing is lost.\n"
        "With a target in a .safetensors other commands can compute the loss of the model;\n"
        "--img-size and --padding without --target set its grid size.",
    .table = table,
    .examples =
        "  nca convert chest.pt chest.safetensors --filter scharr\n"
        "  nca convert lizard.pt lizard.safetensors --column-order filter --filter-scale 1 \\\n"
        "      --boundary circular\n"
        "  nca convert chest.pt chest.safetensors --target chest.png --img-size 28\n"
        "  nca convert runs/photo photo.pt\n",
};

/* Adds the target, or at least the size of the grid, which a PyTorch file does not contain. */
static int fill_in(nca_model *model, const option_values *given)
{
    bool sized = options_has(given, "img-size") || options_has(given, "padding");
    if (model->classifier != NULL && (options_has(given, "target") || sized)) {
        return complain_usage(
            "--target, --img-size and --padding: the model is a classifier, which "
            "has no target; leave them out");
    }
    if (options_has(given, "target") || !sized) {
        return change_target(model, given);
    }
    if (model->target != NULL) {
        return complain_usage("--img-size and --padding: the model has a target, which sets the "
                              "grid size; give --target to replace it");
    }
    size_t side = 28, padding = 0;
    if (!options_count(&side, given, "img-size", 1, NCA_MAX_SIDE) ||
        !options_count(&padding, given, "padding", 0, NCA_MAX_SIDE / 2 - 1)) {
        return EXIT_USAGE;
    }
    if (side + 2 * padding > NCA_MAX_SIDE) {
        return complain_usage("--padding: expected a grid of at most %d cells per side, found %zu",
                              NCA_MAX_SIDE, side + 2 * padding);
    }
    model->info.height = model->info.width = (uint32_t)(side + 2 * padding);
    model->info.padding = (uint32_t)padding;
    return EXIT_OK;
}

static int convert(const option_values *given)
{
    const char *out = given->positionals[1];
    nca_error error;
    nca_model *model = NULL;
    nca_run_path run;
    int code = run_list_only(&run, given->positionals[0]);
    if (code == EXIT_OK) {
        code = load_model(&model, NULL, run.text, given);
    }
    if (code == EXIT_OK) {
        code = fill_in(model, given);
    }
    if (code == EXIT_OK && nca_model_save_as(model, out, &error) != NCA_OK) {
        complain(&error);
        code = EXIT_FAILED;
    }
    if (code == EXIT_OK) {
        printf("%s\n", shown(out));
        if (nca_torch_has_ending(out)) {
            note_lost(model, out);
        }
    }
    nca_model_destroy(model);
    return code;
}

int command_convert(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "convert", &convert_help, 2, NULL, count, arguments)) {
        return code;
    }
    if (given.positional_count < 2) {
        return complain_usage("expected a model and an output file; see `nca convert --help`");
    }
    const char *out = given.positionals[1], *dot = strrchr(out, '.');
    bool ours = dot != NULL && strcasecmp(dot, ".safetensors") == 0;
    if (!ours && !nca_torch_has_ending(out)) {
        return complain_usage("OUT: expected a file that ends in .pt, .pth or .safetensors, found "
                              "\"%s\"",
                              out);
    }
    if (!ours && (options_has(&given, "target") || options_has(&given, "img-size") ||
                  options_has(&given, "padding"))) {
        return complain_usage("--target, --img-size and --padding: a PyTorch file holds only "
                              "tensors; use these options with a .safetensors file");
    }
    return convert(&given);
}
