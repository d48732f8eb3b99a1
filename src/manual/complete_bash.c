/* Completion for bash. It needs nothing of the package bash-completion, so that the file can also
 * be sourced where that is not installed. */
#include <string.h>

#include "manual/manual.h"
#include "manual/offers.h"

static void write_names(FILE *out, const command_group *group)
{
    for (const command *row = group->commands; row->name != NULL; row++) {
        fprintf(out, "%s ", row->name);
    }
}

/* "--output|-o" */
static void write_pattern(FILE *out, const help_option *described)
{
    fprintf(out, "--%s", described->name);
    if (described->letter != 0) {
        fprintf(out, "|-%c", described->letter);
    }
}

/* The options of a command whose value is of one kind, as one case. */
static void write_case(FILE *out, const help_page *page, offer kind, const char *then)
{
    help_option described;
    char words[OFFERED_SIZE];
    bool any = false;
    for (size_t i = 0; help_option_at(&described, page, i); i++) {
        if (offer_value(words, &described) == kind) {
            fprintf(out, "%s", any ? "|" : "        ");
            write_pattern(out, &described);
            any = true;
        }
    }
    if (any) {
        fprintf(out, ") %s ;;\n", then);
    }
}

static void write_command(FILE *out, const offered_command *offered)
{
    const help_page *page = offered->command->page;
    help_option described;
    char words[OFFERED_SIZE];
    fprintf(out, "    '%s')\n        options='", offered->name);
    for (size_t i = 0; help_option_at(&described, page, i); i++) {
        fprintf(out, "%s--%s%s%s", i > 0 ? " " : "", described.name,
                described.negated ? " --no-" : "", described.negated ? described.name : "");
    }
    offer_argument(words, page);
    fprintf(out, "'\n        words='%s'\n        case $before in\n", words);
    write_case(out, page, OFFER_FILES, "kind=files");
    write_case(out, page, OFFER_FOLDERS, "kind=folders");
    write_case(out, page, OFFER_NOTHING, "kind=nothing");
    for (size_t i = 0; help_option_at(&described, page, i); i++) {
        if (offer_value(words, &described) == OFFER_WORDS) {
            fprintf(out, "        ");
            write_pattern(out, &described);
            fprintf(out, ") kind=words words='%s' ;;\n", words);
        }
    }
    fprintf(out, "        esac ;;\n");
}

/* The name of the command, which is the first word or, in a group, the first two; commands while
 * that is typed. */
static void write_names_of_commands(FILE *out)
{
    fprintf(out, "    local command=${COMP_WORDS[1]} at=1\n"
                 "    if [[ $command == help ]]; then\n"
                 "        command=${COMP_WORDS[2]} at=2\n"
                 "    fi\n"
                 "    if ((COMP_CWORD == 1)); then\n"
                 "        options='--help --version' words='");
    write_names(out, &all_commands);
    fprintf(out, "help'\n    elif ((COMP_CWORD == at)); then\n        words='");
    write_names(out, &all_commands);
    fprintf(out, "'\n    else\n        case $command in\n");
    for (const command *row = all_commands.commands; row->name != NULL; row++) {
        if (row->group == NULL) {
            continue;
        }
        fprintf(out,
                "        %s)\n            if ((COMP_CWORD == at + 1)); then\n"
                "                options=--help words='",
                row->name);
        write_names(out, row->group);
        fprintf(out, "'\n            else\n"
                     "                command+=\" ${COMP_WORDS[at + 1]}\"\n"
                     "            fi ;;\n");
    }
    fprintf(out, "        esac\n    fi\n");
}

void write_bash_completion(FILE *out)
{
    offered_command offered;
    fprintf(out, "# Completion of nca for bash. Written by the build from the program's tables.\n"
                 "_nca()\n{\n"
                 "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
                 "    local kind='' options='' words=''\n"
                 "    # Readline takes the = of --key=value for a word.\n"
                 "    if [[ $word == = ]]; then\n"
                 "        word=\n"
                 "    elif [[ $before == = ]]; then\n"
                 "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
                 "    fi\n");
    write_names_of_commands(out);
    fprintf(out, "    ((at == 2)) || case $command in\n");
    for (size_t i = 0; offered_command_at(&offered, i); i++) {
        write_command(out, &offered);
    }
    fprintf(out, "    esac\n\n"
                 "    COMPREPLY=()\n"
                 "    case $kind in\n"
                 "    files) ;; # which readline completes by itself\n"
                 "    folders) compopt +o bashdefault +o default -o dirnames 2>/dev/null ;;\n"
                 "    nothing) compopt +o bashdefault +o default 2>/dev/null ;;\n"
                 "    words) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
                 "    *)\n"
                 "        [[ $word != -* ]] || words=$options\n"
                 "        COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
                 "    esac\n"
                 "}\n"
                 "complete -o bashdefault -o default -F _nca nca\n");
}
