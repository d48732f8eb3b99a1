/* nca_manual FOLDER: writes the manual pages and the completions below a folder, at the places
 * where they are installed below share/. Part of the build, not installed. */
#include "manual/manual.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    LONGEST_PATH = 4096
};

static void give_up(const nca_error *error)
{
    fprintf(stderr, "nca_manual: %s\n", error->message);
    exit(EXIT_FAILED);
}

/* Creates the folders above a file. */
static void make_folders(const char *path)
{
    char folder[LONGEST_PATH];
    for (const char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        snprintf(folder, sizeof folder, "%.*s", (int)(at - path), path);
        if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
            nca_error error;
            nca_file_fail_write(&error, folder, errno);
            give_up(&error);
        }
    }
}

static nca_file_writer *begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
static nca_file_writer *begin(const char *format, ...)
{
    char path[LONGEST_PATH];
    nca_file_writer *writer;
    nca_error error;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    make_folders(path);
    if (nca_file_create(&writer, path, &error) != NCA_OK) {
        give_up(&error);
    }
    return writer;
}

static void end(nca_file_writer *writer)
{
    nca_error error;
    if (nca_file_commit(writer, &error) != NCA_OK) {
        give_up(&error);
    }
}

/* The pages of a group and of its commands: nca-data.1, nca-data-get.1. */
static void write_man_pages(const char *folder, const command_group *group, const char *purpose)
{
    char file[64];
    snprintf(file, sizeof file, "%s", group->name);
    for (char *at = file; *at != 0; at++) {
        *at = *at == ' ' ? '-' : *at;
    }
    nca_file_writer *writer = begin("%s/man/man1/%s.1", folder, file);
    write_man_page(nca_file_stream(writer), group->name, purpose, NULL, group);
    end(writer);
    for (const command *row = group->commands; row->name != NULL; row++) {
        if (row->group != NULL) {
            write_man_pages(folder, row->group, row->purpose);
            continue;
        }
        char name[64];
        snprintf(name, sizeof name, "%s %s", group->name, row->name);
        writer = begin("%s/man/man1/%s-%s.1", folder, file, row->name);
        write_man_page(nca_file_stream(writer), name, row->purpose, row->page, NULL);
        end(writer);
    }
}

static void write_completion(const char *folder, const char *file, void (*write)(FILE *out))
{
    nca_file_writer *writer = begin("%s/%s", folder, file);
    write(nca_file_stream(writer));
    end(writer);
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: nca_manual FOLDER\n");
        return EXIT_USAGE;
    }
    const char *folder = arguments[1];
    write_man_pages(folder, &all_commands, "Train, run and draw neural cellular automata.");
    write_completion(folder, "bash-completion/completions/nca", write_bash_completion);
    write_completion(folder, "zsh/site-functions/_nca", write_zsh_completion);
    write_completion(folder, "fish/vendor_completions.d/nca.fish", write_fish_completion);
    return EXIT_OK;
}
