/* Finds the command of a group. */
#include "cli/dispatch.h"

#include <string.h>

static const command *find(const command_group *group, const char *name)
{
    for (const command *row = group->commands; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

static int complain_unknown(const command_group *group, const char *name)
{
    const char *names[32];
    size_t count = 0;
    if (*name == '-') {
        return complain_usage("unknown option %s; see `%s --help`", name, group->name);
    }
    for (const command *row = group->commands; row->name != NULL; row++) {
        names[count++] = row->name;
    }
    const char *nearest = nca_nearest_name(name, names, count);
    if (nearest != NULL) {
        return complain_usage("unknown command \"%s\"; did you mean \"%s\"?", name, nearest);
    }
    return complain_usage("unknown command \"%s\"; see `%s --help`", name, group->name);
}

int dispatch(const command_group *group, int count, char **arguments)
{
    if (count == 0) {
        return complain_usage("expected a command; see `%s --help`", group->name);
    }
    const char *name = arguments[0];
    const bool help =
        strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0;
    if (help && count == 1) {
        help_print_group(group);
        return EXIT_OK;
    }
    const command *found = find(group, help ? arguments[1] : name);
    if (found == NULL) {
        return complain_unknown(group, help ? arguments[1] : name);
    }
    if (!help) {
        return found->run(count - 1, arguments + 1);
    }
    if (found->group != NULL && count > 2) { /* `help data get` */
        char help_word[] = "help";
        char *about[] = {help_word, arguments[2]};
        return dispatch(found->group, 2, about);
    }
    if (found->group != NULL) {
        help_print_group(found->group);
    } else {
        help_print(found->page);
    }
    return EXIT_OK;
}
