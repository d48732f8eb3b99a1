/* Sets by name or path: finds their files. */
#include "cli/data/data_source.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/data_root.h"
#include "cli/option_values.h"

const nca_medmnist_set *data_set_named(const char *name)
{
    const nca_medmnist_set *set = nca_medmnist_set_named(name);
    if (set == NULL) {
        const char *names[32];
        size_t count = nca_medmnist_set_count();
        for (size_t i = 0; i < count; i++) {
            names[i] = nca_medmnist_set_at(i)->name;
        }
        const char *nearest = nca_nearest_name(name, names, count);
        if (nearest != NULL) {
            complain_usage("unknown set \"%s\"; did you mean \"%s\"?", name, nearest);
        } else {
            complain_usage("unknown set \"%s\"; `nca data list` lists them", name);
        }
    }
    return set;
}

static bool is_path(const char *argument)
{
    size_t length = strlen(argument);
    return strchr(argument, '/') != NULL ||
           (length > 4 && strcasecmp(argument + length - 4, ".npz") == 0);
}

int data_source_find(data_source *out, const char *argument, const option_values *given)
{
    memset(out, 0, sizeof *out);
    if (is_path(argument)) {
        for (int i = 0; i < 2; i++) {
            const char *const names[] = {"size", "root"};
            if (options_has(given, names[i])) {
                return complain_usage(
                    "--%s: %s is a path, not the name of a set; remove the option", names[i],
                    argument);
            }
        }
        snprintf(out->path.text, sizeof out->path.text, "%s", argument);
        return EXIT_OK;
    }
    size_t size = 28;
    nca_error error;
    const nca_medmnist_set *set = data_set_named(argument);
    if (set == NULL || !options_count(&size, given, "size", 1, NCA_IMAGE_MAX_SIDE)) {
        return EXIT_USAGE;
    }
    nca_run_path root = data_root(options_value(given, "root"));
    if (root.text[0] == 0) {
        return complain_usage(
            "%s: there is no home folder to look for its file in; give a folder with --root",
            set->name);
    }
    if (nca_medmnist_path(out->path.text, sizeof out->path.text, root.text, set, (uint32_t)size,
                          &error) != NCA_OK) {
        return complain(&error);
    }
    out->set = set;
    out->size = (uint32_t)size;
    return EXIT_OK;
}

nca_run_path data_source_advice(const data_source *from, const option_values *given)
{
    nca_run_path line;
    const char *root = options_value(given, "root");
    char size[32] = "";
    if (from->size != 28) {
        snprintf(size, sizeof size, " --size %u", (unsigned)from->size);
    }
    root = root != NULL ? root : "";
    snprintf(line.text, sizeof line.text, "nca data get %s%s%s%s", from->set->name, size,
             *root != 0 ? " --root " : "", root);
    return line;
}

int data_source_open(nca_medmnist **out_data, data_source *out, const char *argument,
                     const option_values *given)
{
    nca_error error;
    int code = data_source_find(out, argument, given);
    if (code != EXIT_OK) {
        return code;
    }
    if (out->set != NULL && access(out->path.text, F_OK) != 0) {
        nca_run_path advice = data_source_advice(out, given);
        note("%s: file not found; download it with: %s", out->path.text, advice.text);
        return EXIT_FAILED;
    }
    if (nca_medmnist_open(out_data, out->path.text, &error) != NCA_OK) {
        complain(&error);
        return EXIT_FAILED;
    }
    const nca_medmnist_info *info = nca_medmnist_about(*out_data);
    out->set = info->set;
    out->size = (uint32_t)info->height;
    if (info->notice != NULL) {
        note("%s: %s", out->path.text, info->notice);
    }
    return EXIT_OK;
}
