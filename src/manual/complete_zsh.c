/* Completion for zsh: a specification for _arguments for each option of each command. */
#include <string.h>

#include "manual/manual.h"
#include "manual/offers.h"

/* Text inside single quotes, with what _arguments and _describe take for their own escaped. */
static void write_escaped(FILE *out, const char *text)
{
    for (; *text != 0; text++) {
        if (*text == '\'') {
            fprintf(out, "'\\''");
            continue;
        }
        if (*text == '[' || *text == ']' || *text == ':' || *text == '\\') {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
}

static void write_option(FILE *out, const help_option *described, const char *name, bool letter)
{
    static const char *const actions[] = {
        [OFFER_NOTHING] = " ", [OFFER_FILES] = "_files", [OFFER_FOLDERS] = "_files -/"};
    char words[OFFERED_SIZE], summary[256];
    const offer kind = offer_value(words, described);
    const bool optional = described->value[0] == '[';
    offer_summary(summary, sizeof summary, described->help);
    /* The value follows a letter directly or as the next word, a name also after '='. */
    const char *value = kind != OFFER_NO_VALUE ? (letter ? "+" : "=") : optional ? "=-" : "";
    fprintf(out, " \\\n            '*%s%s%s[", letter ? "-" : "--", name, value);
    write_escaped(out, summary);
    fprintf(out, "]");
    if (kind == OFFER_WORDS) {
        fprintf(out, ":%s:(%s)", described->value, words);
    } else if (kind != OFFER_NO_VALUE) {
        fprintf(out, ":");
        write_escaped(out, described->value);
        fprintf(out, ":%s", actions[kind]);
    } else if (optional) { /* [=PORT] */
        fprintf(out, "::%.*s: ", (int)(strcspn(described->value + 2, "]")), described->value + 2);
    }
    fprintf(out, "'");
}

static void write_command(FILE *out, const offered_command *offered)
{
    const help_page *page = offered->command->page;
    help_option described;
    char words[OFFERED_SIZE];
    fprintf(out, "    '%s')\n        _arguments :", offered->name);
    for (size_t i = 0; help_option_at(&described, page, i); i++) {
        char name[64];
        write_option(out, &described, described.name, false);
        if (described.letter != 0) {
            snprintf(name, sizeof name, "%c", described.letter);
            write_option(out, &described, name, true);
        }
        if (described.negated) {
            snprintf(name, sizeof name, "no-%s", described.name);
            write_option(out, &described, name, false);
        }
    }
    if (offer_argument(words, page) == OFFER_WORDS) {
        fprintf(out, " \\\n            '*: :_alternative \"sets:set:(%s)\" \"files:file:_files\"'",
                words);
    } else {
        fprintf(out, " \\\n            '*: :_files'");
    }
    fprintf(out, " ;;\n");
}

/* names=('train:Train an automaton' ...) */
static void write_names(FILE *out, const char *blanks, const command_group *group)
{
    fprintf(out, "%snames=(", blanks);
    for (const command *row = group->commands; row->name != NULL; row++) {
        char summary[256];
        offer_summary(summary, sizeof summary, row->purpose);
        fprintf(out, "\n%s    '%s:", blanks, row->name);
        write_escaped(out, summary);
        fprintf(out, "'");
    }
    fprintf(out, ")\n");
}

void write_zsh_completion(FILE *out)
{
    offered_command offered;
    fprintf(out, "#compdef nca\n"
                 "# Completion of nca for zsh. Written by the build from the program's tables.\n"
                 "_nca() {\n"
                 "    local -a names\n"
                 "    local command=$words[2] at=2\n"
                 "    if [[ $command == help ]]; then\n"
                 "        command=$words[3] at=3\n"
                 "    fi\n"
                 "    if (( CURRENT == 2 || CURRENT == at )); then\n");
    write_names(out, "        ", &all_commands);
    fprintf(out, "        (( CURRENT == 3 )) || names+=(\n"
                 "            'help:Print the help of a command'\n"
                 "            '--help:Print the help and exit'\n"
                 "            '--version:Print the version and exit')\n"
                 "        _describe command names\n"
                 "        return\n"
                 "    fi\n"
                 "    case $command in\n");
    for (const command *row = all_commands.commands; row->name != NULL; row++) {
        if (row->group != NULL) {
            fprintf(out, "    %s)\n        if (( CURRENT == at + 1 )); then\n", row->name);
            write_names(out, "            ", row->group);
            fprintf(out, "            _describe command names\n"
                         "            return\n"
                         "        fi\n"
                         "        (( at++ ))\n"
                         "        command+=\" $words[at]\" ;;\n");
        }
    }
    fprintf(out, "    esac\n"
                 "    [[ $words[2] != help ]] || return\n"
                 "    # The first word that _arguments sees is the command.\n"
                 "    words=(\"${(@)words[at,-1]}\")\n"
                 "    (( CURRENT -= at - 1 ))\n"
                 "    case $command in\n");
    for (size_t i = 0; offered_command_at(&offered, i); i++) {
        write_command(out, &offered);
    }
    fprintf(out, "    esac\n"
                 "}\n\n"
                 "# Sourced, or loaded as a function by the completion system.\n"
                 "if [[ $funcstack[1] == _nca ]]; then\n"
                 "    _nca \"$@\"\n"
                 "else\n"
                 "    compdef _nca nca\n"
                 "fi\n");
}
