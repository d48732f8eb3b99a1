/* Completion for fish: one line for each option of each command. */
#include "manual/manual.h"
#include "manual/offers.h"

/* 'text', with what fish takes for its own escaped. */
static void write_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text != 0; text++) {
        if (*text == '\'' || *text == '\\') {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void write_option(FILE *out, const char *name, const help_option *described, bool negated)
{
    char words[OFFERED_SIZE], summary[256];
    fprintf(out, "complete -c nca -n '__nca_is %s' -l %s%s", name, negated ? "no-" : "",
            described->name);
    if (described->letter != 0) {
        fprintf(out, " -s %c", described->letter);
    }
    switch (offer_value(words, described)) {
    case OFFER_NO_VALUE:
        break;
    case OFFER_NOTHING:
        fprintf(out, " -x");
        break;
    case OFFER_WORDS:
        fprintf(out, " -x -a '%s'", words);
        break;
    case OFFER_FILES:
        fprintf(out, " -r -F");
        break;
    case OFFER_FOLDERS:
        fprintf(out, " -x -a '(__fish_complete_directories)'");
        break;
    }
    offer_summary(summary, sizeof summary, described->help);
    fprintf(out, " -d ");
    write_quoted(out, summary);
    fputc('\n', out);
}

/* The commands of a group, offered while `words` are typed. */
static void write_names(FILE *out, const char *words, const command_group *group)
{
    for (const command *row = group->commands; row->name != NULL; row++) {
        char summary[256];
        offer_summary(summary, sizeof summary, row->purpose);
        fprintf(out, "complete -c nca -n '__nca_typed %s' -a %s -d ", words, row->name);
        write_quoted(out, summary);
        fputc('\n', out);
    }
}

static void write_command(FILE *out, const offered_command *offered)
{
    const help_page *page = offered->command->page;
    help_option described;
    char words[OFFERED_SIZE];
    fprintf(out, "\n");
    for (size_t i = 0; help_option_at(&described, page, i); i++) {
        write_option(out, offered->name, &described, false);
        if (described.negated) {
            write_option(out, offered->name, &described, true);
        }
    }
    fprintf(out, "complete -c nca -n '__nca_is %s' -F\n", offered->name);
    if (offer_argument(words, page) == OFFER_WORDS) {
        fprintf(out, "complete -c nca -n '__nca_is %s' -a '%s'\n", offered->name, words);
    }
}

void write_fish_completion(FILE *out)
{
    offered_command offered;
    fprintf(out, "# Completion of nca for fish. Written by the build from the program's tables.\n\n"
                 "# Whether the words before the cursor are nca and these.\n"
                 "function __nca_typed\n"
                 "    set -l words (commandline -opc)\n"
                 "    test \"$words[2..-1]\" = \"$argv\"\n"
                 "end\n\n"
                 "# Whether the words before the cursor begin with nca and these.\n"
                 "function __nca_is\n"
                 "    set -l words (commandline -opc)\n"
                 "    set -l last (math 1 + (count $argv))\n"
                 "    test (count $words) -ge $last; and test \"$words[2..$last]\" = \"$argv\"\n"
                 "end\n\n"
                 "complete -c nca -f\n"
                 "complete -c nca -n '__nca_typed' -l version -d 'Print the version and exit'\n"
                 "complete -c nca -n '__nca_typed' -s h -l help -d 'Print the help and exit'\n"
                 "complete -c nca -n '__nca_typed' -a help -d 'Print the help of a command'\n");
    write_names(out, "", &all_commands);
    write_names(out, "help", &all_commands);
    for (const command *row = all_commands.commands; row->name != NULL; row++) {
        if (row->group != NULL) {
            char words[64];
            write_names(out, row->name, row->group);
            snprintf(words, sizeof words, "help %s", row->name);
            write_names(out, words, row->group);
        }
    }
    for (size_t i = 0; offered_command_at(&offered, i); i++) {
        write_command(out, &offered);
    }
}
