/* The folder of MedMNIST's files. No other file of the program uses the home folder. */
#include "cli/data_root.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

nca_run_path data_root(const char *given)
{
    nca_run_path path = {""};
    if (given != NULL && *given != 0) {
        snprintf(path.text, sizeof path.text, "%s", given);
        return path;
    }
    const char *home = getenv("HOME");
    if (home == NULL || *home == 0) {
        const struct passwd *user = getpwuid(getuid());
        home = user != NULL ? user->pw_dir : NULL;
    }
    if (home != NULL && *home != 0) {
        snprintf(path.text, sizeof path.text, "%s/.medmnist", home);
    }
    return path;
}
