/* Targets created from settings, and their short names. nca/target.h describes the names of
 * MedMNIST's images. */
#include "nca/run.h"

#include <stdio.h>
#include <string.h>

static const char scheme[] = "medmnist:";

static bool is_medmnist(const char *target)
{
    return strncmp(target, scheme, strlen(scheme)) == 0;
}

nca_status nca_run_target(nca_target **out_target, const nca_settings *settings,
                          const char *data_root, nca_error *error)
{
    const char *root = settings->root[0] != 0 ? settings->root : data_root != NULL ? data_root : "";
    nca_target_options options;
    nca_target_options_default(&options);
    options.size = settings->img_size;
    options.padding = settings->padding;
    options.stretch = settings->stretch;
    options.root = root;
    options.root_is_default = settings->root[0] == 0;
    options.colormap = settings->colormap;
    options.exif = settings->exif;
    options.window = settings->window;
    return nca_target_create(out_target, settings->target_path, &options, error);
}

/* The text after the last '/' before `end`. */
static const char *last_part(const char *text, const char *end)
{
    const char *part = text;
    for (; text < end; text++) {
        part = *text == '/' ? text + 1 : part;
    }
    return part;
}

const char *nca_run_title(nca_run_path *out, const char *target)
{
    if (!is_medmnist(target)) {
        snprintf(out->text, sizeof out->text, "%s", last_part(target, target + strlen(target)));
        return out->text;
    }
    const char *name = target + strlen(scheme);
    const char *file = strstr(name, ".npz/"), *rest = "";
    for (const char *next = file; next != NULL; next = strstr(next + 1, ".npz/")) {
        file = next;
    }
    if (file != NULL) {
        rest = file + strlen(".npz");
        name = last_part(name, file);
    }
    int length = file != NULL ? (int)(file - name) : (int)strlen(name);
    snprintf(out->text, sizeof out->text, "%.*s%s", length, name, rest);
    return out->text;
}

const char *nca_run_default_folder(nca_run_path *out, const char *target)
{
    nca_run_path name;
    nca_run_title(&name, target);
    if (is_medmnist(target)) {
        for (char *at = name.text; *at != 0; at++) {
            *at = strchr("/?&=", *at) != NULL ? '-' : *at;
        }
    } else {
        char *choice = strchr(name.text, '?');
        nca_run_path words = {""};
        if (choice != NULL) { /* the slice of a volume is part of the name */
            snprintf(words.text, sizeof words.text, "%s", choice);
            *choice = 0;
        }
        char *dot = strrchr(name.text, '.');
        if (dot != NULL && dot != name.text) {
            *dot = 0;
        }
        for (char *at = words.text; *at != 0; at++) {
            *at = strchr("?&=", *at) != NULL ? '-' : *at;
        }
        const size_t length = strlen(name.text);
        snprintf(name.text + length, sizeof name.text - length, "%s", words.text);
    }
    snprintf(out->text, sizeof out->text, "runs/%.*s", NCA_PATH_SIZE - 8, name.text);
    return out->text;
}
