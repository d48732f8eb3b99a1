/* nca data: the group of commands about MedMNIST. */
#include "cli/data_commands.h"
#include "cli/dispatch.h"

static const command commands[] = {
    {"list", data_list, "The 18 sets, and which of them are here.", false},
    {"info", data_info, "What a set is: classes, counts, licence, what to cite.", false},
    {"get", data_get, "Download a set.", false},
    {"verify", data_verify, "Whether files are whole, and the published ones.", false},
    {NULL, NULL, NULL, false},
};

static const command_group group = {
    .name = "nca data",
    .purpose = "MedMNIST: 18 sets of small medical images. SET is a set's name, or the path of an\n"
               ".npz file of the same form; an image is a target as medmnist:SET/SPLIT/INDEX.",
    .commands = commands,
    .examples = "  nca data list\n"
                "  nca data info breastmnist\n"
                "  nca data get breastmnist\n",
};

int command_data(int count, char **arguments)
{
    return dispatch(&group, count, arguments);
}
