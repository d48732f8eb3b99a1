/* The folders of MedMNIST's files and of what is kept for the next time. No other file of the
 * program uses the home folder. */
#include "cli/data_root.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The user's home folder, or NULL. */
static const char *home_folder(void)
{
    const char *home = getenv("HOME");
    if (home == NULL || *home == 0) {
        const struct passwd *user = getpwuid(getuid());
        home = user != NULL ? user->pw_dir : NULL;
    }
    return home != NULL && *home != 0 ? home : NULL;
}

nca_run_path data_root(const char *given)
{
    nca_run_path path = {""};
    if (given != NULL && *given != 0) {
        snprintf(path.text, sizeof path.text, "%s", given);
        return path;
    }
    const char *home = home_folder();
    if (home != NULL) {
        snprintf(path.text, sizeof path.text, "%s/.medmnist", home);
    }
    return path;
}

/* The XDG base directory specification: a relative path is ignored. */
static nca_run_path cache_folder(void)
{
    nca_run_path path = {""};
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = home_folder();
    if (cache != NULL && *cache == '/') {
        snprintf(path.text, sizeof path.text, "%s/nca", cache);
    } else if (home != NULL) {
        snprintf(path.text, sizeof path.text, "%s/.cache/nca", home);
    }
    return path;
}

void set_up_devices(void (*notice)(const char *text, void *user))
{
    const nca_run_path folder = cache_folder();
    nca_devices_options options;
    nca_devices_options_default(&options);
    options.folder = folder.text[0] != 0 ? folder.text : NULL;
    options.notice = notice;
    nca_devices_set_up(&options, NULL);
}
