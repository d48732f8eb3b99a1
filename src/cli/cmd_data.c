/* nca data: the group of commands about MedMNIST. */
#include "cli/data_commands.h"
#include "cli/dispatch.h"

static const command commands[] = {
    {"list", data_list, "The 18 sets, and which of them are here.", false},
    {"info", data_info, "What a set is: classes, counts, licence, what to cite.", false},
    {"get", data_get, "Download a set.", false},
    {"show", data_show, "One image, its labels, and the picture in the terminal.", false},
    {"montage", data_montage, "Random images as one contact sheet.", false},
    {"export", data_export, "All images as files, and a table of labels.", false},
    {"verify", data_verify, "Whether files are whole, and the published ones.", false},
    {"synth", data_synth, "A small file of the same form with made-up images.", false},
    {NULL, NULL, NULL, false},
};

static const command_group group = {
    .name = "nca data",
    .purpose = "MedMNIST: 18 sets of small medical images. SET is a set's name, or the path of an\n"
               ".npz file of the same form; an image is a target as medmnist:SET/SPLIT/INDEX.",
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
