/* nca data: the group of commands for MedMNIST. */
#include "cli/commands.h"
#include "cli/data/data_commands.h"
#include "cli/dispatch.h"

static const command commands[] = {
    {"list", data_list, "List the 18 sets and which of them are downloaded.", &data_list_help,
     NULL},
    {"info", data_info, "Show classes, counts, licence and citation of a set.", &data_info_help,
     NULL},
    {"get", data_get, "Download a set.", &data_get_help, NULL},
    {"show", data_show, "Show one image in the terminal, with its labels.", &data_show_help, NULL},
    {"montage", data_montage, "Write random images of a set as one contact sheet.",
     &data_montage_help, NULL},
    {"export", data_export, "Write all images as files, and a table of labels.", &data_export_help,
     NULL},
    {"verify", data_verify, "Check whether files are intact and the published ones.",
     &data_verify_help, NULL},
    {"synth", data_synth, "Write a small file in the same format with synthetic images.",
     &data_synth_help, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

const command_group data_commands = {
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
    return dispatch(&data_commands, count, arguments);
}
