/* nca data: the group of commands for MedMNIST. */
#include "cli/data/data_commands.h"
#include "cli/dispatch.h"

static const command commands[] = {
    {"list", data_list, "List the 18 sets and which of them are downloaded.", false},
    {"info", data_info, "Show classes, counts, licence and citation of a set.", false},
    {"get", data_get, "Download a set.", false},
    {"show", data_show, "Show one image in the terminal, with its labels.", false},
    {"montage", data_montage, "Write random images of a set as one contact sheet.", false},
    {"export", data_export, "Write all images as files, and a table of labels.", false},
    {"verify", data_verify, "Check whether files are intact and the published ones.", false},
    {"synth", data_synth, "Write a small file in the same format with synthetic images.", false},
    {NULL, NULL, NULL, false},
};

static const command_group group = {
    .name = "nca data",
    .purpose =
        "Lists, downloads, shows and exports MedMNIST, 18 sets of small medical images. SET is\n"
        "the name of a set, or the path of an .npz file in the same format. Training takes one\n"
        "image as its target: medmnist:SET/SPLIT/INDEX.",
    .commands = commands,
    .examples = "  nca data list\n"
                "  nca data info breastmnist\n"
                "  nca data get breastmnist\n"
                "  nca data show breastmnist --split train --index 4\n"
                "  nca data montage breastmnist -o sheet.png\n",
};

int command_data(int count, char **arguments)
{
    return dispatch(&group, count, arguments);
}
