/* nca convert: models between PyTorch's files and ours. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/help.h"
#include "cli/load_model.h"

static const option table[] = {
    LOAD_MODEL_OPTION,
    {"target", 't', "IMAGE",
     "Put a target into a .safetensors file, so that commands can say how well the model does."},
    {"img-size", 0, "N",
     "Longest side of the target without padding, or side of the grid without a target. [28]"},
    {"padding", 0, "N", "Empty cells around the target on each side. [0]"},
    {NULL, 0, NULL, NULL},
};

static const help_page page = {
    .usage = "nca convert IN OUT [--filter NAME] [--target IMAGE] [--img-size N] [--padding N]",
    .purpose =
        "Converts a model: OUT is a PyTorch state dict when it ends in .pt or .pth, and a model\n"
        "file of this program when it ends in .safetensors. IN is either, or a run folder.\n"
        "A PyTorch file holds the network's tensors and nothing else; what it leaves open is\n"
        "asked for with options, what it cannot hold is named.",
    .table = table,
    .examples = "  nca convert chest.pt chest.safetensors --filter scharr\n"
                "  nca convert chest.pt chest.safetensors --target chest.png --img-size 28\n"
                "  nca convert runs/photo photo.pt\n",
};

/* The target, or at least the size of the grid, which a PyTorch file does not have. */
static int fill_in(nca_model *model, const option_values *given)
{
    size_t side = 28, padding = 0;
    nca_error error;
    const char *source = options_value(given, "target");
    if (!options_count(&side, given, "img-size", 1, NCA_MAX_SIDE) ||
        !options_count(&padding, given, "padding", 0, NCA_MAX_SIDE / 2 - 1)) {
        return EXIT_USAGE;
    }
    if (source == NULL && side + 2 * padding > NCA_MAX_SIDE) {
        return complain_usage("--padding: the grid would have %zu cells a side; at most %d",
                              side + 2 * padding, NCA_MAX_SIDE);
    }
    if (source == NULL) {
        bool sized = options_has(given, "img-size") || options_has(given, "padding");
        if (sized && model->target != NULL) {
            return complain_usage("--img-size and --padding: the model has a target, whose size "
                                  "counts; give --target for another");
        }
        if (sized) {
            model->info.height = model->info.width = (uint32_t)(side + 2 * padding);
            model->info.padding = (uint32_t)padding;
        }
        return EXIT_OK;
    }
    const nca_target_options options = {.size = side, .padding = padding};
    nca_target *target = NULL;
    nca_status status = nca_target_create(&target, source, &options, &error);
    if (status == NCA_OK) {
        status = nca_model_set_target(model, target->rgba, (uint32_t)target->height,
                                      (uint32_t)target->width, &error);
    }
    if (status == NCA_OK) {
        model->info.padding = (uint32_t)padding;
        snprintf(model->info.target, sizeof model->info.target, "%s", source);
    }
    nca_target_destroy(target);
    return status == NCA_OK ? EXIT_OK : complain(&error);
}

static int convert(const option_values *given)
{
    const char *out = given->positionals[1];
    nca_error error;
    nca_model *model = NULL;
    int code = load_model(&model, NULL, given->positionals[0], given);
    if (code == EXIT_OK) {
        code = fill_in(model, given);
    }
    if (code == EXIT_OK && write_model(model, out, &error) != NCA_OK) {
        complain(&error);
        code = EXIT_FAILED;
    }
    if (code == EXIT_OK) {
        printf("%s\n", out);
        if (is_torch_path(out)) {
            note_lost(model, out);
        }
    }
    nca_model_destroy(model);
    return code;
}

int command_convert(int count, char **arguments)
{
    option_values given;
    int code = options_parse(&given, "convert", table, false, 2, count, arguments);
    if (code != EXIT_OK) {
        return code;
    }
    if (given.help) {
        help_print(&page);
        return EXIT_OK;
    }
    if (given.positional_count < 2) {
        return complain_usage("expected a model and the file to write; see `nca convert --help`");
    }
    const char *out = given.positionals[1], *dot = strrchr(out, '.');
    bool ours = dot != NULL && strcasecmp(dot, ".safetensors") == 0;
    if (!ours && !is_torch_path(out)) {
        return complain_usage("OUT: expected a file that ends in .pt, .pth or .safetensors, found "
                              "\"%s\"",
                              out);
    }
    if (!ours && (options_has(&given, "target") || options_has(&given, "img-size") ||
                  options_has(&given, "padding"))) {
        return complain_usage("--target, --img-size and --padding: a PyTorch file holds tensors "
                              "only; they are for a .safetensors");
    }
    return convert(&given);
}
